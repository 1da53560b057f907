#include "report/tap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "report/test/sample.h"

namespace wsspec::tap_test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Tap, ThePlanEqualsTheTestLines) {
  for (const RunResult& run : {sample::run(), sample::hostile()}) {
    std::istringstream stream(write_tap(run));
    std::string line;
    std::getline(stream, line);
    EXPECT_EQ(line, "TAP version 13");
    std::getline(stream, line);
    EXPECT_EQ(line, "1.." + std::to_string(run.results.size()));
    std::size_t tests = 0;
    while (std::getline(stream, line)) {
      const bool test = line.starts_with("ok ") || line.starts_with("not ok ");
      tests += test;
      EXPECT_TRUE(test || line.starts_with("# ") || line.starts_with("Bail out!")) << line;
    }
    EXPECT_EQ(tests, run.results.size());
  }
}

TEST(Tap, DirectivesSayWhy) {
  const std::string text = write_tap(sample::run());
  EXPECT_THAT(text, HasSubstr("not ok 1 - frame.rsv.set[4]: A reserved bit"));
  EXPECT_THAT(text, HasSubstr("# expected  < fail 1002\n"));
  EXPECT_THAT(text, HasSubstr("ok 7 - origin.foreign: A foreign Origin is refused # SKIP needs origins"));
  EXPECT_THAT(
      text,
      HasSubstr("not ok 10 - ping.order: Pongs come in the order of the pings # TODO upstream issue 12"));
  EXPECT_THAT(text, Not(HasSubstr("Bail out!")));
}

TEST(Tap, AForeignHashIsNoDirective) {
  RunResult run;
  run.results = {sample::result("a.b", Verdict::fail, "x")};
  run.results[0].about = "nothing # TODO really\nok 2 - made up";
  EXPECT_THAT(write_tap(run), HasSubstr("not ok 1 - a.b: nothing \\# TODO really\\nok 2 - made up\n"));
}

TEST(Tap, ARunThatEndedEarlyBailsOut) {
  RunResult run = sample::run();
  run.fatal = "connection refused";
  EXPECT_THAT(write_tap(run), HasSubstr("\nBail out! ended early: connection refused"));
  EXPECT_THAT(write_tap(RunResult{}), HasSubstr("\nBail out! nothing was judged"));
}

}  // namespace
}  // namespace wsspec::tap_test
