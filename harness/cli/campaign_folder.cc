#include "cli/campaign_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "cli/finding_store.h"
#include "cli/serving.h"
#include "report/campaign.h"

namespace wsspec {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kPlan = "campaign.json";
constexpr std::size_t kMostSamples = 2000;

std::uint64_t number(const json& whole, const char* key) {
  const auto found = whole.find(key);
  return found != whole.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}
std::string text(const json& whole, const char* key) {
  const auto found = whole.find(key);
  return found != whole.end() && found->is_string() ? found->get<std::string>() : "";
}
bool flag(const json& whole, const char* key) {
  const auto found = whole.find(key);
  return found != whole.end() && found->is_boolean() && found->get<bool>();
}
std::vector<std::string> names(const json& whole, const char* key) {
  std::vector<std::string> out;
  if (const auto found = whole.find(key); found != whole.end() && found->is_array())
    for (const json& one : *found)
      if (one.is_string()) out.push_back(one.get<std::string>());
  return out;
}
std::uint64_t whole_milliseconds(Duration time) {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

json to_json(const CampaignPlan& plan) {
  return {{"schema_version", "1.0.0"}, {"url", plan.url},
          {"start", plan.start},       {"own_ports", plan.own_ports},
          {"memory", plan.memory},     {"weak", plan.weak},
          {"defects", plan.defects},   {"liberties", plan.liberties},
          {"seed", plan.seed},         {"shards", plan.shards},
          {"inputs", plan.inputs},     {"time_ms", whole_milliseconds(plan.time)},
          {"way", plan.way},           {"client", plan.client}};
}

Result<json> read_object(const std::string& path) {
  auto content = read_file(path);
  if (!content) return std::unexpected(content.error());
  json whole = json::parse(*content, nullptr, false);
  if (whole.is_discarded() || !whole.is_object()) return fail_with(path, "is no JSON object");
  return whole;
}

std::string name_of(const CampaignPlan& plan) {
  if (plan.serve()) return name_of_client(plan.way);
  if (plan.client) return "built-in reference client";
  return plan.url.empty() ? "built-in reference server" : plan.url;
}

}  // namespace

Result<void> write_campaign_plan(const std::string& folder, const CampaignPlan& plan) {
  const std::string path = (fs::path(folder) / kPlan).string();
  std::error_code error;
  if (fs::exists(path, error)) {
    const auto there = read_campaign_plan(folder);
    if (!there) return std::unexpected(there.error());
    if (*there == plan) return {};
    return fail_with(path, "is there already and says something else",
                     "a campaign never changes; take a new folder");
  }
  return write_file_in(folder, kPlan, to_json(plan).dump(2) + "\n");
}

Result<CampaignPlan> read_campaign_plan(const std::string& folder) {
  const std::string path = (fs::path(folder) / kPlan).string();
  const auto whole = read_object(path);
  if (!whole) return std::unexpected(whole.error());
  CampaignPlan plan;
  plan.url = text(*whole, "url"), plan.start = text(*whole, "start");
  plan.way = names(*whole, "way"), plan.client = flag(*whole, "client");
  plan.memory = flag(*whole, "memory"), plan.weak = flag(*whole, "weak");
  plan.own_ports = flag(*whole, "own_ports");
  plan.defects = names(*whole, "defects"), plan.liberties = names(*whole, "liberties");
  plan.seed = number(*whole, "seed"), plan.shards = number(*whole, "shards");
  plan.inputs = number(*whole, "inputs");
  plan.time = std::chrono::milliseconds(number(*whole, "time_ms"));
  if (plan.shards == 0 || (plan.inputs == 0 && plan.time <= Duration{}))
    return fail_with(path, "is no campaign", "wsspec campaign init writes one");
  return plan;
}

std::string shard_folder(const std::string& folder, std::uint64_t index) {
  return (fs::path(folder) / "shards" / std::to_string(index)).string();
}

Result<ShardStats> read_shard_stats(const std::string& shard) {
  const std::string path = (fs::path(shard) / "stats.json").string();
  ShardStats stats;
  std::error_code error;
  if (!fs::exists(path, error)) return stats;
  const auto whole = read_object(path);
  if (!whole) return std::unexpected(whole.error());
  stats.inputs = number(*whole, "inputs"), stats.connections = number(*whole, "connections");
  stats.corpus = number(*whole, "corpus"), stats.starts = number(*whole, "starts");
  stats.time = std::chrono::milliseconds(number(*whole, "time_ms"));
  stats.complete = flag(*whole, "complete");
  stats.fatal = text(*whole, "fatal"), stats.started = text(*whole, "started");
  if (const auto samples = whole->find("samples"); samples != whole->end() && samples->is_array()) {
    for (const json& one : *samples) {
      if (!one.is_object() || stats.samples.size() >= kMostSamples) continue;
      stats.samples.push_back({std::chrono::milliseconds(number(one, "at_ms")), number(one, "inputs"),
                               number(one, "states"), number(one, "edges"), number(one, "findings")});
    }
  }
  return stats;
}

Result<void> write_shard_stats(const std::string& shard, const ShardStats& stats) {
  json samples = json::array();
  for (const FuzzSample& s : stats.samples)
    samples.push_back({{"at_ms", whole_milliseconds(s.at)},
                       {"inputs", s.inputs},
                       {"states", s.states},
                       {"edges", s.edges},
                       {"findings", s.findings}});
  const json whole = {{"schema_version", "1.0.0"},        {"inputs", stats.inputs},
                      {"connections", stats.connections}, {"corpus", stats.corpus},
                      {"starts", stats.starts},           {"time_ms", whole_milliseconds(stats.time)},
                      {"complete", stats.complete},       {"fatal", stats.fatal},
                      {"started", stats.started},         {"samples", samples}};
  return write_file_in(shard, "stats.json", whole.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

void add_sample(ShardStats& stats, const FuzzSample& sample) {
  stats.samples.push_back(sample);
  if (stats.samples.size() < kMostSamples) return;
  std::vector<FuzzSample> half;
  for (std::size_t i = 0; i < stats.samples.size(); i += 2) half.push_back(stats.samples[i]);
  stats.samples = std::move(half);
}

Result<FuzzCampaign> join_shards(const std::string& folder, const CampaignPlan& plan,
                                 std::vector<std::uint64_t>& missing) {
  FuzzCampaign out;
  out.engine = "wsspec campaign";
  out.url = plan.url;
  out.way = plan.way;
  out.target_name = name_of(plan);
  out.seed = plan.seed;
  std::map<std::string, FuzzFinding> findings;
  for (std::uint64_t index = 0; index < plan.shards; ++index) {
    const std::string shard = shard_folder(folder, index);
    auto stats = read_shard_stats(shard);
    if (!stats) return std::unexpected(stats.error());
    if (!stats->complete) missing.push_back(index);
    out.inputs += stats->inputs, out.connections += stats->connections, out.corpus += stats->corpus;
    out.duration = std::max(out.duration, stats->time);
    if (out.started.empty() || (!stats->started.empty() && stats->started < out.started))
      out.started = stats->started;
    if (out.samples.empty() ||
        (!stats->samples.empty() && out.samples.back().states < stats->samples.back().states))
      out.samples = stats->samples;
    auto store = FindingStore::read((fs::path(shard) / "findings").string());
    if (!store) return std::unexpected(store.error());
    for (const FuzzFinding& finding : store->findings()) {
      const auto [place, fresh] = findings.try_emplace(finding.signature, finding);
      if (fresh) continue;
      const std::uint64_t hits = place->second.hits + finding.hits;
      const bool better = (finding.stable && !place->second.stable) ||
                          (finding.stable == place->second.stable &&
                           finding.reproducer.size() < place->second.reproducer.size());
      if (better) place->second = finding;
      place->second.hits = hits;
    }
  }
  for (auto& [signature, finding] : findings) out.findings.push_back(std::move(finding));
  return out;
}

Result<void> write_merged(const std::string& folder, const CampaignPlan& plan, const FuzzCampaign& campaign) {
  const fs::path merged = fs::path(folder) / "merged",
                 part = fs::path(folder) / fmt::format("merged.part-{}", ::getpid()),
                 old = fs::path(folder) / fmt::format("merged.old-{}", ::getpid());
  std::error_code error;
  fs::remove_all(part, error);
  fs::create_directories(part / "corpus", error);
  {
    auto store = FindingStore::open((part / "findings").string());
    if (!store) return std::unexpected(store.error());
    for (FuzzFinding finding : campaign.findings)
      if (auto kept = store->keep(finding); !kept) return kept;
  }
  for (std::uint64_t index = 0; index < plan.shards; ++index) {
    const fs::path corpus = fs::path(shard_folder(folder, index)) / "corpus";
    if (!fs::exists(corpus, error)) continue;
    for (const auto& entry : fs::directory_iterator(corpus, error))
      if (entry.path().extension() == ".wire")
        fs::copy_file(entry.path(), part / "corpus" / entry.path().filename(),
                      fs::copy_options::skip_existing, error);
  }
  if (auto done = write_file_in(part.string(), "campaign.json", write_campaign_json(campaign)); !done)
    return done;
  if (fs::exists(merged, error)) fs::rename(merged, old, error);
  fs::rename(part, merged, error);
  if (error) return fail_with(merged.string(), "cannot be written");
  fs::remove_all(old, error);
  return {};
}

}  // namespace wsspec
