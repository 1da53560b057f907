#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <sstream>

#include "cli/print.h"
#include "cli/version.h"
#include "report/text.h"
#include "script/diagnostics.h"

namespace wsspec {

namespace {

constexpr std::string_view kExitCodes =
    "Exit codes: 0 as expected, 1 red verdicts, 2 usage or case-file error, 3 internal error, 4 nothing "
    "selected, "
    "5 target unreachable or died, 6 stale baseline, 130 interrupted (results so far are written).";

std::string footer(const VerbSpec& verb) {
  std::string text;
  if (!verb.examples.empty()) text += "Examples:\n";
  for (const auto& [command, meaning] : verb.examples)
    text += fmt::format("  {}\n      {}\n", command, meaning);
  return text;
}

std::string variable_of(const OptionSpec& option) {
  std::string name = "WSSPEC_" + option.setting;
  for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return name;
}

}  // namespace

/// Help as the table has it: the words of a verb by their names, and of all verbs a line each.
class HelpFormatter : public CLI::Formatter {
  std::string make_usage(const CLI::App* app, std::string name) const override {
    const auto verb = std::ranges::find(verbs(), app->get_name(), &VerbSpec::name);
    if (verb == verbs().end()) return "Usage: wsspec VERB ...; `wsspec VERB --help` says more of each\n";
    return fmt::format("Usage: {}{}{} [OPTIONS]\n", name, verb->arguments.empty() ? "" : " ",
                       verb->arguments);
  }
  std::string make_positionals(const CLI::App*) const override { return ""; }
  std::string make_subcommand(const CLI::App* sub) const override {
    const std::string text = sub->get_description();
    return fmt::format("  {:<12} {}\n", sub->get_name(), text.substr(0, text.find('\n')));
  }
};

/// Ties the table to CLI11.
struct CommandParser {
  CLI::App app{
      "wsspec finds every way in which a WebSocket endpoint breaks the protocol, and says by which clause.",
      "wsspec"};
  std::map<std::string, CommandLine> lines;

  CommandParser() {
    app.set_version_flag("--version", fmt::format("wsspec {}", kVersion));
    app.require_subcommand(1);
    app.formatter(std::make_shared<HelpFormatter>());
    app.footer(
        std::string(kExitCodes) +
        "\n\nFirst steps:\n  wsspec run ws://127.0.0.1:9001     test a server\n"
        "  wsspec run                          test the built-in reference server\n  wsspec run --help");
    for (const VerbSpec& verb : verbs()) add(verb);
  }

  void add(const VerbSpec& verb) {
    CommandLine& line = lines[verb.name];
    line.verb = &verb;
    CLI::App* sub = app.add_subcommand(
        verb.name, verb.summary + (verb.description.empty() ? "" : "\n" + verb.description));
    sub->footer(footer(verb));
    if (verb.most > 0) {
      auto* positional = sub->add_option("arguments", line.arguments, verb.arguments);
      positional->expected(verb.least, verb.most);
      if (verb.least > 0) positional->required();
    }
    for (const OptionSpec& option : verb.options) add(*sub, line, option);
  }

  static void add(CLI::App& sub, CommandLine& line, const OptionSpec& option) {
    const std::string names = option.letter ? fmt::format("-{},{}", option.letter, option.name) : option.name;
    const std::string meaning =
        option.meaning + (option.setting.empty() ? "" : fmt::format(" [{}]", variable_of(option)));
    auto* values = &line.values_;
    const std::string key = option.name;
    if (option.value.empty()) {
      sub.add_flag_callback(names, [values, key] { (*values)[key] = {"true"}; }, meaning);
      if (!option.setting
               .empty()) {  // A setting that a file or the environment switched on can be switched off.
        sub.add_flag_callback("--no-" + option.name.substr(2), [values, key] { (*values)[key] = {"false"}; })
            ->group("");
      }
      return;
    }
    auto* added = sub.add_option_function<std::vector<std::string>>(
        names, [values, key](const std::vector<std::string>& given) { (*values)[key] = given; }, meaning);
    added->type_name(option.value)->expected(1)->allow_extra_args(false);
    added->multi_option_policy(option.many ? CLI::MultiOptionPolicy::TakeAll
                                           : CLI::MultiOptionPolicy::TakeLast);
  }
};

std::string CommandLine::get(std::string_view option, std::string otherwise) const {
  const auto found = values_.find(std::string(option));
  if (found == values_.end() || found->second.empty()) return otherwise;
  return found->second.back();
}

std::vector<std::string> CommandLine::all(std::string_view option) const {
  const auto found = values_.find(std::string(option));
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

Result<std::uint64_t> CommandLine::number(std::string_view option, std::uint64_t otherwise) const {
  if (!has(option)) return otherwise;
  const std::string text = get(option);
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) {
    return fail_with(std::string(option), "'" + text + "' is no whole number");
  }
  return value;
}

Result<Settings> CommandLine::settings() const {
  Settings settings;
  for (const OptionSpec& option : verb->options) {
    if (option.setting.empty()) continue;
    for (const std::string& value : all(option.name)) {
      if (auto done = set_setting(settings, option.setting, value); !done) {
        Error error = done.error();
        error.where = option.name;
        return std::unexpected(error);
      }
    }
  }
  return settings;
}

// What a mistyped verb or option may have meant; "" when every word is known.
std::string nearest_word(int argc, char** argv) {
  const VerbSpec* verb = nullptr;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = std::string_view(argv[i]).substr(0, std::string_view(argv[i]).find('='));
    if (!verb) {
      if (word.starts_with("-")) continue;
      std::vector<std::string_view> names;
      for (const VerbSpec& known : verbs()) {
        names.push_back(known.name);
        if (known.name == word) verb = &known;
      }
      if (!verb) return did_you_mean(word, names);
    } else if (word.starts_with("--")) {
      std::vector<std::string_view> names = {"--help"};
      for (const OptionSpec& option : verb->options) names.push_back(option.name);
      const std::string positive =
          word.starts_with("--no-") ? "--" + std::string(word.substr(5)) : std::string(word);
      const bool known =
          std::ranges::find(names, word) != names.end() || std::ranges::find(names, positive) != names.end();
      if (!known) return did_you_mean(word, names);
    }
  }
  return "";
}

// Which words were not understood. Of what is no option only the number is told: behind a mistyped `--heder`
// stands a token.
std::string unknown_words(const std::vector<std::string>& words) {
  std::string options;
  std::size_t others = 0;
  for (const auto& word : words) {
    if (!word.starts_with('-')) ++others;
    if (word.starts_with('-')) options += (options.empty() ? "" : ", ") + word.substr(0, word.find('='));
  }
  if (options.empty()) return fmt::format("{} word{} too many", others, others == 1 ? "" : "s");
  return "unknown option " + options;
}

// CLI11 calls the words of a verb "arguments"; users know them as FILE and URL.
std::string words_of(const CLI::App& app, const CLI::ParseError& error) {
  std::string text = error.what();
  const auto chosen = app.get_subcommands();
  if (!text.starts_with("arguments") || chosen.empty()) return text;
  const auto verb = std::ranges::find(verbs(), chosen.front()->get_name(), &VerbSpec::name);
  return verb == verbs().end() ? text : fmt::format("{} needs {}", verb->name, verb->arguments);
}

std::expected<CommandLine, int> parse_command_line(int argc, char** argv) {
  CommandParser parser;
  try {
    parser.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream help;
      parser.app.exit(error, help, help);
      put_text(help.str());
      return std::unexpected(0);
    }
    const std::string nearest = nearest_word(argc, argv);
    const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    complain({"", extra ? unknown_words(parser.app.remaining(true)) : words_of(parser.app, error),
              nearest.empty() ? std::string(kUsageHint) : nearest});
    return std::unexpected(2);
  }
  const auto chosen = parser.app.get_subcommands();
  CommandLine line = std::move(parser.lines[chosen.front()->get_name()]);
  for (int i = 1; i < argc; ++i) line.words.emplace_back(argv[i]);
  return line;
}

void complain(const Error& error) {
  say("wsspec: {}{}{}\n", visible(error.where), error.where.empty() ? "" : ": ", visible(error.what, true));
  if (!error.hint.empty()) say("hint: {}\n", visible(error.hint, true));
}

}  // namespace wsspec
