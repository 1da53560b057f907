// What the help and the errors about words call the words of a verb.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "cli/command_line.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "report/text.h"

namespace wsspec::help_test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// What is said about words with which nothing is done.
std::string said_of(std::vector<const char*> words, int code) {
  words.insert(words.begin(), "wsspec");
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const auto line = parse_command_line(static_cast<int>(words.size()), const_cast<char**>(words.data()));
  flush_output();
  const auto text = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  EXPECT_EQ(line ? -1 : line.error(), code);
  return text;
}

TEST(Help, NamesTheWordsOfEachVerb) {
  for (const VerbSpec& verb : verbs()) {
    const auto text = said_of({verb.name.c_str(), "--help"}, 0);
    const auto usage =
        "Usage: wsspec " + verb.name + (verb.arguments.empty() ? "" : " " + verb.arguments) + " [OPTIONS]\n";
    EXPECT_THAT(text, HasSubstr(usage));
    EXPECT_THAT(text, Not(HasSubstr("arguments TEXT"))) << verb.name;
    for (const OptionSpec& option : verb.options) EXPECT_THAT(text, HasSubstr(option.name)) << verb.name;
    EXPECT_THAT(text, HasSubstr(verb.description));
  }
}

TEST(Help, HasALineForEachVerb) {
  const auto text = said_of({"--help"}, 0);
  for (const VerbSpec& verb : verbs()) {
    EXPECT_THAT(text, testing::ContainsRegex("\n  " + verb.name + " +[A-Z]")) << verb.name;
    EXPECT_TRUE(verb.description.empty() || text.find(verb.description) == text.npos) << verb.name;
  }
  EXPECT_LT(std::ranges::count(text, '\n'), 40);
}

TEST(Help, SaysWhichWordsAreMissing) {
  EXPECT_THAT(said_of({"replay"}, 2), HasSubstr("replay needs FILE [URL]"));
  EXPECT_THAT(said_of({"check"}, 2), HasSubstr("check needs FILE..."));
}

/// The command that plays a case again keeps an option with its value or leaves out both (report/text.cc): it
/// has to know which options have one.
TEST(Options, OfARunAreReplayedWhole) {
  const auto run_verb = std::ranges::find(verbs(), "run", &VerbSpec::name);
  for (const OptionSpec& option : run_verb->options) {
    for (const auto& name : {option.name, option.letter ? std::string("-") + option.letter : option.name}) {
      RunResult run;
      run.arguments = {"run", name, "VALUE", "ws://last/"};
      if (option.value.empty()) run.arguments.erase(run.arguments.begin() + 2);
      const std::string whole = replay_command(run, {}), command = whole.substr(0, whole.rfind(" --filter"));
      const bool kept = command.find(' ' + name + ' ') != command.npos;
      EXPECT_THAT(command, HasSubstr("ws://last/")) << name;
      EXPECT_EQ(command.find("VALUE") != command.npos, kept && !option.value.empty()) << command;
    }
  }
}

}  // namespace
}  // namespace wsspec::help_test
