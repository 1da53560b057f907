// What `wsspec list` says of a part of the cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "cli/print.h"
#include "cli/verbs.h"

namespace wsspec::list_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string list_of(std::vector<const char*> words) {
  words.insert(words.begin(), {"wsspec", "list", "--cases", WSSPEC_SOURCE_DIR "/cases"});
  auto line = parse_command_line(static_cast<int>(words.size()), const_cast<char**>(words.data()));
  EXPECT_TRUE(line);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(list_verb(*line), 0);
  flush_output();
  return testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
}

TEST(ListVerb, EveryRequirementOnServersHasACaseOrAReason) {
  const auto text = list_of({"--coverage"});
  EXPECT_THAT(text, HasSubstr(", 0 uncovered"));
  EXPECT_THAT(text, Not(HasSubstr("UNCOVERED")));
}

TEST(ListVerb, EveryRequirementOnClientsHasACaseOrAReason) {
  const auto text = list_of({"--coverage", "--role", "client"});
  EXPECT_THAT(text, HasSubstr("tested against a client"));
  EXPECT_THAT(text, HasSubstr(", 0 uncovered"));
}

TEST(ListVerb, EveryRequirementOnHopsHasACaseOrAReason) {
  const auto text = list_of({"--coverage", "--role", "hop"});
  EXPECT_THAT(text, HasSubstr("tested against a hop"));
  EXPECT_THAT(text, HasSubstr(", 0 uncovered"));
}

TEST(ListVerb, TheCoverageOfSomeCasesIsWhatTheyCover) {
  const auto text = list_of({"close.code.valid", "--coverage"});
  EXPECT_THAT(text, HasSubstr("rfc6455-5.5.1-7\tMUST\t9 cases: close.code.valid[1000]"));
  EXPECT_THAT(text, Not(HasSubstr("UNCOVERED")));
  EXPECT_THAT(text, HasSubstr("these cases cover 1 of the requirements"));
}

}  // namespace
}  // namespace wsspec::list_test
