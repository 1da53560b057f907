// Facts of a hop: read from notes, less what the machine itself takes; and what is expected of them.
#include "play/hop_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "play/expected_fact.h"

namespace wsspec::hop_facts_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

CaseResult seen(std::string id, std::vector<std::string> notes, Verdict verdict = Verdict::info) {
  CaseResult out;
  out.id = std::move(id);
  out.notes = std::move(notes);
  out.verdict = verdict;
  return out;
}
RunResult run_of(std::vector<CaseResult> results) {
  RunResult out;
  out.tested = "hop";
  out.results = std::move(results);
  return out;
}
HopFact fact(const RunResult& run, std::string_view name) {
  for (HopFact& one : facts_of(run))
    if (one.name == name) return one;
  return {};
}
std::string held(const RunResult& run, const char* text) {
  const auto expected = read_expectation(text);
  return expected ? disappointment(*expected, fact(run, expected->kind->name)) : expected.error().what;
}

const CaseResult kMinute = seen("hop-facts.idle.silent", {"idle limit: 60 s", "the client saw: FIN",
                                                          "the server saw: Close 1001, then FIN"});
const CaseResult kNoLimit = seen("hop-facts.idle.silent", {"no idle limit within: 75 s"});

TEST(HopFacts, AServerHasNone) {
  auto run = run_of({kMinute});
  run.tested = "server";
  EXPECT_THAT(facts_of(run), IsEmpty());
}

TEST(HopFacts, TellTheIdleLimitAndWhoseEndSawWhat) {
  EXPECT_EQ(fact(run_of({kMinute}), "idle").sentence,
            "idle limit 60 s: FIN to the client, Close 1001, then FIN to the server");
  EXPECT_EQ(fact(run_of({kNoLimit}), "idle").sentence, "no idle limit within 75 s");
}

TEST(HopFacts, TellWhosePingsCount) {
  const auto up = seen("hop-facts.idle.pings.up", {"ended after: 60 s"});
  const auto down = seen("hop-facts.idle.pings.down", {"kept for: 75 s"});
  const auto pings = fact(run_of({kMinute, up, down}), "pings");
  EXPECT_EQ(pings.sentence, "pings of the client do not count, pings of the server count");
  EXPECT_EQ(pings.word, "server");
  EXPECT_FALSE(fact(run_of({kMinute, up}), "pings").measured);
}

TEST(HopFacts, ASizeLiesBetweenWhatPassedAndWhatDidNot) {
  const auto run = run_of({seen("hop-facts.head[8K]", {"passed on: 8 KiB"}),
                           seen("hop-facts.head[16K]", {"refused: 16 KiB", "with: 431"}),
                           seen("hop-facts.head[32K]", {"passed on: 32 KiB"})});
  const auto head = fact(run, "head");
  EXPECT_EQ(head.sentence, "heads of a request up to 8 KiB; 16 KiB is refused with 431");
  EXPECT_EQ(head.least, 8192);
  EXPECT_EQ(head.most, 16384);
}

TEST(HopFacts, LatencyIsThatOfTheHopAlone) {
  auto run = run_of(
      {seen("hop-facts.latency[1]", {"up: p50 0.3 ms, p99 2 ms of 30", "down: p50 41 ms, p99 44 ms of 30"}),
       seen("hop-facts.latency[100]", {"up: p50 0.2 ms, p99 1 ms of 30", "down: p50 1 ms, p99 2 ms of 30"})});
  const auto direct = run_of(
      {seen("hop-facts.latency[1]", {"up: p50 0.1 ms, p99 0.4 ms of 30", "down: p50 1 ms, p99 2 ms of 30"})});
  add_direct(direct, run);
  const auto latency = fact(run, "latency");
  EXPECT_EQ(latency.sentence,
            "latency added 40 ms: messages are held back by 1 x 40 ms, as by Nagle's algorithm");
  EXPECT_EQ(fact(run, "latency-p99").least, 42e6);
}

TEST(HopFacts, BuffersOfTheMachineAreSubtracted) {
  auto run = run_of(
      {seen("hop-facts.stalled.up", {"taken: 4.5 MiB"}), seen("hop-facts.stalled.down", {"taken: 72 MiB"})});
  const auto direct = run_of(
      {seen("hop-facts.stalled.up", {"taken: 4 MiB"}), seen("hop-facts.stalled.down", {"taken: 4 MiB"})});
  add_direct(direct, run);
  EXPECT_EQ(fact(run, "buffer").sentence,
            "back pressure: of an end that is not read the hop takes 512 KiB of the client, 72 MiB of the "
            "server, and more");
  EXPECT_FALSE(fact(run, "buffer").most);
}

TEST(HopFacts, WhatDiffersEachTimeIsARange) {
  const auto run = run_of({seen("hop-facts.stalled.up[first]", {"taken: 4 MiB"}),
                           seen("hop-facts.stalled.up[second]", {"taken: 6 MiB"}),
                           seen("hop-facts.stalled.down[first]", {"taken: 3 MiB"}),
                           seen("hop-facts.stalled.down[second]", {"taken: 3 MiB"})});
  const auto buffer = fact(run, "buffer");
  EXPECT_THAT(buffer.sentence, HasSubstr("takes 4 MiB to 6 MiB of the client, 3 MiB of the server"));
  EXPECT_EQ(buffer.least, 4 << 20);
  EXPECT_EQ(buffer.most, 6 << 20);
  EXPECT_THAT(held(run, "buffer<=5MiB"), HasSubstr("buffer<=5MiB"));
}

TEST(HopFacts, TellWhatItSendsOfItsOwnAccord) {
  auto run =
      run_of({seen("hop-facts.names", {"added to the request: nothing", "added to the answer: nothing"})});
  add_own_accord("3 health checks, GET /health", run);
  EXPECT_EQ(introduction_of(run).at(3), "of its own accord it sends its server 3 health checks, GET /health");
}

TEST(HopFacts, TellWhyOneIsNotMeasured) {
  EXPECT_THAT(fact(run_of({}), "head").sentence, HasSubstr("--filter hop-facts"));
  EXPECT_THAT(fact(run_of({seen("hop-facts.idle.silent", {}, Verdict::skipped)}), "idle").sentence,
              HasSubstr("--idle-max"));
  EXPECT_THAT(fact(run_of({seen("hop-facts.head[8K]", {}, Verdict::error)}), "head").sentence,
              HasSubstr("hop-facts.head[8K] is error"));
}

TEST(HopFacts, BeginWithWhatItCallsItself) {
  const auto run = run_of({seen("hop-facts.names", {R"(added to the request: Via "1.1 hop")",
                                                    R"(added to the answer: Server "x/2", Date "now")"})});
  const auto lines = introduction_of(run);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0], R"(it calls itself Server "x/2", Via "1.1 hop")");
  EXPECT_EQ(lines[1], R"(it adds to the request Via "1.1 hop")");
}

TEST(HopFacts, FieldNamesHaveNoCase) {
  const auto run = run_of({seen("hop-facts.names", {R"(added to the request: x-via "no", via "1.1 h")",
                                                    "added to the answer: nothing"})});
  EXPECT_EQ(introduction_of(run).at(0), R"(it calls itself Via "1.1 h")");
}

TEST(ExpectedFact, HoldsByWhatIsKnown) {
  const auto minute = run_of({kMinute}), longer = run_of({kNoLimit});
  for (const char* text : {"idle>=60s", "idle=60s", "idle<=60s", "idle>50s", "idle<61min"})
    EXPECT_EQ(held(minute, text), "") << text;
  for (const char* text : {"idle>=62s", "idle<=50s", "idle=30s", "idle>60s"})
    EXPECT_THAT(held(minute, text), HasSubstr("does not hold: idle limit 60 s")) << text;
  EXPECT_EQ(held(longer, "idle>=60s"), "");
  EXPECT_THAT(held(longer, "idle>=90s"), HasSubstr("is not known to hold: no idle limit within 75 s"));
  EXPECT_THAT(held(longer, "idle<=90s"), HasSubstr("does not hold"));
}

TEST(ExpectedFact, WhatIsNotMeasuredDoesNotHold) {
  EXPECT_THAT(held(run_of({}), "head>=8KiB"), HasSubstr("is not known to hold: not measured"));
}

TEST(ExpectedFact, OfWordsBothIsEither) {
  const auto run = run_of({kMinute, seen("hop-facts.idle.pings.up", {"kept for: 75 s"}),
                           seen("hop-facts.idle.pings.down", {"kept for: 75 s"})});
  EXPECT_EQ(held(run, "pings=client"), "");
  EXPECT_EQ(held(run, "pings=both"), "");
  EXPECT_THAT(held(run, "pings=none"), HasSubstr("does not hold"));
}

TEST(ExpectedFact, WhatIsWrongIsSaidWithAHint) {
  const auto error = [](const char* text) {
    const auto read = read_expectation(text);
    return read ? std::string("read") : read.error().what + " | " + read.error().hint;
  };
  EXPECT_THAT(error("idel>=60s"), HasSubstr("'idel' is no fact about a hop | did you mean 'idle'?"));
  EXPECT_THAT(error("idle"), HasSubstr("says nothing of a fact"));
  EXPECT_THAT(error("idle>=60"), HasSubstr("'60' is no length of time for 'idle' | a number and a unit"));
  EXPECT_THAT(error("idle>=0s"), HasSubstr("no length of time"));
  EXPECT_THAT(error("head>=16"), HasSubstr("'16' is no number of octets for 'head'"));
  EXPECT_THAT(error("fields>=1.5"), HasSubstr("'1.5' is no number for 'fields'"));
  EXPECT_THAT(error("pings=me"),
              HasSubstr("'me' is no value for 'pings' | one of client, server, both, none"));
  EXPECT_THAT(error("pings>=client"), HasSubstr("only = can be asked of it"));
  EXPECT_EQ(error("latency-p99<=5ms"), "read");
}

TEST(ExpectedFact, MakesTheCaseRedThatMeasures) {
  auto run = run_of({kMinute});
  const ExpectedFact expected = *read_expectation("idle>=2min");
  hold_to({&expected, 1}, run);
  EXPECT_EQ(run.results[0].verdict, Verdict::fail);
  EXPECT_EQ(run.results[0].clause, "declared expectation");
  EXPECT_THAT(run.results[0].reason, HasSubstr("idle limit 60 s"));
  auto early = run_of({kMinute});
  early.fatal = "the hop is not there";
  hold_to({&expected, 1}, early);
  EXPECT_EQ(early.results[0].verdict, Verdict::info);
  auto good = run_of({kMinute});
  const ExpectedFact kept = *read_expectation("idle>=1min");
  hold_to({&kept, 1}, good);
  EXPECT_EQ(good.results[0].verdict, Verdict::info);
}

}  // namespace
}  // namespace wsspec::hop_facts_test
