// `serve --autobahn`: what drivers of the incumbent's fuzzing server ask for, its reports, its numbers.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "autobahn/autobahn.h"
#include "autobahn/autobahn_page.h"
#include "autobahn/autobahn_spec.h"
#include "cli/common.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/secrecy.h"
#include "cli/served_tls.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/text.h"
#include "run/fuzzing_server.h"

namespace wsspec {

namespace {

constexpr std::uint16_t kUsualPort = 9001;

Result<AutobahnSpec> spec_of(const CommandLine& line) {
  if (!line.has("--autobahn-spec")) return parse_autobahn_spec("{}", "", Role::client);
  const auto file = line.get("--autobahn-spec");
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto spec = parse_autobahn_spec(*text, file, Role::client);
  if (spec && !spec->ignored.empty())
    say("wsspec: {}: without meaning here and not used: {}\n", file, fmt::join(spec->ignored, ", "));
  return spec;
}

/// The port of the spec's url, as the incumbent takes it: only there it listened on every interface.
Result<void> listen_where(const CommandLine& line, const AutobahnSpec& spec, FuzzingServerOptions& options) {
  options.port = kUsualPort;
  if (!spec.url.empty()) {
    const auto address = parse_address(spec.url);
    if (!address) return std::unexpected(address.error());
    if (address->tls && !line.has("--tls") && !line.has("--certificate"))
      return fail_with(spec.url, "there is no certificate", "--certificate FILE --key FILE, or --tls");
    options.port = address->port;
  }
  if (!line.has("--listen")) return {};
  const auto place = parse_listen(line.get("--listen"));
  if (!place) return std::unexpected(place.error());
  options.host = place->first;
  options.port = place->second;
  return {};
}

Result<FuzzingServerOptions> options_of(const CommandLine& line, const AutobahnSpec& spec,
                                        const Suite& suite) {
  FuzzingServerOptions options;
  if (auto good = listen_where(line, spec, options); !good) return std::unexpected(good.error());
  std::set<std::string> known;
  for (const auto& [number, cases] : cases_by_number(suite, Target::client)) known.insert(number);
  auto numbers = selected_numbers(spec, "", known);
  if (!numbers) return std::unexpected(numbers.error());
  options.numbers = std::move(*numbers);
  auto settings = settings_of(line, "ws://127.0.0.1/");
  if (!settings) return std::unexpected(settings.error());
  auto run = run_options(*settings);
  if (!run) return std::unexpected(run.error());
  options.profile = run->profile;
  options.profile.tested = Target::client;
  options.profile.features.erase("company");
  options.seed = chosen_seed(*settings);
  options.tool_version = kVersion;
  options.arguments = shown_words(line.words);
  options.stops_on_request = line.has("--allow-remote-stop");
  if (line.has("--expect-agent")) options.expected_agent = line.get("--expect-agent");
  if (line.has("--until-idle")) {
    const auto idle = parse_duration(line.get("--until-idle"));
    if (!idle) return fail_with("--until-idle", idle.error().what, idle.error().hint);
    options.until_idle = *idle;
  }
  options.interrupted = &interrupted();
  return options;
}

/// Agents whose names give the same file names are told apart by a number.
void make_unique(std::vector<RunResult>& runs) {
  std::set<std::string> slugs;
  for (RunResult& run : runs) run.target_name = unique_agent(run.target_name, slugs);
}

Result<void> write_folder(const std::string& folder, const std::vector<RunResult>& runs,
                          const std::vector<AutobahnAgent>& agents) {
  for (const RunResult& run : runs)
    for (const auto& [name, content] : autobahn_case_files(run))
      if (auto done = write_file_in(folder, name, content); !done) return done;
  if (auto done = write_file_in(folder, "index.json", autobahn_index(agents)); !done) return done;
  return write_file_in(folder, "index.html", autobahn_page(agents));
}

std::vector<AutobahnAgent> agents_of(const std::vector<RunResult>& runs) {
  std::vector<AutobahnAgent> agents;
  for (const RunResult& run : runs) agents.push_back(autobahn_agent(run));
  return agents;
}

int report(const CommandLine& line, const std::string& folder, std::vector<RunResult> runs) {
  Gate gate;
  gate.inconclusive = true;  // FAILED in index.json.
  if (runs.empty()) {
    complain({"", "no client has asked for a case",
              "a driver asks for /getCaseCount and /runCase?case=1&agent=NAME"});
    return code(Exit::unreachable);
  }
  make_unique(runs);
  const auto agents = agents_of(runs);
  const auto written = write_folder(folder, runs, agents);
  if (!written) complain(written.error());
  int worst = written ? 0 : code(Exit::internal);
  Settings settings;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    ReportFiles files = ReportFiles::of(line, settings).numbered(i + 1);
    files.autobahn.clear();
    const bool good = write_reports(runs[i], gate, files);
    print_summary(runs[i], gate, files, line.has("--quiet"));
    worst = std::max({worst, code(autobahn_exit(runs[i], gate, agents[i])), good ? 0 : code(Exit::internal)});
  }
  if (written) say("wrote {0}/index.json and {0}/index.html\n", folder);
  return interrupted() ? code(Exit::interrupted) : worst;
}

/// What would change the selection or the verdicts in a way that index.json knows nothing of.
constexpr std::string_view kContradictions[] = {
    "--filter",          "--exclude", "--shard", "--rerun-failed", "--baseline",
    "--update-baseline", "--exec",    "--start", "--page",         "--allow-flaky"};

}  // namespace

int serve_autobahn(const CommandLine& line) {
  const auto fits =
      refuse_beside(line, kContradictions, "--autobahn",
                    "the cases of a fuzzingserver.json choose; wsspec serve --filter 'autobahn/*' takes it");
  if (!fits) return usage_error(fits.error());
  auto spec = spec_of(line);
  if (!spec) return usage_error(spec.error());
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  auto options = options_of(line, *spec, *suite);
  if (!options) return usage_error(options.error());
  if (options->numbers.empty()) {
    complain({"", "the spec selects no case", "wsspec list --autobahn prints all numbers"});
    return code(Exit::nothing_selected);
  }
  const std::string folder =
      line.get("--autobahn-report", spec->outdir.empty() ? "reports/clients" : spec->outdir);
  if (auto good = check_writable(folder + "/index.json"); !good) return usage_error(good.error());
  const auto tls = ServedTls::of(line, options->host);
  if (!tls) return usage_error(tls.error());
  options->tls = tls->host();
  options->listening = [&](const std::string& url) {
    say("wsspec: {} of Autobahn's cases for clients that ask at {}\n", options->numbers.size(), url);
  };
  if (line.has("--verbose"))
    options->judged = [](const std::string& agent, const CaseResult& result) {
      put("{:12} {}  {}  {}\n", verdict_name(result.verdict), one_line(agent, 80), result.id,
          one_line(result.reason, 160));
    };
  options->report = [&](std::vector<RunResult> runs) {
    make_unique(runs);
    if (auto done = write_folder(folder, runs, agents_of(runs)); !done) complain(done.error());
  };
  watch_interrupts();
  auto runs = serve_on_request(*suite, *options);
  if (!runs) return usage_error(runs.error());
  return report(line, folder, std::move(*runs));
}

}  // namespace wsspec
