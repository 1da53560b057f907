#include "protocol/close.h"

#include <gtest/gtest.h>

namespace wsspec::close_test {
namespace {

using enum CloseCodeClass;

// The registry as ranges, in the order in which RFC 6455 7.4 and IANA list them.
struct Range {
  int first, last;
  CloseCodeClass expected;
};
constexpr Range kRegistry[] = {
    {0, 999, invalid},     {1000, 1003, defined},     {1004, 1004, reserved},  {1005, 1006, forbidden},
    {1007, 1011, defined}, {1012, 1014, registered},  {1015, 1015, forbidden}, {1016, 2999, unassigned},
    {3000, 3999, library}, {4000, 4999, application}, {5000, 65535, invalid},
};

TEST(Close, ClassifiesEveryCodeAsTheRegistryDoes) {
  int seen = 0;
  for (const Range& range : kRegistry) {
    for (int code = range.first; code <= range.last; ++code, ++seen) {
      ASSERT_EQ(classify(static_cast<std::uint16_t>(code)), range.expected) << code;
    }
  }
  EXPECT_EQ(seen, 65536);
}

TEST(Close, NamesTheCodes) {
  EXPECT_EQ(close_code_name(1002), "protocol error");
  EXPECT_EQ(close_code_name(1004), "");
  EXPECT_EQ(close_code_name(3000), "");
  for (int code = 1000; code <= 1015; ++code) {
    EXPECT_EQ(close_code_name(static_cast<std::uint16_t>(code)).empty(), code == 1004) << code;
  }
}

TEST(Close, ParsesBodies) {
  EXPECT_FALSE(parse_close("").code);
  EXPECT_FALSE(parse_close("").stray_octet);
  EXPECT_TRUE(parse_close("x").stray_octet);
  EXPECT_FALSE(parse_close("x").code);
  const CloseBody body = parse_close(
      "\x03\xe8"
      "bye");
  EXPECT_EQ(body.code, 1000);
  EXPECT_EQ(body.reason, "bye");
}

TEST(Close, ParsesWhatItMakes) {
  EXPECT_EQ(make_close({}), "");
  for (int code = 0; code < 65536; ++code) {
    const CloseBody body = parse_close(make_close(static_cast<std::uint16_t>(code), "why"));
    ASSERT_EQ(body.code, code);
    ASSERT_EQ(body.reason, "why");
    ASSERT_FALSE(body.stray_octet);
  }
}

}  // namespace
}  // namespace wsspec::close_test
