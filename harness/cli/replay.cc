#include <fmt/format.h>

#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/text.h"

namespace wsspec {

namespace {

// A log passes while the target does the same again; a case file is simply judged.
std::string_view outcome(const CaseResult& result) {
  switch (result.verdict) {
    case Verdict::pass: return "reproduced";
    case Verdict::fail:
    case Verdict::weak:
    case Verdict::info: return "changed";
    default: return "unclear";
  }
}

}  // namespace

int replay_verb(const CommandLine& line) {
  auto suite = load_files({line.arguments[0]}, find_cases(line.get("--cases")).value_or(""));
  if (!suite) {
    complain_suite(suite.error());
    return code(Exit::usage);
  }
  auto settings = line.settings();
  if (!settings) return usage_error(settings.error());
  settings->url = line.arguments[1];
  auto options = run_options(*settings);
  if (!options) return usage_error(options.error());
  options->paced = line.has("--paced");
  options->tool_version = kVersion;
  options->repeat = 0;
  options->seed = settings->seed.value_or(0);
  options->interrupted = &interrupted();
  watch_interrupts();

  Selection selection;
  selection.bulk = true;
  auto selected = select(*suite, selection);
  if (!selected) return usage_error(selected.error());
  const Gate gate;
  TerminalProgress progress(TerminalProgress::Detail::quiet, gate);
  const RunResult run = run_cases(*suite, *selected, *options, &progress);
  bool all = true;
  for (const CaseResult& result : run.results) {
    all = all && result.verdict == Verdict::pass;
    fmt::print("{:10} {}{}{}\n", outcome(result), result.id, result.reason.empty() ? "" : ": ",
               one_line(result.reason));
    if (line.has("--transcript")) fmt::print("{}", replayable(run, result));
  }
  if (!run.fatal.empty()) {
    complain({"", run.fatal, ""});
    return code(Exit::unreachable);
  }
  if (run.interrupted) return code(Exit::interrupted);
  return all ? 0 : code(Exit::red);
}

}  // namespace wsspec
