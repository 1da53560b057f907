#include "target/preamble.h"

#include <gtest/gtest.h>

#include <fstream>

namespace wsspec::preamble_test {
namespace {

std::string file_with(const std::string& text) {
  const auto path = ::testing::TempDir() + "wsspec-preamble.wire";
  std::ofstream(path) << text;
  return path;
}

TEST(Preamble, IsTextOrAFileOfStepsOrOfOneCase) {
  const auto steps = read_preamble("> text \"login\"\n< text");
  ASSERT_TRUE(steps) << steps.error().what;
  EXPECT_EQ(steps->size(), 2U);
  for (const auto* text : {"> text \"login\"  # a comment\n< text\n",
                           "wire 1\ncase login\n  open\n  > text \"login\"\n  < text\n  finish\n"}) {
    const auto read = read_preamble(file_with(text));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->size(), 2U) << text;
  }
}

TEST(Preamble, FaultsAreNamedWithTheirPlace) {
  EXPECT_EQ(read_preamble("/nonexistent/login.wire").error().where, "/nonexistent/login.wire");
  const auto wrong = read_preamble(file_with("> text \"a\"\n> txet \"b\"\n"));
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().what.find(":2:"), std::string::npos) << wrong.error().what;
  EXPECT_FALSE(read_preamble(file_with("wire 1\ncase a\n  open\ncase b\n  open\n")));
  EXPECT_FALSE(read_preamble("> txet \"b\""));
}

}  // namespace
}  // namespace wsspec::preamble_test
