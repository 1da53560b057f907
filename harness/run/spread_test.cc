#include "run/spread.h"

#include <gtest/gtest.h>

#include <random>

#include "play/delays.h"

namespace wsspec::spread_test {
namespace {

using namespace std::chrono_literals;

std::vector<CaseResult> starts(std::size_t count, Duration first, Duration step) {
  std::vector<CaseResult> results(count);
  for (std::size_t i = 0; i < count; ++i) {
    results[i].verdict = Verdict::pass;
    results[i].covers = {kFirstIsRandom};
    results[i].delays = {first + static_cast<int>(i) * step};
  }
  return results;
}

TEST(Spread, OfFirstDelaysIsJudgedOnceForAll) {
  auto alike = starts(kFirstDelays, 1s, 1ms);
  judge_first_delays(alike, {});
  EXPECT_EQ(alike[0].verdict, Verdict::weak);
  EXPECT_EQ(alike[1].verdict, Verdict::pass);
  auto drawn = starts(kFirstDelays, 1s, 100ms);
  judge_first_delays(drawn, {});
  EXPECT_EQ(drawn[0].verdict, Verdict::pass);
  EXPECT_EQ(drawn[0].notes.size(), 1U);
}

TEST(Spread, OfDelaysThatAreDrawnFromLittleIsSeen) {
  constexpr int kRuns = 200, kMostFalse = 2;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> drawn(0.92, 1.08);
  int weak = 0;
  for (int run = 0; run < kRuns; ++run) {
    auto results = starts(kFirstDelays, 1s, 0s);
    for (CaseResult& one : results) one.delays = {scaled(1s, drawn(random))};
    judge_first_delays(results, {});
    weak += results[0].verdict == Verdict::weak ? 1 : 0;
  }
  EXPECT_LE(weak, kMostFalse);
}

TEST(Spread, OfTooFewShowsNothing) {
  auto few = starts(kFirstDelays - 1, 1s, 100ms);
  few.push_back({});
  few.back().verdict = Verdict::fail;
  few.back().covers = {kFirstIsRandom};
  few.back().delays = {3s};
  judge_first_delays(few, {});
  EXPECT_EQ(few[0].verdict, Verdict::info);
  EXPECT_EQ(few.back().verdict, Verdict::fail);
}

}  // namespace
}  // namespace wsspec::spread_test
