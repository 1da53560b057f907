#include "protocol/mask.h"

#include <gtest/gtest.h>

#include <array>
#include <random>

namespace wsspec::mask_test {
namespace {

// The definition of RFC 6455 5.3, octet by octet.
Bytes masked_by_definition(Bytes bytes, const std::array<std::uint8_t, 4>& key, std::uint64_t offset) {
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(octet(bytes[i]) ^ key[(offset + i) % 4]);
  return bytes;
}

Bytes random_bytes(std::mt19937& random, std::size_t size) {
  Bytes bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

TEST(Mask, MasksTheExampleOfTheRfc) {
  Bytes hello = "Hello";
  apply_mask(hello, 0x37fa213d);
  EXPECT_EQ(to_hex(hello), "7f 9f 4d 51 58");
}

TEST(Mask, AgreesWithTheDefinitionForEverySizeOffsetAndAlignment) {
  std::mt19937 random(1);
  const std::array<std::uint8_t, 4> key{0x9c, 0x01, 0xaa, 0x40};
  for (std::size_t size = 0; size < 140; ++size) {
    for (std::size_t align = 0; align < 8; ++align) {
      for (std::uint64_t offset : {0ull, 1ull, 2ull, 3ull, 4ull, 125ull, 0xffff'ffff'ffff'fff7ull}) {
        const Bytes plain = random_bytes(random, size);
        Bytes room = Bytes(align, '#') + plain + Bytes(9, '#');
        apply_mask(MutableBytes(room).subspan(align, size), 0x9c01aa40, offset);
        ASSERT_EQ(room.substr(align, size), masked_by_definition(plain, key, offset))
            << size << " " << offset;
        ASSERT_EQ(room.substr(0, align) + room.substr(align + size), Bytes(align + 9, '#'))
            << "wrote outside";
      }
    }
  }
}

TEST(Mask, InPiecesGivesTheSameAsAtOnce) {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    const MaskKey key = static_cast<MaskKey>(random());
    Bytes whole = random_bytes(random, random() % 5000);
    Bytes pieces = whole;
    apply_mask(whole, key);
    for (std::size_t at = 0; at < pieces.size();) {
      const std::size_t n = std::min<std::size_t>(1 + random() % 70, pieces.size() - at);
      apply_mask(MutableBytes(pieces).subspan(at, n), key, at);
      at += n;
    }
    ASSERT_EQ(pieces, whole);
  }
}

}  // namespace
}  // namespace wsspec::mask_test
