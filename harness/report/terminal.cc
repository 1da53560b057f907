#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "report/family.h"
#include "report/text.h"

namespace wsspec {
namespace {

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fail: return "31";
    case Verdict::error: return "35";
    case Verdict::weak: return "33";
    case Verdict::inconclusive:
    case Verdict::info: return "36";
    case Verdict::pass: return "32";
    case Verdict::skipped:
    case Verdict::not_run: return "2";
  }
  return "0";
}

struct Pen {
  bool colours;
  std::string paint(std::string_view code, std::string text) const {
    return colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
  std::string bold(std::string text) const { return paint("1", std::move(text)); }
};

using Counts = std::map<Verdict, int>;

std::string row(const Pen& pen, const std::string& name, std::size_t width, const Counts& counts) {
  std::string line = fmt::format("  {:<{}}", name, width);
  for (const Verdict verdict : kVerdicts) {
    const auto it = counts.find(verdict);
    const int n = it == counts.end() ? 0 : it->second;
    const auto column = std::max<std::size_t>(verdict_name(verdict).size(), 4) + 2;
    const std::string cell = fmt::format("{:>{}}", n == 0 ? "." : std::to_string(n), column);
    line += n == 0 ? cell : pen.paint(colour_of(verdict), cell);
  }
  return line + "\n";
}

std::string table(const RunResult& run, const Pen& pen) {
  std::map<std::string, Counts> topics;
  for (const auto& result : run.results) ++topics[one_line(result.topic, 30)][result.verdict];
  std::size_t width = 5;
  for (const auto& [name, counts] : topics) width = std::max(width, name.size());
  std::string head = fmt::format("  {:<{}}", "topic", width);
  for (const Verdict verdict : kVerdicts) {
    std::string name(verdict_name(verdict));
    std::ranges::replace(name, '_', ' ');
    head += fmt::format("{:>{}}", name, std::max<std::size_t>(name.size(), 4) + 2);
  }
  std::string out = pen.bold(head) + "\n";
  for (const auto& [name, counts] : topics) out += row(pen, name, width, counts);
  return out + row(pen, "all", width, tally(run));
}

std::string heading(const RunResult& run, const Pen& pen) {
  std::string line = pen.bold(one_line(run.target_name.empty() ? run.url : run.target_name, 80));
  if (!run.url.empty() && !run.target_name.empty()) line += "  " + one_line(run.url, 120);
  if (!run.transport.empty()) line += "  " + one_line(run.transport, 40);
  line += fmt::format("  seed {}", run.seed);
  if (run.fingerprint && !run.fingerprint->server_field.empty())
    line += "  Server: " + one_line(run.fingerprint->server_field, 80);
  return line + "\n\n";
}

/// Lines beyond the first stand under the first.
std::string field(std::string_view name, std::string_view text) {
  std::string shown = visible(text.substr(0, 2000), /*keep_lines=*/true);
  while (shown.ends_with('\n')) shown.pop_back();
  std::string out = fmt::format("      {:<9} ", name);
  for (const char c : shown) {
    out += c;
    if (c == '\n') out += std::string(16, ' ');
  }
  return out + "\n";
}

std::string detail(const RunResult& run, const std::vector<const CaseResult*>& group, const Pen& pen) {
  const CaseResult& r = *group.front();
  std::string verdict(verdict_name(r.verdict));
  std::ranges::transform(verdict, verdict.begin(), [](unsigned char c) { return std::toupper(c); });
  std::string out = pen.paint(colour_of(r.verdict), verdict) + "  " + pen.bold(one_line(r.id, 120));
  if (!r.about.empty()) out += "  " + one_line(r.about, 160);
  out += "\n" + field("reason", r.reason);
  if (group.size() > 1) out += field("also", others_of(group));
  if (r.flaky) {
    std::string repeats;
    for (const Verdict verdict_again : r.repeats) repeats += fmt::format(" {}", verdict_name(verdict_again));
    out += field("flaky", "repeated:" + repeats);
  }
  if (r.unexpected_pass) out += field("baseline", "expects another verdict");
  if (!r.clause.empty()) {
    std::string covers;
    for (const auto& id : r.covers) covers += " " + id;
    out += field("clause", fmt::format("{} ({}){}", r.clause, level_name(r.level), covers));
  }
  if (!r.expected.empty()) out += field("expected", r.expected);
  if (!r.actual.empty()) out += field("actual", r.actual);
  if (r.target_died && !r.target_log.empty()) out += field("log", r.target_log);
  if (!r.file.empty()) out += field("at", fmt::format("{}:{}", r.file, r.line));
  return out + field("replay", replay_command(run, r)) + "\n";
}

std::string stale(const RunResult& run, const Pen& pen) {
  std::string out;
  for (const auto& entry : run.stale_baseline)
    out += pen.paint("33", "STALE") + "  baseline: " + one_line(entry) + "\n";
  for (const auto& result : run.results)
    if (result.unexpected_pass && result.verdict == Verdict::pass)
      out += pen.paint("33", "STALE") +
             "  passes, though the baseline expects otherwise: " + one_line(result.id) + "\n";
  return out.empty() ? out : out + "\n";
}

/// Only where there is much to read: what it comes down to.
std::string by_clause(const RunResult& run, const Gate& gate, std::size_t groups) {
  constexpr std::size_t kGroups = 10, kLines = 12;
  if (groups <= kGroups) return "";
  const auto clauses = red_clauses(run, gate);
  std::string out = "Red verdicts by clause; one fault of a target can show in many cases:\n";
  for (std::size_t i = 0; i < clauses.size() && i < kLines; ++i)
    out += fmt::format("  {:>5}  {}\n", clauses[i].second, one_line(clauses[i].first, 80));
  if (clauses.size() > kLines) out += fmt::format("         and {} more clauses\n", clauses.size() - kLines);
  return out + "\n";
}

}  // namespace

std::string outcome_line(const RunResult& run, const Gate& gate) {
  const auto counts = tally(run);
  const auto planned = static_cast<int>(run.results.size());
  const int judged = planned - counts.at(Verdict::skipped) - counts.at(Verdict::not_run);
  const auto red = std::ranges::count_if(run.results, [&](const CaseResult& r) { return is_red(r, gate); });
  const Exit exit = exit_of(run, gate);
  const std::string sum = fmt::format("{} planned = {} judged + {} skipped + {} not run", planned, judged,
                                      counts.at(Verdict::skipped), counts.at(Verdict::not_run));
  const auto line = [&](std::string_view what) {
    return fmt::format("{} (exit {}); {}", what, static_cast<int>(exit), sum);
  };
  switch (exit) {
    case Exit::unreachable: return line("ended early: " + one_line(run.fatal));
    case Exit::interrupted: return line("interrupted");
    case Exit::nothing_selected: return line("nothing was judged");
    case Exit::red: return line(fmt::format("{} of {} judged {} red", red, judged, red == 1 ? "is" : "are"));
    case Exit::stale_baseline: return line("the baseline is stale");
    case Exit::as_expected: return line("as expected");
    case Exit::usage:
    case Exit::internal: break;
  }
  return line("the results do not add up: a fault of wsspec");
}

std::string write_terminal(const RunResult& run, const Gate& gate, const TerminalStyle& style) {
  const Pen pen{style.colours};
  std::string out = heading(run, pen) + table(run, pen) + "\n";
  std::size_t groups = 0, left_out = 0;
  for (const auto& group : red_families(run, gate)) {
    if (++groups <= style.shown)
      out += detail(run, group, pen);
    else
      left_out += group.size();
  }
  if (left_out > 0) out += fmt::format("... and {} more red verdicts\n\n", left_out);
  out += by_clause(run, gate, groups);
  out += stale(run, pen);
  const Exit exit = exit_of(run, gate);
  out += pen.paint(exit == Exit::as_expected ? "32" : "31", outcome_line(run, gate));
  return out + ", in " + spoken(run.duration) + "\n";
}

}  // namespace wsspec
