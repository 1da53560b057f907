#include <fmt/format.h>

#include <algorithm>

#include "cli/common.h"
#include "cli/fuzz_place.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "fuzzer/company.h"
#include "report/text.h"

namespace wsspec {

namespace {

constexpr Duration kReplayTime = std::chrono::seconds(30);  // Of one finding.

constexpr int kCompanyReplays = 5;  // A race does not show each time.

/// A finding of the fuzzer with several connections asks for what is right.
bool is_company_reproducer(const Suite& suite) {
  if (suite.cases.size() != 1 || !suite.cases[0].id.starts_with("fuzz.")) return false;
  return std::ranges::find(suite.cases[0].tags, kCompanyTag) != suite.cases[0].tags.end();
}

/// Whether it is as the file says: of a log that it passes, of a finding that asks for what is right that it
/// does not.
bool as_written(const RunResult& run, bool asks) {
  if (asks)
    return std::ranges::any_of(run.results,
                               [](const CaseResult& one) { return one.verdict == Verdict::fail; });
  return std::ranges::all_of(run.results, [](const CaseResult& one) { return one.verdict == Verdict::pass; });
}

// A log passes while the target does the same again; a case file is simply judged.
std::string_view outcome(const CaseResult& result, bool asks) {
  if (asks && result.verdict == Verdict::pass) return "gone";
  if (asks && result.verdict == Verdict::fail) return "reproduced";
  switch (result.verdict) {
    case Verdict::pass: return "reproduced";
    case Verdict::fail:
    case Verdict::weak:
    case Verdict::info: return "changed";
    default: return "unclear";
  }
}

/// The target speaks first in it.
bool begins_with_a_greeting(const Case& one) {
  for (const Step& step : one.steps) {
    if (is_fuzz_send(step.statement)) return false;
    const auto* frame = std::get_if<ExpectFrame>(&step.statement);
    if (frame != nullptr)
      return frame->fields.kind == FrameKind::text || frame->fields.kind == FrameKind::binary;
  }
  return false;
}

/// What a dialogue needs shows in it: whether the target echoes is no question, and a greeting that is
/// written down is not passed over.
void take_as_written(Suite& suite, RunOptions& options) {
  for (Case& one : suite.cases) {
    std::erase(one.needs, "echo");
    if (begins_with_a_greeting(one)) options.probe = false;
  }
}

/// A reproducer of the fuzzer for such a target: what counts is whether the same rule is broken, not the same
/// octets.
bool is_fuzz_reproducer(const Suite& suite, Target tested) {
  return suite.cases.size() == 1 && suite.cases[0].id.starts_with("fuzz.") &&
         std::ranges::find(suite.cases[0].tags, "fuzz") != suite.cases[0].tags.end() &&
         transcripts_of(suite.cases, tested).size() == 1;
}

/// By the judge that has found it.
int replay_finding(const Suite& suite, FuzzWanted wanted) {
  auto place = fuzz_place(std::move(wanted));
  if (!place) {
    complain(place.error());
    return code(Exit::unreachable);
  }
  if (auto met = meet_target(*place); !met) {
    complain(met.error());
    return code(interrupted() ? Exit::interrupted : Exit::unreachable);
  }
  FuzzOptions options;
  options.profile = place->profile;
  options.weak = true;
  options.time = kReplayTime;
  options.interrupted = &interrupted();
  FuzzKeeper keeper;
  FuzzLoop loop(options, *place->arena, keeper);
  const auto causes = loop.causes_of(transcripts_of(suite.cases, place->profile.tested).front());
  if (interrupted()) return code(Exit::interrupted);
  const Case& one = suite.cases[0];
  const std::string kind(kind_of_reproducer(one.id)), rule = one.covers.empty() ? "" : one.covers.front();
  const auto same = std::ranges::find_if(
      causes, [&](const FuzzCause& cause) { return cause.kind == kind && cause.requirement == rule; });
  const bool reproduced = same != causes.end();
  put("{:10} {}{}{}\n",
      reproduced       ? "reproduced"
      : causes.empty() ? "gone"
                       : "changed",
      one.id, causes.empty() ? "" : ": ",
      causes.empty() ? "" : one_line(reproduced ? same->text : causes.front().text));
  return reproduced ? 0 : code(Exit::red);
}

}  // namespace

int replay_verb(const CommandLine& line) {
  auto suite = load_files({line.arguments[0]}, find_cases(line.get("--cases")).value_or(""));
  if (!suite) {
    complain_suite(suite.error());
    return code(Exit::usage);
  }
  auto wanted = fuzz_wanted(line, 1);
  if (!wanted) return usage_error(wanted.error());
  const bool serves = wanted->serving.has_value();
  if (line.arguments.size() < 2 && !serves)
    return usage_error({"", "no target is given", "a URL, or --serve and how the client comes"});
  watch_interrupts();
  // Of one the transcript is the player's, and nothing else.
  const bool finding = is_fuzz_reproducer(*suite, wanted->tested);
  const int judged = finding ? replay_finding(*suite, *wanted) : 0;
  if (finding && (!line.has("--transcript") || judged > code(Exit::red))) return judged;
  auto options = run_options(wanted->settings);
  if (!options) return usage_error(options.error());
  if (serves) {
    options->serving = wanted->serving;
    options->profile.tested = Target::client;
    options->jobs = 1;
  }
  options->paced = line.has("--paced");
  options->tool_version = kVersion;
  options->repeat = 0;
  take_as_written(*suite, *options);
  options->seed = wanted->settings.seed.value_or(0);
  options->interrupted = &interrupted();

  Selection selection;
  selection.bulk = true;
  if (serves) selection.tested = Target::client;
  auto selected = select(*suite, selection);
  if (!selected) return usage_error(selected.error());
  const Gate gate;
  TerminalProgress progress(TerminalProgress::Detail::quiet, gate);
  const bool asks = is_company_reproducer(*suite);
  RunResult run = run_cases(*suite, *selected, *options, &progress);
  for (int i = 1; asks && i < kCompanyReplays && !as_written(run, asks); ++i) {
    if (!run.fatal.empty() || run.interrupted) break;
    run = run_cases(*suite, *selected, *options, &progress);
  }
  for (const CaseResult& result : run.results) {
    if (!finding)
      put("{:10} {}{}{}\n", outcome(result, asks), result.id, result.reason.empty() ? "" : ": ",
          one_line(result.reason));
    if (line.has("--transcript")) put_text(replayable(run, result));
  }
  if (!run.fatal.empty()) {
    complain({"", run.fatal, ""});
    return code(Exit::unreachable);
  }
  if (run.interrupted) return code(Exit::interrupted);
  return finding ? judged : as_written(run, asks) ? 0 : code(Exit::red);
}

}  // namespace wsspec
