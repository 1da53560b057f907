#include "script/expand.h"

#include <gtest/gtest.h>

#include "script/parse.h"
#include "script/print.h"

namespace wsspec::expand_test {
namespace {

Expanded expanded(std::string_view body) {
  const auto parsed = parse("wire 1\n" + std::string(body), "t");
  EXPECT_TRUE(parsed.errors.empty()) << render(parsed.errors[0]);
  return expand(parsed.file);
}

std::vector<std::string> ids(std::string_view body) {
  std::vector<std::string> out;
  for (const auto& one : expanded(body).cases) out.push_back(one.id);
  return out;
}

std::string printed(std::string_view body) {
  std::string out;
  const auto all = expanded(body);
  for (const auto& error : all.errors) out += render(error.place) + ": " + error.message + '\n';
  if (all.errors.empty()) out = print(all.cases.at(0));
  return out;
}

TEST(Expand, InstancesAreTheProductInOrder) {
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids("case a\nopen\n"), Ids({"a"}));
  EXPECT_EQ(ids("case a\neach k in text binary\neach n in 0 1M\n> $k fill($n)\n"),
            Ids({"a[text,0]", "a[text,1M]", "a[binary,0]", "a[binary,1M]"}));
  EXPECT_EQ(ids("case a\neach n ab\n125 1.1.2\nlast: 126 1.1.3\nend\n> text fill($n)\n"),
            Ids({"a[125]", "a[last]"}));
}

TEST(Expand, EveryPlaceIsSubstituted) {
  EXPECT_EQ(
      printed("case a\n  about \"$n octets of $kind, $other\"\n  covers rfc6455-$ab\n  see autobahn/$ab\n "
              " needs $kind\n  tags x$n\n"
              "  each kind n ab\n    one: text 3 1.1.2\n  end\n  let p = fill($n)\n"
              "  > $kind fin=$n rsv=$n len=$n \"a\"*$n fill($n) $n split=$n\n  < $kind $p\n  < fail "
              "$n|none\n  finish $n\n"),
      "case a[one]\n  about \"3 octets of text, $other\"\n  covers rfc6455-1.1.2\n  see autobahn/1.1.2\n  "
      "needs text\n  tags x3\n"
      "  let p = fill(3)\n  > text fin=3 rsv=3 len=3 \"a\"*3 fill(3) \"3\" split=3\n  < text $p\n  < "
      "fail 3|none\n  finish 3\n");
}

// What people have written before ids named their spec.
TEST(Expand, CoversIsReadInItsEarlierForm) {
  const std::string id = "rfc6455-5.2-3", earlier = id.substr(3);
  const auto now = printed("case a\n  covers " + id + " x-1\n  open\n");
  EXPECT_EQ(printed("case a\n  covers " + earlier + " x-1\n  open\n"), now);
  EXPECT_EQ(printed("case a\n  covers " + earlier.substr(0, 5) + "$s-3 x-1\n  each s in 5.2\n  open\n"),
            printed("case a\n  covers " + id + " x-1\n  each s in 5.2\n  open\n"));
}

TEST(Expand, EditsFollowAndHeadersAreNamed) {
  EXPECT_EQ(printed("case a\n  each e\n    x: (drop Key set Host \"b\")\n  end\n  each h in Origin\n"
                    "  > request set $h \"a\" $e path \"/\"\n  < refused has $h\n"),
            "case a[x,Origin]\n  > request set Origin \"a\" drop Key set Host \"b\" path \"/\"\n  < refused "
            "has Origin\n");
}

TEST(Expand, ACodeIsTakenForWhatItsNameHolds) {
  EXPECT_EQ(printed("case a\n  each b\n    x: x\"03\"\n  end\n  > close $b\n"),
            "case a[x]\n  > close x\"03\"\n");
  EXPECT_EQ(printed("case a\n  each c in 1000\n  each k in close\n  > $k $c\n  < $k $c\n"),
            "case a[1000,close]\n  > close 1000\n  < close 1000\n");
  EXPECT_EQ(printed("case a\n  let b = \"x\"\n  > close $b\n"), "case a\n  let b = \"x\"\n  > close $b\n");
  EXPECT_EQ(printed("case a\n  each c in none\n  < close $c\n"), "case a[none]\n  < close none\n");
}

TEST(Expand, EarlierVariablesMayBeUsedInRows) {
  EXPECT_EQ(printed("case a\n  each n in 5\n  each p\n    x: fill($n) \"!\"\n  end\n  > text $p\n"),
            "case a[5,x]\n  > text fill(5) \"!\"\n");
  EXPECT_EQ(printed("case a\n  each m in 5\n  each n\n    x: $m\n  end\n  > text fill($n)\n"),
            "case a[5,x]\n  > text fill(5)\n");
}

TEST(Expand, OnlyUsedFileLetsCome) {
  EXPECT_EQ(printed("let a = \"a\"\nlet b = $a \"b\"\nlet c = \"c\"\ncase x\n  > text $b\n"),
            "case x\n  let a = \"a\"\n  let b = $a \"b\"\n  > text $b\n");
  EXPECT_EQ(printed("let a = \"file\"\ncase x\n  let a = \"case\"\n  > text $a\n"),
            "case x\n  let a = \"case\"\n  > text $a\n");
}

TEST(Expand, Errors) {
  EXPECT_EQ(printed("case a\neach n in x\n> text fin=$n\n"),
            "t:4:1: '$n' is a word, a number is needed here\n");
  EXPECT_EQ(printed("case a\neach n in 1\n> request $n\n"),
            "t:4:1: '$n' is a number, a list of edits is needed here\n");
  EXPECT_EQ(printed("case a\neach n in x\n> $n\n"), "t:4:1: 'x' is no kind of frame\n");
  EXPECT_EQ(printed("case a\n> $n\n"), "t:3:1: '$n' is no variable of an 'each'\n");
  EXPECT_EQ(printed("case a\n> request $n\n"), "t:3:1: '$n' is no variable of an 'each'\n");
  EXPECT_EQ(printed("case a\neach n in 1 1\nopen\n"), "t:3:13: a second row '1'\n");
  EXPECT_EQ(printed("case a\neach n in 1\neach n in 2\nopen\n"), "t:4:11: a second 'each n'\n");
  EXPECT_EQ(printed("case a\nlet n = \"\"\neach n in 1\nopen\n"),
            "t:3:1: 'n' is the name of an 'each' too\n");
}

TEST(Expand, TheNumberOfInstancesIsBounded) {
  std::string body = "case a\n";
  for (int i = 0; i < 6; ++i) body += "each n" + std::to_string(i) + " in 0 1 2 3 4 5 6 7 8 9\n";
  EXPECT_EQ(printed(body + "open\n"), "t:2:1: the file expands to more than 100000 cases\n");
}

}  // namespace
}  // namespace wsspec::expand_test
