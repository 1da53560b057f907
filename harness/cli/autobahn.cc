// `run --autobahn-spec`: the spec file of the incumbent's fuzzing client, its numbers, its report; our exit
// code.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/autobahn.h"
#include "report/terminal.h"
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

Result<RunOptions> options_for(const AutobahnServer& server, const AutobahnSpec& spec,
                               const CommandLine& line) {
  auto settings = line.settings();
  if (!settings) return std::unexpected(settings.error());
  settings->url = server.url;
  if (!server.hostname.empty()) settings->server_name = server.hostname;
  if (!server.origin.empty()) settings->header.push_back({"Origin", server.origin});
  if (!server.protocols.empty()) settings->subprotocol = fmt::format("{}", fmt::join(server.protocols, ", "));
  auto options = run_options(*settings);
  if (!options) return options;
  if (spec.handshake_seconds) {
    options->dial.connect_timeout = Duration(static_cast<Duration::rep>(*spec.handshake_seconds * 1e9));
  }
  options->target_name = server.agent;
  options->seed = settings->seed.value_or(0);
  options->tool_version = kVersion;
  options->arguments = line.words;
  options->interrupted = &interrupted();
  return options;
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

struct Outcome {
  std::string index;
  int worst = 0;
};

Result<void> play_server(const AutobahnServer& server, const AutobahnSpec& spec, const Suite& suite,
                         const CommandLine& line, const std::string& folder, Outcome& outcome) {
  auto numbers = selected_numbers(spec, server.agent, known_numbers(suite));
  if (!numbers) return std::unexpected(numbers.error());
  auto options = options_for(server, spec, line);
  if (!options) return std::unexpected(options.error());
  Selection selection;
  for (const std::string& number : *numbers) selection.include.push_back(std::string(kNumber) + number);
  selection.bulk = line.get("--bulk") == "true";
  if (selection.include.empty()) {
    outcome.worst = std::max(outcome.worst, code(Exit::nothing_selected));
    return fail_with(server.url, "the spec selects no case for it");
  }
  auto selected = select(suite, selection);
  if (!selected) return std::unexpected(selected.error());

  const Gate gate;
  RunResult run;
  {
    TerminalProgress progress(
        line.has("--quiet") ? TerminalProgress::Detail::quiet : TerminalProgress::Detail::normal, gate);
    run = run_cases(suite, *selected, *options, &progress);
  }
  run.caseset_version = suite.version;
  run.filter = selected->words;
  if (run.target_name.empty()) {
    const bool named = run.fingerprint && !run.fingerprint->server_field.empty();
    run.target_name = named ? run.fingerprint->server_field : "UnknownServer";
  }
  for (const auto& [name, content] : write_autobahn(run)) {
    if (name == "index.json")
      outcome.index = join_index(outcome.index, content);
    else if (auto done = write_file_in(folder, name, content); !done)
      return done;
  }
  if (auto done = write_file_in(folder, "index.json", outcome.index); !done) return done;
  ReportFiles files = ReportFiles::of(line, {});
  files.autobahn.clear();
  const bool written = write_reports(run, gate, files);
  fmt::print("{}", line.has("--quiet") ? outcome_line(run, gate) + "\n" : write_terminal(run, gate));
  outcome.worst = std::max({outcome.worst, code(exit_of(run, gate)), written ? 0 : code(Exit::internal)});
  return {};
}

}  // namespace

int run_autobahn_spec(const CommandLine& line) {
  const std::string file = line.get("--autobahn-spec");
  auto text = read_file(file);
  if (!text) return usage_error(text.error());
  auto spec = parse_autobahn_spec(*text, file);
  if (!spec) return usage_error(spec.error());
  if (!spec->ignored.empty()) {
    fmt::print(stderr, "wsspec: {}: without meaning here and not used: {}\n", file,
               fmt::join(spec->ignored, ", "));
  }
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  const std::string folder =
      line.get("--autobahn-report", spec->outdir.empty() ? "reports/servers" : spec->outdir);
  watch_interrupts();
  Outcome outcome;
  for (const AutobahnServer& server : spec->servers) {
    if (auto done = play_server(server, *spec, *suite, line, folder, outcome); !done)
      return usage_error(done.error());
    if (interrupted()) return code(Exit::interrupted);
  }
  fmt::print("wrote {}/index.json\n", folder);
  return outcome.worst;
}

}  // namespace wsspec
