#include "run/spread.h"

#include <gtest/gtest.h>

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
