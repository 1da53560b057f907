#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "cli/built_in.h"
#include "cli/common.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/secrecy.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/baseline.h"
#include "report/github.h"
#include "report/markdown.h"
#include "report/terminal.h"
#include "report/text.h"
#include "run/selftest.h"

namespace wsspec {

namespace {

/// Of messages to the built-in server: the largest that any case wants echoed. It shares our memory.
constexpr std::uint64_t kBuiltInLimit = 16ull << 20;

/// Everything that the command line, the environment and the file say together.
struct Plan {
  Settings settings;
  Gate gate;
  ReportFiles files;
  Selection selection;
};

Result<Plan> plan_for(const CommandLine& line) {
  Plan plan;
  auto config = find_config(line.get("--config"));
  if (!config) return std::unexpected(config.error());
  auto from_file = settings_for(*config, line.get("--target"), line.get("--profile"));
  if (!from_file) return std::unexpected(from_file.error());
  auto from_environment = settings_from_environment();
  if (!from_environment) return std::unexpected(from_environment.error());
  auto flags = line.settings();
  if (!flags) return std::unexpected(flags.error());
  plan.settings = *from_file;
  plan.settings.overlay(*from_environment);
  plan.settings.overlay(*flags);

  std::vector<std::string> words;
  if (plan.settings.fail_on) words.push_back(*plan.settings.fail_on);
  auto gate =
      gate_of(words, plan.settings.allow_flaky.value_or(false), plan.settings.allow_not_run.value_or(false));
  if (!gate) return std::unexpected(gate.error());
  plan.gate = *gate;
  plan.files = ReportFiles::of(line, plan.settings);
  plan.selection.include = plan.settings.include;
  plan.selection.exclude = plan.settings.exclude;
  plan.selection.bulk = plan.settings.bulk.value_or(false);
  if (line.has("--shard")) {
    auto shard = parse_shard(line.get("--shard"));
    if (!shard) return std::unexpected(shard.error());
    plan.selection.shard = shard->first;
    plan.selection.shards = shard->second;
  }
  return plan;
}

// The red cases of an earlier report, as exact ids; none is left when it holds no red case.
Result<void> select_failed(const std::string& report, const Gate& gate, Selection& selection) {
  auto earlier = read_report(report);
  if (!earlier) return std::unexpected(earlier.error());
  selection.include.clear();
  for (const CaseResult& result : earlier->results) {
    if (is_red(result, gate)) selection.include.push_back(result.id);
  }
  return {};
}

std::string today() {
  const auto now = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  const std::chrono::year_month_day day(now);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

TerminalProgress::Detail detail_of(const CommandLine& line) {
  if (line.has("--quiet")) return TerminalProgress::Detail::quiet;
  return line.has("--verbose") ? TerminalProgress::Detail::each : TerminalProgress::Detail::normal;
}

// Without a URL: the reference server, in memory or on a loopback port.
Result<RunResult> run_built_in(const CommandLine& line, const Plan& plan, const Suite& suite,
                               const Selected& selected, TerminalProgress& progress) {
  const std::uint64_t seed = chosen_seed(plan.settings);
  if (line.has("--memory")) {
    MemoryRunOptions options;
    options.defects = line.all("--defect");
    options.liberties = line.all("--liberty");
    options.seed = seed;
    options.profile = peer_profile();
    auto run = run_in_memory(suite, selected, options);
    if (run) run->tool_version = kVersion;
    return run;
  }
  PeerOptions peer;
  peer.limits = {kBuiltInLimit, kBuiltInLimit};
  peer.defects = line.all("--defect");
  peer.liberties = line.all("--liberty");
  auto server = BuiltIn::start(peer);
  if (!server) return std::unexpected(server.error());
  Settings settings = plan.settings;
  settings.url = (*server)->address().url();
  auto options = run_options(settings);
  if (!options) return std::unexpected(options.error());
  if (plan.settings.subprotocols.empty()) options->profile.subprotocols = peer.subprotocols;
  options->target_name = "built-in reference server";
  options->seed = seed;
  options->tool_version = kVersion;
  options->arguments = shown_words(line.words);
  options->interrupted = &interrupted();
  return run_cases(suite, selected, *options, &progress);
}

Result<RunResult> run_target(const CommandLine& line, const Plan& plan, const Suite& suite,
                             const Selected& selected, TerminalProgress& progress) {
  if (!plan.settings.url) return run_built_in(line, plan, suite, selected, progress);
  if (line.has("--memory") || line.has("--defect") || line.has("--liberty")) {
    return fail_with("", "--memory, --defect and --liberty are about the built-in server",
                     "leave out the URL");
  }
  auto options = run_options(plan.settings);
  if (!options) return std::unexpected(options.error());
  if (options->target_name.empty()) options->target_name = line.get("--target", *plan.settings.url);
  options->seed = chosen_seed(plan.settings);
  options->tool_version = kVersion;
  options->arguments = shown_words(line.words);
  options->interrupted = &interrupted();
  return run_cases(suite, selected, *options, &progress);
}

// Applies the expectations; with --update-baseline writes what was seen instead.
Result<void> apply_baseline_file(const CommandLine& line, const Plan& plan, const Suite& suite,
                                 RunResult& run) {
  if (!plan.settings.baseline) {
    if (line.has("--update-baseline")) return fail_with("--update-baseline", "needs --baseline FILE");
    return {};
  }
  const std::string& file = *plan.settings.baseline;
  auto text = read_file(file);
  if (!text && !line.has("--update-baseline")) return std::unexpected(text.error());
  auto baseline = parse_baseline(text ? *text : "baseline 1\n", file);
  if (!baseline) return std::unexpected(baseline.error());
  std::vector<std::string> all_ids;
  for (const Case& one : suite.cases) all_ids.push_back(one.id);
  if (line.has("--update-baseline")) {
    if (std::getenv("CI"))
      return fail_with("--update-baseline", "a baseline is never rewritten in CI", "run it by hand");
    *baseline = update_baseline(*baseline, run, plan.gate, all_ids);
    if (auto done = write_file(file, print_baseline(*baseline)); !done) return done;
    say("wsspec: wrote {}; give each new entry its reason\n", file);
  }
  apply_baseline(*baseline, run, today(), all_ids);
  return {};
}

// The runner reads both streams; a report on standard output stays alone there.
void tell_github(const RunResult& run, const Gate& gate, const ReportFiles& files) {
  if (!std::getenv("GITHUB_ACTIONS")) return;
  files.any_to_stdout() ? say_commands(write_github(run, gate)) : put_commands(write_github(run, gate));
  const char* summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (!summary || !*summary) return;
  // What other steps wrote stays, whether or not we may read it.
  if (auto done = append_file(summary, write_markdown(run, gate)); !done) complain(done.error());
}

int dry_run(const Plan& plan, const Selected& selected) {
  Settings settings = plan.settings;
  if (!settings.url) settings.url = "ws://127.0.0.1:21000";
  auto options = run_options(settings);
  if (!options) return usage_error(options.error());
  for (const std::string& text : plan_of(selected, *options)) put("{}\n", text);
  return 0;
}

int run_one(const CommandLine& line, Plan plan, const Suite& suite, const Selected& selected,
            std::size_t number) {
  TerminalProgress progress(detail_of(line), plan.gate);
  auto run = run_target(line, plan, suite, selected, progress);
  if (!run) return usage_error(run.error());
  run->filter = selected.words;
  run->caseset_version = suite.version;
  if (plan.selection.shards > 0)
    run->shard = fmt::format("{}/{}", plan.selection.shard, plan.selection.shards);
  if (auto applied = apply_baseline_file(line, plan, suite, *run); !applied)
    return usage_error(applied.error());
  const ReportFiles files = plan.files.numbered(number);
  const bool written = write_reports(*run, plan.gate, files);
  tell_github(*run, plan.gate, files);
  print_summary(*run, plan.gate, files, line.has("--quiet"));
  const Exit exit = exit_of(*run, plan.gate);
  return written || exit != Exit::as_expected ? code(exit) : code(Exit::internal);
}

int run_plain(const CommandLine& line) {
  auto plan = plan_for(line);
  if (!plan) return usage_error(plan.error());
  if (line.has("--rerun-failed")) {
    if (auto done = select_failed(line.get("--rerun-failed"), plan->gate, plan->selection); !done) {
      return usage_error(done.error());
    }
    if (plan->selection.include.empty()) {
      complain({line.get("--rerun-failed"), "holds no red case", "nothing to run again"});
      return code(Exit::nothing_selected);
    }
  }
  auto suite = suite_for(line, plan->settings.cases.value_or(""));
  if (!suite) return code(Exit::usage);
  auto selected = select(*suite, plan->selection);
  if (!selected) return usage_error(selected.error());
  if (selected->cases.empty()) {
    complain({"", "nothing is selected",
              selected->bulk_left_out ? "the cases that match are bulk cases: add --bulk"
                                      : "wsspec list prints all ids"});
    return code(Exit::nothing_selected);
  }
  if (line.has("--dry-run")) return dry_run(*plan, *selected);
  watch_interrupts();
  std::vector<std::string> urls = line.arguments;
  if (urls.empty() && plan->settings.url) urls.push_back(*plan->settings.url);
  if (urls.empty()) return run_one(line, *plan, *suite, *selected, 1);
  int worst = 0;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    Plan one = *plan;
    one.settings.url = urls[i];
    worst = std::max(worst, run_one(line, one, *suite, *selected, i + 1));
    if (interrupted()) break;
  }
  return worst;
}

}  // namespace

int run_verb(const CommandLine& line) {
  const int status = line.has("--autobahn-spec") ? run_autobahn_spec(line) : run_plain(line);
  if (!line.has("--exit-zero") || status != code(Exit::red)) return status;
  say("wsspec: exit 0 instead of 1, as --exit-zero says\n");
  return 0;
}

}  // namespace wsspec
