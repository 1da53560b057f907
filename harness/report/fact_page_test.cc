// The page of facts in every report that has one.
#include "report/fact_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/html.h"
#include "report/json.h"
#include "report/markdown.h"
#include "report/terminal.h"
#include "report/test/schema.h"

namespace wsspec::fact_page_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

RunResult hop() {
  RunResult run;
  run.tested = "hop";
  const auto add = [&](const char* id, std::vector<std::string> notes) {
    CaseResult one;
    one.id = id;
    one.topic = "hop-facts";
    one.verdict = Verdict::info;
    one.reason = "left open";
    one.notes = std::move(notes);
    run.results.push_back(std::move(one));
  };
  add("hop-facts.names", {"added to the request: nothing", "added to the answer: Server \"<b>x\x1b[2J\""});
  add("hop-facts.idle.silent", {"idle limit: 60 s", "the client saw: FIN", "the server saw: FIN"});
  return run;
}

TEST(FactPage, HasWhatWasMeasuredAndOneLineForEachReason) {
  const auto page = fact_page(hop());
  ASSERT_GE(page.sentences.size(), 4u);
  EXPECT_EQ(page.sentences[3], "idle limit 60 s: FIN to the client, FIN to the server");
  EXPECT_THAT(page.unknown,
              ElementsAre(HasSubstr("pings, data, unanswered"), HasSubstr("half-close, reset")));
}

TEST(FactPage, IsNoneOfAServer) {
  auto run = hop();
  run.tested = "server";
  EXPECT_THAT(fact_page(run).sentences, IsEmpty());
  EXPECT_TRUE(facts_json(run).is_null());
  EXPECT_THAT(write_json(run, {}), Not(HasSubstr("\"facts\"")));
}

TEST(FactPage, StandsInEveryReport) {
  const auto run = hop();
  const auto document = Json::parse(write_json(run, {}));
  EXPECT_EQ(sample::schema_faults("report.schema.json", document), "");
  EXPECT_EQ(document["facts"]["list"][0]["least"], 60'000'000'000);
  EXPECT_THAT(write_terminal(run), HasSubstr("- idle limit 60 s: FIN to the client"));
  EXPECT_THAT(write_markdown(run), HasSubstr("### What the hop does"));
  EXPECT_THAT(write_html(run), HasSubstr("\"facts\""));
}

TEST(FactPage, WhatAHopSaysIsMadeSafe) {
  const auto text = write_terminal(hop());
  EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_THAT(write_markdown(hop()), Not(HasSubstr("<b>")));
}

}  // namespace
}  // namespace wsspec::fact_page_test
