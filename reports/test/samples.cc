// Writes the pages that the browser test opens: report_samples FOLDER.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "compare/matrix.h"
#include "report/campaign.h"
#include "report/html.h"
#include "report/test/sample.h"

namespace {

bool write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) std::cerr << "report_samples: cannot write " << path << '\n';
  return bool(file);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: report_samples FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::error_code fault;
  std::filesystem::create_directories(folder, fault);
  namespace sample = wsspec::sample;
  const bool good =
      write(folder / "report.html", wsspec::write_html(sample::run())) &&
      write(folder / "hostile.html", wsspec::write_html(sample::hostile())) &&
      write(folder / "known.html", wsspec::write_html(sample::known(), {.allow_not_run = true})) &&
      write(folder / "large.html", wsspec::write_html(sample::large(2000))) &&
      write(folder / "empty.html", wsspec::write_html(wsspec::RunResult{})) &&
      write(folder / "matrix.html", wsspec::write_matrix_html(sample::targets())) &&
      write(folder / "campaign.html", wsspec::write_campaign_html(sample::campaign()));
  return good ? 0 : 1;
}
