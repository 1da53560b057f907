#include "report/autobahn_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/autobahn.h"
#include "report/test/sample.h"

namespace wsspec {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t n = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++n;
  return n;
}

std::string page_of(std::string agent, Verdict verdict) {
  RunResult run;
  run.target_name = std::move(agent);
  run.results.push_back(sample::result("a", verdict, "because"));
  run.results.back().autobahn = {"1.1.1"};
  return write_autobahn_page(write_autobahn(run).at("index.json")).value_or("");
}

TEST(AutobahnPage, TwoOfTheClassThatGatesCountAreTheStyleSheets) {
  EXPECT_EQ(count(page_of("echo", Verdict::pass), "case_failed"), 2U);
  for (const auto verdict :
       {Verdict::fail, Verdict::error, Verdict::not_run, Verdict::skipped, Verdict::inconclusive})
    EXPECT_GT(count(page_of("echo", verdict), "case_failed"), 2U) << static_cast<int>(verdict);
}

TEST(AutobahnPage, EscapesWhatComesFromTheTarget) {
  const auto page = page_of("<script>alert(1)</script>&\"", Verdict::pass);
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST(AutobahnPage, OrdersByNumberAndShowsWhatIsMissing) {
  const auto page = write_autobahn_page(
      R"({"a": {"2.10": {"behavior": "OK", "behaviorClose": "OK"}, "2.9": {"behavior": "OK", "behaviorClose": "OK"}},
          "b": {"2.9": {"behavior": "OK", "behaviorClose": "UNCLEAN"}}})");
  ASSERT_TRUE(page.has_value());
  EXPECT_LT(page->find(">2.9<"), page->find(">2.10<"));
  EXPECT_THAT(*page, HasSubstr("missing"));
  EXPECT_EQ(count(*page, "case_failed"), 4U);
}

TEST(AutobahnPage, RefusesWhatIsNoIndex) {
  EXPECT_FALSE(write_autobahn_page("[]").has_value());
  EXPECT_FALSE(write_autobahn_page("{\"a\": 1}").has_value());
  EXPECT_FALSE(write_autobahn_page("").has_value());
}

}  // namespace
}  // namespace wsspec
