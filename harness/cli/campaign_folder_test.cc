// A campaign's folder: the plan never changes, shards join by signature, merging twice gives the same.
#include "cli/campaign_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "cli/files.h"
#include "cli/finding_store.h"

namespace wsspec::campaign_folder_test {
namespace {

namespace fs = std::filesystem;

class CampaignFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder = (fs::temp_directory_path() / ("wsspec-campaign-" + std::to_string(::getpid()))).string();
    fs::remove_all(folder);
    plan.memory = true, plan.shards = 2, plan.inputs = 100, plan.time = std::chrono::seconds(5);
    ASSERT_TRUE(write_campaign_plan(folder, plan));
  }
  void TearDown() override { fs::remove_all(folder); }

  void find(std::uint64_t shard, const std::string& signature, const std::string& reproducer, bool stable) {
    auto store = FindingStore::open((fs::path(shard_folder(folder, shard)) / "findings").string());
    ASSERT_TRUE(store);
    FuzzFinding finding;
    finding.signature = signature, finding.cause = "stalled", finding.reproducer = reproducer;
    finding.stable = stable;
    ASSERT_TRUE(store->keep(finding));
  }

  std::string folder;
  CampaignPlan plan;
};

TEST_F(CampaignFolder, PlanIsReadBackAndNeverChanges) {
  EXPECT_EQ(read_campaign_plan(folder).value(), plan);
  EXPECT_TRUE(write_campaign_plan(folder, plan)) << "the same again is fine";
  CampaignPlan other = plan;
  other.seed = 9;
  EXPECT_FALSE(write_campaign_plan(folder, other));
  EXPECT_EQ(read_campaign_plan(folder).value(), plan);
  EXPECT_FALSE(read_campaign_plan(folder + "/nowhere"));
}

TEST_F(CampaignFolder, OneOfClientsSaysHowTheyCome) {
  CampaignPlan clients = plan;
  clients.memory = false, clients.shards = 1;
  clients.way = {"--serve", "--exec", "node client.js {url}", "--tls", "--grace", "5s"};
  const std::string own = folder + "/clients";
  ASSERT_TRUE(write_campaign_plan(own, clients));
  EXPECT_EQ(read_campaign_plan(own).value(), clients);
  std::vector<std::uint64_t> missing;
  const FuzzCampaign joined = join_shards(own, clients, missing).value();
  EXPECT_EQ(joined.target_name, "node client.js {url}");
  EXPECT_EQ(joined.way, clients.way);
}

TEST_F(CampaignFolder, StatsAreReadBack) {
  ShardStats stats;
  stats.inputs = 7, stats.connections = 3, stats.complete = true, stats.time = std::chrono::seconds(2);
  stats.samples = {{std::chrono::seconds(1), 4, 5, 0, 1}};
  ASSERT_TRUE(write_shard_stats(shard_folder(folder, 1), stats));
  const ShardStats back = read_shard_stats(shard_folder(folder, 1)).value();
  EXPECT_EQ(back.inputs, 7u);
  EXPECT_EQ(back.connections, 3u);
  EXPECT_EQ(back.time, stats.time);
  EXPECT_TRUE(back.complete);
  ASSERT_EQ(back.samples.size(), 1u);
  EXPECT_EQ(back.samples[0].states, 5u);
  EXPECT_EQ(read_shard_stats(shard_folder(folder, 0)).value().inputs, 0u) << "not begun";
}

TEST_F(CampaignFolder, SamplesStayFew) {
  ShardStats stats;
  for (int i = 0; i < 10'000; ++i) add_sample(stats, {std::chrono::seconds(i), 0, 0, 0, 0});
  EXPECT_LT(stats.samples.size(), 2001u);
  EXPECT_EQ(stats.samples.front().at, Duration{});
  EXPECT_GT(stats.samples.back().at, std::chrono::seconds(9990));
}

TEST_F(CampaignFolder, ShardsJoinBySignatureWithTheBestReproducer) {
  find(0, "a", "a long and stable one", true);
  find(1, "a", "flaky", false);
  find(1, "b", "another", true);
  ShardStats done;
  done.inputs = 100, done.complete = true;
  ASSERT_TRUE(write_shard_stats(shard_folder(folder, 0), done));
  std::vector<std::uint64_t> missing;
  const FuzzCampaign campaign = join_shards(folder, plan, missing).value();
  EXPECT_EQ(missing, std::vector<std::uint64_t>{1});
  ASSERT_EQ(campaign.findings.size(), 2u);
  EXPECT_EQ(campaign.findings[0].reproducer, "a long and stable one");
  EXPECT_EQ(campaign.findings[0].hits, 2u);
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(write_merged(folder, plan, campaign));
    const auto merged = FindingStore::open((fs::path(folder) / "merged" / "findings").string()).value();
    EXPECT_EQ(merged.findings().size(), 2u);
  }
  for (const auto& entry : fs::directory_iterator(folder))
    EXPECT_FALSE(entry.path().filename().string().starts_with("merged.")) << "nothing is left over";
}

}  // namespace
}  // namespace wsspec::campaign_folder_test
