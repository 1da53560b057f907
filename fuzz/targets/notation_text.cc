// No text crashes the parser, the expansion or the checks, and what parses prints to text that parses to the
// same tree and prints the same again.
#include "fuzz/property.h"
#include "script/check.h"
#include "script/expand.h"
#include "script/parse.h"
#include "script/print.h"

namespace {

using namespace wsspec;

// An upper bound on the instances of a family: more than a few cost time and show nothing new.
std::uint64_t instances(const Case& one) {
  std::uint64_t product = 1;
  for (const Each& each : one.each) product *= std::clamp<std::uint64_t>(each.rows.size(), 1, 1000);
  return product;
}

void check_diagnostics(const std::vector<Diagnostic>& all) {
  for (const Diagnostic& one : all) {
    for (const char c : render(one))
      require(octet(c) >= 0x20 || c == '\n' || c == '\t', "a diagnostic holds no control character");
  }
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  Parsed parsed = parse(input, "input.wire");
  check_diagnostics(parsed.errors);
  require(parsed.errors.size() <= kMaxDiagnostics + 1, "diagnostics are bounded");
  if (!parsed.errors.empty()) return;

  const std::string printed = print(parsed.file);
  const Parsed again = parse(printed, "printed.wire");
  require(again.errors.empty(), "what was printed parses", printed);
  require(again.file == parsed.file, "what was printed parses to the same tree", printed);
  require(print(again.file) == printed, "printing is stable", printed);

  for (const Case& one : parsed.file.cases)
    if (instances(one) > 100) return;
  Expanded expanded = expand(parsed.file);
  check_diagnostics(expanded.errors);
  if (expanded.errors.empty()) check_diagnostics(check(expanded.cases, {}));
}
