#include <fmt/format.h>

#include <filesystem>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"

namespace wsspec {

int init_verb(const CommandLine& line) {
  const std::string url = line.arguments.empty() ? "ws://127.0.0.1:9001" : line.arguments.front();
  if (auto address = parse_address(url); !address) return usage_error(address.error());
  const std::string file = line.get("--output", "wsspec.toml");
  std::error_code ignored;
  if (file != "-" && std::filesystem::exists(file, ignored) && !line.has("--force")) {
    return usage_error({file, "is there already", "--force overwrites it"});
  }
  if (auto done = write_file(file, sample_config(url)); !done) return usage_error(done.error());
  if (file != "-") put("wrote {}\n", file);
  return 0;
}

}  // namespace wsspec
