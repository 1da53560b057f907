#include "peer/redialer.h"

#include <gtest/gtest.h>

#include <vector>

namespace wsspec::redialer_test {
namespace {

using namespace std::chrono_literals;

std::vector<Duration> delays(const Comeback& how, int count, const Departure& departure = {},
                             std::uint64_t seed = 1) {
  Redialer redialer(how, seed);
  std::vector<Duration> out;
  Instant now = 100s;
  for (int i = 0; i < count; ++i) {
    redialer.ended(departure, now);
    if (redialer.next() == kNever) break;
    out.push_back(redialer.next() - now);
    now = redialer.next();
    redialer.connected();
    EXPECT_EQ(redialer.next(), kNever);
  }
  return out;
}

Departure opened_for(Duration lasted) {
  Departure departure;
  departure.opened = true;
  departure.lasted = lasted;
  return departure;
}

Departure told_to_wait(Duration time) {
  Departure departure;
  departure.retry_after = time;
  return departure;
}

TEST(Redialer, DrawsTheFirstDelayAndGrowsToTheCap) {
  Comeback how;
  how.jitter = 0;
  const auto got = delays(how, 8);
  EXPECT_GE(got[0], how.first_least);
  EXPECT_LE(got[0], how.first_most);
  EXPECT_NE(got[0], delays(how, 1, {}, 2)[0]);
  EXPECT_EQ(std::vector<Duration>(got.begin() + 1, got.end()),
            (std::vector<Duration>{1s, 2s, 4s, 8s, 16s, 30s, 30s}));
}

TEST(Redialer, OnlyAConnectionThatLastedBeginsAnew) {
  Comeback how;
  how.jitter = 0;
  how.first_least = how.first_most = 500ms;
  EXPECT_EQ(delays(how, 3, opened_for(1s)), (std::vector<Duration>{500ms, 1s, 2s}));
  EXPECT_EQ(delays(how, 3, opened_for(1min)), (std::vector<Duration>{500ms, 500ms, 500ms}));
  how.opened_is_steady = true;
  EXPECT_EQ(delays(how, 2, opened_for({})), (std::vector<Duration>{500ms, 500ms}));
}

TEST(Redialer, FollowsARedirectAtOnceAndNotForEver) {
  Departure redirected;
  redirected.redirected = true;
  Comeback how;
  EXPECT_GE(delays(how, 1, redirected)[0], how.first_least);
  how.redirects = 2;
  const auto got = delays(how, 3, redirected);
  EXPECT_EQ(got[0], 0s);
  EXPECT_EQ(got[1], 0s);
  EXPECT_GE(got[2], how.first_least);
}

TEST(Redialer, GivesUpAndMindsRetryAfter) {
  Comeback how;
  how.most = 2;
  EXPECT_EQ(delays(how, 9).size(), 2U);
  how.most = 0;
  EXPECT_GE(delays(how, 1, told_to_wait(1min))[0], 1min);
  how.minds_retry_after = false;
  EXPECT_LT(delays(how, 1, told_to_wait(1min))[0], 1min);
  how.never = true;
  EXPECT_TRUE(delays(how, 1).empty());
}

}  // namespace
}  // namespace wsspec::redialer_test
