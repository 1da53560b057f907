// `run --autobahn-spec`: the spec file of the incumbent's fuzzing client, its numbers, its report. The exit
// code says the same as index.json: never 0 beside an entry that gates take for red.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "autobahn/autobahn.h"
#include "autobahn/autobahn_page.h"
#include "autobahn/autobahn_spec.h"
#include "cli/common.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/secrecy.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {

namespace {

constexpr std::string_view kNumber = "autobahn/";

std::set<std::string> known_numbers(const Suite& suite) {
  std::set<std::string> numbers;
  for (const auto& [number, cases] : cases_by_number(suite, Target::server)) numbers.insert(number);
  return numbers;
}

// What would change the selection or the verdicts in a way that the spec file, or its report, knows nothing
// of.
constexpr std::string_view kContradictions[] = {
    "--filter", "--exclude", "--shard",  "--rerun-failed", "--baseline", "--update-baseline", "--config",
    "--target", "--profile", "--memory", "--defect",       "--liberty",  "--allow-flaky"};

Result<void> check_combination(const CommandLine& line) {
  auto fits = refuse_beside(line, kContradictions, "--autobahn-spec",
                            "wsspec run URL --filter 'autobahn/*' takes it");
  if (!fits) return fits;
  if (!line.arguments.empty())
    return fail_with(line.arguments.front(), "cannot be combined with --autobahn-spec",
                     "the file names the servers");
  return {};
}

/// The original checks a certificate only where the spec has a hostname to check it against.
bool goes_unchecked(const AutobahnServer& server, const Settings& settings) {
  return server.url.starts_with("wss") && server.hostname.empty() && !settings.ca && !settings.server_name &&
         !settings.insecure;
}

/// The command line over the environment; the file adds what it says about this server.
Result<Settings> settings_of(const AutobahnServer& server, const CommandLine& line) {
  auto settings = settings_from_environment();
  auto flags = line.settings();
  if (!settings || !flags) return settings ? flags : settings;
  settings->overlay(*flags);
  settings->url = server.url;
  known_secrets().add_url(server.url);
  settings->allow_flaky = false;
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

/// The command that plays this server without the spec file: what reports hold, and what replay lines are
/// made of.
std::vector<std::string> words_without_spec(const AutobahnServer& server, bool unchecked,
                                            const CommandLine& line) {
  static constexpr std::string_view kOfSpecs[] = {"--autobahn-spec", "--autobahn-report"};
  std::vector<std::string> words;
  for (std::size_t i = 0; i < line.words.size(); ++i) {
    const std::string& word = line.words[i];
    const std::string_view name = std::string_view(word).substr(0, word.find('='));
    if (std::ranges::find(kOfSpecs, name) == std::end(kOfSpecs))
      words.push_back(word);
    else if (name.size() == word.size())
      ++i;
  }
  words.insert(words.begin() + 1, server.url);
  if (unchecked) words.emplace_back("--insecure");
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {option, value});
  };
  add("--server-name", server.hostname);
  add("--header", server.origin.empty() ? "" : "Origin: " + server.origin);
  add("--subprotocol", fmt::format("{}", fmt::join(server.protocols, ", ")));
  return words;
}

/// One server of the file with all that is known before the first connection.
struct Planned {
  const AutobahnServer* server = nullptr;
  std::vector<std::string> numbers;
  Settings settings;
  Gate gate;
  Selected selected;
  bool unchecked = false;
};

Result<Planned> plan(const AutobahnSpec& spec, const AutobahnServer& server, const Suite& suite,
                     const CommandLine& line) {
  Planned planned;
  planned.server = &server;
  auto settings = settings_of(server, line);
  if (!settings) return std::unexpected(settings.error());
  planned.unchecked = goes_unchecked(server, *settings);
  if (planned.unchecked) settings->insecure = true;
  auto gate = gate_of(settings->fail_on ? std::vector{*settings->fail_on} : std::vector<std::string>{});
  if (!gate) return std::unexpected(gate.error());
  auto numbers = selected_numbers(spec, server.agent, known_numbers(suite));
  if (!numbers) return std::unexpected(numbers.error());
  Selection selection;
  for (const std::string& one : *numbers) selection.include.push_back(std::string(kNumber) + one);
  selection.bulk = settings->bulk.value_or(false);
  if (!numbers->empty()) {
    auto selected = select(suite, selection);
    if (!selected) return std::unexpected(selected.error());
    planned.selected = std::move(*selected);
  }
  planned.settings = std::move(*settings);
  planned.gate = *gate;
  planned.gate.inconclusive = true;  // FAILED in index.json.
  planned.numbers = std::move(*numbers);
  return planned;
}

std::string name_of(const AutobahnServer& server) {
  return server.agent.empty() ? server.url : server.agent;
}

void complain_nothing(const AutobahnServer& server) {
  complain({name_of(server), "the spec selects no case for it", "wsspec list --autobahn prints all numbers"});
}

/// Number and cases of ours, a line each.
void print_plan(const Planned& planned) {
  put("# {} {}: {} numbers\n", name_of(*planned.server), planned.server->url, planned.numbers.size());
  for (const std::string& number : planned.numbers) {
    put("{}", number);
    for (const Case* one : planned.selected.cases)
      if (std::ranges::find(one->see, std::string(kNumber) + number) != one->see.end()) put("\t{}", one->id);
    put("\n");
  }
}

class SpecRun {
 public:
  SpecRun(const Suite& suite, const CommandLine& line, std::string folder)
      : suite_(suite), line_(line), folder_(std::move(folder)) {}

  int play_all(const std::vector<Planned>& servers) {
    if (auto done = clear_folder(); !done) return usage_error(done.error());
    for (std::size_t i = 0; i < servers.size() && !interrupted(); ++i)
      if (auto done = play(servers[i], i + 1); !done) return usage_error(done.error());
    if (auto done = write_index(); !done) {
      complain(done.error());
      return code(Exit::internal);
    }
    return interrupted() ? code(Exit::interrupted) : worst_;
  }

 private:
  // Whatever happens from here on, no gate may read what an earlier run left behind; and a folder that takes
  // no report is told of before the first connection.
  Result<void> clear_folder() {
    const std::filesystem::path folder(folder_);
    std::error_code error;
    for (const char* name : {"index.json", "index.html"}) {
      std::filesystem::remove(folder / name, error);
      if (error && error != std::errc::no_such_file_or_directory && error != std::errc::not_a_directory)
        return fail_with((folder / name).string(), "cannot be removed: " + error.message());
    }
    const std::string probe = "wsspec-was-here";
    if (auto done = write_file_in(folder_, probe, ""); !done)
      return fail_with(folder_, "no report can be written there: " + done.error().what,
                       "--autobahn-report DIR names another folder");
    std::filesystem::remove(folder / probe, error);
    return {};
  }

  Result<void> play(const Planned& planned, std::size_t number) {
    if (planned.numbers.empty()) {
      complain_nothing(*planned.server);
      worst_ = std::max(worst_, code(Exit::nothing_selected));
      return {};
    }
    if (planned.unchecked)
      say("wsspec: {}: its certificate is not checked, since the spec names no hostname for it; "
          "\"hostname\": NAME or --ca FILE checks it\n",
          planned.server->url);
    auto run = run_selected(planned);
    if (!run) return std::unexpected(run.error());
    // A case of ours may stand for more numbers than the file asks for.
    for (CaseResult& result : run->results)
      std::erase_if(result.autobahn, [&](const std::string& one) {
        return std::ranges::find(planned.numbers, one) == planned.numbers.end();
      });
    return report(std::move(*run), planned, number);
  }

  Result<RunResult> run_selected(const Planned& planned) {
    auto options = run_options(planned.settings);
    if (!options) return std::unexpected(options.error());
    options->target_name = planned.server->agent;
    options->seed = chosen_seed(planned.settings);
    options->tool_version = kVersion;
    options->arguments = shown_words(words_without_spec(*planned.server, planned.unchecked, line_));
    options->interrupted = &interrupted();
    const auto detail = line_.has("--quiet")     ? TerminalProgress::Detail::quiet
                        : line_.has("--verbose") ? TerminalProgress::Detail::each
                                                 : TerminalProgress::Detail::normal;
    TerminalProgress progress(detail, planned.gate);
    RunResult run = run_cases(suite_, planned.selected, *options, &progress);
    run.caseset_version = suite_.version;
    run.filter = planned.selected.words;
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
    name = unique_agent(wanted, slugs_);
    if (name != wanted)
      say("wsspec: two servers are called {}; one is reported as {}\n", one_line(wanted), one_line(name));
  }

  Result<void> report(RunResult run, const Planned& planned, std::size_t number) {
    make_unique(run.target_name);
    for (const auto& [name, content] : autobahn_case_files(run))
      if (auto done = write_file_in(folder_, name, content); !done) return done;
    ReportFiles files = ReportFiles::of(line_, planned.settings).numbered(number);
    files.autobahn.clear();
    agents_.push_back(autobahn_agent(run));
    const Exit exit = autobahn_exit(run, planned.gate, agents_.back());
    // A legal but other close code than the original takes is weak here and WRONG CODE there.
    const bool by_words = exit != exit_of(run, planned.gate);
    Gate gate = planned.gate;
    gate.weak |= by_words;
    const bool written = write_reports(run, gate, files);
    // What only the index holds against the server must not stand below a good headline.
    if (exit == exit_of(run, gate)) print_summary(run, gate, files, line_.has("--quiet"));
    if (by_words) tell_of_bad(agents_.back());
    worst_ = std::max({worst_, code(exit), written ? 0 : code(Exit::internal)});
    return {};
  }

  // Nothing is red by our own rules, and gates say it is.
  static void tell_of_bad(const AutobahnAgent& agent) {
    std::vector<std::string> bad;
    for (const AutobahnEntry& entry : agent.entries)
      if (entry.bad()) bad.push_back(fmt::format("{} {} / {}", entry.number, entry.behavior, entry.close));
    constexpr std::size_t kNamed = 8;
    const std::size_t more = bad.size() > kNamed ? bad.size() - kNamed : 0;
    bad.resize(bad.size() - more);
    say("wsspec: {}: red by the words of index.json (exit 1): {}{}\n", one_line(agent.name),
        fmt::join(bad, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
  }

  Result<void> write_index() {
    if (agents_.empty()) return {};
    if (auto done = write_file_in(folder_, "index.json", autobahn_index(agents_)); !done) return done;
    if (auto done = write_file_in(folder_, "index.html", autobahn_page(agents_)); !done) return done;
    say("wrote {0}/index.json and {0}/index.html\n", folder_);
    return {};
  }

  const Suite& suite_;
  const CommandLine& line_;
  const std::string folder_;
  std::vector<AutobahnAgent> agents_;
  std::set<std::string> slugs_;
  int worst_ = 0;
};

// What is not as the file's author may think, a line each.
void tell_of_spec(const AutobahnSpec& spec, const Suite& suite, const std::string& file) {
  if (!spec.ignored.empty())
    say("wsspec: {}: without meaning here and not used: {}\n", file, fmt::join(spec.ignored, ", "));
  if (const auto idle = idle_patterns(spec, known_numbers(suite)); !idle.empty())
    say("wsspec: {}: these patterns match no case: {}\n", file, fmt::join(idle, ", "));
}

int dry_run(const std::vector<Planned>& servers) {
  int worst = 0;
  for (const Planned& one : servers) {
    if (!one.numbers.empty()) {
      print_plan(one);
      continue;
    }
    complain_nothing(*one.server);
    worst = code(Exit::nothing_selected);
  }
  return worst;
}

}  // namespace

int run_autobahn_spec(const CommandLine& line) {
  if (auto fits = check_combination(line); !fits) return usage_error(fits.error());
  const std::string file = line.get("--autobahn-spec");
  auto text = read_file(file);
  if (!text) return usage_error(text.error());
  auto spec = parse_autobahn_spec(*text, file);
  if (!spec) return usage_error(spec.error());
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  tell_of_spec(*spec, *suite, file);
  std::vector<Planned> servers;
  for (const AutobahnServer& server : spec->servers) {
    auto planned = plan(*spec, server, *suite, line);
    if (!planned) return usage_error(planned.error());
    servers.push_back(std::move(*planned));
  }
  if (line.has("--dry-run")) return dry_run(servers);
  const std::string folder =
      line.get("--autobahn-report", spec->outdir.empty() ? "reports/servers" : spec->outdir);
  if (auto good = check_writable(folder + "/index.json"); !good) return usage_error(good.error());
  watch_interrupts();
  return SpecRun(*suite, line, folder).play_all(servers);
}

}  // namespace wsspec
