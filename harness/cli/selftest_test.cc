// What `wsspec self-test` says of a part of the cases, or of some defects.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "cli/print.h"
#include "cli/verbs.h"

namespace wsspec::selftest_test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Outcome {
  int code = 0;
  std::string text;
};

Outcome self_test_of(std::vector<const char*> words) {
  words.insert(words.begin(), {"wsspec", "self-test", "--cases", WSSPEC_SOURCE_DIR "/cases"});
  auto line = parse_command_line(static_cast<int>(words.size()), const_cast<char**>(words.data()));
  EXPECT_TRUE(line);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome out;
  out.code = self_test_verb(*line);
  flush_output();
  out.text = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
  return out;
}

TEST(SelfTestVerb, ACaseNeedNotCatchEveryDefect) {
  const auto out = self_test_of({"--filter", "control.ping[empty]"});
  EXPECT_EQ(out.code, 0);
  EXPECT_THAT(out.text, Not(HasSubstr("survived")));
}

TEST(SelfTestVerb, ADefectNeedNotBeCaughtByEveryCase) {
  const auto out = self_test_of({"--filter", "control.ping*", "--filter", "mask.*", "--defect",
                                 "control.ping-unanswered", "--verbose"});
  EXPECT_EQ(out.code, 0);
  EXPECT_THAT(out.text, HasSubstr("killed    control.ping-unanswered"));
  EXPECT_THAT(out.text, Not(HasSubstr("idle")));
}

TEST(SelfTestVerb, ADefectThatSurvivesTheCasesAskedIsRed) {
  const auto out = self_test_of({"--filter", "close.code.valid", "--defect", "control.ping-unanswered"});
  EXPECT_EQ(out.code, 1);
  EXPECT_THAT(out.text, HasSubstr("survived  control.ping-unanswered"));
}

TEST(SelfTestVerb, WhatIsNeverPlantedIsAnError) {
  for (const char* option : {"--defect", "--liberty"}) {
    const auto out = self_test_of({"--filter", "mask.*", option, "no.such-name"});
    EXPECT_EQ(out.code, 2) << option;
    EXPECT_THAT(out.text, HasSubstr("no.such-name")) << option;
  }
}

}  // namespace
}  // namespace wsspec::selftest_test
