#include "script/cast.h"

#include <gtest/gtest.h>

#include "script/check.h"
#include "script/parse.h"
#include "script/print.h"

namespace wsspec::cast_test {
namespace {

Case parsed(const std::string& steps) {
  Parsed out = parse("wire 1\ncase t.one\n" + steps, "t.wire");
  for (const auto& error : out.errors) ADD_FAILURE() << render(error);
  return out.file.cases.at(0);
}

TEST(Cast, HasTheConnectionsInTheOrderOfTheirMaking) {
  const Cast cast(parsed("b: open\nc[3]: connect\nopen\nfinish").steps);
  ASSERT_EQ(cast.size(), 5u);
  EXPECT_EQ(print(cast.on(0)), "b");
  EXPECT_EQ(print(cast.on(3)), "c[2]");
  EXPECT_EQ(print(cast.on(4)), "");
  EXPECT_EQ(cast.find("c")->first, 1u);
  EXPECT_EQ(cast.find("d"), nullptr);
}

TEST(Cast, OfACaseWithoutNamesIsOne) {
  EXPECT_EQ(Cast(parsed("open\nfinish").steps).size(), 1u);
  EXPECT_EQ(Cast(parsed("> request\n< upgrade").steps).size(), 1u);
}

std::size_t at_once(const std::string& steps) {
  const auto tree = parsed(steps).steps;
  return Cast(tree).at_once(tree);
}

TEST(Cast, CountsThoseThatAreThereAtOnce) {
  EXPECT_EQ(at_once("> request\n< upgrade"), 1u);
  EXPECT_EQ(at_once("a: open\nb[3]: open\na: finish\nb: finish"), 4u);
  EXPECT_EQ(at_once("a[5]: connect\na: > eof\nb[3]: connect\nb: > reset\nc: open\nc: finish"), 5u);
  EXPECT_EQ(at_once("a[5]: open\na[0]: > eof\na[0]: < gone\na[1]: < fail 1002\nb[3]: open\nb: finish"), 6u);
  EXPECT_EQ(at_once("a: open\na: > close\nb: open\neither\na: < gone\nor\na: < close\nend\nc: open\nc: "
                    "finish\nb: finish"),
            3u);
}

TEST(Cast, AGroupOfTunnelsGrows) {
  const auto steps = parsed("near[3]: open\nnear[4]: connect\nnear[6]: open\nfar[5]: > text").steps;
  const Cast cast(steps);
  ASSERT_EQ(cast.size(), 12u);
  EXPECT_EQ(print(cast.on(5)), "near[5]");
  EXPECT_EQ(print(cast.on(6)), "far[0]");
  const auto made = [&](std::size_t step) {
    return std::pair(cast.made_by(steps[step]).first, cast.made_by(steps[step]).count);
  };
  EXPECT_EQ(made(0), std::pair(std::size_t{0}, std::size_t{3}));
  EXPECT_EQ(made(1), std::pair(std::size_t{3}, std::size_t{1}));
  EXPECT_EQ(made(2), std::pair(std::size_t{4}, std::size_t{2}));
  EXPECT_EQ(cast.at_once(steps), 6u);
}

TEST(Cast, AloneIsWhatOneOfThemDoes) {
  const Case one = parsed(
      "a: open\nc[2]: open\nburst\na: > text \"a\"\nc: > text \"c\" $member\nend\npause 5ms\nrepeat 2 as "
      "i\nc[$i]: > "
      "ping\n"
      "c[0]: < pong\nend\neither\na: < text \"a\"\nor weak\na: < gone\nend\nc: finish");
  EXPECT_EQ(print(alone(one, {"c", Number{1, {}}})),
            "case t.one\n  open\n  burst\n    > text \"c\" \"1\"\n  end\n  pause 5ms\n  repeat 2 as i\n    > "
            "ping\n  end\n"
            "  finish\n");
  EXPECT_EQ(print(alone(one, {"a", {}})),
            "case t.one\n  open\n  burst\n    > text \"a\"\n  end\n  pause 5ms\n  either\n    < text \"a\"\n"
            "  or weak\n    < gone\n  end\n");
}

}  // namespace
}  // namespace wsspec::cast_test
