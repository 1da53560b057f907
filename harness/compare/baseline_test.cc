#include "compare/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/test/sample.h"

namespace wsspec::baseline_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Baseline parsed(const std::string& text) {
  const auto baseline = parse_baseline("baseline 1\n" + text);
  EXPECT_TRUE(baseline) << (baseline ? "" : baseline.error().where + ' ' + baseline.error().what);
  return baseline.value_or(Baseline{});
}

Error fault_of(const std::string& text) {
  const auto baseline = parse_baseline(text, "known.txt");
  EXPECT_FALSE(baseline) << text;
  return baseline ? Error{} : baseline.error();
}

RunResult run_of(std::vector<CaseResult> results) {
  RunResult run;
  run.target_name = "echo-x";
  run.transport = "tcp";
  run.results = std::move(results);
  return run;
}

TEST(Baseline, PrintsBackAsWritten) {
  const std::string text =
      "baseline 1\n"
      "# Why these are here.\n"
      "\n"
      "fail  utf8.invalid[surrogate] \"says \\\"later\\\" \\\\ perhaps\" clause=rfc6455-8.1-1 "
      "link=https://x/7 "
      "until=2026-06-30\n"
      "weak  close.code.* \"upstream\"\n"
      "target echo-x tls\n"
      "  # Only there.\n"
      "error ping.flood \"few descriptors\"\n"
      "target echo-x\n"
      "info  a.b \"x\"\n"
      "# The end.\n";
  const auto baseline = parse_baseline(text);
  ASSERT_TRUE(baseline);
  EXPECT_EQ(baseline->entries[0].reason, "says \"later\" \\ perhaps");
  EXPECT_EQ(baseline->entries[2].transport, "tls");
  const std::string printed = print_baseline(*baseline);
  EXPECT_EQ(*parse_baseline(printed), *baseline);
  EXPECT_THAT(printed, HasSubstr("  # Only there.\ntarget echo-x tls\nerror ping.flood"));
}

TEST(Baseline, ReadsAClauseInItsEarlierForm) {
  const std::string id = "rfc6455-8.1-1";
  EXPECT_EQ(parsed("fail a \"r\" clause=" + id.substr(3) + "\n"), parsed("fail a \"r\" clause=" + id + "\n"));
}

TEST(Baseline, AnEntryForAllBehindASectionStaysForAll) {
  Baseline baseline = parsed("target a\nfail x \"r\"\ntarget *\nfail y \"r\"\n");
  EXPECT_EQ(baseline.entries[1].target, "");
  EXPECT_EQ(*parse_baseline(print_baseline(baseline)), baseline);
}

TEST(Baseline, FaultsSayWhereAndHow) {
  EXPECT_EQ(fault_of("").where, "known.txt:0");
  EXPECT_THAT(fault_of("fail a \"b\"\n").what, HasSubstr("baseline 1"));
  EXPECT_THAT(fault_of("baseline 2\n").what, HasSubstr("first line"));
  const Error unknown = fault_of("baseline 1\n\nxfail a \"b\"\n");
  EXPECT_EQ(unknown.where, "known.txt:3");
  EXPECT_THAT(unknown.hint, HasSubstr("fail, error, weak"));
  EXPECT_THAT(fault_of("baseline 1\nskipped a \"b\"\n").what, HasSubstr("'skipped'"));
  EXPECT_THAT(fault_of("baseline 1\nfail\n").what, HasSubstr("id of a case"));
  EXPECT_THAT(fault_of("baseline 1\nfail a\n").what, HasSubstr("reason is missing"));
  EXPECT_THAT(fault_of("baseline 1\nfail a \"b\n").what, HasSubstr("closing quote"));
  EXPECT_THAT(fault_of("baseline 1\nfail a \"b\" till=2026-01-01\n").hint, HasSubstr("until="));
  EXPECT_THAT(fault_of("baseline 1\nfail a \"b\" until=soon\n").hint, HasSubstr("2026-06-30"));
  EXPECT_THAT(fault_of("baseline 1\nfail a \"b\" until=2026-13-01\n").what, HasSubstr("no date"));
  EXPECT_THAT(fault_of("baseline 1\nfail a \"b\" clause=\n").what, HasSubstr("no value"));
  EXPECT_THAT(fault_of("baseline 1\nfail a \"b\"\nweak a \"c\"\n").hint, HasSubstr("line 2"));
  EXPECT_THAT(fault_of("baseline 1\ntarget\n").what, HasSubstr("name is missing"));
  EXPECT_THAT(fault_of("baseline 1\ntarget a b c\n").what, HasSubstr("unexpected"));
}

TEST(ApplyBaseline, TheFourOutcomes) {
  auto run = run_of({sample::result("a", Verdict::fail, "r"), sample::result("b", Verdict::pass),
                     sample::result("c", Verdict::weak, "r"), sample::result("d", Verdict::fail, "r")});
  apply_baseline(parsed("fail a \"known\"\nfail b \"known\"\nfail c \"known\"\n"), run, "2026-01-01");
  EXPECT_EQ(run.results[0].baseline, "known");
  EXPECT_FALSE(is_red(run.results[0], {}));
  EXPECT_TRUE(run.results[1].unexpected_pass);
  EXPECT_FALSE(is_red(run.results[1], {}));
  EXPECT_TRUE(is_red(run.results[2], {}));  // Another verdict than the one agreed on.
  EXPECT_TRUE(is_red(run.results[3], {}));
  EXPECT_EQ(exit_of(run, {}), Exit::red);
  run.results = {run.results[0], run.results[1]};
  EXPECT_EQ(exit_of(run, {}), Exit::stale_baseline);
  run.results.pop_back();
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
}

TEST(ApplyBaseline, NoJudgementProvesNothing) {
  auto run = run_of({sample::result("a", Verdict::skipped, "no echo"),
                     sample::result("b", Verdict::not_run, "budget"), sample::result("c", Verdict::pass)});
  apply_baseline(parsed("fail a \"known\"\nfail b \"known\"\n"), run, "2026-01-01");
  EXPECT_EQ(exit_of(run, {}), Exit::red);  // Nothing is known of b.
  EXPECT_EQ(exit_of(run, {.allow_not_run = true}), Exit::as_expected);
}

TEST(ApplyBaseline, StaleAreEntriesWithoutACaseOrPastTheirDate) {
  auto run = run_of({sample::result("a", Verdict::fail, "r")});
  const Baseline baseline =
      parsed("fail a \"known\" until=2026-06-30\nfail gone \"old\"\nfail other \"elsewhere\"\n");
  apply_baseline(baseline, run, "2026-06-30", {"a", "other"});
  EXPECT_THAT(run.stale_baseline, ElementsAre(HasSubstr("fail  gone \"old\": matches no case")));
  apply_baseline(baseline, run, "2026-07-01", {"a", "other"});
  EXPECT_THAT(run.stale_baseline, ElementsAre(HasSubstr("the date has passed"), HasSubstr("gone")));
  EXPECT_EQ(run.results[0].baseline, "known");
  EXPECT_EQ(exit_of(run, {}), Exit::stale_baseline);
}

TEST(ApplyBaseline, SectionsAndClausesNarrow) {
  auto run = run_of({sample::result("a", Verdict::fail, "r"), sample::result("b", Verdict::fail, "r")});
  run.results[1].covers = {"rfc6455-8.1-1"};
  apply_baseline(parsed("fail * \"text\" clause=rfc6455-8.1-1\ntarget other\nfail a \"no\"\ntarget echo-* "
                        "tls\nfail a \"no\"\n"),
                 run, "2026-01-01");
  EXPECT_FALSE(run.results[0].baseline);
  EXPECT_EQ(run.results[1].baseline, "text");
  EXPECT_THAT(run.stale_baseline, IsEmpty());
}

TEST(ApplyBaseline, ExactBeforePatternLaterBeforeEarlier) {
  auto run = run_of({sample::result("a[1]", Verdict::fail, "r"), sample::result("a[2]", Verdict::weak, "r"),
                     sample::result("a[3]", Verdict::weak, "r")});
  apply_baseline(parsed("fail a[1] \"one\"\nfail a[*] \"all\"\nweak a* \"wide\"\n"), run, "2026-01-01");
  EXPECT_EQ(run.results[0].baseline, "one");
  EXPECT_EQ(run.results[1].baseline, "wide");
  EXPECT_EQ(run.results[2].baseline, "wide");
}

TEST(ApplyBaseline, FlakyIsExpectedWhenAnyPlayGaveTheVerdict) {
  auto run = run_of({sample::result("a", Verdict::pass)});
  run.results[0].flaky = true;
  run.results[0].repeats = {Verdict::pass, Verdict::fail};
  apply_baseline(parsed("fail a \"known to be flaky\"\n"), run, "2026-01-01");
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
}

TEST(UpdateBaseline, KeepsReasonsDropsTheMendedAddsTheNew) {
  auto run = run_of({sample::result("a", Verdict::fail, "r"), sample::result("b", Verdict::pass),
                     sample::result("c", Verdict::error, "r"), sample::result("d", Verdict::weak, "r")});
  const Baseline old = parsed(
      "# About a.\nfail a \"known\" link=https://x\nfail b \"mended\"\nfail unknown \"x\"\nfail elsewhere "
      "\"unselected\"\n"
      "target echo-y\nfail a \"not ours\"\n");
  const Baseline fresh = update_baseline(old, run, {}, {"a", "b", "c", "d", "elsewhere"});
  EXPECT_EQ(print_baseline(fresh),
            "baseline 1\n# About a.\nfail  a \"known\" link=https://x\nfail  elsewhere \"unselected\"\n"
            "target echo-y\nfail  a \"not ours\"\ntarget echo-x\nerror c \"unreviewed\"\n");
  apply_baseline(fresh, run, "2026-01-01", {"a", "b", "c", "d", "elsewhere"});
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
}

TEST(UpdateBaseline, FromNothingAndWithAGate) {
  auto run = sample::run();
  const Gate gate{.weak = true, .allow_not_run = true};
  const Baseline fresh = update_baseline({}, run, gate);
  apply_baseline(fresh, run, "2026-01-01");
  EXPECT_EQ(exit_of(run, gate), Exit::as_expected);
  EXPECT_THAT(print_baseline(fresh), HasSubstr("\nweak  close.code.reserved[1005] \"unreviewed\"\n"));
  EXPECT_EQ(update_baseline(fresh, run, gate), fresh);
}

TEST(UpdateBaseline, APatternThatIsPartlyWrongGetsExceptions) {
  auto run = run_of({sample::result("a[1]", Verdict::fail, "r"), sample::result("a[2]", Verdict::pass)});
  const Baseline fresh = update_baseline(parsed("fail a[*] \"family\"\n"), run, {});
  EXPECT_EQ(print_baseline(fresh), "baseline 1\nfail  a[*] \"family\"\npass  a[2] \"unreviewed\"\n");
  apply_baseline(fresh, run, "2026-01-01");
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
}

}  // namespace
}  // namespace wsspec::baseline_test
