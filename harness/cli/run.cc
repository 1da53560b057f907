#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "cli/both_ways.h"
#include "cli/built_in.h"
#include "cli/common.h"
#include "cli/files.h"
#include "cli/hop_questions.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/run.h"
#include "cli/secrecy.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "compare/baseline.h"
#include "report/github.h"
#include "report/jsonl.h"
#include "report/markdown.h"
#include "report/terminal.h"
#include "report/text.h"
#include "run/selftest.h"
#include "script/print.h"

namespace wsspec {

namespace {

/// Of messages to the built-in server: the largest that any case wants echoed. It shares our memory.
constexpr std::uint64_t kBuiltInLimit = 16ull << 20;

/// Everything that the command line, the environment and the file say together about one target.
struct Plan {
  Settings settings;
  Gate gate;
  ReportFiles files;
  Selection selection;
  std::optional<Baseline> baseline;
  std::optional<Serving> serving;
  std::optional<Behind> behind;
  std::string server;  ///< Behind the hop, where it is somebody's own.
};

Result<Plan> plan_for(const CommandLine& line, const std::string& url) {
  Plan plan;
  auto settings = settings_of(line, url);
  if (!settings) return std::unexpected(settings.error());
  plan.settings = std::move(*settings);

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

/// Keeps each result as soon as it is known: what was judged outlives us, whatever ends us. Behind the run
/// the whole file is written anew.
class JsonlLog final : public Observer {
 public:
  JsonlLog(std::string file, Observer& then) : file_(std::move(file)), then_(then) {
    if (file_ == "-") file_.clear();
  }
  void planned(const RunResult& run, std::size_t cases, Duration for_faults) override {
    if (!file_.empty()) keep(write_file(file_, jsonl_header(run)));
    then_.planned(run, cases, for_faults);
  }
  void judged(const CaseResult& result, std::size_t done, std::size_t cases) override {
    if (!file_.empty()) keep(append_file(file_, jsonl_result(result)));
    then_.judged(result, done, cases);
  }
  void remark(const std::string& text) override { then_.remark(text); }

 private:
  /// What fails once is tried again behind the run alone, and told at once.
  void keep(const Result<void>& written) {
    if (written) return;
    then_.remark(fmt::format("{}: {}; until the end of the run its results are kept in memory alone",
                             written.error().where, written.error().what));
    file_.clear();
  }

  std::string file_;
  Observer& then_;
};

/// What every run is told alike.
void sign(RunOptions& options, const CommandLine& line, const Settings& settings) {
  options.seed = chosen_seed(settings);
  options.tool_version = kVersion;
  options.arguments = shown_words(line.words);
  options.interrupted = &interrupted();
}

// Without a URL: the reference server, in memory or on a loopback port.
Result<RunResult> run_built_in(const CommandLine& line, const Plan& plan, const Suite& suite,
                               const Selected& selected, Observer& progress) {
  if (line.has("--memory")) {
    MemoryRunOptions options;
    options.defects = line.all("--defect");
    options.liberties = line.all("--liberty");
    options.seed = chosen_seed(plan.settings);
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
  sign(*options, line, plan.settings);
  return run_cases(suite, selected, *options, &progress);
}

/// What stands in the way of a run against a hop: no server's extras.
Result<RunOptions> options_for_hop(const Plan& plan) {
  auto options = run_options(plan.settings);
  if (!options) return options;
  options->behind = plan.behind;
  options->profile.tested = Target::hop;
  options->profile.preamble.clear();
  return options;
}

/// Of a target that is a client: where its server would be is only for show.
Result<RunOptions> options_for(const Plan& plan) {
  if (plan.behind) return options_for_hop(plan);
  if (!plan.serving) return run_options(plan.settings);
  Settings settings = plan.settings;
  settings.url = "ws://127.0.0.1/";
  auto options = run_options(settings);
  if (!options) return options;
  options->serving = plan.serving;
  options->profile.tested = Target::client;
  // A client that comes back by itself is one; whoever runs several says so.
  if (plan.serving->exec.empty()) options->jobs = plan.settings.jobs.value_or(plan.serving->page ? 4 : 1);
  options->serving->jobs = options->jobs;
  return options;
}

/// The same cases without a hop, from our client to our server: what is red then is our fault, and the hop is
/// not asked. Cases in which a hop has to do something itself cannot be played so.
Result<RunResult> run_direct(const CommandLine& line, const Plan& plan, const Suite& suite,
                             const Selected& selected) {
  auto options = options_for(plan);
  if (!options) return std::unexpected(options.error());
  options->behind->direct = true;
  options->launch.reset();
  options->dial.proxy.reset();
  Address& address = options->address;
  address = {};
  address.host = plan.behind->host;
  address.port = plan.behind->port;
  sign(*options, line, plan.settings);
  Selected kept = selected;
  std::erase_if(kept.cases, [](const Case* one) { return has_tag(*one, "acts") || watches(*one); });
  if (kept.cases.empty()) return RunResult{};
  auto run = run_cases(suite, kept, *options);
  if (!run.fatal.empty()) return fail_with("--behind", run.fatal);
  for (const CaseResult& result : run.results)
    if (is_red(result, {}))
      return fail_with(result.id, "without the hop it is not green either: " + result.reason,
                       "this is a fault of wsspec or of this machine; nothing was asked of the hop");
  say("wsspec: {} cases without the hop: as they should be\n", run.results.size());
  return run;
}

Result<RunResult> run_hop(const CommandLine& line, const Plan& plan, const Suite& suite,
                          const Selected& selected, Observer& progress) {
  auto options = options_for(plan);
  if (!options) return std::unexpected(options.error());
  options->target_name = line.get("--hop", *plan.settings.url);
  sign(*options, line, plan.settings);
  return run_cases(suite, selected, *options, &progress);
}

/// Of the server behind a hop, reached directly: it is there already, and what is started, or asked for a
/// tunnel, belongs to the way through the hop.
Result<RunOptions> options_for_server(const Plan& plan) {
  Settings settings = plan.settings;
  settings.url = plan.server;
  settings.start.reset(), settings.proxy.reset();
  settings.budget_cpu.reset(), settings.budget_memory.reset();
  settings.budget_descriptors.reset(), settings.budget_threads.reset();
  auto options = run_options(settings);
  if (!options) return fail_with("--server", options.error().what, options.error().hint);
  const auto through = parse_address(*plan.settings.url);
  if (!plan.settings.proxy && through && through->url() == options->address.url())
    return fail_with("--server", "is the URL of the hop as well, so that there is nothing to compare",
                     "the address at which the server is reached without the hop");
  return options;
}

Result<RunResult> run_detour(const CommandLine& line, const Plan& plan, const Suite& suite,
                             const Selected& selected, Observer& progress) {
  auto through = options_for(plan), direct = options_for_server(plan);
  if (!through) return std::unexpected(through.error());
  if (!direct) return std::unexpected(direct.error());
  through->target_name = line.get("--hop", *plan.settings.url);
  sign(*through, line, plan.settings);
  sign(*direct, line, plan.settings);
  direct->seed = through->seed;
  say("wsspec: first without the hop, {}\n", shown_url(plan.server));
  TerminalProgress alone(detail_of(line), plan.gate);
  return run_both_ways(suite, selected, *direct, *through, alone, progress);
}

Result<RunResult> run_target(const CommandLine& line, const Plan& plan, const Suite& suite,
                             const Selected& selected, Observer& progress) {
  if (!plan.server.empty()) return run_detour(line, plan, suite, selected, progress);
  if (plan.behind) return run_hop(line, plan, suite, selected, progress);
  if (plan.serving) {
    auto options = options_for(plan);
    if (!options) return std::unexpected(options.error());
    options->target_name = line.get("--agent", plan.serving->exec.empty() ? "client" : plan.serving->exec);
    sign(*options, line, plan.settings);
    return run_cases(suite, selected, *options, &progress);
  }
  if (!plan.settings.url) return run_built_in(line, plan, suite, selected, progress);
  if (line.has("--memory") || line.has("--defect") || line.has("--liberty")) {
    return fail_with("", "--memory, --defect and --liberty are about the built-in server",
                     "leave out the URL");
  }
  auto options = run_options(plan.settings);
  if (!options) return std::unexpected(options.error());
  if (options->target_name.empty()) options->target_name = line.get("--target", *plan.settings.url);
  sign(*options, line, plan.settings);
  return run_cases(suite, selected, *options, &progress);
}

/// Read before the first connection, so that a mistake in it costs no run. On the first day there is none.
Result<void> read_baseline(const CommandLine& line, Plan& plan) {
  const bool update = line.has("--update-baseline");
  if (!plan.settings.baseline)
    return update ? fail_with("--update-baseline", "needs --baseline FILE") : Result<void>{};
  if (update && std::getenv("CI"))
    return fail_with("--update-baseline", "a baseline is never rewritten in CI", "run it by hand");
  const std::string& file = *plan.settings.baseline;
  if (update)
    if (auto good = check_writable(file); !good) return good;
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) {
    if (update)
      plan.baseline.emplace();
    else
      say("wsspec: there is no {} yet, so nothing counts as known; --update-baseline writes one\n",
          one_line(file));
    return {};
  }
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto baseline = parse_baseline(*text, file);
  if (!baseline) return std::unexpected(baseline.error());
  plan.baseline = std::move(*baseline);
  return {};
}

// Applies the expectations; with --update-baseline writes what was seen instead.
Result<void> judge_by_baseline(const CommandLine& line, Plan& plan, const Suite& suite, RunResult& run) {
  if (!plan.baseline) return {};
  std::vector<std::string> all_ids;
  for (const Case& one : suite.cases) all_ids.push_back(one.id);
  if (line.has("--update-baseline")) {
    *plan.baseline = update_baseline(*plan.baseline, run, plan.gate, all_ids);
    const std::string& file = *plan.settings.baseline;
    if (auto done = write_file(file, print_baseline(*plan.baseline)); !done) return done;
    say("wsspec: wrote {}; give each new entry its reason\n", file);
  }
  apply_baseline(*plan.baseline, run, today(), all_ids);
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
  auto options = plan.serving ? options_for(plan) : run_options(settings);
  if (!options) return usage_error(options.error());
  for (const std::string& text : plan_of(selected, *options)) put("{}\n", text);
  say("wsspec: {} cases; at most {} more for the faults of the target\n", selected.cases.size(),
      print(time_for_faults(*options)));
  return 0;
}

/// What would else be found out only when the target has been asked for minutes.
Result<void> check_before_the_run(const CommandLine& line, Plan& plan, std::size_t number) {
  if (plan.settings.url || plan.serving)
    if (auto options = options_for(plan); !options) return std::unexpected(options.error());
  if (!plan.server.empty())
    if (auto options = options_for_server(plan); !options) return std::unexpected(options.error());
  plan.files = plan.files.numbered(number);
  if (auto good = plan.files.check(); !good) return good;
  return read_baseline(line, plan);
}

int run_one(const CommandLine& line, Plan plan, const Suite& suite, const Selected& selected) {
  std::optional<RunResult> direct;
  if (plan.behind) {
    auto played = run_direct(line, plan, suite, selected);
    if (!played) {
      complain(played.error());
      return code(Exit::internal);
    }
    direct = std::move(*played);
  }
  TerminalProgress progress(detail_of(line), plan.gate);
  JsonlLog log(plan.files.jsonl, progress);
  auto run = run_target(line, plan, suite, selected, log);
  if (!run) return usage_error(run.error());
  if (direct) add_direct(*direct, *run), hold_to(expectations_of(plan.settings), *run);
  run->filter = selected.words;
  run->caseset_version = suite.version;
  if (plan.selection.shards > 0)
    run->shard = fmt::format("{}/{}", plan.selection.shard, plan.selection.shards);
  const auto applied = judge_by_baseline(line, plan, suite, *run);
  if (!applied) complain(applied.error());  // The reports are written all the same.
  const ReportFiles& files = plan.files;
  const bool written = write_reports(*run, plan.gate, files);
  tell_github(*run, plan.gate, files);
  print_summary(*run, plan.gate, files, line.has("--quiet"));
  const Exit exit = exit_of(*run, plan.gate);
  return (written && applied) || exit != Exit::as_expected ? code(exit) : code(Exit::internal);
}

/// A target and what is played against it.
struct Task {
  Plan plan;
  Selected selected;
};

/// Every target's, all of them before the first is played. The int is an exit code; what is wrong was said.
std::expected<std::vector<Task>, int> tasks_for(const CommandLine& line, std::vector<Plan> plans,
                                                const Suite& suite) {
  std::vector<Task> tasks;
  for (Plan& plan : plans) {
    auto selected = select(suite, plan.selection);
    if (!selected) return std::unexpected(usage_error(selected.error()));
    if (selected->cases.empty()) {
      complain({"", "nothing is selected",
                selected->bulk_left_out ? "the cases that match are bulk cases: add --bulk"
                                        : "wsspec list prints all ids"});
      return std::unexpected(code(Exit::nothing_selected));
    }
    if (auto good = check_questions(plan.settings, *selected); !good)
      return std::unexpected(usage_error(good.error()));
    if (!line.has("--dry-run"))
      if (auto good = check_before_the_run(line, plan, tasks.size() + 1); !good)
        return std::unexpected(usage_error(good.error()));
    tasks.push_back({std::move(plan), std::move(*selected)});
  }
  return tasks;
}

std::expected<std::vector<Plan>, int> plans_for(const CommandLine& line, const Meeting& meeting) {
  std::vector<Plan> plans;
  const auto urls = line.arguments.empty() ? std::vector<std::string>{""} : line.arguments;
  for (const std::string& url : urls) {
    auto plan = plan_for(line, url);
    if (!plan) return std::unexpected(usage_error(plan.error()));
    plan->serving = meeting.serving;
    plan->behind = meeting.behind;
    plan->server = meeting.server;
    auto asked = ask_of_hop(line, meeting.behind.has_value(), plan->settings, plan->selection);
    if (!asked) return std::unexpected(usage_error(asked.error()));
    if (meeting.serving) plan->selection.tested = Target::client;
    if (meeting.behind) plan->selection.tested = Target::hop;
    if (line.has("--rerun-failed")) {
      const std::string report = line.get("--rerun-failed");
      if (auto done = select_failed(report, plan->gate, plan->selection); !done)
        return std::unexpected(usage_error(done.error()));
      if (plan->selection.include.empty()) {
        complain({report, "holds no red case", "nothing to run again"});
        return std::unexpected(code(Exit::nothing_selected));
      }
    }
    plans.push_back(std::move(*plan));
  }
  return plans;
}

int run_plain(const CommandLine& line, const Meeting& meeting) {
  auto plans = plans_for(line, meeting);
  if (!plans) return plans.error();
  auto suite = suite_for(line, plans->front().settings.cases.value_or(""));
  if (!suite) return code(Exit::usage);
  watch_interrupts();
  auto tasks = tasks_for(line, std::move(*plans), *suite);
  if (!tasks) return tasks.error();
  int worst = 0;
  for (Task& task : *tasks) {
    worst = std::max(worst, line.has("--dry-run") ? dry_run(task.plan, task.selected)
                                                  : run_one(line, task.plan, *suite, task.selected));
    if (interrupted()) break;
  }
  return worst;
}

}  // namespace

int run_verb(const CommandLine& line) {
  return run_with(line, {});
}

int run_with(const CommandLine& line, const Meeting& meeting) {
  const bool by_spec = !meeting.serving && line.has("--autobahn-spec");
  const int status = by_spec ? run_autobahn_spec(line) : run_plain(line, meeting);
  if (!line.has("--exit-zero") || status != code(Exit::red)) return status;
  say("wsspec: exit 0 instead of 1, as --exit-zero says\n");
  return 0;
}

}  // namespace wsspec
