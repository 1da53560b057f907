// Units: what is said is read back, and has three digits.
#include "play/units.h"

#include <gtest/gtest.h>

namespace wsspec::units_test {
namespace {

using namespace std::chrono_literals;

TEST(Units, TimesHaveThreeDigits) {
  EXPECT_EQ(in_words(60s), "60 s");
  EXPECT_EQ(in_words(60'013ms), "60 s");
  EXPECT_EQ(in_words(20'130ms), "20.1 s");
  EXPECT_EQ(in_words(1254ms), "1.25 s");
  EXPECT_EQ(in_words(125s), "125 s");
  EXPECT_EQ(in_words(999'900us), "1 s");
  EXPECT_EQ(in_words(41'234us), "41.2 ms");
  EXPECT_EQ(in_words(81us), "0.081 ms");
  EXPECT_EQ(in_words(0s), "0 ms");
}

TEST(Units, OctetsHaveThreeDigits) {
  EXPECT_EQ(octets_in_words(0), "0 octets");
  EXPECT_EQ(octets_in_words(1), "1 octet");
  EXPECT_EQ(octets_in_words(1023), "1023 octets");
  EXPECT_EQ(octets_in_words(8192), "8 KiB");
  EXPECT_EQ(octets_in_words(4'521'984), "4.31 MiB");
  EXPECT_EQ(octets_in_words(72u << 20), "72 MiB");
}

TEST(Units, WhatIsSaidIsReadBack) {
  for (const Duration time : {Duration(0s), Duration(81us), Duration(40ms), Duration(1250ms), Duration(75s)})
    EXPECT_EQ(read_time(in_words(time)), time) << in_words(time);
  for (const std::uint64_t octets : {0ull, 1ull, 125ull, 8192ull, 72ull << 20})
    EXPECT_EQ(read_octets_in_words(octets_in_words(octets)), octets) << octets_in_words(octets);
}

TEST(Units, OtherTextIsNone) {
  for (const char* text : {"", "60", "s", "-1s", "1 parsec", "1s ", "1  s", "nan s", "inf s", "1e300h"})
    EXPECT_EQ(read_time(text), std::nullopt) << text;
  for (const char* text : {"", "16", "KiB", "-1KiB", "16kib", "16KiB!"})
    EXPECT_EQ(read_octets_in_words(text), std::nullopt) << text;
  EXPECT_EQ(read_time("2min"), 2min);
  EXPECT_EQ(read_time("500us"), 500us);
  EXPECT_EQ(read_octets_in_words("16M"), 16u << 20);
}

}  // namespace
}  // namespace wsspec::units_test
