#include "compare/detour.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/headline.h"
#include "report/html.h"
#include "report/json.h"
#include "report/test/sample.h"

namespace wsspec::detour_test {
namespace {

using enum Verdict;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

CaseResult played(Verdict verdict, bool steady = false) {
  CaseResult result = sample::result("a.case", verdict, verdict == pass ? "" : "because");
  if (steady) result.repeats = {verdict};
  return result;
}

CaseResult judged(Verdict direct, Verdict through) {
  return beside(played(direct), played(through));
}

RunResult run_of(std::vector<std::pair<std::string, Verdict>> verdicts) {
  RunResult run;
  run.url = "ws://127.0.0.1:9001/";
  for (auto& [id, verdict] : verdicts)
    run.results.push_back(sample::result(id, verdict, verdict == pass ? "" : "because"));
  return run;
}

TEST(Detour, TheHopIsBlamedForWhatTheServerDoesBetterByItself) {
  for (const auto direct : {pass, info, weak}) {
    const auto result = judged(direct, fail);
    EXPECT_EQ(result.verdict, fail);
    EXPECT_THAT(result.reason, StartsWith("through the hop: because; without it "));
    ASSERT_TRUE(result.direct);
    EXPECT_EQ(result.direct->verdict, direct);
    EXPECT_EQ(result.direct->through, fail);
  }
  EXPECT_EQ(judged(pass, weak).verdict, weak);
  EXPECT_EQ(judged(pass, info).verdict, info);
}

TEST(Detour, WhatIsRedBothWaysIsTheServersOwn) {
  const auto result = judged(fail, fail);
  EXPECT_EQ(result.verdict, inconclusive);
  EXPECT_THAT(result.reason, StartsWith("the server's own"));
  EXPECT_FALSE(is_red(result, {}));
  EXPECT_EQ(beside(played(error, true), played(error, true)).verdict, inconclusive);
  EXPECT_EQ(judged(weak, weak).verdict, info);
}

TEST(Detour, WhatTheHopKeepsAwayIsTold) {
  const auto result = judged(fail, pass);
  EXPECT_EQ(result.verdict, info);
  EXPECT_THAT(result.reason, StartsWith("better through the hop: pass; without it fail"));
  EXPECT_EQ(beside(played(error, true), played(pass)).verdict, info);
}

TEST(Detour, IsNeverGreenWhereOneWayWasNotJudged) {
  for (const auto unjudged : {inconclusive, skipped, not_run, error})
    for (const auto other : {pass, info, weak, fail}) {
      EXPECT_NE(judged(unjudged, other).verdict, pass) << verdict_name(unjudged) << verdict_name(other);
      EXPECT_EQ(judged(unjudged, other).verdict, unjudged) << verdict_name(unjudged) << verdict_name(other);
      EXPECT_EQ(judged(other, unjudged).verdict, unjudged) << verdict_name(unjudged) << verdict_name(other);
      EXPECT_NE(judged(unjudged, other).reason, "");
    }
  EXPECT_EQ(judged(skipped, skipped).verdict, skipped);
  EXPECT_EQ(judged(error, error).verdict, error);
}

TEST(Detour, SaysWhoCannotBeReached) {
  auto direct = run_of({{"a.one", not_run}});
  direct.fatal = "refused";
  const auto no_server = detour(direct, run_of({{"a.one", not_run}}));
  EXPECT_THAT(no_server.fatal, StartsWith("the server without the hop, ws://127.0.0.1:9001/: refused"));
  EXPECT_EQ(exit_of(no_server, {}), Exit::unreachable);
  auto through = run_of({{"a.one", not_run}});
  through.fatal = "refused";
  EXPECT_THAT(detour(run_of({{"a.one", pass}}), through).fatal, StartsWith("through the hop, "));
}

TEST(Detour, DoubtsAreWhatIsWorseAndMayBeBlamed) {
  const auto run = detour(run_of({{"a.fail", pass},
                                  {"a.weak", pass},
                                  {"a.info", pass},
                                  {"a.own", fail},
                                  {"a.same", pass},
                                  {"a.better", fail}}),
                          run_of({{"a.fail", fail},
                                  {"a.weak", weak},
                                  {"a.info", info},
                                  {"a.own", fail},
                                  {"a.same", pass},
                                  {"a.better", pass}}));
  EXPECT_THAT(doubts(run), ElementsAre("a.fail", "a.weak"));
}

TEST(Detour, OnlyWhatComesTwiceIsBlamed) {
  const auto once =
      detour(run_of({{"a.twice", pass}, {"a.once", pass}, {"a.weak", pass}, {"a.server", pass}}),
             run_of({{"a.twice", fail}, {"a.once", fail}, {"a.weak", weak}, {"a.server", fail}}));
  auto run = once;
  confirm(run, run_of({{"a.twice", pass}, {"a.once", pass}, {"a.weak", pass}, {"a.server", fail}}),
          run_of({{"a.twice", fail}, {"a.once", pass}, {"a.weak", pass}, {"a.server", fail}}));
  EXPECT_EQ(run.results[0].verdict, fail);
  EXPECT_FALSE(run.results[0].flaky);
  EXPECT_EQ(run.results[1].verdict, fail);
  EXPECT_TRUE(run.results[1].flaky);
  EXPECT_EQ(run.results[2].verdict, pass);
  EXPECT_THAT(run.results[2].notes, testing::Contains(HasSubstr("once only")));
  EXPECT_EQ(run.results[3].verdict, inconclusive);
  EXPECT_THAT(run.results[3].reason, HasSubstr("not steady"));
}

TEST(Detour, SaysWhatWasNotPlayedAgain) {
  auto run = detour(run_of({{"a.one", pass}}), run_of({{"a.one", fail}}));
  auto again = run_of({{"a.one", not_run}});
  again.fatal = "it serves no more";
  confirm(run, run_of({{"a.one", pass}}), again);
  EXPECT_EQ(run.results[0].verdict, fail);
  EXPECT_THAT(run.results[0].notes, testing::Contains(HasSubstr("not played both ways again")));
  EXPECT_THAT(run.fatal, StartsWith("through the hop, "));
}

TEST(Detour, AServerThatIsGoneIsNotTheHops) {
  auto run = detour(run_of({{"a.worse", pass}, {"a.same", pass}, {"a.own", fail}}),
                    run_of({{"a.worse", fail}, {"a.same", pass}, {"a.own", fail}}));
  lose_server(run, "refused");
  EXPECT_EQ(run.results[0].verdict, inconclusive);
  EXPECT_EQ(run.results[1].verdict, pass);
  EXPECT_THAT(run.fatal, StartsWith("the server without the hop, "));
}

TEST(Detour, BothPlaysAreInTheReports) {
  auto direct = run_of({{"a.one", pass}, {"a.own", fail}});
  direct.results[0].transcript.events.emplace_back().line = "> text \"alone\"";
  const auto run = detour(direct, run_of({{"a.one", fail}, {"a.own", fail}}));
  const auto again = read_json(write_json(run, {}));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->server, "ws://127.0.0.1:9001/");
  ASSERT_TRUE(again->results[0].direct);
  EXPECT_EQ(again->results[0].direct->verdict, pass);
  EXPECT_EQ(again->results[0].direct->through, fail);
  EXPECT_EQ(again->results[0].direct->transcript.events.at(0).line, "> text \"alone\"");
  EXPECT_THAT(write_html(run, {}), HasSubstr("alone"));
  EXPECT_EQ(headline(run, {}),
            "1 of 2 judged cases is red through the hop alone, 1 cause; 1 is red without it, too");
}

}  // namespace
}  // namespace wsspec::detour_test
