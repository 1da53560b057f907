#include "protocol/nonces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace wsspec::nonces_test {
namespace {

using ::testing::HasSubstr;

std::string said_of(std::size_t count, auto octet) {
  std::vector<Bytes> nonces;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes nonce;
    for (std::size_t place = 0; place < 16; ++place) nonce += static_cast<char>(octet(i, place));
    nonces.push_back(nonce);
  }
  return find_pattern_of_nonces(nonces).value_or("");
}

TEST(Nonces, GoodOnesAreNotSuspected) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    EXPECT_EQ(said_of(seed % 80, [&](std::size_t, std::size_t) { return random(); }), "") << seed;
  }
}

TEST(Nonces, PatternsAreSeen) {
  std::mt19937 random(4);
  EXPECT_THAT(said_of(2, [](std::size_t, std::size_t place) { return place; }),
              HasSubstr("two are the same"));
  EXPECT_THAT(said_of(20, [](std::size_t i, std::size_t place) { return place == 15 ? i : std::size_t{0}; }),
              HasSubstr("always the same"));
  EXPECT_THAT(said_of(40, [&](std::size_t, std::size_t) { return '0' + random() % 10; }),
              HasSubstr("few values"));
}

TEST(Nonces, OthersThanOf16OctetsAreNotCounted) {
  const std::vector<Bytes> nonces = {"short", "short", ""};
  EXPECT_FALSE(find_pattern_of_nonces(nonces));
}

TEST(FirstKeys, OfManyConnectionsDiffer) {
  std::mt19937 random(3);
  std::vector<MaskKey> keys;
  for (int i = 0; i < 100; ++i) keys.push_back(static_cast<MaskKey>(random()));
  EXPECT_FALSE(find_pattern_of_first_keys(keys));
  keys[5] = keys[6];
  EXPECT_FALSE(find_pattern_of_first_keys(keys)) << "once may be chance";
  EXPECT_TRUE(find_pattern_of_first_keys(std::vector<MaskKey>(20, 7)));
}

}  // namespace
}  // namespace wsspec::nonces_test
