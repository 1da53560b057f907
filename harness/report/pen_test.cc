#include "report/pen.h"

#include <gtest/gtest.h>

namespace wsspec::pen_test {
namespace {

TEST(Pen, PaintsOnlyWhenAsked) {
  EXPECT_EQ(Pen{true}.paint(Verdict::fail, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Pen{false}.paint(Verdict::fail, "x"), "x");
  EXPECT_EQ(Pen{true}.bold(""), "");
}

TEST(Pen, ColumnsCountCharactersNotOctetsNorColours) {
  EXPECT_EQ(columns_of("a\u2026b"), 3U);
  EXPECT_EQ(columns_of("\x1b[31mred\x1b[0m"), 3U);
}

TEST(Pen, BreaksAtBlanks) {
  EXPECT_EQ(wrapped("one two three four", 2, 12), "one two\n  three four");
  EXPECT_EQ(wrapped("one two three four", 2, 0), "one two three four");
  EXPECT_EQ(wrapped("a.very.long.identifier b", 2, 8), "a.very.long.identifier\n  b");
  EXPECT_EQ(wrapped("l1\n    l2", 2, 40), "l1\n      l2");
  EXPECT_EQ(wrapped("l1\n", 2, 40), "l1\n");
}

TEST(Pen, NoLineIsWiderUnlessAWordIs) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += std::string(1 + i * 7 % 11, 'a') + (i % 5 ? " " : "  ");
  for (std::size_t width = 20; width < 60; ++width) {
    std::size_t column = 4;
    for (const char c : wrapped(text, 4, width)) {
      column = c == '\n' ? 0 : column + 1;
      EXPECT_LE(column, width + 1);
    }
  }
}

}  // namespace
}  // namespace wsspec::pen_test
