#include "compare/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/markdown.h"
#include "report/test/sample.h"

namespace wsspec::diff_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

RunResult run_of(std::vector<std::pair<std::string, Verdict>> verdicts) {
  RunResult run;
  for (auto& [id, verdict] : verdicts) run.results.push_back(sample::result(id, verdict, "because"));
  return run;
}

std::vector<std::string> ids(const std::vector<Change>& changes) {
  std::vector<std::string> out;
  for (const Change& change : changes) out.push_back((change.after ? change.after : change.before)->id);
  return out;
}

TEST(Diff, EqualRunsDifferInNothing) {
  const RunResult run = sample::run();
  const Diff diff = diff_runs(run, run);
  EXPECT_TRUE(diff.empty());
  EXPECT_THAT(diff.remarks, IsEmpty());
  EXPECT_EQ(exit_of(diff), Exit::as_expected);
  EXPECT_EQ(write_diff_text(diff), "0 broken, 0 fixed, 0 changed, 0 new, 0 gone\n");
  EXPECT_THAT(write_diff_markdown(diff), HasSubstr("no verdict changed"));
}

TEST(Diff, SortsEveryFlip) {
  using enum Verdict;
  const RunResult older =
      run_of({{"a", pass}, {"b", fail}, {"c", weak}, {"d", pass}, {"e", pass}, {"f", fail}, {"g", skipped}});
  const RunResult newer = run_of(
      {{"a", fail}, {"b", pass}, {"c", info}, {"d", skipped}, {"x", fail}, {"f", not_run}, {"g", fail}});
  const Diff diff = diff_runs(older, newer);
  EXPECT_THAT(ids(diff.broken), ElementsAre("a"));
  EXPECT_THAT(ids(diff.fixed), ElementsAre("b"));
  EXPECT_THAT(ids(diff.changed), ElementsAre("c", "d", "f", "g"));
  EXPECT_THAT(ids(diff.fresh), ElementsAre("x"));
  EXPECT_THAT(ids(diff.gone), ElementsAre("e"));
  EXPECT_EQ(exit_of(diff), Exit::red);
}

TEST(Diff, TheGateDecidesWhatIsBad) {
  using enum Verdict;
  const RunResult older = run_of({{"a", pass}}), newer = run_of({{"a", weak}});
  EXPECT_EQ(exit_of(diff_runs(older, newer)), Exit::as_expected);
  EXPECT_EQ(exit_of(diff_runs(older, newer, {.weak = true})), Exit::red);
}

TEST(Diff, ANewDeathIsBrokenABaselineIsNoRepair) {
  RunResult older = run_of({{"a", Verdict::fail}, {"b", Verdict::fail}}), newer = older;
  newer.results[0].target_died = true;
  newer.results[1].baseline = "known";
  const Diff diff = diff_runs(older, newer);
  EXPECT_THAT(ids(diff.broken), ElementsAre("a"));
  EXPECT_THAT(diff.fixed, IsEmpty());
  newer = older;
  newer.results[1].flaky = true;
  EXPECT_THAT(ids(diff_runs(older, newer).changed), ElementsAre("b"));
}

TEST(Diff, SaysWhenTheComparisonMayMislead) {
  RunResult older = sample::run(), newer = sample::run();
  newer.target_name = "echo-y";
  newer.caseset_version = "1.1.0";
  newer.interrupted = true;
  const std::string text = write_diff_text(diff_runs(older, newer));
  EXPECT_THAT(text, HasSubstr("note: the target differs: echo-x and echo-y\n"));
  EXPECT_THAT(text, HasSubstr("note: the case set differs: 1.0.0 and 1.1.0\n"));
  EXPECT_THAT(text, HasSubstr("note: the newer run is incomplete\n"));
}

TEST(Diff, ARunThatLostItsTargetIsNoGoodNews) {
  const RunResult older = run_of({{"a", Verdict::pass}, {"b", Verdict::pass}});
  RunResult newer = run_of({{"a", Verdict::pass}, {"b", Verdict::not_run}});
  EXPECT_EQ(exit_of(diff_runs(older, newer)), Exit::as_expected) << "a budget was used up";
  newer.fatal = "connection refused";
  EXPECT_EQ(exit_of(diff_runs(older, newer)), Exit::unreachable);
  newer.results[0].verdict = Verdict::fail;
  EXPECT_EQ(exit_of(diff_runs(older, newer)), Exit::red) << "what broke counts more";
}

TEST(Diff, TextAndMarkdownNameTheCases) {
  using enum Verdict;
  const RunResult older = run_of({{"a.b[1|2]", pass}}), newer = run_of({{"a.b[1|2]", fail}});
  const Diff diff = diff_runs(older, newer);
  EXPECT_THAT(write_diff_text(diff), HasSubstr("broken (1)\n  a.b[1|2]  pass -> fail: because\n"));
  EXPECT_THAT(write_diff_markdown(diff), HasSubstr("| `a.b[1\\|2]` | pass &#45;&#62; fail | because |"));
}

TEST(Diff, MarkdownStaysBelowTheLimit) {
  RunResult older = sample::large(20'000), newer = older;
  for (auto& r : older.results) r.verdict = Verdict::pass;
  for (auto& r : newer.results) r.verdict = Verdict::fail, r.reason = std::string(300, '<');
  const std::string text = write_diff_markdown(diff_runs(older, newer));
  EXPECT_LT(text.size(), kMarkdownLimit);
  EXPECT_THAT(text, HasSubstr("more changes"));
}

}  // namespace
}  // namespace wsspec::diff_test
