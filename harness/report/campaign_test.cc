#include "report/campaign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/json_model.h"
#include "report/test/sample.h"
#include "report/test/schema.h"

namespace wsspec::campaign_test {
namespace {

using testing::HasSubstr;

TEST(Campaign, JsonFollowsItsSchemaWorstFirst) {
  const Json document = Json::parse(write_campaign_json(sample::campaign()));
  EXPECT_EQ(sample::schema_faults("campaign.schema.json", document), "");
  EXPECT_EQ(document["findings"].size(), 4U);
  EXPECT_EQ(document["findings"][0]["cause"], "crash");
  EXPECT_EQ(document["findings"][0]["stable"], true);
  EXPECT_EQ(document["findings"][1]["stable"], false);
  EXPECT_EQ(document["findings"][3]["verdict"], "weak");
  EXPECT_EQ(document["campaign"]["exit_code"], 1);
  EXPECT_EQ(sample::schema_faults("campaign.schema.json", Json::parse(write_campaign_json({}))), "");
}

TEST(Campaign, TellsWhatADeadTargetPrinted) {
  FuzzCampaign campaign = sample::campaign();
  EXPECT_FALSE(Json::parse(write_campaign_json(campaign))["findings"][0].contains("log"));
  for (auto& finding : campaign.findings)
    if (finding.cause == "crash") finding.log = "TypeError: at </script> onText\n";
  const Json document = Json::parse(write_campaign_json(campaign));
  EXPECT_EQ(sample::schema_faults("campaign.schema.json", document), "");
  EXPECT_EQ(document["findings"][0]["log"], "TypeError: at </script> onText\n");
  EXPECT_THAT(write_campaign_html(campaign), HasSubstr("onText"));
}

TEST(Campaign, ClocksAndCountsTouchTimingOnly) {
  FuzzCampaign one = sample::campaign(), two = one;
  two.duration *= 2;
  two.started = "later";
  two.inputs += 5;
  two.samples.pop_back();
  for (auto& finding : two.findings) finding.first_seen += std::chrono::seconds(1), ++finding.hits;
  Json a = Json::parse(write_campaign_json(one)), b = Json::parse(write_campaign_json(two));
  EXPECT_NE(a, b);
  a.erase("timing"), b.erase("timing");
  EXPECT_EQ(a, b);
}

TEST(Campaign, ExitCodes) {
  FuzzCampaign campaign = sample::campaign();
  EXPECT_EQ(exit_of(campaign), Exit::red);
  std::erase_if(campaign.findings, [](const FuzzFinding& f) { return f.verdict == Verdict::fail; });
  EXPECT_EQ(exit_of(campaign), Exit::as_expected);
  campaign.findings.emplace_back().verdict = Verdict::inconclusive;
  EXPECT_EQ(exit_of(campaign), Exit::red) << "a target that stayed away shows nothing";
  EXPECT_THAT(headline(campaign), HasSubstr("stayed away"));
  campaign.inputs = 0;
  EXPECT_EQ(exit_of(campaign), Exit::nothing_selected);
  campaign.interrupted = true;
  EXPECT_EQ(exit_of(campaign), Exit::interrupted);
  campaign.fatal = "connection refused";
  EXPECT_EQ(exit_of(campaign), Exit::unreachable);
}

TEST(Campaign, ThePageHoldsReplaysAndNoMarkup) {
  FuzzCampaign campaign = sample::campaign();
  EXPECT_THAT(write_campaign_html(campaign),
              HasSubstr("wsspec replay findings/1.wire ws://127.0.0.1:9001/chat"));
  const auto tags = [](const std::string& page) { return std::ranges::count(page, '<'); };
  for (auto& f : campaign.findings)
    f.message = f.reproducer = f.signature += "</script><img src=x onerror=alert(1)>\xff";
  EXPECT_EQ(tags(write_campaign_html(campaign)), tags(write_campaign_html({})));
}

}  // namespace
}  // namespace wsspec::campaign_test
