#include "protocol/mask_keys.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <vector>

namespace wsspec::mask_keys_test {
namespace {

std::vector<MaskKey> row(std::size_t size, const std::function<MaskKey(std::uint32_t)>& key) {
  std::vector<MaskKey> keys;
  for (std::uint32_t i = 0; i < size; ++i) keys.push_back(key(i));
  return keys;
}

std::string broken(const std::vector<MaskKey>& keys) {
  const auto found = find_pattern(keys);
  return found ? found->requirement : "";
}

TEST(MaskKeys, GoodOnesAreNotSuspected) {
  std::mt19937 random(3);
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(broken(row(300, [&](std::uint32_t) { return static_cast<MaskKey>(random()); })), "") << i;
}

TEST(MaskKeys, FewAreNotSuspectedUnlessTheyRepeat) {
  EXPECT_EQ(broken({}), "");
  EXPECT_EQ(broken({7}), "");
  EXPECT_EQ(broken({7, 8, 9}), "");
  EXPECT_EQ(broken({7, 7}), "rfc6455-5.3-2");
  EXPECT_EQ(broken({7, 8, 7}), "") << "once may be chance";
  EXPECT_EQ(broken({7, 8, 7, 8}), "rfc6455-5.3-2");
}

TEST(MaskKeys, PatternsAreSeen) {
  EXPECT_EQ(broken(row(9, [](std::uint32_t) { return 0x9c01aa40; })), "rfc6455-5.3-2");
  EXPECT_EQ(broken(row(9, [](std::uint32_t i) { return i + 12; })), "rfc6455-5.3-4");
  EXPECT_EQ(broken(row(9, [](std::uint32_t i) { return 1000 * i; })), "rfc6455-5.3-4");
  EXPECT_EQ(broken(row(9, [](std::uint32_t i) { return std::byteswap(i + 250); })), "rfc6455-5.3-4");
  MaskKey state = 42;
  EXPECT_EQ(broken(row(9, [&](std::uint32_t) { return state = state * 1103515245 + 12345; })),
            "rfc6455-5.3-4");
}

TEST(MaskKeys, PoorOctetsAreSeen) {
  std::mt19937 random(4);
  EXPECT_EQ(broken(row(300, [&](std::uint32_t) { return static_cast<MaskKey>(random() & 0x3f3f3f3f); })),
            "rfc6455-5.3-3");
  EXPECT_EQ(broken(row(300, [&](std::uint32_t) { return static_cast<MaskKey>(random() & 0xffff); })),
            "rfc6455-5.3-3");
  EXPECT_EQ(broken(row(9, [&](std::uint32_t) { return static_cast<MaskKey>(random() % 256 * 0x01010101); })),
            "rfc6455-5.3-3");
}

}  // namespace
}  // namespace wsspec::mask_keys_test
