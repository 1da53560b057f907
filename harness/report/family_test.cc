#include "report/family.h"

#include <gtest/gtest.h>

#include "report/test/sample.h"

namespace wsspec {
namespace {

TEST(Family, IdsSplitAtTheFirstBracket) {
  EXPECT_EQ(family_of("a.b[c,[d]]"), "a.b");
  EXPECT_EQ(instance_of("a.b[c,[d]]"), "[c,[d]]");
  EXPECT_EQ(family_of("a.b"), "a.b");
  EXPECT_EQ(instance_of("a.b"), "");
}

TEST(Family, EveryRedResultIsInOneGroup) {
  for (const RunResult& run : {sample::run(), sample::large(900)}) {
    std::size_t grouped = 0, red = 0;
    for (const auto& group : red_families(run, {})) grouped += group.size();
    for (const auto& r : run.results) red += is_red(r, {});
    EXPECT_EQ(grouped, red);
  }
}

TEST(Family, OnlyEqualFailuresShareAGroup) {
  RunResult run;
  for (int i = 0; i < 20; ++i)
    run.results.push_back(sample::result("a[" + std::to_string(i) + "]", Verdict::fail, "same"));
  run.results.push_back(sample::result("a[x]", Verdict::fail, "another"));
  run.results.push_back(sample::result("a[y]", Verdict::error, "same"));
  run.results.push_back(sample::result("b[0]", Verdict::fail, "same"));
  const auto groups = red_families(run, {});
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups[0].size(), 20U);
  EXPECT_EQ(others_of(groups[0], 2), "[1], [2] and 17 more");
  EXPECT_EQ(others_of(groups[0], 50).find("more"), std::string::npos);
  EXPECT_EQ(others_of(groups[1]), "");
}

TEST(Family, ClausesAreCountedOnceAResultAndMostFirst) {
  RunResult run;
  const auto add = [&](const char* id, Verdict verdict, const char* clause) {
    run.results.push_back(sample::result(id, verdict, "r"));
    run.results.back().clause = clause;
  };
  add("a", Verdict::fail, "RFC 6455 section 5.5");
  add("b", Verdict::fail, "RFC 6455 section 8.1, RFC 6455 section 5.6");
  add("c", Verdict::fail, "RFC 6455 section 8.1");
  add("d", Verdict::pass, "RFC 6455 section 5.5");
  add("e", Verdict::fail, "RFC 6455 section 8.1");
  run.results.back().target_died = true;
  const auto clauses = red_clauses(run, {});
  ASSERT_EQ(clauses.size(), 3U);
  EXPECT_EQ(clauses[0], (std::pair<std::string, std::size_t>("RFC 6455 section 8.1", 2U)));
  EXPECT_EQ(clauses[1].second + clauses[2].second, 2U);
  EXPECT_EQ(clauses[2].first, "the target died");
}

}  // namespace
}  // namespace wsspec
