#include "autobahn/autobahn_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/test/sample.h"

namespace wsspec::autobahn_page_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t n = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++n;
  return n;
}

AutobahnAgent agent_of(std::string name, Verdict verdict, std::vector<std::string> numbers = {"1.1.1"}) {
  RunResult run;
  run.target_name = std::move(name);
  run.results.push_back(sample::result("a", verdict, "because"));
  run.results.back().autobahn = std::move(numbers);
  return autobahn_agent(run);
}

std::string page_of(const std::vector<AutobahnAgent>& agents) {
  return autobahn_page(agents);
}

TEST(AutobahnPage, TwoOfTheClassThatGatesCountAreTheStyleSheets) {
  EXPECT_EQ(count(page_of({agent_of("echo", Verdict::pass)}), "case_failed"), 2U);
  for (const auto verdict :
       {Verdict::fail, Verdict::error, Verdict::not_run, Verdict::skipped, Verdict::inconclusive})
    EXPECT_EQ(count(page_of({agent_of("echo", verdict)}), "case_failed"), 3U) << static_cast<int>(verdict);
}

TEST(AutobahnPage, EscapesWhatComesFromTheTarget) {
  AutobahnAgent agent = agent_of("<script>alert(1)</script>&\"", Verdict::fail);
  agent.server_field = agent.entries[0].reason = agent.entries[0].about = agent.entries[0].id = "<b>\"x";
  agent.entries[0].clauses = {{"<i>", ""}, {"RFC 6455 <u>", "https://x/\"><u>"}};
  agent.tool_version = agent.started = "<s>";
  const auto page = page_of({agent});
  for (const char* markup : {"<script", "<b>\"", "<i>", "<u>", "<s>"})
    EXPECT_THAT(page, Not(HasSubstr(markup)));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST(AutobahnPage, NeedsNothingFromElsewhere) {
  const auto page = page_of({autobahn_agent(sample::run())});
  for (const char* what : {"<script", "<link", "<img", "src=", "url(", "@import", "127.0.0.1"})
    EXPECT_THAT(page, Not(HasSubstr(what)));
  EXPECT_THAT(page, HasSubstr("https://www.rfc-editor.org/rfc/rfc6455#section-5.2"));
}

TEST(AutobahnPage, LinksWhateverSpecTheTableKnows) {
  RunResult run = sample::run();
  for (auto& [id, one] : run.requirements) one.spec = "stomp-1.2", one.section = "Heart-beating";
  const auto page = page_of({autobahn_agent(run)});
  EXPECT_THAT(page,
              HasSubstr("<a href=\"https://stomp.github.io/stomp-specification-1.2.html#Heart-beating\">"
                        "STOMP 1.2 Heart-beating</a>"));
  EXPECT_THAT(page, Not(HasSubstr("rfc-editor")));
}

TEST(AutobahnPage, OrdersByNumberAndHasEveryAgent) {
  const auto page = page_of({agent_of("first", Verdict::pass, {"2.10", "10.1.1"}),
                             agent_of("second", Verdict::info, {"2.9", "2.10"})});
  EXPECT_LT(page.find("<b>2.9</b>"), page.find("<b>2.10</b>"));
  EXPECT_LT(page.find("id=\"s2\""), page.find("id=\"s10\""));
  EXPECT_EQ(count(page, "<td>not played</td>"), 3U) << "2.9, 10.1.1 and section 10 as a whole";
  EXPECT_THAT(page, HasSubstr("Pings and pongs"));
  EXPECT_THAT(page, HasSubstr(">INFORMATIONAL</a>")) << "words, not colours alone";
}

TEST(AutobahnPage, ASectionThatIsNotImplementedIsNotCheered) {
  const auto page = page_of({agent_of("echo", Verdict::skipped, {"12.1.1", "12.1.2"})});
  EXPECT_THAT(page, HasSubstr("<td class=\"none\">2 unimplemented</td>"));
  EXPECT_THAT(page_of({agent_of("echo", Verdict::pass)}), HasSubstr("<td class=\"good\">1</td>"));
}

TEST(AutobahnPage, OneCauseIsToldOnce) {
  const auto page = page_of({agent_of("echo", Verdict::fail, {"1.1.1", "1.1.2", "3.1"})});
  EXPECT_EQ(count(page, ">because<"), 1U);
  EXPECT_THAT(page, HasSubstr("3 cases"));
  EXPECT_THAT(page, HasSubstr("3 of 3 failed"));
  EXPECT_THAT(page_of({agent_of("echo", Verdict::pass)}), Not(HasSubstr("What is not good")));
}

TEST(AutobahnPage, StandsWithoutAnyAgent) {
  EXPECT_THAT(autobahn_page({}), HasSubstr("0 cases"));
}

}  // namespace
}  // namespace wsspec::autobahn_page_test
