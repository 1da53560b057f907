#include "compare/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "report/cause.h"
#include "report/headline.h"
#include "report/markdown.h"
#include "report/page.h"
#include "report/text.h"

namespace wsspec {
namespace {

constexpr std::size_t kShown = 300;  // Octets of a reason or an actual that a cell keeps.

/// One case over all targets; null where it was not planned.
struct Row {
  const CaseResult* any = nullptr;
  std::vector<const CaseResult*> cells;
};

std::vector<Row> rows_of(const std::vector<RunResult>& runs) {
  std::vector<Row> rows;
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const auto& result : runs[i].results) {
      const auto [it, fresh] = places.emplace(result.id, rows.size());
      if (fresh) rows.push_back({&result, std::vector<const CaseResult*>(runs.size(), nullptr)});
      rows[it->second].cells[i] = &result;
    }
  }
  return rows;
}

std::string name_of(const RunResult& run) {
  const std::string& name = run.target_name.empty() ? run.url : run.target_name;
  return name.empty() ? "target" : one_line(name, 80);
}

/// What the target died of, each cause once.
Json deaths_json(const RunResult& run) {
  constexpr std::size_t kMost = 5;
  Json out = Json::array();
  for (const Cause& cause : red_causes(run, {}))
    if (cause.results.front()->target_died && out.size() < kMost)
      out.push_back({{"cause", valid(cause.key)}, {"cases", cause.results.size()}});
  return out;
}

Json target_json(const RunResult& run) {
  Json out = {{"name", name_of(run)},
              {"url", valid(run.url)},
              {"transport", valid(run.transport)},
              {"fatal", valid(run.fatal)},
              {"tool_version", valid(run.tool_version)},
              {"caseset_version", valid(run.caseset_version)},
              {"duration_ms", milliseconds(run.duration)}};
  out["fingerprint"] = run_json(run)["fingerprint"];
  out["headline"] = valid(headline(run, {}));
  out["deaths"] = deaths_json(run);
  out["verdicts"] = summary_json(run, {})["verdicts"];
  return out;
}

Json cell_json(const CaseResult* result) {
  if (!result) return nullptr;
  Json out = {{"verdict", verdict_name(result->verdict)}};
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) out[name] = one_line(text, kShown);
  };
  if (result->verdict != Verdict::pass) add("reason", result->reason);
  add("actual", result->actual);
  if (result->close_code) out["close_code"] = *result->close_code;
  if (result->target_died) out["target_died"] = true;
  if (result->flaky) out["flaky"] = true;
  return out;
}

Json case_json(const Row& row) {
  Json cells = Json::array();
  for (const CaseResult* cell : row.cells) cells.push_back(cell_json(cell));
  const auto expected =
      std::ranges::find_if(row.cells, [](const auto* cell) { return cell && !cell->expected.empty(); });
  return {{"id", valid(row.any->id)},
          {"topic", valid(row.any->topic)},
          {"about", one_line(row.any->about, kShown)},
          {"clause", one_line(row.any->clause, kShown)},
          {"level", level_name(row.any->level)},
          {"expected", expected == row.cells.end() ? "" : one_line((*expected)->expected, kShown)},
          {"cells", std::move(cells)}};
}

/// More than one verdict among those who played it.
bool differs(const Row& row) {
  std::set<Verdict> verdicts;
  for (const CaseResult* cell : row.cells)
    if (cell && was_judged(*cell)) verdicts.insert(cell->verdict);
  return verdicts.size() > 1;
}

Json matrix_json(const std::vector<RunResult>& runs) {
  Json targets = Json::array(), cases = Json::array();
  for (const auto& run : runs) targets.push_back(target_json(run));
  for (const Row& row : rows_of(runs)) {
    Json one = case_json(row);
    one["differs"] = differs(row);
    cases.push_back(std::move(one));
  }
  return {{"schema_version", kSchemaVersion}, {"targets", std::move(targets)}, {"cases", std::move(cases)}};
}

/// A line a target: what came out, deaths first.
std::string totals_markdown(const std::vector<RunResult>& runs) {
  std::string out = "| target | pass | fail | weak | skipped | |\n|:--|--:|--:|--:|--:|:--|\n";
  for (const auto& run : runs) {
    const auto counts = tally(run);
    out += fmt::format("| {} | {} | {} | {} | {} | {} |\n", markdown_text(name_of(run), 60),
                       counts.at(Verdict::pass), counts.at(Verdict::fail), counts.at(Verdict::weak),
                       counts.at(Verdict::skipped), markdown_text(headline(run, {}), 300));
  }
  return out + "\n";
}

}  // namespace

std::string write_matrix_html(const std::vector<RunResult>& runs) {
  return write_page("matrix.html", fmt::format("{} targets · wsspec", runs.size()), matrix_json(runs));
}

std::string write_matrix_json(const std::vector<RunResult>& runs) {
  Json document = matrix_json(runs);
  for (Json& one : document["cases"]) {
    Json verdicts = Json::array();
    for (const Json& cell : one["cells"])
      verdicts.push_back(cell.is_null() ? Json(nullptr) : cell["verdict"]);
    one["verdicts"] = std::move(verdicts);
  }
  for (Json& target : document["targets"]) target.erase("duration_ms");
  return dump(document, 1) + "\n";
}

std::string write_matrix_markdown(const std::vector<RunResult>& runs) {
  std::string out = totals_markdown(runs), head = "| case |", rule = "|:--|";
  for (const auto& run : runs) head += " " + markdown_text(name_of(run), 60) + " |", rule += ":--|";
  out += head + "\n" + rule + "\n";
  std::size_t same = 0, left_out = 0;
  for (const Row& row : rows_of(runs)) {
    if (!differs(row)) {
      ++same;
    } else if (out.size() > kMarkdownLimit - 16 * 1024) {
      ++left_out;
    } else {
      out += "| " + markdown_code(row.any->id, 120) + " |";
      for (const CaseResult* cell : row.cells)
        out += fmt::format(" {} |", cell ? markdown_text(verdict_name(cell->verdict)) : "");
      out += "\n";
    }
  }
  if (left_out > 0) out += fmt::format("\n... and {} more cases that differ\n", left_out);
  return out + fmt::format("\n{} cases have one verdict on all targets.\n", same);
}

}  // namespace wsspec
