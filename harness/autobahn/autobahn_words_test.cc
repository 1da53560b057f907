#include "autobahn/autobahn_words.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "autobahn/autobahn.h"
#include "report/test/sample.h"

namespace wsspec::autobahn_words_test {
namespace {

std::string words_of(const CaseResult& r, const std::string& number) {
  const AutobahnWords words = autobahn_words(number, r, wire_of(r));
  return words.behavior + " / " + words.close;
}

Event event(Event::Kind kind, std::string line, bool failing = false) {
  Event out;
  out.kind = kind;
  out.line = std::move(line);
  out.failing = failing;
  return out;
}

/// A case that ended with this Close of the target, which decided.
CaseResult closed(Verdict verdict, std::uint16_t code, const std::string& script, const std::string& expected,
                  bool we_first) {
  using enum Event::Kind;
  CaseResult r = sample::result("a", verdict, fmt::format("a Close frame with code {} came instead", code));
  r.script = "wire 1\n\ncase a\n  open\n" + script;
  r.expected = expected;
  r.close_code = code;
  if (we_first) r.transcript.events.push_back(event(sent, "> close 1000"));
  r.transcript.events.push_back(event(received, fmt::format("< close {}", code), verdict != Verdict::weak));
  r.transcript.events.push_back(event(received, "< eof"));
  return r;
}

TEST(AutobahnWords, EveryVerdictHasIts) {
  using enum Verdict;
  const auto words = [](Verdict verdict, const std::string& number) {
    return words_of(sample::result("a", verdict, "because"), number);
  };
  EXPECT_EQ(words(pass, "1.1.1"), "OK / OK");
  EXPECT_EQ(words(weak, "1.1.1"), "NON-STRICT / OK");
  EXPECT_EQ(words(info, "7.1.6"), "INFORMATIONAL / INFORMATIONAL");
  EXPECT_EQ(words(fail, "1.1.1"), "FAILED / FAILED BY CLIENT");
  EXPECT_EQ(words(error, "1.1.1"), "FAILED / FAILED");
  EXPECT_EQ(words(not_run, "1.1.1"), "FAILED / FAILED");
  EXPECT_EQ(words(inconclusive, "9.1.6"), "FAILED / FAILED BY CLIENT");
  EXPECT_EQ(words(skipped, "1.1.1"), "FAILED / FAILED");
  EXPECT_EQ(words(skipped, "12.1.1"), "UNIMPLEMENTED / OK");
  EXPECT_EQ(words(skipped, "13.7.18"), "UNIMPLEMENTED / OK");
}

TEST(AutobahnWords, AWrongAnswerToOurCloseIsAWrongCodeOnly) {
  const auto r = closed(Verdict::fail, 1002, "  finish\n", "finish", true);
  EXPECT_EQ(words_of(r, "1.1.1"), "OK / WRONG CODE");
  EXPECT_EQ(words_of(r, "7.1.1"), "FAILED / WRONG CODE") << "there the code is what the case is about";
}

TEST(AutobahnWords, ACloseOutOfTurnIsNoWrongCode) {
  EXPECT_EQ(words_of(closed(Verdict::inconclusive, 1008, "  < text \"x\"\n  finish\n", "< text \"x\"", false),
                     "9.3.1"),
            "FAILED / FAILED");
  EXPECT_EQ(
      words_of(closed(Verdict::fail, 1002, "  < text \"x\"\n  finish\n", "< text \"x\"", false), "1.1.1"),
      "FAILED / FAILED");
}

TEST(AutobahnWords, AFaultAnsweredWithAnotherCode) {
  const std::string fail_line = "  < fail 1002\n";
  EXPECT_EQ(words_of(closed(Verdict::weak, 1008, fail_line, "", false), "3.1"), "OK / WRONG CODE");
  EXPECT_EQ(words_of(closed(Verdict::weak, 1008, fail_line, "", false), "7.9.4"), "FAILED / WRONG CODE");
  EXPECT_EQ(words_of(closed(Verdict::weak, 1002, fail_line, "", false), "3.1"), "NON-STRICT / OK")
      << "weak for another reason";
  // It took the fault for good and only answered our Close.
  EXPECT_EQ(words_of(closed(Verdict::fail, 1000, fail_line, "< fail 1002", true), "3.1"),
            "FAILED / WRONG CODE");
}

TEST(AutobahnWords, ADeadTargetIsUnclean) {
  auto r = closed(Verdict::fail, 1002, "  finish\n", "finish", true);
  r.target_died = true;
  EXPECT_EQ(words_of(r, "3.3"), "FAILED / UNCLEAN");
  CaseResult bare = sample::result("a", Verdict::fail, "it ended TCP");
  bare.transcript.events = {event(Event::Kind::received, "< eof", true)};
  EXPECT_EQ(words_of(bare, "1.1.1"), "FAILED / UNCLEAN");
}

TEST(AutobahnWords, OfTheSample) {
  const AutobahnAgent agent = autobahn_agent(sample::run());
  const auto of = [&](const std::string& number) {
    const auto found = std::ranges::find(agent.entries, number, &AutobahnEntry::number);
    return found == agent.entries.end() ? "absent" : found->behavior + " / " + found->close;
  };
  EXPECT_EQ(of("3.1"), "FAILED / FAILED BY CLIENT");  // It went on as if nothing had happened.
  EXPECT_EQ(of("6.14.1"), "OK / WRONG CODE");
}

/// Everything that may decide over words and exit: verdict, flakiness, death, who closed, with which code.
std::vector<CaseResult> all_results() {
  std::vector<CaseResult> all;
  for (const Verdict verdict : kVerdicts) {
    for (const bool flaky : {false, true}) {
      for (const bool died : {false, true}) {
        for (const std::uint16_t code : {0, 1000, 1002, 1007, 1008}) {
          for (const bool we_first : {false, true}) {
            for (const char* expected : {"", "finish", "< fail 1002", "< text \"x\""}) {
              CaseResult r =
                  closed(verdict, code,
                         std::string(expected).starts_with("< fail") ? "  < fail 1002\n" : "  finish\n",
                         expected, we_first);
              if (code == 0) r.close_code.reset(), r.transcript.events.clear();
              r.flaky = flaky;
              r.target_died = died;
              if (verdict == Verdict::pass) r.reason.clear(), r.expected.clear();
              all.push_back(std::move(r));
            }
          }
        }
      }
    }
  }
  return all;
}

TEST(AutobahnWords, IndexAndExitAgreeForEveryVerdictAndGate) {
  std::size_t reds = 0, greens = 0;
  for (const std::string number : {"1.1.1", "7.9.4", "9.3.1", "12.1.1"}) {
    for (CaseResult r : all_results()) {
      r.autobahn = {number};
      RunResult run;
      run.target_name = "x";
      CaseResult good = sample::result("b", Verdict::pass);
      good.autobahn = {"2.1"};
      run.results = {r, good};
      const AutobahnAgent agent = autobahn_agent(run);
      const bool bad = agent.entries[0].bad() || agent.entries[1].bad();
      const std::string what = fmt::format("{} {} / {}", verdict_name(r.verdict),
                                           agent.entries.back().behavior, agent.entries.back().close);
      const Exit exit = autobahn_exit(run, Gate{}, agent);
      EXPECT_EQ(exit == Exit::red, bad) << number << ' ' << what;
      EXPECT_TRUE(exit == Exit::red || exit == Exit::as_expected) << number << ' ' << what;
      // What a stricter gate adds is its user's wish; it never takes away.
      for (const Gate gate : {Gate{.weak = true}, Gate{.weak = true, .info = true},
                              Gate{.inconclusive = true}, Gate{.allow_flaky = true}})
        EXPECT_TRUE(!bad || autobahn_exit(run, gate, agent) == Exit::red) << number << ' ' << what;
      ++(bad ? reds : greens);
    }
  }
  EXPECT_GT(reds, 100U);
  EXPECT_GT(greens, 100U);
}

}  // namespace
}  // namespace wsspec::autobahn_words_test
