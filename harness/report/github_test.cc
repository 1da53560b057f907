#include "report/github.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/test/sample.h"

namespace wsspec::github_test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::map<std::string, int> kinds_of(const std::string& text) {
  std::map<std::string, int> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    EXPECT_THAT(line, StartsWith("::"));
    ++out[line.substr(2, line.find(' ') - 2)];
  }
  return out;
}

TEST(Github, TheWorstComesFirst) {
  const std::string text = write_github(sample::run());
  EXPECT_THAT(text, StartsWith("::error title=deflate.window.too-far::"));
  EXPECT_THAT(
      text,
      HasSubstr("the target died: signal 11%0ARFC 7692 section 7.2.2 (MUST)%0Aexpected: < fail 1002|1007"));
  const auto kinds = kinds_of(text);
  EXPECT_EQ(kinds.at("error"), 5);
  EXPECT_EQ(kinds.at("warning"), 2);  // One stale entry, one weak verdict.
  EXPECT_EQ(kinds.at("notice"), 1);
}

TEST(Github, KeepsTheLimitsAndCountsTheRest) {
  RunResult run = sample::large(2000);
  for (auto& r : run.results) r.reason += " in " + r.topic;  // Causes of their own.
  const std::string text = write_github(run);
  const auto kinds = kinds_of(text);
  EXPECT_EQ(kinds.at("error"), 10);
  EXPECT_LE(kinds.at("warning"), 10);
  EXPECT_THAT(text, HasSubstr("not annotated"));
}

TEST(Github, ForeignTextCannotBeginACommand) {
  RunResult run;
  run.results = {sample::result("a,b:c", Verdict::fail, "x\n::error::owned %0A")};
  const std::string text = write_github(run);
  EXPECT_THAT(text, StartsWith("::error title=a%2Cb%3Ac::"));
  EXPECT_THAT(text, HasSubstr("x\\n::error::owned %250A"));
  EXPECT_EQ(kinds_of(text).at("error"), 1);
  kinds_of(write_github(sample::hostile()));
}

}  // namespace
}  // namespace wsspec::github_test
