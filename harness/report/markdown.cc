#include "report/markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/cause.h"
#include "report/fact_page.h"
#include "report/headline.h"
#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {
namespace {

std::string counts_table(const RunResult& run) {
  std::map<std::string, std::map<Verdict, int>> topics;
  for (const auto& r : run.results) ++topics[r.topic][r.verdict];
  const auto total = tally(run);
  std::string head = "| topic |", rule = "|:--|";
  const auto used = [&](Verdict verdict) { return total.at(verdict) > 0; };
  for (const Verdict verdict : kVerdicts) {
    if (!used(verdict)) continue;
    head += fmt::format(" {} |", verdict == Verdict::not_run ? "not run" : verdict_name(verdict));
    rule += "--:|";
  }
  const auto row = [&](const std::string& name, const std::map<Verdict, int>& counts) {
    std::string line = "| " + name + " |";
    for (const Verdict verdict : kVerdicts) {
      if (!used(verdict)) continue;
      const auto it = counts.find(verdict);
      line += it == counts.end() || it->second == 0 ? "  |" : fmt::format(" {} |", it->second);
    }
    return line + "\n";
  };
  std::string out = head + "\n" + rule + "\n";
  std::size_t rows = 0;
  for (const auto& [name, counts] : topics)
    if (++rows <= 200) out += row(markdown_text(name, 60), counts);
  return out + row("**all**", total) + "\n";
}

/// What a hop does that is no fault.
std::string facts(const RunResult& run) {
  const auto page = fact_page(run);
  if (page.sentences.empty()) return {};
  std::string out = "### What the hop does\n\n";
  for (const auto* lines : {&page.sentences, &page.unknown})
    for (const std::string& sentence : *lines) out += "- " + markdown_text(sentence, 600) + "\n";
  return out + "\n";
}

std::string red_row(const Cause& cause) {
  const CaseResult& r = *cause.results.front();
  const std::string others = others_of(cause);
  std::string seen = markdown_text((r.flaky ? "flaky: " : "") + r.reason);
  if (!r.expected.empty()) seen += "<br>expected " + markdown_code(r.expected, 120);
  if (!r.actual.empty()) seen += "<br>actual " + markdown_code(r.actual, 120);
  return fmt::format(
      "| **{}** | {} | {}<br>{}{} | {} | {} |\n", r.target_died ? "died" : verdict_name(r.verdict),
      cause.results.size(), markdown_code(r.id, 160), markdown_text(r.about, 200),
      others.empty() ? "" : "<br>also " + markdown_text(others, 400), seen, markdown_text(r.clause, 120));
}

}  // namespace

std::string markdown_text(std::string_view text, std::size_t limit) {
  static constexpr std::string_view kMeaningful = "\\`*_{}[]<>()#+-!|~&@:/=$";
  std::string out;
  const std::string line = one_line(text, limit);
  for (std::size_t i = 0; i < line.size(); ++i) {
    // GitHub links "www." and "#12" by itself; a dot or digit there is harmless once its neighbour is an
    // entity.
    const bool link = line[i] == '.' && i >= 3 && (line[i - 1] == 'w' || line[i - 1] == 'W');
    if (link || kMeaningful.find(line[i]) != std::string_view::npos)
      out += fmt::format("&#{};", static_cast<int>(line[i]));
    else
      out += line[i];
  }
  return out;
}

std::string markdown_code(std::string_view text, std::size_t limit) {
  std::string line = one_line(text, limit);
  if (line.empty()) return {};
  // Within a table cell a bar ends the cell even in a code span, unless a backslash precedes it.
  for (std::size_t at = line.find('|'); at != std::string::npos; at = line.find('|', at + 2))
    line.insert(at, "\\");
  std::size_t longest = 0, now = 0;
  for (const char c : line) longest = std::max(longest, now = c == '`' ? now + 1 : 0);
  const std::string fence(longest + 1, '`');
  const bool pad = line.front() == '`' || line.back() == '`';
  return fence + (pad ? " " + line + " " : line) + fence;
}

std::string write_markdown(const RunResult& run, const Gate& gate) {
  std::string out = fmt::format("## wsspec: {}\n\n",
                                markdown_text(run.target_name.empty() ? run.url : run.target_name, 120));
  out += fmt::format("**{}.** {}\n\n", markdown_text(headline(run, gate), 600),
                     markdown_text(outcome_line(run, gate), 600));
  out += counts_table(run);
  std::string rows;
  std::size_t left_out = 0;
  for (const auto& cause : red_causes(run, gate)) {
    if (out.size() + rows.size() < kMarkdownLimit - 16 * 1024)
      rows += red_row(cause);
    else
      left_out += cause.results.size();
  }
  if (!rows.empty())
    out += "| verdict | cases | first | seen | clause |\n|:--|--:|:--|:--|:--|\n" + rows + "\n";
  if (left_out > 0) out += fmt::format("... and {} more red verdicts\n\n", left_out);
  out += facts(run);
  std::size_t absent = 0;
  for (const auto& text : absences(run))
    if (++absent <= 12) out += "- " + markdown_text(text) + "\n";
  if (absent > 12) out += fmt::format("- ... and {} more reasons\n", absent - 12);
  std::size_t stale = 0;
  for (const auto& entry : run.stale_baseline)
    if (++stale <= 20) out += "- stale baseline: " + markdown_text(entry) + "\n";
  if (stale > 20) out += fmt::format("- ... and {} more stale entries\n", stale - 20);
  return out + fmt::format("\nSeed {}, wsspec {}, case set {}, {}.\n", run.seed,
                           markdown_text(run.tool_version, 40), markdown_text(run.caseset_version, 40),
                           markdown_text(run.url, 200));
}

}  // namespace wsspec
