#include "compare/matrix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/json_model.h"
#include "report/markdown.h"
#include "report/test/sample.h"

namespace wsspec::matrix_test {
namespace {

using testing::HasSubstr;
using testing::Not;

RunResult run_of(std::string name, std::vector<std::pair<std::string, Verdict>> verdicts) {
  RunResult run;
  run.target_name = std::move(name);
  for (auto& [id, verdict] : verdicts) run.results.push_back(sample::result(id, verdict, "because"));
  return run;
}

std::vector<RunResult> three() {
  using enum Verdict;
  return {run_of("a", {{"x", pass}, {"y", pass}, {"z", skipped}}),
          run_of("b", {{"x", fail}, {"y", pass}, {"z", pass}}), run_of("c", {{"x", pass}, {"w", weak}})};
}

TEST(Matrix, JsonHoldsEveryCaseOnceAndEveryTarget) {
  const Json document = Json::parse(write_matrix_json(three()));
  EXPECT_EQ(document["targets"].size(), 3U);
  ASSERT_EQ(document["cases"].size(), 4U);
  EXPECT_EQ(document["cases"][0]["id"], "x");
  EXPECT_EQ(document["cases"][0]["verdicts"], Json::parse(R"(["pass", "fail", "pass"])"));
  EXPECT_EQ(document["cases"][0]["differs"], true);
  EXPECT_EQ(document["cases"][1]["verdicts"], Json::parse(R"(["pass", "pass", null])"));
  EXPECT_EQ(document["cases"][1]["differs"], false);
  EXPECT_EQ(document["cases"][2]["differs"], false);  // Skipped is no judgement.
}

TEST(Matrix, MarkdownListsTheDifferences) {
  const std::string text = write_matrix_markdown(three());
  EXPECT_THAT(text, testing::StartsWith("| target | pass | fail | weak | skipped | |\n"));
  EXPECT_THAT(text,
              testing::EndsWith("\n\n| case | a | b | c |\n|:--|:--|:--|:--|\n| `x` | pass | fail | pass |\n"
                                "\n3 cases have one verdict on all targets.\n"));
}

TEST(Matrix, PagesKeepHostileTextAsText) {
  const auto tags = [](const std::string& page) { return std::ranges::count(page, '<'); };
  const std::string empty = write_matrix_html({});
  EXPECT_EQ(tags(write_matrix_html({sample::hostile(), sample::run()})), tags(empty));
  EXPECT_THAT(empty, HasSubstr("default-src 'none'"));
  EXPECT_THAT(empty, Not(HasSubstr("{{")));
}

TEST(Matrix, ManyTargetsAndCasesStayBounded) {
  std::vector<RunResult> runs(40, sample::large(1500));
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (auto& r : runs[i].results)
      if (i % 2 == 0) r.verdict = Verdict::weak;
  EXPECT_LT(write_matrix_markdown(runs).size(), kMarkdownLimit);
  EXPECT_LT(write_matrix_html(runs).size(), 20U << 20);
}

}  // namespace
}  // namespace wsspec::matrix_test
