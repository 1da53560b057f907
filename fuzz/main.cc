// Replays files through a fuzz target without any fuzzing engine: main of every target in builds without
// libFuzzer, so that each compiler builds the targets and ctest replays the corpus.
//
//   TARGET FILE|FOLDER...     0: all held; 2: wrong usage or nothing to replay; a broken property aborts
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/property.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(int count, char** names) {
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    if (!fs::is_directory(names[i])) {
      files.emplace_back(names[i]);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(names[i]))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

int main(int count, char** names) {
  const auto files = files_of(count, names);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::string octets{std::istreambuf_iterator<char>(in), {}};
    if (!in) {
      std::fprintf(stderr, "cannot read %s\n", file.c_str());
      return 2;
    }
    // Named before it runs: when the property is broken, this line is the last.
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
  }
  std::printf("%zu inputs held\n", files.size());
  return files.empty() ? 2 : 0;
}
