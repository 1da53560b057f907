#include "report/ci_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "report/test/ci_runner.h"

namespace wsspec::ci_log_test {
namespace {

TEST(CiLog, BreaksWhatARunnerWouldObey) {
  EXPECT_EQ(without_commands("Server: x##[set-output name=deploy]true"),
            "Server: x\\x23#[set-output name=deploy]true");
  EXPECT_EQ(without_commands("a\n    ::stop-commands::tok\n"), "a\n    \\x3a:stop-commands::tok\n");
  EXPECT_EQ(without_commands("\u2003::error::x"), "\u2003\\x3a:error::x");
  EXPECT_EQ(without_commands("see ##vso[task.setvariable]y"), "see \\x23#vso[task.setvariable]y");
  EXPECT_EQ(without_commands("##teamcity[x]"), "\\x23#teamcity[x]");
  EXPECT_EQ(without_commands("###[x]"), "#\\x23#[x]");
}

TEST(CiLog, LeavesOtherTextAlone) {
  for (const char* text :
       {"", "std::string", "a ::1 b", "# comment\n## heading [1]\n", "\xff\x80", ":", "##", "##ab"})
    EXPECT_EQ(without_commands(text), text);
}

TEST(CiLog, JsonMeansTheSame) {
  const std::string json = "{\"a\": \"##[error]x ##y ##vso[z\"}";
  const std::string safe = json_without_commands(json);
  EXPECT_EQ(safe, "{\"a\": \"\\u0023#[error]x ##y \\u0023#vso[z\"}");
  EXPECT_EQ(nlohmann::json::parse(safe), nlohmann::json::parse(json));
}

// Every line over the signs that matter: what the runners' own rules find before, they do not find behind.
TEST(CiLog, NoLineOfAnyTextIsACommand) {
  static constexpr std::string_view kPieces[] = {
      "#",        "##", "[",  "]",  ":",  "::",     "error",  "vso",
      "teamcity", " ",  "\t", "\n", "\r", "\u00a0", "\u3000", "x"};
  std::mt19937 random(7);
  std::size_t commands = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (int n = 0; n < 12; ++n) text += kPieces[random() % std::size(kPieces)];
    commands += test::ci_commands(text).size();
    EXPECT_THAT(test::ci_commands(without_commands(text)), testing::IsEmpty()) << text;
    EXPECT_EQ(without_commands(without_commands(text)), without_commands(text));
  }
  EXPECT_GT(commands, 1000U) << "the rules find nothing, so nothing was shown";
}

}  // namespace
}  // namespace wsspec::ci_log_test
