#include "report/github.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/cause.h"
#include "report/headline.h"
#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {
namespace {

constexpr std::size_t kPerKind = 10;

std::string escaped(std::string_view text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%' || c == '\n' || c == '\r' || (property && (c == ':' || c == ',')))
      out += fmt::format("%{:02X}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out;
}

std::string command(std::string_view kind, std::string_view title, std::string_view message) {
  return fmt::format("::{} title={}::{}\n", kind, escaped(one_line(title, 200), true),
                     escaped(message, false));
}

std::string message_of(const RunResult& run, const Cause& cause) {
  const CaseResult& r = *cause.results.front();
  std::string out = one_line(r.about, 200) + "\n" + one_line(r.reason);
  if (!r.clause.empty()) out += fmt::format("\n{} ({})", one_line(r.clause, 160), level_name(r.level));
  if (!r.expected.empty()) out += "\nexpected: " + one_line(r.expected);
  if (!r.actual.empty()) out += "\nactual: " + one_line(r.actual);
  if (cause.results.size() > 1)
    out += fmt::format("\n1 cause, {}: also {}", counted(cause.results.size(), "case"), others_of(cause));
  return out + "\n" + one_line(replay_command(run, r), 400);
}

/// The weak verdicts that nobody expects and the gate lets pass.
std::vector<Cause> weak_causes(const RunResult& run, Gate gate) {
  const Gate asked = gate;
  gate.weak = true;
  auto causes = red_causes(run, gate);
  std::erase_if(causes, [&](const Cause& cause) {
    const CaseResult& r = *cause.results.front();
    return r.verdict != Verdict::weak || is_red(r, asked);
  });
  return causes;
}

}  // namespace

std::string write_github(const RunResult& run, const Gate& gate) {
  const auto red = red_causes(run, gate);
  std::string out;
  for (std::size_t i = 0; i < std::min(red.size(), kPerKind); ++i)
    out += command("error", red[i].results.front()->id, message_of(run, red[i]));
  std::size_t warnings = 0;
  for (const auto& entry : run.stale_baseline)
    if (++warnings <= kPerKind) out += command("warning", "stale baseline", one_line(entry));
  for (const Cause& cause : weak_causes(run, gate))
    if (++warnings <= kPerKind) out += command("warning", cause.results.front()->id, message_of(run, cause));
  std::string notice = one_line(headline(run, gate), 600) + "\n" + one_line(outcome_line(run, gate), 600);
  if (red.size() > kPerKind)
    notice +=
        fmt::format("\n{} not annotated", counted(red.size() - kPerKind, "more cause is", "more causes are"));
  if (warnings > kPerKind) notice += fmt::format("\n{} more warnings are not annotated", warnings - kPerKind);
  return out + command("notice", "wsspec", notice);
}

}  // namespace wsspec
