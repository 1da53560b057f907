// A fuzzing campaign as a plain folder, so that any engine can run its shards: no daemon, no database.
//
//   DIR/campaign.json               what is fuzzed and how; written once, never changed
//   DIR/shards/I/stats.json         how far shard I is; `complete` at its end
//   DIR/shards/I/findings/          as of `wsspec fuzz`
//   DIR/shards/I/corpus/HASH.wire   inputs that showed something new, named by their content
//   DIR/merged/                     findings by signature and the corpora together; replaced as a whole
//
// What it is not: a scheduler. Invariants: each file is complete whenever it is there (written beside,
// synced, renamed); a shard that was killed goes on where its last stats say; merging twice gives the same.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/error.h"
#include "report/finding.h"

namespace wsspec {

struct CampaignPlan {
  std::string url, start;        ///< Empty: the built-in server.
  std::vector<std::string> way;  ///< How clients come to us (cli/serving.h); empty: it is no client.
  bool client = false;           ///< The built-in client instead of the server.
  bool memory = false, weak = false, own_ports = false;
  std::vector<std::string> defects, liberties;
  std::uint64_t seed = 1, shards = 1, inputs = 0;  ///< Inputs of each shard; 0: until `time` is over.
  Duration time{};                                 ///< Of each shard.
  bool serve() const { return !way.empty(); }
  bool operator==(const CampaignPlan&) const = default;
};

struct ShardStats {
  std::uint64_t inputs = 0, connections = 0, corpus = 0, starts = 0;
  Duration time{};
  bool complete = false;
  std::string fatal, started;
  std::vector<FuzzSample> samples;
};

/// Writes campaign.json. An equal one that is there already is fine, any other an error.
Result<void> write_campaign_plan(const std::string& folder, const CampaignPlan& plan);
Result<CampaignPlan> read_campaign_plan(const std::string& folder);

std::string shard_folder(const std::string& folder, std::uint64_t index);
/// Nothing there: all zero.
Result<ShardStats> read_shard_stats(const std::string& shard);
Result<void> write_shard_stats(const std::string& shard, const ShardStats& stats);
/// At most so many points are kept; then every other is dropped.
void add_sample(ShardStats& stats, const FuzzSample& sample);

/// All shards as one campaign: findings by signature, the smallest reproducer of each; sums; the course of
/// the shard that is furthest. `missing` gets the shards that are not complete.
Result<FuzzCampaign> join_shards(const std::string& folder, const CampaignPlan& plan,
                                 std::vector<std::uint64_t>& missing);
/// Replaces DIR/merged by what the shards hold now.
Result<void> write_merged(const std::string& folder, const CampaignPlan& plan, const FuzzCampaign& campaign);

}  // namespace wsspec
