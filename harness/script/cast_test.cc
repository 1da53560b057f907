#include "script/cast.h"

#include <gtest/gtest.h>

#include "script/check.h"
#include "script/parse.h"
#include "script/print.h"

namespace wsspec {
namespace {

Case parsed(const std::string& steps) {
  Parsed out = parse("wire 1\ncase t.one\n" + steps, "t.wire");
  for (const auto& error : out.errors) ADD_FAILURE() << render(error);
  return out.file.cases.at(0);
}

std::string complaint(const std::string& steps) {
  const Source source{"t.wire", "wire 1\ncase t.one\n" + steps};
  const Loaded loaded = load({&source, 1});
  if (loaded.errors.empty()) return "";
  const auto& error = loaded.errors.front();
  return error.message + (error.hint.empty() ? "" : "; " + error.hint);
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

TEST(Connections, AreChecked) {
  EXPECT_EQ(complaint("a: open\nb: open\na: finish\nb: finish"), "");
  EXPECT_EQ(complaint("c[2]: open\nc: > text \"I am \" $member\nc: finish"), "");
  EXPECT_EQ(complaint("server: open\nserver: > ping\nsevrer: finish"),
            "'sevrer' is not opened; did you mean 'server'?");
  EXPECT_EQ(complaint("a: open\nb: open\nb: finish\nfinish\na: finish"),
            "on which connection?; put its name before it, as in 'a:'");
  EXPECT_EQ(complaint("a: open\na: finish\nb: open"), "'b' is opened and never used");
  EXPECT_EQ(complaint("c[2]: open\nc[2]: finish"),
            "there is no c[2]: the group has 2; they are counted from 0");
  EXPECT_EQ(complaint("a: open\na[0]: finish"), "'a' is one connection; a group is made by 'a[4]: open'");
  EXPECT_EQ(complaint("c[0]: open\nc: finish"),
            "how many connections is 'c[0]'?; a number of at least 1 stands there");
  EXPECT_EQ(complaint("c[65]: open\nc: finish"), "a case may have 64 connections at most");
  EXPECT_EQ(complaint("a: open\na: > text \"\" $member\na: finish"), "unknown variable '$member'");
  EXPECT_EQ(complaint("a: open\nb: open\nb: > ping\neither\na: < gone\nor\nb: < gone\nend"),
            "the first lines of its branches are about different connections; which branch is taken is found "
            "out by "
            "one of them");
  EXPECT_EQ(complaint("a: open\na: finish\nb: finish\nb: open"),
            "there is no connection yet; begin with 'open', 'connect' or '> request'");
  EXPECT_EQ(
      complaint("a: open\na: > reset\na: > text \"x\"\nb: open\nb: finish"),
      "nothing can be played behind '> reset'; it ends the case; the next handshake shows whether the target "
      "still serves");
  EXPECT_EQ(complaint("a: repeat 2\na: finish\nend"),
            "'repeat' is about no connection of its own; put 'a:' before each of its lines");
  EXPECT_EQ(complaint("1a: open\nfinish"),
            "'1a' is no connection; a name as in 'b:', or one of a group as in 'c[3]:'");
  EXPECT_EQ(complaint("c[x]: open\nc: finish"),
            "'c[x]' is no connection; a name as in 'b:', or one of a group as in 'c[3]:'");
}

TEST(Connections, MakeACaseNeedCompany) {
  const Source source{"t.wire", "wire 1\ncase t.one\na: open\nb: open\na: finish\nb: finish"};
  EXPECT_EQ(load({&source, 1}).cases.at(0).needs, std::vector<std::string>{"company"});
}

}  // namespace
}  // namespace wsspec
