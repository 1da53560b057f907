#include "cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsspec::progress_test {
namespace {

using namespace std::chrono_literals;

const ProgressState kHalf{924, 2114, 12, 25s, "deflate.autobahn.data[pdf,n16]"};
const Pen kPlain{};

TEST(Progress, ShowsBarShareCountsAndTime) {
  EXPECT_EQ(progress_line(kHalf, 80, kPlain, true),
            "[████████░░░░░░░░░░░░]  43%  924/2114  12 red  about 33 s left  deflate.autobah");
  EXPECT_EQ(progress_line(kHalf, 120, kPlain, false),
            "[========>           ]  43%  924/2114  12 red  about 33 s left  deflate.autobahn.data[pdf,n16]");
}

TEST(Progress, ColoursTellRedFromGreen) {
  EXPECT_THAT(progress_line(kHalf, 80, {true}, false), testing::StartsWith("[\x1b[31m========>"));
  EXPECT_THAT(progress_line({1, 2, 0, 5s, "a"}, 80, {true}, false), testing::StartsWith("[\x1b[32m====="
                                                                                        "=====>"));
}

// A line as wide as the terminal would wrap, and the next would not replace it.
TEST(Progress, AlwaysFitsOnOneLine) {
  for (std::size_t columns = 1; columns < 200; ++columns)
    for (const bool blocks : {false, true})
      EXPECT_LT(columns_of(progress_line(kHalf, columns, {true}, blocks)), columns);
}

TEST(Progress, TimeLeftIsSaidOnceItIsKnown) {
  EXPECT_EQ(time_left({0, 10, 0, 5s, ""}), "");
  EXPECT_EQ(time_left({5, 10, 0, 900ms, ""}), "");
  EXPECT_EQ(time_left({10, 10, 0, 5s, ""}), "");
  EXPECT_EQ(time_left({5, 10, 0, 5s, ""}), "about 5 s left");
  EXPECT_EQ(time_left({1, 100, 0, 4s, ""}), "about 7 min left");
}

TEST(Progress, EqualRemarksAreMadeOnce) {
  const auto printed = [](TerminalProgress::Detail detail) {
    testing::internal::CaptureStderr();
    TerminalProgress progress(detail, {});
    for (const char* text : {"the target died", "a.b: the target died", "the target died"})
      progress.remark(text);
    return testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(printed(TerminalProgress::Detail::normal),
            "wsspec: the target died\nwsspec: a.b: the target died\n");
  EXPECT_EQ(printed(TerminalProgress::Detail::each),
            "wsspec: the target died\nwsspec: a.b: the target died\nwsspec: the target died\n");
  EXPECT_EQ(printed(TerminalProgress::Detail::quiet), "");
}

TEST(Progress, ForeignTextInTheIdIsEscaped) {
  EXPECT_THAT(progress_line({1, 2, 0, 1s, "a\x1b[2J"}, 120, kPlain, false), testing::HasSubstr("a\\x1b[2J"));
}

}  // namespace
}  // namespace wsspec::progress_test
