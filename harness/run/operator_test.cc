#include "run/operator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace wsspec::operator_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

Address front() {
  Address address;
  address.host = "127.0.0.1";
  address.port = 8080;
  return address;
}

std::string outcome_of(OperatorsCommand& command) {
  EXPECT_TRUE(command.start());
  for (int i = 0; i < 2000; ++i) {
    if (const auto outcome = command.outcome()) return *outcome;
    std::this_thread::sleep_for(5ms);
  }
  return "it does not end";
}

TEST(OperatorsCommand, ThatGoesWellSaysNothing) {
  OperatorsCommand command("echo done; test {port} = 8080", front());
  EXPECT_EQ(outcome_of(command), "");
}

TEST(OperatorsCommand, ThatFailsIsToldWithItsOutput) {
  OperatorsCommand command("echo no such hop >&2; exit 3", front());
  const auto outcome = outcome_of(command);
  EXPECT_THAT(outcome, HasSubstr("exited with status 3"));
  EXPECT_THAT(outcome, HasSubstr("no such hop"));
}

TEST(OperatorsCommand, ThatHangsIsEndedAtOnce) {
  OperatorsCommand command("trap '' TERM; echo waiting; while :; do sleep 1; done", front());
  ASSERT_TRUE(command.start());
  std::this_thread::sleep_for(200ms);
  EXPECT_FALSE(command.outcome());
  const auto before = std::chrono::steady_clock::now();
  EXPECT_THAT(command.end(), HasSubstr("waiting"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

}  // namespace
}  // namespace wsspec::operator_test
