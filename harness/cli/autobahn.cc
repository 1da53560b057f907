// `run --autobahn-spec`: the spec file of the incumbent's fuzzing client, its numbers, its report; our exit
// code.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/autobahn.h"
#include "report/autobahn_page.h"
#include "report/terminal.h"
#include "report/text.h"
#include "run/autobahn_spec.h"

namespace wsspec {

namespace {

constexpr std::string_view kNumber = "autobahn/";

std::set<std::string> known_numbers(const Suite& suite) {
  std::set<std::string> numbers;
  for (const Case& one : suite.cases) {
    for (const std::string& see : one.see) {
      if (see.starts_with(kNumber)) numbers.insert(see.substr(kNumber.size()));
    }
  }
  return numbers;
}

// What would change the selection or the verdicts in a way that the spec file knows nothing of.
constexpr std::string_view kContradictions[] = {
    "--filter", "--exclude", "--shard",  "--rerun-failed", "--baseline", "--update-baseline", "--config",
    "--target", "--profile", "--memory", "--defect",       "--liberty",  "--dry-run"};

Result<void> check_combination(const CommandLine& line) {
  for (const auto option : kContradictions)
    if (line.has(option))
      return fail_with(std::string(option), "cannot be combined with --autobahn-spec",
                       "wsspec run URL --filter 'autobahn/*' takes it");
  if (!line.arguments.empty())
    return fail_with(line.arguments.front(), "cannot be combined with --autobahn-spec",
                     "the file names the servers");
  return {};
}

/// The command line over the environment; the file adds what it says about this server.
Result<Settings> settings_of(const AutobahnServer& server, const CommandLine& line) {
  auto settings = settings_from_environment();
  auto flags = line.settings();
  if (!settings || !flags) return settings ? flags : settings;
  settings->overlay(*flags);
  settings->url = server.url;
  if (!server.hostname.empty()) settings->server_name = server.hostname;
  if (!server.origin.empty()) settings->header.push_back({"Origin", server.origin});
  if (!server.protocols.empty()) settings->subprotocol = fmt::format("{}", fmt::join(server.protocols, ", "));
  if (server.handshake_seconds) {
    settings->connect_timeout = Duration(static_cast<Duration::rep>(*server.handshake_seconds * 1e9));
    // Ours waits 5 s as well; a server that needs more is slow in everything.
    constexpr double kUsual = 5;
    if (!settings->time_scale && *server.handshake_seconds > kUsual)
      settings->time_scale = *server.handshake_seconds / kUsual;
  }
  return settings;
}

// One index for all agents: the incumbent's file holds them side by side.
std::string join_index(const std::string& whole, const std::string& more) {
  using Json = nlohmann::json;
  Json index = whole.empty() ? Json::object() : Json::parse(whole, nullptr, false);
  const Json other = Json::parse(more, nullptr, false);
  if (!index.is_object() || !other.is_object()) return more;
  index.update(other);
  return index.dump(3);
}

class SpecRun {
 public:
  SpecRun(const AutobahnSpec& spec, const Suite& suite, const CommandLine& line, std::string folder)
      : spec_(spec), suite_(suite), line_(line), known_(known_numbers(suite)), folder_(std::move(folder)) {}

  int play_all() {
    if (const auto idle = idle_patterns(spec_, known_); !idle.empty())
      say("wsspec: these patterns match no case: {}\n", fmt::join(idle, ", "));
    // Whatever happens from here on, no gate may read what an earlier run left behind.
    for (const char* name : {"index.json", "index.html"}) {
      std::error_code ignored;
      std::filesystem::remove(std::filesystem::path(folder_) / name, ignored);
    }
    for (std::size_t i = 0; i < spec_.servers.size(); ++i)
      if (auto done = play(spec_.servers[i], i + 1); !done) return usage_error(done.error());
    if (auto done = write_index(); !done) {
      complain(done.error());
      return code(Exit::internal);
    }
    return interrupted() ? code(Exit::interrupted) : worst_;
  }

 private:
  Result<void> play(const AutobahnServer& server, std::size_t number) {
    auto settings = settings_of(server, line_);
    if (!settings) return std::unexpected(settings.error());
    auto gate = gate_of(settings->fail_on ? std::vector{*settings->fail_on} : std::vector<std::string>{},
                        settings->allow_flaky.value_or(false));
    if (!gate) return std::unexpected(gate.error());
    auto numbers = selected_numbers(spec_, server.agent, known_);
    if (!numbers) return std::unexpected(numbers.error());
    if (numbers->empty()) {
      complain({server.url, "the spec selects no case for it", "wsspec list --autobahn prints all numbers"});
      worst_ = std::max(worst_, code(Exit::nothing_selected));
      return {};
    }
    Selection selection;
    for (const std::string& one : *numbers) selection.include.push_back(std::string(kNumber) + one);
    selection.bulk = settings->bulk.value_or(false);
    auto selected = select(suite_, selection);
    if (!selected) return std::unexpected(selected.error());
    auto run = run_selected(server, *settings, *selected, *gate);
    if (!run) return std::unexpected(run.error());
    return report(std::move(*run), *gate, *settings, number);
  }

  Result<RunResult> run_selected(const AutobahnServer& server, const Settings& settings,
                                 const Selected& selected, const Gate& gate) {
    auto options = run_options(settings);
    if (!options) return std::unexpected(options.error());
    options->target_name = server.agent;
    options->seed = chosen_seed(settings);
    options->tool_version = kVersion;
    options->arguments = line_.words;
    options->interrupted = &interrupted();
    const auto detail = line_.has("--quiet")     ? TerminalProgress::Detail::quiet
                        : line_.has("--verbose") ? TerminalProgress::Detail::each
                                                 : TerminalProgress::Detail::normal;
    TerminalProgress progress(detail, gate);
    RunResult run = run_cases(suite_, selected, *options, &progress);
    run.caseset_version = suite_.version;
    run.filter = selected.words;
    if (run.target_name.empty()) {
      const bool named = run.fingerprint && !run.fingerprint->server_field.empty();
      run.target_name = named ? run.fingerprint->server_field : "UnknownServer";
    }
    return run;
  }

  // Two servers of one name, or of one name in file names ("A-B", "A_B"), would overwrite each other's
  // results.
  void make_unique(std::string& name) {
    const std::string wanted = name;
    for (int n = 2; !slugs_.insert(autobahn_slug(name)).second; ++n) name = fmt::format("{} {}", wanted, n);
    if (name != wanted)
      say("wsspec: two servers are called {}; one is reported as {}\n", one_line(wanted), one_line(name));
  }

  Result<void> report(RunResult run, const Gate& gate, const Settings& settings, std::size_t number) {
    make_unique(run.target_name);
    for (const auto& [name, content] : write_autobahn(run)) {
      if (name == "index.json")
        index_ = join_index(index_, content);
      else if (auto done = write_file_in(folder_, name, content); !done)
        return done;
    }
    ReportFiles files = ReportFiles::of(line_, settings).numbered(number);
    files.autobahn.clear();
    const bool written = write_reports(run, gate, files);
    print_summary(run, gate, files, line_.has("--quiet"));
    worst_ = std::max({worst_, code(exit_of(run, gate)), written ? 0 : code(Exit::internal)});
    return {};
  }

  Result<void> write_index() {
    if (index_.empty()) return {};
    if (auto done = write_file_in(folder_, "index.json", index_); !done) return done;
    auto page = write_autobahn_page(index_);
    if (!page) return std::unexpected(page.error());
    if (auto done = write_file_in(folder_, "index.html", *page); !done) return done;
    say("wrote {}/index.json\n", folder_);
    return {};
  }

  const AutobahnSpec& spec_;
  const Suite& suite_;
  const CommandLine& line_;
  const std::set<std::string> known_;
  const std::string folder_;
  std::string index_;
  std::set<std::string> slugs_;
  int worst_ = 0;
};

}  // namespace

int run_autobahn_spec(const CommandLine& line) {
  if (auto fits = check_combination(line); !fits) return usage_error(fits.error());
  const std::string file = line.get("--autobahn-spec");
  auto text = read_file(file);
  if (!text) return usage_error(text.error());
  auto spec = parse_autobahn_spec(*text, file);
  if (!spec) return usage_error(spec.error());
  if (!spec->ignored.empty()) {
    say("wsspec: {}: without meaning here and not used: {}\n", file, fmt::join(spec->ignored, ", "));
  }
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  const std::string folder =
      line.get("--autobahn-report", spec->outdir.empty() ? "reports/servers" : spec->outdir);
  watch_interrupts();
  return SpecRun(*spec, *suite, line, folder).play_all();
}

}  // namespace wsspec
