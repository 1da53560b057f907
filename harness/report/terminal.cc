#include "report/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "play/delays.h"
#include "report/cause.h"
#include "report/fact_page.h"
#include "report/headline.h"
#include "report/pen.h"
#include "report/text.h"

namespace wsspec {
namespace {

using VerdictCounts = std::map<Verdict, int>;

/// The verdicts that occur; a column of nothing would only make the table wide.
std::vector<Verdict> used_verdicts(const RunResult& run) {
  std::vector<Verdict> out;
  for (const Verdict verdict : kVerdicts)
    if (tally(run).at(verdict) > 0) out.push_back(verdict);
  return out;
}

std::size_t column_of(Verdict verdict) {
  return std::max<std::size_t>(verdict_name(verdict).size(), 4) + 2;
}

std::string row(const Pen& pen, const std::string& name, std::size_t width, const VerdictCounts& counts,
                const std::vector<Verdict>& used) {
  std::string line = fmt::format("  {:<{}}", name, width);
  for (const Verdict verdict : used) {
    const auto it = counts.find(verdict);
    const int n = it == counts.end() ? 0 : it->second;
    const std::string cell = fmt::format("{:>{}}", n == 0 ? "." : std::to_string(n), column_of(verdict));
    line += n == 0 ? pen.dim(cell) : pen.paint(verdict, cell);
  }
  return line + "\n";
}

std::string table(const RunResult& run, const Pen& pen) {
  if (run.results.empty()) return {};
  std::map<std::string, VerdictCounts> topics;
  for (const auto& result : run.results) ++topics[one_line(result.topic, 30)][result.verdict];
  std::size_t width = 5;
  for (const auto& [name, counts] : topics) width = std::max(width, name.size());
  const auto used = used_verdicts(run);
  std::string head = fmt::format("  {:<{}}", "topic", width);
  for (const Verdict verdict : used) {
    std::string name(verdict_name(verdict));
    std::ranges::replace(name, '_', ' ');
    head += fmt::format("{:>{}}", name, column_of(verdict));
  }
  std::string out = pen.bold(head) + "\n";
  for (const auto& [name, counts] : topics) out += row(pen, name, width, counts, used);
  return out + row(pen, "all", width, tally(run), used) + "\n";
}

std::string heading(const RunResult& run, const Pen& pen, std::size_t width) {
  std::string line = pen.bold(one_line(run.target_name.empty() ? run.url : run.target_name, 80));
  if (!run.url.empty() && !run.target_name.empty() && run.url != run.target_name)
    line += "  " + one_line(run.url, 120);
  if (!run.transport.empty()) line += "  " + one_line(run.transport, 40);
  line += fmt::format("  seed {}", run.seed);
  if (run.fingerprint && !run.fingerprint->server_field.empty())
    line += (run.tested == "client" ? "  User-Agent: " : "  Server: ") +
            one_line(run.fingerprint->server_field, 80);
  return wrapped(line, 2, width) + "\n\n";
}

constexpr std::size_t kFieldIndent = 16;

/// Lines beyond the first stand under the first.
std::string field(std::string_view name, std::string_view text, std::size_t width) {
  std::string shown = visible(text.substr(0, 2000), /*keep_lines=*/true);
  while (shown.ends_with('\n')) shown.pop_back();
  return fmt::format("      {:<9} {}\n", name, wrapped(shown, kFieldIndent, width));
}

std::string title(const Cause& cause, const Pen& pen, std::size_t width) {
  const CaseResult& r = *cause.results.front();
  std::string verdict(r.target_died ? "died" : verdict_name(r.verdict));
  std::ranges::transform(verdict, verdict.begin(), [](unsigned char c) { return std::toupper(c); });
  const std::string id = one_line(r.id, 120), about = one_line(r.about, 160);
  std::string out = pen.paint(r.verdict, verdict) + "  " + pen.bold(id);
  const bool fits = width == 0 || verdict.size() + id.size() + columns_of(about) + 4 <= width;
  if (!about.empty()) out += fits ? "  " + about : "\n      " + wrapped(about, 6, width);
  if (cause.results.size() > 1)
    out +=
        "\n      " + pen.paint(r.verdict, fmt::format("1 cause, {}", counted(cause.results.size(), "case")));
  return out + "\n";
}

std::string detail(const RunResult& run, const Cause& cause, const Pen& pen, std::size_t width) {
  const CaseResult& r = *cause.results.front();
  std::string out = title(cause, pen, width) + field("reason", r.reason, width);
  if (cause.results.size() > 1) out += field("also", others_of(cause), width);
  if (r.flaky) {
    std::string repeats;
    for (const Verdict verdict_again : r.repeats) repeats += fmt::format(" {}", verdict_name(verdict_again));
    out += field("flaky", "repeated:" + repeats, width);
  }
  if (r.unexpected_pass) out += field("baseline", "expects another verdict", width);
  if (!r.clause.empty()) {
    std::string covers;
    for (const auto& id : r.covers) covers += " " + id;
    out += field("clause", fmt::format("{} ({}){}", r.clause, level_name(r.level), covers), width);
  }
  if (!r.expected.empty()) out += field("expected", r.expected, width);
  if (!r.actual.empty() && r.actual != r.reason) out += field("actual", r.actual, width);
  if (r.target_died && !r.target_log.empty()) out += field("log", r.target_log, width);
  if (!r.file.empty()) out += field("at", fmt::format("{}:{}", r.file, r.line), width);
  return out + field("replay", replay_command(run, r), 0) + "\n";  // Not broken: it is to be copied.
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

std::string unjudged(const RunResult& run, std::size_t width) {
  constexpr std::size_t kLines = 10;
  const auto lines = absences(run);
  std::string out;
  for (std::size_t i = 0; i < std::min(lines.size(), kLines); ++i)
    out += "  " + wrapped(lines[i], 4, width) + "\n";
  if (lines.size() > kLines)
    out += fmt::format("  ... and {}\n", counted(lines.size() - kLines, "more reason"));
  return out.empty() ? out : out + "\n";
}

/// When a client that reconnects came back: what people want to see, whatever is made of it.
std::string delays(const RunResult& run, std::size_t width) {
  std::string out;
  for (const auto& result : run.results)
    if (result.delays.size() > 1)
      out += "  " +
             wrapped(fmt::format("{}: it came back after {}", one_line(result.id, 120),
                                 in_seconds(result.delays)),
                     4, width) +
             "\n";
  return out.empty() ? out : out + "\n";
}

/// What a hop does that is no fault.
std::string facts(const RunResult& run, const Pen& pen, std::size_t width) {
  const auto page = fact_page(run);
  if (page.sentences.empty()) return {};
  std::string out = "  " + pen.bold("what the hop does") + "\n";
  for (const std::string& sentence : page.sentences)
    out += "  - " + wrapped(visible(sentence), 4, width) + "\n";
  for (const std::string& sentence : page.unknown)
    out += "  - " + wrapped(pen.dim(visible(sentence)), 4, width) + "\n";
  return out + "\n";
}

/// What somebody who sees red will want: the report, the meaning of the first case, the case once more.
std::string next_steps(const RunResult& run, const std::vector<Cause>& causes, const TerminalStyle& style,
                       const Pen& pen) {
  std::string out;
  const auto step = [&](std::string_view name, std::string_view text) {
    out += "  " + pen.dim(fmt::format("{:<9}", name)) + " " + visible(text) + "\n";
  };
  for (const auto& file : style.written) step(file == style.written.front() ? "report" : "", file);
  if (!causes.empty()) {
    const CaseResult& worst = *causes.front().results.front();
    if (style.written.empty()) step("report", "none was written; --html report.html makes one");
    step("explain", "wsspec explain " + shell_word(worst.id));
    step("replay", replay_command(run, worst));
    // Nobody could bring the target back, so its death has many suspects (run/blame.cc).
    const auto suspect = [](const CaseResult& r) {
      return r.reason.find("are possible causes") != r.reason.npos;
    };
    if (std::ranges::any_of(run.results, suspect))
      step("hint",
           "with --start COMMAND the target is brought back after a death, and the one case is named");
  }
  return out.empty() ? out : out + "\n";
}

}  // namespace

std::string outcome_line(const RunResult& run, const Gate& gate) {
  const auto counts = tally(run);
  const auto planned = static_cast<int>(run.results.size());
  const int judged = planned - counts.at(Verdict::skipped) - counts.at(Verdict::not_run);
  const auto red = std::ranges::count_if(run.results, [&](const CaseResult& r) { return is_red(r, gate); });
  const auto known =
      std::ranges::count_if(run.results, [](const CaseResult& r) { return r.baseline.has_value(); });
  const bool died = std::ranges::any_of(run.results, &CaseResult::target_died);
  const Exit exit = exit_of(run, gate);
  const std::string sum = fmt::format("{} planned = {} judged + {} skipped + {} not run", planned, judged,
                                      counts.at(Verdict::skipped), counts.at(Verdict::not_run));
  const auto line = [&](std::string_view what) {
    return fmt::format("{} (exit {}); {}", what, static_cast<int>(exit), sum);
  };
  switch (exit) {
    case Exit::unreachable: return line("ended early: " + one_line(first_line(run.fatal)));
    case Exit::interrupted: return line("interrupted");
    case Exit::nothing_selected: return line("nothing was judged");
    case Exit::red:
      if (red == 0)
        return line(
            fmt::format("{} cases were not run, so nothing is known of them; --allow-not-run accepts that",
                        counts.at(Verdict::not_run)));
      return line(fmt::format("{}{} of {} judged {} red, {}", died ? "the target died; " : "", red, judged,
                              red == 1 ? "is" : "are", counted(red_causes(run, gate).size(), "cause")));
    case Exit::stale_baseline: return line("the baseline is stale");
    case Exit::as_expected:
      return line(known == 0 ? "as expected" : fmt::format("as expected, {} known by the baseline", known));
    case Exit::usage:
    case Exit::internal: break;
  }
  return line("the results do not add up: a fault of wsspec");
}

std::string write_terminal(const RunResult& run, const Gate& gate, const TerminalStyle& style) {
  const Pen pen{style.colours};
  const auto causes = red_causes(run, gate);
  std::string out = heading(run, pen, style.width);
  if (const auto first = first_line(run.fatal); first.size() < run.fatal.size())
    out += visible(std::string_view(run.fatal).substr(first.size() + 1), true) + "\n\n";
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < causes.size(); ++i) {
    if (i < style.shown)
      out += detail(run, causes[i], pen, style.width);
    else
      left_out += causes[i].results.size();
  }
  if (left_out > 0)
    out += fmt::format("... and {} of {}\n\n", counted(left_out, "red verdict"),
                       counted(causes.size() - style.shown, "more cause"));
  out += table(run, pen) + unjudged(run, style.width) + delays(run, style.width) +
         facts(run, pen, style.width) + stale(run, pen) + next_steps(run, causes, style, pen);
  const Exit exit = exit_of(run, gate);
  out += pen.bold(wrapped(headline(run, gate), 0, style.width)) + "\n";
  const std::string ended = outcome_line(run, gate) + ", in " + spoken(run.duration);
  return out + pen.paint(exit == Exit::as_expected ? "32" : "31", wrapped(ended, 0, style.width)) + "\n";
}

}  // namespace wsspec
