// The verbs that make reports from reports: report, merge, diff.
#include <fmt/format.h>
#include <unistd.h>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "compare/diff.h"
#include "compare/merge.h"
#include "report/json.h"
#include "report/terminal.h"

namespace wsspec {

namespace {
/// Ten times the report of all cases with all bulk data.
constexpr std::size_t kMostOfAReport = 512ull << 20;
}  // namespace

Result<RunResult> read_report(const std::string& path) {
  auto text = read_file(path, kMostOfAReport);
  if (!text) return std::unexpected(text.error());
  auto run = read_json(*text);
  if (!run) {
    const std::string& where = run.error().where;  // Within the document; "report" is the whole.
    return fail_with(where.empty() || where == "report" ? path : path + ": " + where, run.error().what,
                     run.error().hint);
  }
  return run;
}

namespace {

int show(const RunResult& run, const CommandLine& line) {
  auto gate = gate_of(line.all("--fail-on"), line.has("--allow-flaky"));
  if (!gate) return usage_error(gate.error());
  const ReportFiles files = ReportFiles::of(line, {});
  if (!write_reports(run, *gate, files)) return code(Exit::internal);
  print_summary(run, *gate, files);
  return code(exit_of(run, *gate));
}

}  // namespace

int report_verb(const CommandLine& line) {
  auto run = read_report(line.arguments.front());
  return run ? show(*run, line) : usage_error(run.error());
}

int merge_verb(const CommandLine& line) {
  std::vector<RunResult> shards;
  for (const std::string& path : line.arguments) {
    auto run = read_report(path);
    if (!run) return usage_error(run.error());
    shards.push_back(std::move(*run));
  }
  auto whole = merge_runs(std::move(shards));
  return whole ? show(*whole, line) : usage_error(whole.error());
}

int diff_verb(const CommandLine& line) {
  auto older = read_report(line.arguments[0]);
  if (!older) return usage_error(older.error());
  auto newer = read_report(line.arguments[1]);
  if (!newer) return usage_error(newer.error());
  const Diff diff = diff_runs(*older, *newer);
  if (const std::string file = line.get("--markdown"); !file.empty()) {
    if (auto done = write_file(file, write_diff_markdown(diff)); !done) return usage_error(done.error());
  }
  put_beside(line, write_diff_text(diff));
  return code(exit_of(diff));
}

}  // namespace wsspec
