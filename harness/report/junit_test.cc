#include "report/junit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "report/test/sample.h"
#include "report/test/xml.h"

namespace wsspec::junit_test {
namespace {

using sample::Element;
using testing::HasSubstr;

Element suite_of(const RunResult& run, const Gate& gate = {}) {
  const auto root = sample::parse_xml(write_junit(run, gate));
  EXPECT_TRUE(root && root->children.size() == 1);
  return root ? root->children.at(0) : Element{};
}

const Element* find_case(const Element& suite, const std::string& id) {
  for (const auto& child : suite.children)
    if (child.name == "testcase" && child.attributes.at("name").starts_with(id)) return &child;
  return nullptr;
}

int count(const Element& suite, const std::string& name) {
  int n = 0;
  for (const auto& child : suite.children) n += child.child(name) != nullptr;
  return n;
}

TEST(Junit, WellFormedWithRightTotals) {
  for (const RunResult& run : {sample::run(), sample::hostile(), sample::large(500)}) {
    const Element suite = suite_of(run);
    EXPECT_EQ(suite.attributes.at("tests"), std::to_string(run.results.size()));
    EXPECT_EQ(suite.attributes.at("failures"), std::to_string(count(suite, "failure")));
    EXPECT_EQ(suite.attributes.at("errors"), std::to_string(count(suite, "error")));
    EXPECT_EQ(suite.attributes.at("skipped"), std::to_string(count(suite, "skipped")));
  }
}

TEST(Junit, NamesAreUniqueAndClassnameIsTheTopic) {
  const Element suite = suite_of(sample::run());
  std::set<std::string> names;
  for (const auto& child : suite.children) {
    if (child.name == "testcase") {
      EXPECT_TRUE(names.insert(child.attributes.at("name")).second);
    }
  }
  const Element* one = find_case(suite, "frame.rsv.set[4]: A reserved bit");
  ASSERT_NE(one, nullptr);
  EXPECT_EQ(one->attributes.at("classname"), "frame");
}

TEST(Junit, RedOnesComeFirstByCause) {
  RunResult run;
  for (const auto& [id, verdict, reason] :
       {std::tuple("a.one", Verdict::pass, ""), std::tuple("a.two", Verdict::fail, "one thing"),
        std::tuple("b.one", Verdict::fail, "another of 7 octets"),
        std::tuple("b.two", Verdict::fail, "another of 8 octets"),
        std::tuple("c.dead", Verdict::fail, "died")})
    run.results.push_back(sample::result(id, verdict, reason));
  run.results.back().target_died = true;
  const Element suite = suite_of(run);
  std::vector<std::string> names;
  for (const auto& child : suite.children)
    if (child.name == "testcase") names.push_back(child.attributes.at("name"));
  EXPECT_EQ(names, (std::vector<std::string>{"c.dead", "b.one", "b.two", "a.two", "a.one"}));
}

TEST(Junit, AFailureSaysItInOneLineAndShowsTheTranscript) {
  const Element suite = suite_of(sample::run());
  const Element* failure = find_case(suite, "frame.rsv.set[4]")->child("failure");
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->attributes.at("message"), "the message with RSV1 set was echoed");
  EXPECT_EQ(failure->attributes.at("type"), "fail");
  EXPECT_THAT(failure->text, HasSubstr("expected: < fail 1002\n"));
  EXPECT_THAT(failure->text, HasSubstr("> text rsv=4"));
  EXPECT_THAT(failure->text, HasSubstr("replay:   wsspec run"));
}

TEST(Junit, EveryOutcomeHasItsForm) {
  const Element suite = suite_of(sample::run());
  EXPECT_NE(find_case(suite, "ping.flood")->child("error"), nullptr);
  EXPECT_THAT(find_case(suite, "ping.order")->child("skipped")->attributes.at("message"),
              HasSubstr("expected fail: upstream issue 12"));
  EXPECT_THAT(find_case(suite, "origin.foreign")->child("skipped")->attributes.at("message"),
              HasSubstr("needs origins"));
  EXPECT_NE(find_case(suite, "zz.last")->child("skipped"), nullptr);
  EXPECT_THAT(find_case(suite, "close.code.reserved")->child("system-out")->text,
              HasSubstr("weak: closed with 1000"));
  EXPECT_THAT(find_case(suite, "fragment.interleave")->child("failure")->attributes.at("message"),
              HasSubstr("flaky: "));
  EXPECT_TRUE(find_case(suite, "ping.echo[3]")->children.empty());
  const Element lenient = suite_of(sample::run(), {.allow_flaky = true});
  EXPECT_NE(find_case(lenient, "fragment.interleave")->child("flakyFailure"), nullptr);
  const Element strict = suite_of(sample::run(), {.weak = true});
  EXPECT_NE(find_case(strict, "close.code.reserved")->child("failure"), nullptr);
}

TEST(Junit, ARunThatProvesNothingIsNotGreen) {
  for (RunResult run : {RunResult{}, sample::run()}) {
    run.fatal = run.results.empty() ? "" : "the target is gone";
    const Element suite = suite_of(run);
    ASSERT_NE(find_case(suite, "run"), nullptr);
    EXPECT_NE(find_case(suite, "run")->child("error"), nullptr);
    EXPECT_EQ(suite.attributes.at("tests"), std::to_string(run.results.size() + 1));
  }
}

TEST(Junit, BodiesAreCut) {
  RunResult run = sample::run();
  run.results.resize(1);
  run.results[0].target_log = std::string(5 << 20, '<');
  EXPECT_LT(write_junit(run).size(), 6 * kJunitBody);
}

}  // namespace
}  // namespace wsspec::junit_test
