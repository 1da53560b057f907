#include "cli/common.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>

#include "autobahn/autobahn.h"
#include "autobahn/autobahn_page.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/secrecy.h"
#include "report/html.h"
#include "report/json.h"
#include "report/jsonl.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/sarif.h"
#include "report/tap.h"
#include "report/terminal.h"
#include "report/text.h"
#include "script/diagnostics.h"

namespace wsspec {

int usage_error(const Error& error) {
  complain(error);
  return code(Exit::usage);
}

void complain_suite(const SuiteFailure& failure) {
  for (const Diagnostic& diagnostic : failure.diagnostics) say("{}\n", render(diagnostic));
  if (!failure.error.what.empty()) complain(failure.error);
}

std::optional<Suite> suite_for(const CommandLine& line, const std::string& configured) {
  auto directory = find_cases(line.get("--cases", configured));
  if (!directory) {
    complain(directory.error());
    return std::nullopt;
  }
  auto suite = load_suite(*directory);
  if (suite) return std::move(*suite);
  complain_suite(suite.error());
  return std::nullopt;
}

Result<Settings> settings_of(const CommandLine& line, const std::string& url) {
  auto config = find_config(line.get("--config"));
  if (!config) return std::unexpected(config.error());
  auto environment = settings_from_environment();
  if (!environment) return environment;
  auto flags = line.settings();
  if (!flags) return flags;
  const auto given = url.empty() ? environment->url.value_or("") : url;
  auto file = settings_from_file(*config, line.get("--target"), line.get("--profile"), given);
  if (!file) return std::unexpected(file.error());
  if (!file->remark.empty() && !line.has("--quiet")) say("wsspec: {}\n", one_line(file->remark));
  Settings settings = std::move(file->settings);
  settings.overlay(*environment);
  settings.overlay(*flags);
  if (!given.empty()) settings.url = given;
  known_secrets().add_all(secrets_of(settings));  // Those of the file are new.
  return settings;
}

Result<Gate> gate_of(const std::vector<std::string>& words, bool allow_flaky, bool allow_not_run) {
  Gate gate;
  gate.allow_flaky = allow_flaky;
  gate.allow_not_run = allow_not_run;
  for (const std::string& given : words) {
    for (std::size_t begin = 0; begin <= given.size();) {
      const std::size_t end = std::min(given.find(',', begin), given.size());
      const std::string word = given.substr(begin, end - begin);
      begin = end + 1;
      if (word == "weak" || word == "should")
        gate.weak = true;
      else if (word == "info" || word == "may")
        gate.info = gate.weak = true;
      else if (word == "inconclusive")
        gate.inconclusive = true;
      else if (word != "fail" && word != "must") {
        return fail_with("--fail-on", "'" + word + "' is no verdict to fail on",
                         "fail, weak, info or inconclusive");
      }
    }
  }
  return gate;
}

Result<void> read_duration(const CommandLine& line, const char* option, Duration& into) {
  if (!line.has(option)) return {};
  const auto read = parse_duration(line.get(option));
  if (!read) return fail_with(option, read.error().what, read.error().hint);
  into = *read;
  return {};
}

Result<Target> role_of(const CommandLine& line, bool hops) {
  const auto role = line.get("--role", "server");
  if (role == "client") return Target::client;
  if (role == "server") return Target::server;
  if (hops && role == "hop") return Target::hop;
  return fail_with("--role", fmt::format("'{}' is no role", role),
                   hops ? "server, client or hop" : "server or client");
}

Result<void> refuse_beside(const CommandLine& line, std::span<const std::string_view> options,
                           const std::string& beside, const std::string& hint) {
  for (const auto option : options)
    if (line.has(option)) return fail_with(std::string(option), "cannot be combined with " + beside, hint);
  return {};
}

std::uint64_t chosen_seed(const Settings& settings) {
  return settings.seed ? *settings.seed : std::random_device{}() & 0x7fffffffu;
}

namespace {

using Writer = std::string (*)(const RunResult& run, const Gate& gate);

/// A report that is one file.
struct Format {
  const char* option;
  std::string ReportFiles::* file;
  Writer write;
  std::optional<std::string> Settings::* setting = nullptr;  ///< Where a configuration file names it.
};

constexpr Format kFormats[] = {
    {"--html", &ReportFiles::html, write_html, &Settings::html},
    {"--markdown", &ReportFiles::markdown, write_markdown},
    {"--junit", &ReportFiles::junit, write_junit, &Settings::junit},
    {"--json", &ReportFiles::json, write_json, &Settings::json},
    {"--jsonl", &ReportFiles::jsonl, write_jsonl},
    {"--tap", &ReportFiles::tap, write_tap},
    {"--sarif", &ReportFiles::sarif, [](const RunResult& run, const Gate&) { return write_sarif(run); },
     &Settings::sarif},
};

}  // namespace

ReportFiles ReportFiles::of(const CommandLine& line, const Settings& settings) {
  ReportFiles files;
  for (const Format& format : kFormats)
    files.*format.file =
        line.get(format.option, format.setting ? (settings.*format.setting).value_or("") : "");
  files.autobahn = line.get("--autobahn-report");
  return files;
}

bool ReportFiles::any_to_stdout() const {
  return std::ranges::any_of(kFormats, [this](const Format& format) { return this->*format.file == "-"; });
}

ReportFiles ReportFiles::numbered(std::size_t number) const {
  ReportFiles files = *this;
  if (number == 1) return files;
  for (const Format& format : kFormats) {
    std::string& file = files.*format.file;
    if (file.empty() || file == "-") continue;
    const std::size_t dot = file.rfind('.');
    const bool extension = dot != std::string::npos && file.find('/', dot) == std::string::npos;
    file.insert(extension ? dot : file.size(), fmt::format("-{}", number));
  }
  return files;
}

Result<void> ReportFiles::check() const {
  for (const Format& format : kFormats) {
    const std::string& file = this->*format.file;
    if (file.empty()) continue;
    if (auto good = check_writable(file); !good) return good;
  }
  return autobahn.empty() ? Result<void>{} : check_writable(autobahn + "/index.json");
}

Result<void> check_outputs(const CommandLine& line) {
  for (const char* option : {"--json", "--html", "--sarif", "--markdown", "--output"}) {
    if (!line.has(option)) continue;
    if (auto good = check_writable(line.get(option)); !good) return good;
  }
  return {};
}

void put_beside(const CommandLine& line, std::string_view text) {
  const auto taken = [&](const OptionSpec& option) {
    return option.value == "FILE" && line.get(option.name) == "-";
  };
  std::ranges::any_of(line.verb->options, taken) ? say_text(text) : put_text(text);
}

void print_summary(const RunResult& run, const Gate& gate, const ReportFiles& files, bool quiet) {
  const bool beside = files.any_to_stdout();
  const int descriptor = beside ? STDERR_FILENO : STDOUT_FILENO;
  TerminalStyle style;
  style.colours = wants_colours(descriptor);
  style.width = is_terminal(descriptor) ? terminal_columns(descriptor) : 0;
  for (const Format& format : kFormats)
    if (const auto& file = files.*format.file; !file.empty() && file != "-") style.written.push_back(file);
  const std::string text = quiet ? outcome_line(run, gate) + "\n" : write_terminal(run, gate, style);
  beside ? say_text(text) : put_text(text);
}

namespace {

// Beside a good exit status an index that gates take for red needs a word.
void tell_of_index(const RunResult& run, const Gate& gate, const AutobahnAgent& agent,
                   const std::string& folder) {
  const auto bad = std::ranges::count_if(agent.entries, &AutobahnEntry::bad);
  if (bad > 0 && exit_of(run, gate) == Exit::as_expected)
    say("wsspec: {}/index.json: {} of {} cases are red by its words and none by ours: a limit of the target, "
        "a known failure or an unusual close code\n",
        folder, bad, agent.entries.size());
}

}  // namespace

bool write_reports(const RunResult& run, const Gate& gate, const ReportFiles& files) {
  bool good = true;
  for (const Format& format : kFormats) {
    const std::string& file = files.*format.file;
    if (file.empty()) continue;
    if (auto done = write_file(file, format.write(run, gate)); !done) {
      complain(done.error());
      good = false;
    }
  }
  if (files.autobahn.empty()) return good;
  auto contents = autobahn_case_files(run);
  const AutobahnAgent agent = autobahn_agent(run);
  contents.emplace("index.json", autobahn_index({&agent, 1}));
  contents.emplace("index.html", autobahn_page({&agent, 1}));
  for (const auto& [name, content] : contents) {
    if (auto done = write_file_in(files.autobahn, name, content); !done) {
      complain(done.error());
      return false;
    }
  }
  tell_of_index(run, gate, agent, files.autobahn);
  return good;
}

}  // namespace wsspec
