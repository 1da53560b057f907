#include "compare/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/json.h"
#include "report/test/sample.h"

namespace wsspec::merge_test {
namespace {

using testing::HasSubstr;

/// The sample run dealt out to `count` shards.
std::vector<RunResult> dealt(int count) {
  const RunResult whole = sample::run();
  std::vector<RunResult> shards(static_cast<std::size_t>(count), whole);
  for (int i = 0; i < count; ++i) {
    auto& shard = shards[static_cast<std::size_t>(i)];
    shard.shard = std::to_string(i + 1) + "/" + std::to_string(count);
    shard.results.clear();
    for (std::size_t n = 0; n < whole.results.size(); ++n)
      if (static_cast<int>(n) % count == i) shard.results.push_back(whole.results[n]);
  }
  return shards;
}

std::string fault_of(std::vector<RunResult> shards) {
  const auto merged = merge_runs(std::move(shards));
  EXPECT_FALSE(merged);
  return merged ? "" : merged.error().what;
}

TEST(Merge, ShardsMakeTheWholeAgainInAnyOrder) {
  auto shards = dealt(3);
  const auto merged = merge_runs(shards);
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_EQ(merged->results.size(), sample::run().results.size());
  EXPECT_EQ(tally(*merged), tally(sample::run()));
  EXPECT_EQ(merged->shard, "");
  EXPECT_EQ(merged->jobs, 12);
  EXPECT_EQ(merged->duration, sample::run().duration);
  EXPECT_NEAR(merged->own_cpu_seconds, 0.93, 1e-9);
  EXPECT_EQ(merged->stale_baseline.size(), 1U);
  std::swap(shards[0], shards[2]);
  EXPECT_EQ(write_json(*merge_runs(shards)), write_json(*merged));
}

TEST(Merge, InstancesStandInNaturalOrder) {
  RunResult a, b;
  a.shard = "1/2", b.shard = "2/2";
  a.results = {sample::result("x[10]", Verdict::pass), sample::result("x[1]", Verdict::pass)};
  b.results = {sample::result("x[2]", Verdict::pass), sample::result("x[02b]", Verdict::pass)};
  const auto merged = merge_runs({a, b});
  ASSERT_TRUE(merged);
  std::vector<std::string> ids;
  for (const auto& r : merged->results) ids.push_back(r.id);
  EXPECT_THAT(ids, testing::ElementsAre("x[1]", "x[2]", "x[02b]", "x[10]"));
}

TEST(Merge, AMissingOrDoubleShardIsAnError) {
  auto shards = dealt(3);
  shards.erase(shards.begin() + 1);
  EXPECT_THAT(fault_of(shards), HasSubstr("shard 2/3 is missing"));
  shards.push_back(shards[0]);
  EXPECT_THAT(fault_of(shards), HasSubstr("there twice"));
  shards = dealt(2);
  shards[1].shard = "3/2";
  EXPECT_THAT(fault_of(shards), HasSubstr("names no shard"));
  shards[1].shard = "2/3";
  EXPECT_THAT(fault_of(shards), HasSubstr("different divisions"));
  shards[1].shard = "";
  EXPECT_THAT(fault_of(shards), HasSubstr("names no shard"));
  EXPECT_THAT(fault_of({}), HasSubstr("nothing"));
}

TEST(Merge, OnlyShardsOfOneRun) {
  for (std::string RunResult::* field :
       {&RunResult::target_name, &RunResult::url, &RunResult::transport, &RunResult::caseset_version,
        &RunResult::tool_version, &RunResult::filter}) {
    auto shards = dealt(2);
    shards[1].*field = "other";
    EXPECT_THAT(fault_of(shards), HasSubstr("'other'"));
  }
  auto shards = dealt(2);
  shards[1].seed = 8;
  EXPECT_THAT(fault_of(shards), HasSubstr("different seeds"));
  EXPECT_EQ(merge_runs(shards).error().hint, "give each shard the same --seed");
}

TEST(Merge, TheShardIsNoDifferenceOfTheSelection) {
  auto shards = dealt(2);
  shards[0].filter = "frame.*, not tag:slow, shard 1/2";
  shards[1].filter = "frame.*, not tag:slow, shard 2/2";
  const auto merged = merge_runs(shards);
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_EQ(merged->filter, "frame.*, not tag:slow");
  shards[0].filter = "shard 1/2";
  shards[1].filter = "shard 2/2";
  EXPECT_EQ(merge_runs(shards)->filter, "");
}

TEST(Merge, OverlapsMustAgree) {
  auto shards = dealt(2);
  shards[1].results.push_back(shards[0].results[0]);
  const auto merged = merge_runs(shards);
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->results.size(), sample::run().results.size());
  shards[1].results.back().verdict = Verdict::pass;
  EXPECT_THAT(fault_of(shards), HasSubstr("'frame.rsv.set[4]' was judged fail and pass"));
}

TEST(Merge, AnIncompleteShardMakesTheWholeIncomplete) {
  auto shards = dealt(2);
  shards[1].interrupted = true;
  EXPECT_EQ(exit_of(*merge_runs(shards), {}), Exit::interrupted);
  shards[1].fatal = "gone";
  EXPECT_EQ(exit_of(*merge_runs(shards), {}), Exit::unreachable);
}

TEST(Merge, RunsWithoutShardsMayBeJoined) {
  auto shards = dealt(2);
  for (auto& shard : shards) shard.shard.clear();
  EXPECT_TRUE(merge_runs(shards));
}

}  // namespace
}  // namespace wsspec::merge_test
