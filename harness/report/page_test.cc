#include "report/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/html.h"
#include "report/test/sample.h"

namespace wsspec::page_test {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The data element's text.
std::string data_of(const std::string& page) {
  static constexpr std::string_view kOpen = R"(<script type="application/json" id="data">)";
  const std::size_t begin = page.find(kOpen);
  if (begin == std::string::npos) return {};
  const std::size_t from = begin + kOpen.size();
  return page.substr(from, page.find("</script>", from) - from);
}

TEST(PageFiles, ScriptsAndStylesCannotEndTheirElement) {
  ASSERT_GE(page_files().size(), 8U);
  for (const auto& [name, file] : page_files()) {
    EXPECT_FALSE(file.text.empty()) << name;
    EXPECT_EQ(file.hash.size(), 7U + 44U) << name;
    if (name.ends_with(".html")) continue;
    EXPECT_EQ(file.text.find("</"), std::string_view::npos) << name;
    EXPECT_EQ(file.text.find("<!--"), std::string_view::npos) << name;
    EXPECT_EQ(file.text.find('\r'), std::string_view::npos) << name;
  }
}

TEST(PageFiles, LoadNothing) {
  for (const auto& [name, file] : page_files()) {
    const std::string text(file.text);
    for (const char* word :
         {"@import", "url(", "fetch(", "XMLHttpRequest", "<img", "<link", "src=", "innerHTML", "eval("})
      EXPECT_THAT(text, Not(HasSubstr(word))) << name;
  }
}

TEST(EmbeddedJson, CannotLeaveItsElementAndStaysEqual) {
  const Json data = {{"</script><script>", "<!-- & \xE2\x80\xA8\xE2\x80\xA9 \xE2\x80\xAE κ"}};
  const std::string text = embedded_json(data);
  for (const char* sign : {"<", ">", "&", "\xE2\x80\xA8", "\xE2\x80\xA9"})
    EXPECT_THAT(text, Not(HasSubstr(sign)));
  EXPECT_EQ(Json::parse(text), data);
}

TEST(WritePage, WhatIsFilledInIsNotLookedAtAgain) {
  const std::string page =
      write_page("viewer.html", "{{data}} <b>\"x\"", {{"a", "{{title}} {{file:base.css}}"}});
  EXPECT_THAT(page, HasSubstr("<title>{{data}} &lt;b&gt;&quot;x&quot;</title>"));
  EXPECT_EQ(data_of(page), R"({"a":"{{title}} {{file:base.css}}"})");
}

TEST(WritePage, ThePolicyAllowsTheEmbeddedFilesOnly) {
  const std::string page = write_page("viewer.html", "t", Json::object());
  EXPECT_THAT(page, HasSubstr("default-src 'none'; script-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-inline")));
  EXPECT_THAT(page, HasSubstr(std::string(page_files().at("base.js").hash)));
  EXPECT_THAT(page, HasSubstr(std::string(page_files().at("viewer.css").hash)));
}

TEST(Html, HoldsTheReportAndWhatReplaysIt) {
  const RunResult run = sample::run();
  const Json data = Json::parse(data_of(write_html(run)));
  EXPECT_EQ(data["results"].size(), run.results.size());
  EXPECT_EQ(data["summary"]["exit_code"], 1);
  EXPECT_THAT(data["results"][0]["wire"].get<std::string>(), HasSubstr("> text rsv=4"));
  EXPECT_THAT(data["results"][0]["replay"].get<std::string>(), HasSubstr("wsspec run"));
  EXPECT_TRUE(data["results"][0]["red"].get<bool>());
  EXPECT_FALSE(data["results"][3]["red"].get<bool>());
  EXPECT_THAT(write_html(run), HasSubstr("<title>echo-x · wsspec report</title>"));
}

TEST(Html, LeavesOutTheMiddleOfLongExchanges) {
  RunResult run = sample::run();
  for (const std::size_t i : {0U, 20U})
    run.results[i].transcript.events.resize(2000, run.results[i].transcript.events[0]);
  ASSERT_EQ(run.results[20].verdict, Verdict::pass);
  const Json data = Json::parse(data_of(write_html(run)));
  EXPECT_EQ(data["results"][0]["transcript"].size(), 600U);
  EXPECT_EQ(data["results"][0]["omitted"], Json::parse(R"({"at": 300, "count": 1400})"));
  EXPECT_TRUE(data["results"][0].contains("wire"));
  EXPECT_EQ(data["results"][20]["transcript"].size(), 60U);
  EXPECT_FALSE(data["results"][20].contains("wire"));
  EXPECT_EQ(data["timing"]["details"][run.results[20].id]["events_ms"].size(), 60U);
}

TEST(Html, HostileTextAddsNoMarkup) {
  const auto tags = [](const std::string& page) { return std::ranges::count(page, '<'); };
  EXPECT_EQ(tags(write_html(sample::hostile())), tags(write_html(RunResult{})));
}

}  // namespace
}  // namespace wsspec::page_test
