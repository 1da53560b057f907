#include "play/result.h"

#include <gtest/gtest.h>

namespace wsspec::result_test {
namespace {

CaseResult with(Verdict verdict, std::string id = "a.b") {
  CaseResult result;
  result.id = std::move(id);
  result.verdict = verdict;
  if (verdict != Verdict::pass) result.reason = "seen otherwise";
  return result;
}

RunResult run_of(std::vector<CaseResult> results) {
  RunResult run;
  run.results = std::move(results);
  return run;
}

TEST(Verdict, NamesReadBack) {
  for (const Verdict verdict : kVerdicts) EXPECT_EQ(verdict_from(verdict_name(verdict)), verdict);
  EXPECT_EQ(verdict_name(Verdict::not_run), "not_run");
  EXPECT_FALSE(verdict_from("FAIL"));
  EXPECT_FALSE(verdict_from(""));
}

TEST(Requirement, ClauseNamesDocumentAndSection) {
  Requirement requirement;
  requirement.spec = "rfc6455";
  requirement.section = "5.5.1";
  EXPECT_EQ(clause_of(requirement), "RFC 6455 section 5.5.1");
  EXPECT_EQ(link_of(requirement), "https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1");
  requirement.section.clear();
  EXPECT_EQ(clause_of(requirement), "RFC 6455");
  EXPECT_EQ(level_name(Level::must), "MUST");
  EXPECT_EQ(level_name(Level::should), "SHOULD");
  EXPECT_EQ(level_name(Level::may), "MAY");
}

TEST(Tally, CountsEveryVerdictEvenIfAbsent) {
  const auto counts =
      tally(run_of({with(Verdict::fail, "a"), with(Verdict::fail, "b"), with(Verdict::pass, "c")}));
  EXPECT_EQ(counts.size(), std::size(kVerdicts));
  EXPECT_EQ(counts.at(Verdict::fail), 2);
  EXPECT_EQ(counts.at(Verdict::pass), 1);
  EXPECT_EQ(counts.at(Verdict::weak), 0);
}

TEST(IsRed, FailAndErrorAlwaysTheOthersByGate) {
  const Gate strict{.weak = true, .info = true, .inconclusive = true, .allow_flaky = false};
  for (const Verdict verdict : {Verdict::fail, Verdict::error}) EXPECT_TRUE(is_red(with(verdict), {}));
  for (const Verdict verdict : {Verdict::weak, Verdict::info, Verdict::inconclusive}) {
    EXPECT_FALSE(is_red(with(verdict), {}));
    EXPECT_TRUE(is_red(with(verdict), strict));
  }
  for (const Verdict verdict : {Verdict::pass, Verdict::skipped, Verdict::not_run})
    EXPECT_FALSE(is_red(with(verdict), strict));
}

TEST(IsRed, BaselineExcusesWhatItListsOnly) {
  auto result = with(Verdict::fail);
  result.baseline = "known, issue 7";
  EXPECT_FALSE(is_red(result, {}));
  result = with(Verdict::weak);
  result.unexpected_pass = true;  // Listed as something else.
  EXPECT_TRUE(is_red(result, {}));
  result = with(Verdict::pass);
  result.unexpected_pass = true;
  EXPECT_FALSE(is_red(result, {}));
}

TEST(IsRed, FlakyUnlessAllowedButADeathStays) {
  auto result = with(Verdict::pass);
  result.flaky = true;
  EXPECT_TRUE(is_red(result, {}));
  EXPECT_FALSE(is_red(result, {.allow_flaky = true}));
  result = with(Verdict::fail);
  result.flaky = true;
  EXPECT_FALSE(is_red(result, {.allow_flaky = true}));
  result.target_died = true;
  EXPECT_TRUE(is_red(result, {.allow_flaky = true}));
}

TEST(ExitOf, FollowsTheOrderOfSeverity) {
  auto run = run_of({with(Verdict::pass, "a"), with(Verdict::fail, "b")});
  run.stale_baseline = {"fail x"};
  run.interrupted = true;
  run.fatal = "target unreachable";
  EXPECT_EQ(exit_of(run, {}), Exit::unreachable);
  run.fatal.clear();
  EXPECT_EQ(exit_of(run, {}), Exit::interrupted);
  run.interrupted = false;
  EXPECT_EQ(exit_of(run, {}), Exit::red);
  run.results.pop_back();
  EXPECT_EQ(exit_of(run, {}), Exit::stale_baseline);
  run.stale_baseline.clear();
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
  run.results[0].unexpected_pass = true;
  EXPECT_EQ(exit_of(run, {}), Exit::stale_baseline);
}

TEST(ExitOf, NothingJudgedIsNeverGreen) {
  EXPECT_EQ(exit_of(run_of({}), {}), Exit::nothing_selected);
  EXPECT_EQ(exit_of(run_of({with(Verdict::skipped, "a"), with(Verdict::skipped, "b")}), {}),
            Exit::nothing_selected);
  EXPECT_EQ(exit_of(run_of({with(Verdict::skipped, "a"), with(Verdict::pass, "b")}), {}), Exit::as_expected);
}

TEST(ExitOf, WhatABudgetLeftOutIsRedUnlessTheUserSaysOtherwise) {
  const auto run = run_of({with(Verdict::pass, "a"), with(Verdict::not_run, "b")});
  EXPECT_EQ(exit_of(run, {}), Exit::red);
  Gate gate;
  gate.allow_not_run = true;
  EXPECT_EQ(exit_of(run, gate), Exit::as_expected);
}

TEST(ExitOf, ResultsThatDoNotAddUpAreOurFault) {
  EXPECT_EQ(exit_of(run_of({with(Verdict::pass, "a"), with(Verdict::pass, "a")}), {}), Exit::internal);
  EXPECT_EQ(exit_of(run_of({with(Verdict::pass, "")}), {}), Exit::internal);
  auto silent = with(Verdict::not_run, "a");
  silent.reason.clear();
  EXPECT_EQ(exit_of(run_of({with(Verdict::pass, "b"), silent}), {}), Exit::internal);
}

}  // namespace
}  // namespace wsspec::result_test
