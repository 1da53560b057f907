#include "report/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "report/cause.h"
#include "report/text.h"

namespace wsspec {
namespace {

struct Counts {
  std::size_t judged = 0, broken = 0, known = 0, red = 0, died = 0, unclear = 0, not_run = 0;
};

Counts counts_of(const RunResult& run, const Gate& gate) {
  Counts n;
  for (const auto& r : run.results) {
    n.not_run += r.verdict == Verdict::not_run;
    if (r.verdict == Verdict::skipped || r.verdict == Verdict::not_run) continue;
    ++n.judged;
    n.red += is_red(r, gate);
    n.died += r.target_died;
    n.unclear += r.verdict == Verdict::inconclusive;
    if (r.verdict == Verdict::fail && !r.flaky) ++(r.baseline ? n.known : n.broken);
  }
  return n;
}

/// Of a hop before a server of somebody's own: which of the two it is.
std::string of_hop(const RunResult& run, const Gate& gate, const Counts& n) {
  std::size_t own = 0, better = 0;
  for (const CaseResult& r : run.results) {
    if (!r.direct) continue;
    const bool red_alone = r.direct->verdict == Verdict::fail || r.direct->verdict == Verdict::error;
    own += red_alone && r.verdict == Verdict::inconclusive;
    better += red_alone && r.verdict == Verdict::info;
  }
  const auto are = [](std::size_t number) { return number == 1 ? "is" : "are"; };
  std::string out = "No judged case is red through the hop alone";
  if (n.red > 0)
    out = fmt::format("{} of {} {} red through the hop alone, {}", counted(n.red, ""),
                      counted(n.judged, "judged case"), are(n.red),
                      counted(red_causes(run, gate).size(), "cause"));
  if (n.known > 0) out += fmt::format("; the baseline knows {}", counted(n.known, ""));
  if (own > 0) out += fmt::format("; {} {} red without it, too", counted(own, ""), are(own));
  if (better > 0) out += fmt::format("; {} {} red without it alone", counted(better, ""), are(better));
  return out;
}

/// What holds of the cases, deaths apart.
std::string of_cases(const RunResult& run, const Gate& gate, const Counts& n) {
  const std::string judged = counted(n.judged, "judged case");
  if (n.judged == 0) return "Nothing was judged";
  if (!run.server.empty()) return of_hop(run, gate, n);
  if (n.broken > 0)
    return fmt::format("{} of {} {} the protocol{}, {}", counted(n.broken, ""), judged,
                       n.broken == 1 ? "breaks" : "break",
                       n.known ? fmt::format(" beside {} that the baseline knows", counted(n.known, "")) : "",
                       counted(red_causes(run, gate).size(), "cause"));
  if (n.red > 0)
    return fmt::format("No {}case breaks the protocol, but {} {} red", n.known ? "new " : "",
                       counted(n.red, "verdict"), n.red == 1 ? "is" : "are");
  if (n.known > 0)
    return fmt::format("No new failure; {} of {} {} the protocol as the baseline knows", counted(n.known, ""),
                       judged, n.known == 1 ? "breaks" : "break");
  if (n.unclear > 0)
    return fmt::format("No judged case breaks the protocol; {} inconclusive",
                       n.unclear == 1 ? "1 is" : counted(n.unclear, "") + " are");
  return fmt::format("{}{} the protocol", n.judged == 1 ? "The " : "All ",
                     n.judged == 1 ? "judged case keeps" : judged + " keep");
}

}  // namespace

std::string counted(std::size_t number, const std::string& one, const std::string& many) {
  std::string digits = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  if (one.empty()) return digits;
  return digits + " " + (number == 1 ? one : many.empty() ? one + "s" : many);
}

std::string headline(const RunResult& run, const Gate& gate) {
  const Counts n = counts_of(run, gate);
  std::string cases = of_cases(run, gate, n);
  const std::string rest =
      static_cast<char>(std::tolower(static_cast<unsigned char>(cases[0]))) + cases.substr(1);
  if (n.died > 0)
    return fmt::format("The target died in {}{}; {}", counted(n.died, "case"),
                       run.fatal.empty() ? "" : " and the run ended early", rest);
  if (!run.fatal.empty())
    return fmt::format("The run ended early: {}; {}", one_line(first_line(run.fatal)), rest);
  if (run.interrupted) return "Interrupted; " + rest;
  if (n.not_run > 0 && n.red == 0 && !gate.allow_not_run)
    return fmt::format("{} not run; {}", counted(n.not_run, "case was", "cases were"), rest);
  return cases;
}

std::vector<std::string> absences(const RunResult& run) {
  std::map<std::pair<Verdict, std::string>, std::size_t> counts;
  for (const auto& r : run.results)
    if (r.verdict == Verdict::skipped || r.verdict == Verdict::not_run)
      ++counts[{r.verdict, one_line(r.reason)}];
  std::vector<std::pair<std::size_t, std::string>> lines;
  for (const auto& [key, count] : counts)
    lines.emplace_back(count, fmt::format("{} {}: {}", counted(count, "case"),
                                          key.first == Verdict::skipped ? "skipped" : "not run",
                                          key.second.empty() ? "no reason was given" : key.second));
  std::ranges::stable_sort(lines, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<std::string> out;
  for (auto& [count, text] : lines) out.push_back(std::move(text));
  return out;
}

}  // namespace wsspec
