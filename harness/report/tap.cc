#include "report/tap.h"

#include <fmt/format.h>

#include <string_view>

#include "report/headline.h"
#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {
namespace {

/// `#` would begin a directive.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : one_line(text)) {
    if (c == '#') out += '\\';
    out += c;
  }
  return out;
}

std::string diagnostics(const RunResult& run, const CaseResult& r) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) out += fmt::format("# {:<9} {}\n", name, one_line(text));
  };
  add("verdict", verdict_name(r.verdict));
  add("reason", r.reason);
  add("clause", r.clause);
  add("expected", r.expected);
  add("actual", r.actual);
  add("replay", replay_command(run, r));
  return out;
}

std::string test_line(const RunResult& run, const CaseResult& r, std::size_t number, const Gate& gate) {
  const bool absent = r.verdict == Verdict::skipped || r.verdict == Verdict::not_run;
  const bool red = is_red(r, gate);
  std::string line =
      fmt::format("{} {} - {}", red || r.baseline ? "not ok" : "ok", number, plain(title_of(r)));
  if (absent) line += " # SKIP " + plain(r.reason);
  if (r.baseline) line += " # TODO " + plain(*r.baseline);
  line += "\n";
  return red ? line + diagnostics(run, r) : line;
}

}  // namespace

std::string write_tap(const RunResult& run, const Gate& gate) {
  std::string out = fmt::format("TAP version 13\n1..{}\n", run.results.size());
  out +=
      fmt::format("# {}\n# target {} seed {}\n", one_line(headline(run, gate)), one_line(run.url), run.seed);
  std::size_t number = 0;
  for (const auto& r : run.results) out += test_line(run, r, ++number, gate);
  out += "# " + one_line(outcome_line(run, gate)) + "\n";
  const Exit exit = exit_of(run, gate);
  if (exit != Exit::as_expected && exit != Exit::red)
    out += "Bail out! " + one_line(outcome_line(run, gate)) + "\n";
  return out;
}

}  // namespace wsspec
