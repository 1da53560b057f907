#include "report/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/test/sample.h"

namespace wsspec::markdown_test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MarkdownText, NothingInItMeansAnything) {
  EXPECT_EQ(markdown_text("a|b"), "a&#124;b");
  EXPECT_EQ(markdown_text("@someone <b> [x](y)"), "&#64;someone &#60;b&#62; &#91;x&#93;&#40;y&#41;");
  EXPECT_EQ(markdown_text("www.evil.example"), "www&#46;evil.example");
  EXPECT_EQ(markdown_text("http://x"), "http&#58;&#47;&#47;x");
  EXPECT_EQ(markdown_text("a\nb"), "a&#92;nb");
}

TEST(MarkdownCode, FencesAreLongerThanWhatTheyHold) {
  EXPECT_EQ(markdown_code("plain"), "`plain`");
  EXPECT_EQ(markdown_code("a`b``c"), "```a`b``c```");
  EXPECT_EQ(markdown_code("`"), "`` ` ``");
  EXPECT_EQ(markdown_code("1002|1007"), "`1002\\|1007`");
  EXPECT_EQ(markdown_code(""), "");
}

TEST(Markdown, ShowsOutcomeCountsAndRedVerdicts) {
  const std::string text = write_markdown(sample::run());
  EXPECT_THAT(text, HasSubstr("## wsspec: echo&#45;x\n"));
  EXPECT_THAT(text, HasSubstr("5 of 168 judged are red"));
  EXPECT_THAT(text, HasSubstr("| **all** | 5 | 1 | 1 | 1 | 1 | 159 | 1 | 1 |"));
  EXPECT_THAT(text, HasSubstr("| **fail** | 1 | `frame.rsv.set[4]`<br>"));
  EXPECT_THAT(text, HasSubstr("expected `< fail 1002\\|1007`"));
  EXPECT_THAT(text, HasSubstr("- stale baseline: fail close.old"));
}

TEST(Markdown, HostileTextStaysText) {
  const std::string text = write_markdown(sample::hostile());
  EXPECT_THAT(text, Not(HasSubstr("<script>window.owned=1</script></script>\n")));
  std::size_t outside = 0;
  bool code = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') code = !code;
    if (text[i] == '\n') code = false;
    if (!code && text.compare(i, 7, "<script") == 0) ++outside;
  }
  // The hostile text holds one backtick pair itself, so spans are fenced by two; toggling per octet still
  // pairs up.
  EXPECT_EQ(outside, 0U);
}

TEST(Markdown, StaysBelowTheLimit) {
  RunResult run = sample::large(20'000);
  for (auto& r : run.results)
    r.verdict = Verdict::fail, r.reason = r.id + std::string(400, '|'), r.covers = {r.id},
    r.sent_illegal = true;
  const std::string text = write_markdown(run);
  EXPECT_LT(text.size(), kMarkdownLimit);
  EXPECT_THAT(text, HasSubstr("more red verdicts"));
}

}  // namespace
}  // namespace wsspec::markdown_test
