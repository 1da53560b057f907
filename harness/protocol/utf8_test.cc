#include "protocol/utf8.h"

#include <gtest/gtest.h>

#include <random>

namespace wsspec::utf8_test {
namespace {

bool in(char c, int low, int high) {
  return octet(c) >= low && octet(c) <= high;
}

// RFC 3629 4, the ABNF as it stands: octets of the character at the front; 0 when there is none.
std::size_t character(BytesView s) {
  const auto tail = [&](std::size_t i) { return i < s.size() && in(s[i], 0x80, 0xbf); };
  const auto at = [&](std::size_t i, int low, int high) { return i < s.size() && in(s[i], low, high); };
  if (at(0, 0x00, 0x7f)) return 1;
  if (at(0, 0xc2, 0xdf) && tail(1)) return 2;
  if (at(0, 0xe0, 0xe0) && at(1, 0xa0, 0xbf) && tail(2)) return 3;
  if (at(0, 0xe1, 0xec) && tail(1) && tail(2)) return 3;
  if (at(0, 0xed, 0xed) && at(1, 0x80, 0x9f) && tail(2)) return 3;
  if (at(0, 0xee, 0xef) && tail(1) && tail(2)) return 3;
  if (at(0, 0xf0, 0xf0) && at(1, 0x90, 0xbf) && tail(2) && tail(3)) return 4;
  if (at(0, 0xf1, 0xf3) && tail(1) && tail(2) && tail(3)) return 4;
  if (at(0, 0xf4, 0xf4) && at(1, 0x80, 0x8f) && tail(2) && tail(3)) return 4;
  return 0;
}

bool valid_by_definition(BytesView s) {
  while (!s.empty()) {
    const std::size_t n = character(s);
    if (n == 0) return false;
    s.remove_prefix(n);
  }
  return true;
}

// Whether some octets behind `s` make it valid: the unfinished end is completed by trying.
bool continuable_by_definition(BytesView s) {
  while (!s.empty()) {
    const std::size_t n = character(s);
    if (n == 0) break;
    s.remove_prefix(n);
  }
  if (s.empty()) return true;
  if (s.size() > 3) return false;
  for (int second = 0x80; second <= 0xbf; ++second) {
    Bytes tried(s);
    if (tried.size() == 1) tried += static_cast<char>(second);
    while (tried.size() < 4) tried += '\x80';
    const std::size_t n = character(tried);
    if (n > s.size()) return true;
  }
  return false;
}

template <typename Cut>
void check_in_chunks(const Bytes& s, Cut cut) {
  Utf8Validator validator;
  for (std::size_t at = 0; at < s.size();) {
    const std::size_t n = std::min(cut(), s.size() - at);
    at += n;
    const bool ok = validator.feed(BytesView(s).substr(at - n, n));
    ASSERT_EQ(ok, continuable_by_definition(BytesView(s).substr(0, at))) << to_hex(s) << " at " << at;
    ASSERT_EQ(validator.valid(), ok);
    ASSERT_EQ(validator.complete(), valid_by_definition(BytesView(s).substr(0, at)))
        << to_hex(s) << " at " << at;
  }
}

TEST(Utf8, KnowsTheBorders) {
  struct Row {
    const char* bytes;
    bool valid;
  };
  const Row rows[] = {
      {"", true},
      {"\x7f", true},
      {"\xc2\x80", true},
      {"\xdf\xbf", true},
      {"\xe0\xa0\x80", true},
      {"\xed\x9f\xbf", true},
      {"\xee\x80\x80", true},
      {"\xef\xbb\xbf", true},  // BOM
      {"\xef\xbf\xbf", true},  // noncharacter U+FFFF
      {"\xf0\x90\x80\x80", true},
      {"\xf4\x8f\xbf\xbf", true},   // U+10FFFF
      {"\xf4\x90\x80\x80", false},  // U+110000
      {"\xf5\x80\x80\x80", false},
      {"\xc0\xaf", false},  // overlong
      {"\xc1\xbf", false},
      {"\xe0\x9f\xbf", false},
      {"\xf0\x8f\xbf\xbf", false},
      {"\xed\xa0\x80", false},  // surrogate
      {"\xed\xbf\xbf", false},
      {"\x80", false},
      {"\xc3", false},
      {"\xff", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(is_utf8(row.bytes), row.valid) << to_hex(row.bytes);
    EXPECT_EQ(valid_by_definition(row.bytes), row.valid) << to_hex(row.bytes);
  }
  EXPECT_TRUE(is_utf8(BytesView("\0", 1)));
}

TEST(Utf8, AgreesWithTheGrammarOnAllSequencesOfUpToThreeOctets) {
  for (int a = 0; a < 256; ++a) {
    const Bytes one{static_cast<char>(a)};
    ASSERT_EQ(is_utf8(one), valid_by_definition(one));
    for (int b = 0; b < 256; ++b) {
      const Bytes two = one + static_cast<char>(b);
      ASSERT_EQ(is_utf8(two), valid_by_definition(two)) << to_hex(two);
      if (a < 0xc0) continue;
      for (int c = 0; c < 256; ++c) {
        const Bytes three = two + static_cast<char>(c);
        ASSERT_EQ(is_utf8(three), valid_by_definition(three)) << to_hex(three);
      }
    }
  }
}

TEST(Utf8, AgreesWithTheGrammarOnFourOctets) {
  static constexpr int kEdges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff};
  for (int a = 0xe0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      for (const int c : kEdges) {
        for (const int d : kEdges) {
          const Bytes s{static_cast<char>(a), static_cast<char>(b), static_cast<char>(c),
                        static_cast<char>(d)};
          ASSERT_EQ(is_utf8(s), valid_by_definition(s)) << to_hex(s);
        }
      }
    }
  }
}

TEST(Utf8, ChunksOfEverySizeTellTheSameAndFailAtTheFirstImpossibleOctet) {
  static constexpr int kOctets[] = {0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2,
                                    0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5};
  constexpr std::size_t kCount = std::size(kOctets);
  for (std::size_t code = 0; code < kCount * kCount * kCount * kCount; ++code) {
    Bytes s;
    for (std::size_t rest = code, i = 0; i < 4; ++i, rest /= kCount)
      s += static_cast<char>(kOctets[rest % kCount]);
    for (std::size_t size = 1; size <= 4; ++size) check_in_chunks(s, [&] { return size; });
  }
}

TEST(Utf8, ChunksOfWholeBlocksTellTheSameWhereverTheFaultStands) {
  static constexpr int kOctets[] = {0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc2, 0xdf,
                                    0xe0, 0xe1, 0xe4, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff};
  std::mt19937 random(16);
  for (std::size_t offset = 0; offset < 48; ++offset) {
    for (int round = 0; round < 2000; ++round) {
      Bytes s(offset % 7, '.');
      while (s.size() + 4 <= offset) s += "\xf1\x80\xbf\x80";
      while (s.size() < offset) s += '.';
      for (int i = 0; i < 4; ++i) s += static_cast<char>(kOctets[random() % std::size(kOctets)]);
      s.resize(64, '.');
      for (const std::size_t size : {16, 32, 48}) {
        check_in_chunks(s, [&] { return size; });
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Utf8, AgreesOnLongRandomTextWithOneFault) {
  std::mt19937 random(6);
  static const Bytes kCharacters[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "0123456789"};
  for (int round = 0; round < 3000; ++round) {
    Bytes s;
    while (s.size() < random() % 400) s += kCharacters[random() % 5];
    if (!s.empty() && random() % 2 == 0) s[random() % s.size()] = static_cast<char>(random());
    if (random() % 4 == 0) s.resize(s.size() - s.size() / 7);
    ASSERT_EQ(is_utf8(s), valid_by_definition(s)) << to_hex(s);
    check_in_chunks(s, [&] { return 1 + random() % 40; });
  }
}

TEST(Utf8, ResetForgetsTheFault) {
  Utf8Validator validator;
  EXPECT_FALSE(validator.feed("\xff"));
  EXPECT_FALSE(validator.feed("a"));
  validator.reset();
  EXPECT_TRUE(validator.feed("a"));
  EXPECT_TRUE(validator.complete());
}

}  // namespace
}  // namespace wsspec::utf8_test
