#include "play/delays.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace wsspec::delays_test {
namespace {

std::vector<Duration> delays(std::initializer_list<double> seconds) {
  std::vector<Duration> out;
  for (const double one : seconds) out.emplace_back(static_cast<Duration::rep>(one * 1e9));
  return out;
}

bool has_growth(std::initializer_list<double> seconds) {
  return !find_no_growth(delays(seconds));
}
bool has_jitter(std::initializer_list<double> seconds) {
  return !find_no_jitter(delays(seconds));
}
bool hammers(std::initializer_list<double> seconds) {
  return find_hammering(delays(seconds)).has_value();
}

TEST(Delays, ThatGrow) {
  EXPECT_TRUE(has_growth({0.3, 1, 2, 4, 8, 16}));
  EXPECT_TRUE(has_growth({4.2, 1, 1.3, 1.7, 2.2, 2.9}));  // The first was drawn at random.
  EXPECT_TRUE(has_growth({1, 0.2, 1.5, 0.4, 7, 3}));      // All were.
  EXPECT_TRUE(has_growth({1, 1, 10, 10, 10, 10}));        // A plateau.
  EXPECT_TRUE(has_growth({1, 1, 1, 1, 1})) << "too few to say";
}

TEST(Delays, ThatGrowThoughTheyAreFew) {
  EXPECT_TRUE(is_growing(delays({3, 1, 2, 4})));
  EXPECT_TRUE(is_growing(delays({3, 1, 2})));
  EXPECT_FALSE(is_growing(delays({3, 1, 1.2})));
  EXPECT_FALSE(is_growing(delays({1, 2}))) << "too few to say";
  EXPECT_FALSE(is_growing(delays({1, 1, 1, 1, 1})));
}

TEST(Delays, ThatDoNotGrow) {
  EXPECT_FALSE(has_growth({1, 1, 1, 1, 1, 1}));
  EXPECT_FALSE(has_growth({0, 0, 0, 0, 0, 0}));
  EXPECT_FALSE(has_growth({0.001, 0.001, 0.001, 0.002, 0.03, 0.06})) << "noise";
  EXPECT_TRUE(hammers({0.001, 0.001, 0.001, 0.002, 0.03, 0.06})) << "noise";
  EXPECT_FALSE(has_growth({1, 2, 1, 2, 1, 2}));
  EXPECT_FALSE(has_growth({30, 30, 30, 30, 30, 30}));
  EXPECT_NE(find_no_growth(delays({30, 30, 30, 30, 30, 30}))->what.find("long from the start"),
            std::string::npos);
}

TEST(Delays, OfOneThatHammers) {
  EXPECT_TRUE(hammers({0.01, 0.01, 0.01, 0.01, 0.01, 0.01}));
  EXPECT_TRUE(hammers({2, 2, 0.1, 0.1, 0.1, 0.1, 0.1})) << "wherever it begins";
  EXPECT_FALSE(hammers({0.3, 0.3, 0.3, 0.3, 0.3}));
  EXPECT_FALSE(hammers({0.01, 0.02, 0.04, 0.08, 0.16})) << "small, but it backs off";
  EXPECT_FALSE(hammers({0.01, 0.01, 0.01, 0.01})) << "too few to say";
}

TEST(Delays, FirstOnesDrawnAtRandom) {
  EXPECT_TRUE(has_jitter({1, 1.2, 0.9, 1.1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_FALSE(has_jitter({1, 1.01, 0.99, 1, 1, 1, 1.02, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_FALSE(has_jitter({0.001, 0.002, 0.001, 0.004, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001,
                           0.001, 0.001, 0.001, 0.001}));
  EXPECT_TRUE(has_jitter({1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})) << "too few to say";
}

TEST(Delays, InSeconds) {
  EXPECT_EQ(in_seconds(delays({1})), "1.00 s");
  EXPECT_EQ(in_seconds(delays({0.984, 1.5, 4})), "0.98, 1.50 and 4.00 s");
}

}  // namespace
}  // namespace wsspec::delays_test
