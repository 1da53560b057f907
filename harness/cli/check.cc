#include <fmt/format.h>

#include <set>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "script/check.h"
#include "script/diagnostics.h"

namespace wsspec {

int check_verb(const CommandLine& line) {
  std::vector<Source> sources;
  for (const std::string& path : line.arguments) {
    auto text = read_file(path);
    if (!text) return usage_error(text.error());
    sources.push_back({path, std::move(*text)});
  }
  // The ledger tells which requirements exist; without one `covers` cannot be checked, and the user is told.
  std::set<std::string, std::less<>> requirements;
  auto directory = find_cases(line.get("--cases"));
  if (directory) {
    auto ledger = read_file(*directory + "/requirements.json");
    auto parsed = ledger ? parse_ledger(*ledger, *directory + "/requirements.json")
                         : Result<std::map<std::string, Requirement>>(std::unexpected(ledger.error()));
    if (!parsed) return usage_error(parsed.error());
    for (const auto& [id, requirement] : *parsed) requirements.insert(id);
  } else {
    complain({"", "no requirement ledger found; `covers` is not checked", "name the case set with --cases"});
  }
  const Loaded loaded = load(sources, requirements.empty() ? nullptr : &requirements);
  for (const Diagnostic& diagnostic : loaded.errors) say("{}\n", render(diagnostic));
  if (!loaded.errors.empty()) {
    say("{} error{} in {} file{}\n", loaded.errors.size(), loaded.errors.size() == 1 ? "" : "s",
        sources.size(), sources.size() == 1 ? "" : "s");
    return code(Exit::usage);
  }
  put("{} cases in {} file{}, no errors\n", loaded.cases.size(), sources.size(),
      sources.size() == 1 ? "" : "s");
  return 0;
}

}  // namespace wsspec
