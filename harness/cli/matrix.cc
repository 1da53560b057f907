// `wsspec matrix`: many targets, one page. The targets come from wsspec.toml, from URLs or from JSON reports.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/secrecy.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "compare/matrix.h"
#include "report/text.h"

namespace wsspec {

namespace {

RunResult unreachable(const std::string& name, const std::string& url, const std::string& why) {
  RunResult run;
  run.tool_version = kVersion;
  run.target_name = name;
  run.url = url;
  run.fatal = why;
  return run;
}

RunResult run_target(const std::string& name, const Settings& settings, const Suite& suite,
                     const Selected& selected, const CommandLine& line) {
  const std::string url = settings.url.value_or("");
  auto options = run_options(settings);
  if (!options) return unreachable(name, url, options.error().what);
  options->target_name = name;
  options->tool_version = kVersion;
  options->seed = settings.seed.value_or(1);
  options->arguments = shown_words(line.words);
  options->interrupted = &interrupted();
  const Gate gate;
  // On a terminal a bar for each target; in a pipe its line alone.
  using enum TerminalProgress::Detail;
  TerminalProgress progress(line.has("--verbose")                                ? each
                            : is_terminal(STDERR_FILENO) && !line.has("--quiet") ? normal
                                                                                 : quiet,
                            gate);
  RunResult run = run_cases(suite, selected, *options, &progress);
  run.caseset_version = suite.version;
  run.filter = selected.words;
  return run;
}

std::string line_of(const RunResult& run) {
  const auto counts = tally(run);
  if (!run.fatal.empty()) return fmt::format("{:24} {}", one_line(run.target_name, 24), one_line(run.fatal));
  const auto died = std::ranges::count_if(run.results, &CaseResult::target_died);
  return fmt::format("{:24} {:5} pass {:4} fail {:4} weak {:4} info {:4} inconclusive {:4} skipped  {}{}",
                     one_line(run.target_name, 24), counts.at(Verdict::pass), counts.at(Verdict::fail),
                     counts.at(Verdict::weak), counts.at(Verdict::info), counts.at(Verdict::inconclusive),
                     counts.at(Verdict::skipped), spoken(run.duration),
                     died == 0 ? "" : fmt::format("  died in {} cases", died));
}

Result<std::vector<std::pair<std::string, Settings>>> targets_of(const CommandLine& line) {
  std::vector<std::pair<std::string, Settings>> targets;
  for (const std::string& url : line.arguments) {
    auto settings = settings_of(line, url);
    if (!settings) return std::unexpected(settings.error());
    targets.emplace_back(url, std::move(*settings));
  }
  if (!line.has("--config") && (!targets.empty() || line.has("--from"))) return targets;
  auto config = find_config(line.get("--config"));
  if (!config) return std::unexpected(config.error());
  for (const auto& [name, unused] : config->targets) {
    auto settings = settings_for(*config, name, "");
    if (!settings) return std::unexpected(settings.error());
    targets.emplace_back(name, *settings);
  }
  if (targets.empty())
    return fail_with("matrix", "no target", "name URLs, --from REPORT, or targets in wsspec.toml");
  return targets;
}

bool write(const std::string& file, const std::string& content) {
  if (file.empty()) return true;
  auto done = write_file(file, content);
  if (!done) complain(done.error());
  return done.has_value();
}

}  // namespace

int matrix_verb(const CommandLine& line) {
  if (auto good = check_outputs(line); !good) return usage_error(good.error());
  auto targets = targets_of(line);
  if (!targets) return usage_error(targets.error());
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  Selection selection;
  selection.include = line.all("--filter");
  selection.exclude = line.all("--exclude");
  auto selected = select(*suite, selection);
  if (!selected) return usage_error(selected.error());
  if (selected->cases.empty()) {
    complain({"", "nothing is selected", "wsspec list prints all ids"});
    return code(Exit::nothing_selected);
  }
  std::vector<RunResult> runs;
  for (const std::string& path : line.all("--from")) {
    auto run = read_report(path);
    if (!run) return usage_error(run.error());
    runs.push_back(std::move(*run));
  }
  watch_interrupts();
  for (const auto& [name, settings] : *targets) {
    if (interrupted()) break;
    runs.push_back(run_target(name, settings, *suite, *selected, line));
    put_beside(line, line_of(runs.back()) + "\n");
    flush_output();
  }
  bool written = write(line.get("--html"), write_matrix_html(runs));  // Each, whatever became of the others.
  written = write(line.get("--markdown"), write_matrix_markdown(runs)) && written;
  written = write(line.get("--json"), line.has("--json") ? write_matrix_json(runs) : "") && written;
  if (interrupted()) return code(Exit::interrupted);
  if (!written) return code(Exit::internal);
  int worst = 0;
  for (const RunResult& run : runs) worst = std::max(worst, code(exit_of(run, {})));
  return worst;
}

}  // namespace wsspec
