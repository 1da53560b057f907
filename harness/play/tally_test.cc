#include "play/tally.h"

#include <gtest/gtest.h>

namespace wsspec::tally_test {
namespace {

Tally tally_of(std::uint64_t count, std::initializer_list<std::uint64_t> numbers) {
  Tally out(count);
  for (const auto number : numbers) out.take(number);
  return out;
}

TEST(Tally, InOrderNothingIsSaid) {
  const auto all = tally_of(3, {0, 1, 2});
  EXPECT_TRUE(all.complete());
  EXPECT_EQ(all.words(true, true, true), "");
}

TEST(Tally, GapsAreToldAsRanges) {
  EXPECT_EQ(tally_of(10, {0, 1, 4, 8}).words(true, true, true),
            "of 10 messages 6 are missing (2 to 3, 5 to 7, 9)");
  EXPECT_EQ(tally_of(2, {1}).words(true, true, true), "of 2 messages 1 is missing (0)");
  EXPECT_EQ(tally_of(2, {1}).words(false, true, true), "");
}

TEST(Tally, ManyGapsAreCutShort) {
  Tally even(100);
  for (std::uint64_t i = 0; i < 100; i += 2) even.take(i);
  EXPECT_EQ(even.words(true, true, true), "of 100 messages 50 are missing (1, 3, 5, 7, 9, 11, 13, 15, ...)");
}

TEST(Tally, CopiesAndLateOnesAreCountedApart) {
  const auto all = tally_of(4, {0, 2, 1, 2, 2, 3});
  EXPECT_TRUE(all.complete());
  EXPECT_EQ(all.copies(), 2U);
  EXPECT_EQ(all.late(), 1U);
  EXPECT_EQ(all.words(true, true, true), "of 4 messages 2 came again (2), 1 came behind a later one (1)");
}

TEST(Tally, WhatIsNoneOfItIsNotCounted) {
  EXPECT_EQ(tally_of(1, {7}).missing(), 1U);
}

}  // namespace
}  // namespace wsspec::tally_test
