#include "report/headline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/campaign.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/markdown.h"
#include "report/sarif.h"
#include "report/tap.h"
#include "report/terminal.h"
#include "report/test/sample.h"

namespace wsspec::headline_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

RunResult of(std::vector<CaseResult> results) {
  RunResult run;
  run.results = std::move(results);
  return run;
}

CaseResult known(const char* id) {
  CaseResult r = sample::result(id, Verdict::fail, "r");
  r.baseline = "known";
  return r;
}

TEST(Headline, OnlyARunWithoutAnyFailureKeepsTheProtocol) {
  const CaseResult good = sample::result("a", Verdict::pass);
  EXPECT_EQ(headline(of({good}), {}), "The judged case keeps the protocol");
  EXPECT_EQ(headline(of({good, known("b")}), {}),
            "No new failure; 1 of 2 judged cases breaks the protocol as the baseline knows");
  EXPECT_EQ(headline(of({good, sample::result("b", Verdict::fail, "r"), known("c")}), {}),
            "1 of 3 judged cases breaks the protocol beside 1 that the baseline knows, 1 cause");
  EXPECT_EQ(headline(of({good, sample::result("b", Verdict::inconclusive, "r")}), {}),
            "No judged case breaks the protocol; 1 is inconclusive");
  EXPECT_EQ(headline(of({good, sample::result("b", Verdict::error, "r")}), {}),
            "No case breaks the protocol, but 1 verdict is red");
  EXPECT_EQ(headline(RunResult{}, {}), "Nothing was judged");
}

TEST(Headline, WhatWasNotRunIsSaidBeforeAnythingGood) {
  RunResult run = sample::run();
  run.results = {sample::result("a", Verdict::pass),
                 sample::result("b", Verdict::not_run, "the time is over")};
  EXPECT_EQ(headline(run, {}), "1 case was not run; the judged case keeps the protocol");
  EXPECT_EQ(headline(run, {.allow_not_run = true}), "The judged case keeps the protocol");
}

TEST(Headline, ADeathComesFirstEvenWhenItIsKnown) {
  CaseResult dead = known("a");
  dead.target_died = true;
  EXPECT_THAT(headline(of({dead}), {}), StartsWith("The target died in 1 case; no new failure"));
  RunResult run = of({dead});
  run.fatal = "gone";
  EXPECT_THAT(headline(run, {}), StartsWith("The target died in 1 case and the run ended early; "));
  run.results.clear();
  EXPECT_EQ(headline(run, {}), "The run ended early: gone; nothing was judged");
}

TEST(Headline, EveryReportSaysItFirst) {
  const std::string said = headline(sample::run(), {});
  EXPECT_EQ(said,
            "The target died in 1 case; 3 of 168 judged cases break the protocol beside 1 that the baseline "
            "knows, 5 causes");
  const RunResult run = sample::run();
  EXPECT_THAT(write_html(run), HasSubstr("\"headline\":\"" + said));
  EXPECT_THAT(write_json(run), HasSubstr("\"headline\": \"" + said));
  EXPECT_THAT(write_terminal(run), HasSubstr("\n" + said + "\n"));
  EXPECT_THAT(write_markdown(run), StartsWith("## wsspec: echo&#45;x\n\n**The target died in 1 case"));
  EXPECT_THAT(write_junit(run), AllOf(HasSubstr("<property name=\"headline\" value=\"" + said),
                                      HasSubstr("<system-out>" + said)));
  EXPECT_THAT(write_tap(run), HasSubstr("\n# " + said + "\n"));
  EXPECT_THAT(write_sarif(run), HasSubstr("\"headline\": \"" + said));
  EXPECT_THAT(outcome_line(run, {}),
              StartsWith("the target died; 5 of 168 judged are red, 5 causes (exit 1)"));
}

TEST(Headline, TheTerminalSaysHowManyAreKnown) {
  EXPECT_THAT(write_terminal(of({known("a"), sample::result("b", Verdict::pass)})),
              HasSubstr("as expected, 1 known by the baseline (exit 0)"));
  EXPECT_THAT(outcome_line(of({sample::result("b", Verdict::pass)}), {}), StartsWith("as expected (exit 0)"));
}

TEST(Headline, ACampaignThatKilledTheTargetSaysSo) {
  EXPECT_EQ(headline(sample::campaign()), "The target died or hung in 2 ways; 1 finding breaks the protocol");
  FuzzCampaign calm;
  calm.inputs = 1;
  EXPECT_EQ(headline(calm), "Nothing that breaks the protocol was found");
}

TEST(Absences, CountTheReasonsTheMostFirst) {
  RunResult run;
  for (int i = 0; i < 3; ++i)
    run.results.push_back(
        sample::result("a" + std::to_string(i), Verdict::skipped, "the target does not echo messages"));
  run.results.push_back(sample::result("b", Verdict::not_run, "interrupted"));
  run.results.push_back(sample::result("c", Verdict::pass));
  EXPECT_THAT(absences(run), ElementsAre("3 cases skipped: the target does not echo messages",
                                         "1 case not run: interrupted"));
  EXPECT_THAT(write_terminal(run), HasSubstr("  3 cases skipped: the target does not echo messages\n"));
}

}  // namespace
}  // namespace wsspec::headline_test
