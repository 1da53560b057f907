// What several verbs do alike: load the case set, print diagnostics, write the report files that were asked
// for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "cli/command_line.h"
#include "play/result.h"
#include "run/suite.h"

namespace wsspec {

/// The exit code as an int.
constexpr int code(Exit exit) {
  return static_cast<int>(exit);
}

/// Prints the error and returns the usage exit code.
int usage_error(const Error& error);

/// The case set of --cases (or the default); complains and returns nothing when it cannot be used.
std::optional<Suite> suite_for(const CommandLine& line, const std::string& configured = {});
void complain_suite(const SuiteFailure& failure);

/// Configuration file, environment and flags put together, for `url` as the command line gives it; empty:
/// theirs. Says on standard error what came from a file.
Result<Settings> settings_of(const CommandLine& line, const std::string& url);

/// The gate of `--fail-on` words.
Result<Gate> gate_of(const std::vector<std::string>& words, bool allow_flaky = false,
                     bool allow_not_run = false);

/// `--role server` or `client`, where there are cases about hops also `hop`: what is tested; a server where
/// the option is not given.
Result<Target> role_of(const CommandLine& line, bool hops = false);

/// What the line says of `option`; `into` stays as it is where it says nothing.
Result<void> read_duration(const CommandLine& line, const char* option, Duration& into);

/// An error when the line has any of `options` beside `beside`; `hint` says what to do.
Result<void> refuse_beside(const CommandLine& line, std::span<const std::string_view> options,
                           const std::string& beside, const std::string& hint);

/// That of --seed, else a new one.
std::uint64_t chosen_seed(const Settings& settings);

/// A JSON report from a file.
Result<RunResult> read_report(const std::string& path);

/// Which report goes where.
struct ReportFiles {
  std::string json, html, junit, sarif, markdown, tap, jsonl, autobahn;
  /// Of --json, --html ...; `settings` give those that a configuration file names.
  static ReportFiles of(const CommandLine& line, const Settings& settings);
  bool any_to_stdout() const;
  /// For the second and later targets of one command: report.json, report-2.json.
  ReportFiles numbered(std::size_t number) const;
  /// Whether all of them can be written, before anything is played.
  Result<void> check() const;
};
/// Whether what the verb's options name can be written; for verbs whose work takes long.
Result<void> check_outputs(const CommandLine& line);
/// Lines for people: to standard output, unless a report of the verb is written there (`--json -`).
void put_beside(const CommandLine& line, std::string_view text);
/// Prints the summary where people read it: beside the reports, or its last line alone.
void print_summary(const RunResult& run, const Gate& gate, const ReportFiles& files, bool quiet = false);
/// Writes each; complains about those that cannot be written and returns false then.
bool write_reports(const RunResult& run, const Gate& gate, const ReportFiles& files);

}  // namespace wsspec
