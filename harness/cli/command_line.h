// The command line: one table of verbs and options, from which parsing, --help, the manual page and the shell
// completions are made, so that they cannot disagree.
//
// What it is not: the meaning of an option; a verb reads what it needs. Options that are also keys of
// wsspec.toml come from config/config.h's table and reach the verb as Settings.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "protocol/error.h"

namespace wsspec {

struct OptionSpec {
  std::string name;        ///< "--json"
  std::string value = {};  ///< "FILE"; empty: a flag.
  std::string meaning = {};
  char letter = 0;           ///< "-f"; 0 = none.
  bool many = false;         ///< May be given more than once.
  std::string setting = {};  ///< The key of wsspec.toml that it sets; empty: none.
};

class CommandLine;

struct VerbSpec {
  std::string name;
  std::string arguments;     ///< "[URL...]"
  int least = 0, most = 0;   ///< Positional arguments.
  std::string summary = {};  ///< One line.
  std::string description = {};
  std::vector<std::pair<std::string, std::string>> examples;  ///< Command, what it does.
  std::vector<OptionSpec> options;
  int (*perform)(const CommandLine&) = nullptr;
};

/// Whether a key of wsspec.toml says something of servers alone.
bool is_of_a_server(std::string_view setting);
/// Whether it is about who speaks WebSocket, a server or a client, and says nothing of a hop.
bool is_of_an_application(std::string_view setting);
/// All verbs in the order of the help.
const std::vector<VerbSpec>& verbs();

class CommandLine {
 public:
  const VerbSpec* verb = nullptr;
  std::vector<std::string> arguments;  ///< Positional.
  std::vector<std::string> words;      ///< As typed, for the report.

  bool has(std::string_view option) const { return values_.contains(std::string(option)); }
  /// The (last) value, or `otherwise`.
  std::string get(std::string_view option, std::string otherwise = {}) const;
  std::vector<std::string> all(std::string_view option) const;
  Result<std::uint64_t> number(std::string_view option, std::uint64_t otherwise) const;
  /// What the flags set of wsspec.toml's keys.
  Result<Settings> settings() const;

 private:
  friend struct CommandParser;
  std::map<std::string, std::vector<std::string>> values_;
};

/// Parses `argv`; when help or the version was asked for or the words are wrong, prints so and returns the
/// exit code.
std::expected<CommandLine, int> parse_command_line(int argc, char** argv);

inline constexpr std::string_view kUsageHint = "see wsspec --help";

/// Prints "wsspec: where: what" and the hint to standard error.
void complain(const Error& error);

}  // namespace wsspec
