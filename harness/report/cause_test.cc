#include "report/cause.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/test/sample.h"

namespace wsspec::cause_test {
namespace {

using testing::HasSubstr;

CaseResult failed(std::string id, std::string reason, std::string requirement) {
  CaseResult r = sample::result(std::move(id), Verdict::fail, std::move(reason));
  r.covers = {std::move(requirement)};
  return r;
}

TEST(Cause, IdsSplitAtTheFirstBracket) {
  EXPECT_EQ(family_of("a.b[c,[d]]"), "a.b");
  EXPECT_EQ(family_of("a.b"), "a.b");
}

TEST(Cause, AmountsAndPayloadsDoNotCountButCodesDo) {
  EXPECT_EQ(reaction_of("a text message of 31 octets came"), "a text message of N octets came");
  EXPECT_EQ(reaction_of("nothing came within 1.5 s"), "nothing came within N s");
  EXPECT_EQ(reaction_of(R"(text "a \"7\" b" came instead of 1002|1007)"),
            "text \"…\" came instead of 1002|1007");
  EXPECT_EQ(reaction_of("Close 1000 came instead of 1002"), "Close 1000 came instead of 1002");
  EXPECT_EQ(reaction_of("HTTP 400 came; signal 11"), "HTTP 400 came; signal 11");
  EXPECT_EQ(reaction_of("utf8 in x86 is UTF-8"), "utf8 in x86 is UTF-8");
  EXPECT_EQ(reaction_of("its 101 reply is wrong"), "its 101 reply is wrong");
  EXPECT_EQ(reaction_of("Close 1002 came instead of 1001 or 1000"),
            "Close 1002 came instead of 1001 or 1000");
  EXPECT_EQ(reaction_of("an open quote \"x 12"), "an open quote \"…\"");
}

TEST(Cause, ADeathIsItsErrorAndItsInnermostPlace) {
  EXPECT_EQ(death_of("listening\n/srv/app.js:12\n  x.y\n    ^\n\nTypeError: x is undefined\n"
                     "    at onMessage (/srv/app.js:12:5)\n    at emit (node:events:514:28)\n"),
            "TypeError: x is undefined at onMessage (/srv/app.js:12:5)");
  EXPECT_EQ(death_of("==4711==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011\n"
                     "    #0 0x4011 in inflate_window src/deflate.c:212\n    #1 0x4012 in main src/a.c:3\n"),
            "ERROR: AddressSanitizer: heap-buffer-overflow on address 0x #0 0x in inflate_window "
            "src/deflate.c:212");
  EXPECT_EQ(death_of("Traceback (most recent call last):\n  File \"a.py\", line 3, in main\n    f()\n"
                     "  File \"a.py\", line 9, in f\n    raise ValueError\nValueError: no\n"),
            "ValueError: no File \"a.py\", line 9, in f");
  EXPECT_EQ(death_of("panic: index out of range\n\ngoroutine 7 "
                     "[running]:\nmain.read(0xc000)\n\t/srv/main.go:88 +0x1f\n"),
            "panic: index out of range /srv/main.go:88 +0x");
  EXPECT_EQ(death_of("SyntaxError: no\n    at JSON.parse (<anonymous>)\n    at f (/srv/a.js:9:1)\n"),
            "SyntaxError: no at f (/srv/a.js:9:1)");
  EXPECT_EQ(death_of("SyntaxError: no\n    at JSON.parse (<anonymous>)\n"),
            "SyntaxError: no at JSON.parse (<anonymous>)");
  EXPECT_EQ(death_of("one\ntwo\n\nthree\n"), "two | three");
  EXPECT_EQ(death_of(""), "");
}

TEST(Cause, DifferentStacksAreDifferentCauses) {
  RunResult run;
  for (int i = 0; i < 6; ++i) {
    run.results.push_back(failed("a[" + std::to_string(i) + "]", "the target ended with exit status 1",
                                 "rfc6455-5.2-" + std::to_string(i)));
    run.results.back().target_died = true;
    run.results.back().target_log =
        i % 2 ? "TypeError: a\n    at f (x.js:1:1)\n" : "SyntaxError: b\n    at g (x.js:2:2)\n";
  }
  const auto causes = red_causes(run, {});
  ASSERT_EQ(causes.size(), 2U);
  EXPECT_THAT(causes[0].key, HasSubstr("died: SyntaxError: b at g"));
  EXPECT_EQ(causes[0].results.size(), 3U);
}

TEST(Cause, OneFaultOfTheTargetIsOneCauseInWhicheverCase) {
  RunResult run;
  for (int i = 0; i < 310; ++i) {
    run.results.push_back(failed("c" + std::to_string(i % 40) + "[" + std::to_string(i) + "]",
                                 "it masked a frame of " + std::to_string(i) + " octets",
                                 "rfc6455-5." + std::to_string(i % 7)));
    run.results.back().requirement = "rfc6455-5.1-3";
  }
  const auto causes = red_causes(run, {});
  ASSERT_EQ(causes.size(), 1U);
  EXPECT_EQ(causes[0].results.size(), 310U);
  EXPECT_EQ(causes[0].key, "fail rfc6455-5.1-3: it masked a frame of N octets");
}

TEST(Cause, AnotherRequirementReactionOrVerdictIsAnotherCause) {
  RunResult run;
  for (int i = 0; i < 20; ++i)
    run.results.push_back(failed("a[" + std::to_string(i) + "]", "same", "rfc6455-1"));
  run.results.push_back(failed("a[x]", "another", "rfc6455-1"));
  run.results.push_back(failed("a[y]", "same", "rfc6455-1"));
  run.results.back().verdict = Verdict::error;
  run.results.push_back(failed("b[0]", "same", "rfc6455-2"));
  run.results.push_back(failed("b[1]", "same", "rfc6455-1"));
  const auto causes = red_causes(run, {});
  ASSERT_EQ(causes.size(), 4U);
  EXPECT_EQ(causes[0].results.size(), 21U);
  EXPECT_EQ(causes.back().results[0]->verdict, Verdict::error);
  EXPECT_EQ(others_of(causes[0], 2), "[1], [2] and 18 more");
  EXPECT_THAT(others_of(causes[0], 50), testing::EndsWith("[19], b[1]"));
  EXPECT_EQ(others_of(causes[1]), "");
}

TEST(Cause, OneAnswerToManyLegalQuestionsIsOneCause) {
  const auto refusing = [](int requirements, const char* reason, bool illegal) {
    RunResult run;
    for (int i = 0; i < requirements * 3; ++i) {
      run.results.push_back(
          failed("a[" + std::to_string(i) + "]", reason, "6455-" + std::to_string(i % requirements)));
      run.results.back().sent_illegal = illegal;
    }
    return run;
  };
  const char* const kRefused = "an HTTP answer with status 426 came instead";
  const RunResult run = refusing(60, kRefused, false);
  const auto causes = red_causes(run, {});
  ASSERT_EQ(causes.size(), 1U);
  EXPECT_EQ(causes[0].key, std::string("fail, whatever was asked: ") + kRefused);
  EXPECT_EQ(causes[0].results.size(), 180U);
  for (std::size_t i = 0; i < 180; ++i) EXPECT_EQ(causes[0].results[i], &run.results[i]);
  // Few requirements, silence, and what illegal input is answered with stay apart.
  const RunResult few = refusing(3, kRefused, false), silent = refusing(9, "nothing came", false),
                  accepting = refusing(9, "it accepted the handshake with 101", true);
  EXPECT_EQ(red_causes(few, {}).size(), 3U);
  EXPECT_EQ(red_causes(silent, {}).size(), 9U);
  EXPECT_EQ(red_causes(accepting, {}).size(), 9U);
}

TEST(Cause, EveryRedResultIsInOneCauseAndDeathsComeFirst) {
  for (const RunResult& run : {sample::run(), sample::large(900), sample::hostile()}) {
    std::size_t grouped = 0, red = 0;
    const auto causes = red_causes(run, {});
    for (const auto& cause : causes) {
      grouped += cause.results.size();
    }
    for (const auto& r : run.results) red += is_red(r, {});
    EXPECT_EQ(grouped, red);
    EXPECT_TRUE(causes.front().results.front()->target_died);
  }
}

}  // namespace
}  // namespace wsspec::cause_test
