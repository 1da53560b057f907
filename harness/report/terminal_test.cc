#include "report/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "report/ci_log.h"
#include "report/pen.h"
#include "report/test/ci_runner.h"
#include "report/test/sample.h"
#include "report/text.h"

namespace wsspec::terminal_test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

TEST(Terminal, ShowsEachRedVerdictWithWhatIsNeeded) {
  const std::string text = write_terminal(sample::run());
  EXPECT_THAT(text, HasSubstr("FAIL  frame.rsv.set[4]"));
  EXPECT_THAT(text, HasSubstr("DIED  deflate.window.too-far"));
  EXPECT_THAT(text, HasSubstr("the message with RSV1 set was echoed"));
  EXPECT_THAT(text, HasSubstr("RFC 6455 section 5.2 (MUST) rfc6455-5.2-3"));
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

TEST(Terminal, TellsWhenAClientCameBack) {
  RunResult run;
  run.results = {sample::result("reconnect.growth.reset", Verdict::pass),
                 sample::result("reconnect.first-delay[1]", Verdict::pass)};
  run.results[0].delays = {std::chrono::milliseconds(984), std::chrono::seconds(2)};
  run.results[1].delays = {std::chrono::seconds(1)};
  const std::string text = write_terminal(run);
  EXPECT_THAT(text, HasSubstr("\n  reconnect.growth.reset: it came back after 0.98 and 2.00 s\n"));
  EXPECT_THAT(text, Not(HasSubstr("first-delay[1]: it")));
}

TEST(Terminal, LastLineSaysWhy) {
  EXPECT_THAT(
      write_terminal(sample::run()),
      HasSubstr("the target died; 5 of 168 judged are red, 5 causes (exit 1); 170 planned = 168 judged + "
                "1 skipped + 1 not run, in 1.23 s\n"));
  EXPECT_THAT(write_terminal(RunResult{}), HasSubstr("nothing was judged (exit 4)"));
  RunResult run;
  run.fatal = "--start: the target ended\nit printed\n    one\n    t\x1bwo";
  EXPECT_NE(outcome_line(run, {}).find("ended early: --start: the target ended (exit 5)"), std::string::npos);
  EXPECT_NE(write_terminal(run, {}, {}).find("\nit printed\n    one\n    t\\x1bwo\n"), std::string::npos);
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
  EXPECT_THAT(
      text,
      HasSubstr("FAIL  a[1]\n      1 cause, 3 cases\n      reason    the same\n      also      [2], [3]\n"));
  EXPECT_THAT(text, Not(HasSubstr("FAIL  a[2]")));
  EXPECT_THAT(text, HasSubstr("3 of 3 judged are red, 1 cause (exit 1)"));
}

TEST(Terminal, ColoursOnlyWhenAsked) {
  EXPECT_THAT(write_terminal(sample::run()), Not(HasSubstr("\x1b")));
  EXPECT_THAT(write_terminal(sample::run(), {}, {.colours = true}), HasSubstr("\x1b[31mFAIL\x1b[0m"));
}

TEST(Terminal, LimitsTheDetailsNotTheCount) {
  const std::string text = write_terminal(sample::large(2000), {}, {.shown = 3});
  EXPECT_THAT(text, HasSubstr("\n... and 3 red verdicts of 3 more causes\n"));
  EXPECT_LT(text.size(), 20'000U);
}

/// A small run with all that the summary can say.
RunResult small() {
  RunResult run = sample::known();
  std::erase_if(run.results,
                [](const CaseResult& r) { return r.verdict == Verdict::pass && !r.id.ends_with("0]"); });
  for (auto& r : run.results) r.baseline.reset();
  run.results.push_back(
      sample::result("utf8.valid[1]", Verdict::fail, "the target ended with exit status 1"));
  run.results.back().target_died = true;
  run.results.back().target_log =
      "TypeError: Cannot read properties of undefined (reading 'length')\n    at onText "
      "(/srv/a-long-path/server.js:12:5)\n";
  for (int i = 0; i < 3; ++i) {
    run.results.push_back(run.results.front());
    run.results.back().id = "frame.rsv.set[" + std::to_string(i) + "]";
  }
  return run;
}

std::string golden(const std::string& name) {
  std::ifstream file(std::string(WSSPEC_GOLDEN) + "/" + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The pictures are in harness/report/test/golden; REGOLD=1 writes them anew, to be read before they are kept.
TEST(Terminal, LooksAsItDidWhenSomebodyLooked) {
  for (const std::size_t width : {80, 120}) {
    for (const bool colours : {false, true}) {
      const TerminalStyle style{colours, width, 50, {"report.html", "junit.xml"}};
      const std::string name = "terminal-" + std::to_string(width) + (colours ? "-colour" : "") + ".txt";
      const std::string text = write_terminal(small(), {}, style);
      if (std::getenv("REGOLD")) std::ofstream(std::string(WSSPEC_GOLDEN) + "/" + name) << text;
      EXPECT_EQ(text, golden(name)) << name;
    }
  }
}

// Commands stay whole, so that they can be copied; everything else is broken to the width.
TEST(Terminal, NothingButCommandsAndTheLastLineIsWiderThanTheTerminal) {
  for (const std::size_t width : {80, 120}) {
    std::istringstream lines(write_terminal(small(), {}, {false, width, 50, {}}));
    for (std::string line; std::getline(lines, line);)
      EXPECT_TRUE(columns_of(line) <= width || line.find("wsspec ") != line.npos ||
                  line.find(" planned = ") != line.npos)
          << line;
  }
}

TEST(Terminal, WhatMattersMostStandsLast) {
  const std::string text = write_terminal(small(), {}, {.written = {"report.html"}});
  const auto at = [&](const char* words) { return text.find(words); };
  EXPECT_LT(at("DIED  utf8.valid"), at("FAIL  frame.rsv"));
  EXPECT_LT(at("FAIL  frame.rsv"), at("\n  topic "));
  EXPECT_LT(at("\n  topic "), at("1 case skipped: "));
  EXPECT_LT(
      at("1 case skipped: "),
      at("  report    report.html\n  explain   wsspec explain 'utf8.valid[1]'\n  replay    wsspec run "));
  EXPECT_LT(at("  report    report.html"), at("\nThe target died in 1 case; "));
  EXPECT_LT(at("\nThe target died in 1 case; "), at("\nthe target died; "));
}

TEST(Terminal, GreenNeedsNoNextStep) {
  RunResult run;
  run.results = {sample::result("a.b", Verdict::pass)};
  EXPECT_THAT(write_terminal(run), Not(HasSubstr("explain")));
  EXPECT_THAT(write_terminal(run, {}, {.written = {"r.html"}}), HasSubstr("  report    r.html\n"));
  run.results[0].verdict = Verdict::fail;
  EXPECT_THAT(write_terminal(run), HasSubstr("none was written; --html report.html makes one"));
}

TEST(Terminal, SaysHowOneOfManySuspectsIsNamed) {
  RunResult run;
  run.results = {
      sample::result("a.b", Verdict::error, "the target serves no more; 20 cases are possible causes")};
  EXPECT_THAT(write_terminal(run), HasSubstr("  hint      with --start COMMAND"));
  run.results[0].reason = "the target serves no more";
  EXPECT_THAT(write_terminal(run), Not(HasSubstr("--start COMMAND")));
}

TEST(Terminal, NoLineCommandsARunnerThatReadsAlong) {
  RunResult run = sample::run();
  const std::string bad = "##[set-output name=a]b\n::stop-commands::tok\n  ::error::x ##vso[task.x]y";
  run.fingerprint->server_field = bad;
  for (auto& r : run.results) r.reason = r.target_log = r.actual = bad, r.target_died = true;
  EXPECT_THAT(test::ci_commands(write_terminal(run)), testing::Not(testing::IsEmpty())) << "nothing is shown";
  EXPECT_THAT(test::ci_commands(without_commands(write_terminal(run))), testing::IsEmpty());
}

}  // namespace
}  // namespace wsspec::terminal_test
