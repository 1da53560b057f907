#include "report/sarif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "report/json_model.h"
#include "report/test/sample.h"

namespace wsspec::sarif_test {
namespace {

using testing::HasSubstr;

Json run_of(const std::string& text) {
  const Json document = Json::parse(text);
  EXPECT_EQ(document["version"], "2.1.0");
  EXPECT_EQ(document["runs"].size(), 1U);
  return document["runs"][0];
}

void expect_sound(const Json& run) {
  const Json& rules = run["tool"]["driver"]["rules"];
  std::set<std::string> ids;
  for (const Json& rule : rules) {
    EXPECT_TRUE(ids.insert(rule["id"]).second);
    EXPECT_LE(rule["properties"]["tags"].size(), 10U);
    EXPECT_FALSE(rule["shortDescription"]["text"].get<std::string>().empty());
  }
  for (const Json& result : run["results"]) {
    EXPECT_EQ(rules[result["ruleIndex"].get<std::size_t>()]["id"], result["ruleId"]);
    EXPECT_GE(result["locations"][0]["physicalLocation"]["region"]["startLine"].get<int>(), 1);
    EXPECT_EQ(result["partialFingerprints"]["primaryLocationLineHash"].get<std::string>().size(), 18U);
  }
}

TEST(Sarif, HoldsFailuresOfSecurityCasesOnly) {
  const Json run = run_of(write_sarif(sample::run()));
  ASSERT_EQ(run["results"].size(), 2U);
  expect_sound(run);
  EXPECT_EQ(run["results"][0]["ruleId"], "deflate.window.too-far");  // It died: worst first.
  EXPECT_EQ(run["results"][1]["ruleId"], "frame.rsv.set");
  EXPECT_EQ(run["results"][1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "cases/frame.wire");
  EXPECT_EQ(run["tool"]["driver"]["rules"][1]["helpUri"],
            "https://www.rfc-editor.org/rfc/rfc6455#section-5.2");
}

TEST(Sarif, FingerprintsAreStableAndTellTargetsApart) {
  RunResult one = sample::run(), two = sample::run(), other = sample::run();
  two.results[0].reason = "worded differently";
  two.duration = {};
  other.target_name = "echo-y";
  const auto print = [](const RunResult& run) {
    return run_of(write_sarif(run))["results"][1]["partialFingerprints"];
  };
  EXPECT_EQ(print(one), print(two));
  EXPECT_NE(print(one), print(other));
}

TEST(Sarif, ExpectedFailuresAreSuppressed) {
  RunResult run = sample::run();
  run.results[0].baseline = "known";
  EXPECT_EQ(run_of(write_sarif(run))["results"][1]["suppressions"][0]["justification"], "known");
}

TEST(Sarif, CampaignsBringTheirFailures) {
  const Json run = run_of(write_sarif(sample::campaign()));
  ASSERT_EQ(run["results"].size(), 3U);
  expect_sound(run);
  EXPECT_EQ(run["results"][0]["ruleId"], "fuzz/crash");
  EXPECT_THAT(run["results"][1]["message"]["text"].get<std::string>(), HasSubstr("RFC 6455 section 5.5"));
  EXPECT_EQ(run["tool"]["driver"]["rules"][1]["helpUri"],
            "https://www.rfc-editor.org/rfc/rfc6455#section-5.5");
}

TEST(Sarif, CampaignsBringTheLogOfACrash) {
  FuzzCampaign campaign = sample::campaign();
  for (auto& finding : campaign.findings) finding.log = std::string(5000, '.') + "TypeError at onText";
  EXPECT_THAT(write_sarif(campaign), testing::HasSubstr("TypeError at onText"));
}

TEST(Sarif, HostileAndHugeRunsStaySound) {
  expect_sound(run_of(write_sarif(sample::hostile())));
  RunResult run = sample::large(6000);
  for (auto& r : run.results) r.verdict = Verdict::fail, r.tags = {"security"};
  const Json document = run_of(write_sarif(run));
  EXPECT_EQ(document["results"].size(), kSarifResults);
  expect_sound(document);
}

}  // namespace
}  // namespace wsspec::sarif_test
