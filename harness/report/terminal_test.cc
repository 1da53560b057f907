#include "report/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/test/sample.h"
#include "report/text.h"

namespace wsspec {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(Terminal, ShowsEachRedVerdictWithWhatIsNeeded) {
  const std::string text = write_terminal(sample::run());
  EXPECT_THAT(text, HasSubstr("FAIL  frame.rsv.set[4]"));
  EXPECT_THAT(text, HasSubstr("the message with RSV1 set was echoed"));
  EXPECT_THAT(text, HasSubstr("RFC 6455 section 5.2 (MUST) 6455-5.2-3"));
  EXPECT_THAT(text, HasSubstr("expected  < fail 1002\n"));
  EXPECT_THAT(text, HasSubstr("actual    < text \"after\"\n"));
  EXPECT_THAT(
      text, HasSubstr("replay    wsspec run ws://127.0.0.1:9001/chat --filter 'frame.rsv.set[4]' --seed 7"));
  EXPECT_THAT(text, HasSubstr("heap-buffer-overflow"));
  EXPECT_THAT(text, HasSubstr("repeated: pass fail pass"));
  EXPECT_THAT(text, Not(HasSubstr("WEAK  ")));
  EXPECT_THAT(write_terminal(sample::run(), {.weak = true}), HasSubstr("WEAK  close.code.reserved[1005]"));
}

TEST(Terminal, CountsByTopic) {
  const std::string text = write_terminal(sample::run());
  EXPECT_THAT(text,
              HasSubstr("\n  ping          1      1     .             .     .    48        .        .\n"));
}

TEST(Terminal, LastLineSaysWhy) {
  EXPECT_THAT(write_terminal(sample::run()),
              HasSubstr("5 of 168 judged are red (exit 1); 170 planned = 168 judged + "
                        "1 skipped + 1 not run, in 1.23 s\n"));
  EXPECT_THAT(write_terminal(RunResult{}), HasSubstr("nothing was judged (exit 4)"));
  RunResult run;
  run.fatal = "connection refused";
  EXPECT_THAT(outcome_line(run, {}), HasSubstr("ended early: connection refused (exit 5)"));
  run.fatal.clear();
  run.results = {sample::result("a.b", Verdict::pass)};
  EXPECT_THAT(outcome_line(run, {}), HasSubstr("as expected (exit 0)"));
  run.stale_baseline = {"fail x"};
  EXPECT_THAT(outcome_line(run, {}), HasSubstr("stale (exit 6)"));
  run.results.push_back(run.results[0]);
  EXPECT_THAT(outcome_line(run, {}), HasSubstr("add up: a fault of wsspec (exit 3)"));
  run.interrupted = true;
  EXPECT_THAT(outcome_line(run, {}), HasSubstr("interrupted (exit 130)"));
}

TEST(Terminal, NeverPassesForeignControlsOn) {
  const std::string text = write_terminal(sample::hostile());
  EXPECT_EQ(visible(text, /*keep_lines=*/true), text);
  EXPECT_THAT(text, HasSubstr("\\x1b[31mred"));
  EXPECT_THAT(text, HasSubstr("\\u{202e}gnp.exe"));
}

TEST(Terminal, EqualFailuresOfAFamilyAreShownOnce) {
  RunResult run;
  for (const char* id : {"a[1]", "a[2]", "a[3]"})
    run.results.push_back(sample::result(id, Verdict::fail, "the same"));
  const std::string text = write_terminal(run);
  EXPECT_THAT(text, HasSubstr("FAIL  a[1]\n      reason    the same\n      also      [2], [3]\n"));
  EXPECT_THAT(text, Not(HasSubstr("FAIL  a[2]")));
  EXPECT_THAT(text, HasSubstr("3 of 3 judged are red"));
}

TEST(Terminal, ColoursOnlyWhenAsked) {
  EXPECT_THAT(write_terminal(sample::run()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(write_terminal(sample::run(), {}, {.colours = true}), HasSubstr("\x1b[31mFAIL\x1b[0m"));
}

TEST(Terminal, LimitsTheDetailsNotTheCount) {
  const std::string text = write_terminal(sample::large(2000), {}, {.shown = 3});
  EXPECT_THAT(text, HasSubstr("more red verdicts\n"));
  EXPECT_LT(text.size(), 20'000U);
}

TEST(Terminal, SaysWhatManyFailuresComeDownTo) {
  RunResult run;
  for (int i = 0; i < 11; ++i) {
    run.results.push_back(sample::result("family" + std::to_string(i), Verdict::fail, "r"));
    run.results.back().clause = i < 9 ? "RFC 6455 section 8.1, RFC 6455 section 5.6" : "RFC 6455 section 5.5";
  }
  EXPECT_THAT(write_terminal(run),
              HasSubstr("      9  RFC 6455 section 8.1\n      2  RFC 6455 section 5.5\n"));
  run.results.resize(10);
  EXPECT_THAT(write_terminal(run), Not(HasSubstr("by clause")));
}

}  // namespace
}  // namespace wsspec
