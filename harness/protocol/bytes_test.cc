#include "protocol/bytes.h"

#include <gtest/gtest.h>

#include <random>

namespace wsspec::bytes_test {
namespace {

TEST(Bytes, PrintsHexadecimal) {
  EXPECT_EQ(to_hex(""), "");
  EXPECT_EQ(to_hex(BytesView("\x81\x00\x0f", 3)), "81 00 0f");
  EXPECT_EQ(to_hex("\xff\xa0", ""), "ffa0");
}

TEST(Bytes, WritesNetworkOrder) {
  Bytes out = "x";
  append_big_endian(out, 0x0102030405060708, 8);
  append_big_endian(out, 0xabcdef, 2);
  EXPECT_EQ(to_hex(out), "78 01 02 03 04 05 06 07 08 cd ef");
}

TEST(Bytes, ReadsWhatItWrote) {
  std::mt19937_64 random(3);
  for (int octets = 1; octets <= 8; ++octets) {
    for (int i = 0; i < 200; ++i) {
      const std::uint64_t value = random() >> (64 - 8 * octets);
      Bytes out;
      append_big_endian(out, value, octets);
      ASSERT_EQ(out.size(), static_cast<std::size_t>(octets));
      ASSERT_EQ(read_big_endian(out), value);
    }
  }
}

}  // namespace
}  // namespace wsspec::bytes_test
