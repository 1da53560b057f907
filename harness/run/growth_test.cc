#include "run/growth.h"

#include <gtest/gtest.h>

#include "run/runner.h"
#include "run/testing_suite.h"
#include "target/testing_server.h"

namespace wsspec::growth_test {
namespace {

using namespace std::chrono_literals;

/// The request goes out at 2 ms, and the handshake is answered so much later.
CaseResult answered(const std::string& id, Duration after) {
  CaseResult result;
  result.id = id;
  result.verdict = Verdict::pass;
  result.tags = {"security", "growth"};
  const auto add = [&](Event::Kind kind, std::string line, Instant at) {
    Event event;
    event.kind = kind;
    event.line = std::move(line);
    event.at = at;
    result.transcript.events.push_back(event);
  };
  add(Event::Kind::sent, "> request", Instant(2ms));
  add(Event::Kind::received, "# HTTP/1.1 101", Instant(2ms + after));
  add(Event::Kind::sent, "finish", Instant(2ms + after));
  add(Event::Kind::received, "< close", Instant(3ms + after));
  return result;
}

TEST(Growth, FamiliesAreThreeSizesOfOneKind) {
  const auto found =
      growth_families({"a.b[1K,x]", "a.b[2048,x]", "a.b[4K,y]", "a.b[4K,x]", "a.c[1]", "a.c[2]", "a.c[3]",
                       "a.d", "a.e[1x]", "a.e[2x]", "a.e[4x]", "a.f[1M]", "a.f[4M]"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].once, 0u);
  EXPECT_EQ(found[0].twice, 1u);
  EXPECT_EQ(found[0].four_times, 3u);
}

TEST(Growth, TheTimeIsThatOfTheSlowestAnswer) {
  EXPECT_EQ(time_to_answer(answered("a[1]", 40ms)), 40ms);
  EXPECT_EQ(time_to_answer(answered("a[1]", 0ms)), 1ms);
  EXPECT_EQ(time_to_answer({}), 0ms);
}

TEST(Growth, TellsTheSquareFromTheLineAndFromAStep) {
  EXPECT_TRUE(grows_too_fast({100ms, 400ms, 1600ms}));
  EXPECT_FALSE(grows_too_fast({100ms, 200ms, 400ms})) << "in proportion";
  EXPECT_FALSE(grows_too_fast({1ms, 400ms, 410ms})) << "another way for what is large";
  EXPECT_FALSE(grows_too_fast({1ms, 4ms, 16ms})) << "nobody notices";
  EXPECT_TRUE(grows_too_fast({1ms, 4ms, 16ms}, 10ms));
  EXPECT_FALSE(grows_too_fast({500ms, 500ms, 600ms})) << "slow at all";
}

TEST(Growth, IsSaidOfTheLargestThatPassed) {
  GrowthWatch watch;
  auto once = answered("a.b[1K,x]", 100ms), twice = answered("a.b[2K,x]", 400ms),
       four_times = answered("a.b[4K,x]", 1600ms), other = answered("a.b[4K,y]", 1600ms);
  for (auto* result : {&once, &twice, &other, &four_times}) watch.see(*result);
  EXPECT_EQ(once.verdict, Verdict::pass);
  EXPECT_EQ(twice.verdict, Verdict::pass);
  EXPECT_EQ(other.verdict, Verdict::pass);
  EXPECT_EQ(four_times.verdict, Verdict::weak);
  EXPECT_EQ(four_times.reason,
            "the answer took 1600 ms; for half as much it took 400 ms, for a quarter 100 ms: time that grows "
            "faster than what is sent");
  four_times.verdict = Verdict::fail;
  four_times.reason = "another one";
  watch.see(four_times);
  EXPECT_EQ(four_times.reason, "another one");
}

TEST(Growth, LooksAtTaggedCasesOnly) {
  GrowthWatch watch;
  for (const auto& [id, time] : {std::pair("a.b[1]", 100ms), {"a.b[2]", 400ms}, {"a.b[4]", 1600ms}}) {
    auto result = answered(id, time);
    result.tags = {"security"};
    watch.see(result);
    EXPECT_EQ(result.verdict, Verdict::pass);
  }
}

RunResult played_over_tcp(const std::string& defect) {
  const auto suite = testkit::suite_of(
      "case g\n  tags growth\n  each n in 2000 4000 8000\n  > request add Sec-WebSocket-Protocol \"a\" \" "
      "\"*$n "
      "\"b\"\n  < refused within 3s\n");
  PeerOptions peer;
  if (!defect.empty()) peer.defects = {defect};
  testkit::Server server(testkit::reference_peer(peer));
  auto options = default_run_options(server.address());
  options.probe = false;
  return run_cases(suite, testkit::all_of(suite), options);
}

TEST(Growth, IsMeasuredAloneBehindTheRun) {
  const auto steep = played_over_tcp("server.quadratic-in-blanks");
  ASSERT_EQ(steep.results.size(), 3u) << steep.fatal;
  EXPECT_EQ(steep.results[0].verdict, Verdict::pass);
  EXPECT_EQ(steep.results[1].verdict, Verdict::pass);
  EXPECT_EQ(steep.results[2].verdict, Verdict::weak);
  EXPECT_NE(steep.results[2].reason.find("grows faster"), std::string::npos) << steep.results[2].reason;
  for (const auto& result : played_over_tcp("").results)
    EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
}

}  // namespace
}  // namespace wsspec::growth_test
