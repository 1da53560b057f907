// The manual page and the shell completions, made from the table of verbs (command_line.h).
#include <fmt/format.h>

#include <algorithm>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/verbs.h"
#include "cli/version.h"

namespace wsspec {

namespace {

// A text line for troff: backslashes, hyphens and leading dots would otherwise be commands.
std::string roff(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
  }
  if (out.starts_with('.') || out.starts_with('\'')) out.insert(0, "\\&");
  return out;
}

std::string option_words(const OptionSpec& option) {
  std::string words = option.letter ? fmt::format("-{}, {}", option.letter, option.name) : option.name;
  return option.value.empty() ? words : words + " " + option.value;
}

std::string verb_section(const VerbSpec& verb) {
  std::string text =
      fmt::format(".SS wsspec {} {}\n{}.\n", verb.name, roff(verb.arguments), roff(verb.summary));
  if (!verb.description.empty()) text += ".PP\n" + roff(verb.description) + "\n";
  for (const OptionSpec& option : verb.options) {
    text += fmt::format(".TP\n.B {}\n{}.\n", roff(option_words(option)), roff(option.meaning));
  }
  for (const auto& [command, meaning] : verb.examples) {
    text += fmt::format(".PP\n{}:\n.PP\n.nf\n    {}\n.fi\n", roff(meaning), roff(command));
  }
  return text;
}

std::string bash_completion() {
  std::string names, cases;
  for (const VerbSpec& verb : verbs()) {
    names += (names.empty() ? "" : " ") + verb.name;
    std::string options = "--help";
    for (const OptionSpec& option : verb.options) options += " " + option.name;
    cases += fmt::format("    {}) words=\"{}\" ;;\n", verb.name, options);
  }
  return fmt::format(R"(# bash completion for wsspec
_wsspec() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{} --help --version" -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{}  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _wsspec wsspec
)",
                     names, cases);
}

std::string zsh_quote(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string zsh_completion() {
  std::string names, cases;
  for (const VerbSpec& verb : verbs()) {
    names += fmt::format("    '{}:{}'\n", verb.name, zsh_quote(verb.summary));
    cases += fmt::format("    {}) _arguments", verb.name);
    for (const OptionSpec& option : verb.options) {
      cases += fmt::format(" \\\n      '{}{}[{}]{}'", option.many ? "*" : "", option.name,
                           zsh_quote(option.meaning),
                           option.value.empty() ? "" : ":" + zsh_quote(option.value) + ":_files");
    }
    cases += " '*:file:_files' ;;\n";
  }
  return fmt::format(R"(#compdef wsspec
_wsspec() {{
  local -a verbs
  verbs=(
{}  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
{}  esac
}}
_wsspec "$@"
)",
                     names, cases);
}

std::string fish_quote(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return "'" + out + "'";
}

std::string fish_completion() {
  std::string text = "# fish completion for wsspec\n";
  for (const VerbSpec& verb : verbs()) {
    text += fmt::format("complete -c wsspec -n __fish_use_subcommand -a {} -d {}\n", verb.name,
                        fish_quote(verb.summary));
    for (const OptionSpec& option : verb.options) {
      text +=
          fmt::format("complete -c wsspec -n '__fish_seen_subcommand_from {}' -l {}{}{} -d {}\n", verb.name,
                      option.name.substr(2), option.letter ? fmt::format(" -s {}", option.letter) : "",
                      option.value.empty() ? "" : " -r", fish_quote(option.meaning));
    }
  }
  return text;
}

}  // namespace

int manual_verb(const CommandLine&) {
  std::string text = fmt::format(
      ".TH WSSPEC 1 \"\" \"wsspec {}\" \"User Commands\"\n.SH NAME\nwsspec \\- conformance and fuzz tester "
      "for WebSocket "
      "(RFC 6455, 7692)\n.SH SYNOPSIS\n.B wsspec\n.I VERB\n[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]\n.SH "
      "DESCRIPTION\n"
      "Connects to a WebSocket server, plays scripted handshake, framing, fragmentation, masking and close "
      "cases, and says "
      "by which clause of which RFC the server is wrong.\n.SH VERBS\n",
      kVersion);
  for (const VerbSpec& verb : verbs()) text += verb_section(verb);
  text +=
      ".SH EXIT STATUS\n.TP\n0\nas expected\n.TP\n1\nred verdicts\n.TP\n2\nusage or case\\-file "
      "error\n.TP\n3\ninternal error\n"
      ".TP\n4\nnothing selected\n.TP\n5\ntarget unreachable or died\n.TP\n6\nstale "
      "baseline\n.TP\n130\ninterrupted; results so "
      "far are written\n.SH ENVIRONMENT\nEach key of wsspec.toml in capitals behind WSSPEC_, for example "
      "WSSPEC_JOBS; a flag "
      "wins over the environment, the environment over the file. NO_COLOR and CLICOLOR_FORCE are "
      "honoured.\n.SH FILES\n"
      "wsspec.toml: targets and profiles; see wsspec init.\n";
  return write_file("-", text) ? 0 : code(Exit::internal);
}

int completion_verb(const CommandLine& line) {
  const std::string& shell = line.arguments.front();
  std::string text;
  if (shell == "bash") text = bash_completion();
  if (shell == "zsh") text = zsh_completion();
  if (shell == "fish") text = fish_completion();
  if (text.empty())
    return usage_error({"completion", "no completions for '" + shell + "'", "bash, zsh or fish"});
  return write_file("-", text) ? 0 : code(Exit::internal);
}

}  // namespace wsspec
