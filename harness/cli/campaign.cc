#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "cli/campaign_folder.h"
#include "cli/common.h"
#include "cli/files.h"
#include "cli/finding_store.h"
#include "cli/folder_lock.h"
#include "cli/fuzz_place.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/secrecy.h"
#include "cli/serving.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "report/campaign.h"
#include "report/sarif.h"
#include "run/utc.h"
#include "script/hash.h"
#include "script/print.h"

namespace wsspec {
namespace {

namespace fs = std::filesystem;

/// Keeps what a shard finds and learns, and how far it is, in its folder.
class ShardKeeper final : public FuzzKeeper {
 public:
  ShardKeeper(std::string shard, Target tested, FindingStore& store, ShardStats& stats)
      : shard_(std::move(shard)), tested_(tested), store_(store), stats_(stats), before_(stats) {}

  void keep(const FuzzFinding& finding) override {
    FuzzFinding kept = finding;
    note(store_.keep(kept));
  }
  void drop(const std::string& signature) override { note(store_.drop(signature)); }
  void gone(const FuzzFinding& finding) override { note(store_.mark_gone(finding.signature)); }
  void learned(const std::vector<Step>& input) override {
    Case one;
    one.id = "fuzz.input";
    if (tested_ == Target::client) one.target = tested_;
    one.steps = {step_of(Open{})};
    one.steps.insert(one.steps.end(), input.begin(), input.end());
    one.steps.push_back(step_of(Quiet{Duration(std::chrono::seconds(1))}));  // A case expects something.
    const std::string content = print(File{{}, {one}});
    const std::string name = fmt::format("{:016x}.wire", fnv1a64(content));
    std::error_code error;
    if (fs::exists(fs::path(shard_) / "corpus" / name, error)) return;
    note(write_file_in((fs::path(shard_) / "corpus").string(), name, content));
  }
  void progress(const FuzzCampaign& campaign) override {
    take(campaign);
    note(write_shard_stats(shard_, stats_));
  }
  void take(const FuzzCampaign& campaign) {
    stats_.inputs = before_.inputs + campaign.inputs;
    stats_.connections = before_.connections + campaign.connections;
    stats_.corpus = campaign.corpus;
    stats_.time = before_.time + campaign.duration;
    stats_.samples = before_.samples;
    for (FuzzSample sample : campaign.samples) {
      sample.at += before_.time;
      sample.inputs += before_.inputs;
      add_sample(stats_, sample);
    }
  }
  bool failed() const { return failed_; }

 private:
  void note(const Result<void>& done) {
    if (done) return;
    if (!failed_) complain(done.error());
    failed_ = true;
  }
  std::string shard_;
  const Target tested_;
  FindingStore& store_;
  ShardStats& stats_;
  const ShardStats before_;
  bool failed_ = false;
};

/// Many may read the folder of a campaign, so secrets stay out of it; the environment tells them to each
/// shard.
Result<void> recall_secrets(CampaignPlan& plan) {
  const auto recall = [](std::string& text, const char* variable, const auto& shown) -> Result<void> {
    if (text.find(kMasked) == std::string::npos) return {};
    const char* value = std::getenv(variable);
    if (value == nullptr || shown(value) != text)
      return fail_with(variable, "the campaign's folder holds no secrets, and this one is not told",
                       "export it with the value that `campaign init` was given");
    text = value;
    return {};
  };
  const auto shown = [](const char* text) { return known_secrets().mask(text); };
  if (auto done = recall(plan.url, "WSSPEC_URL", shown_url); !done) return done;
  for (std::size_t i = 1; i < plan.way.size(); ++i)
    if (auto done = recall(plan.way[i], plan.way[i - 1] == "--exec" ? "WSSPEC_EXEC" : "WSSPEC_START", shown);
        !done)
      return done;
  return recall(plan.start, "WSSPEC_START", shown);
}

int init(const CommandLine& line, const std::string& folder) {
  CampaignPlan plan;
  if (line.arguments.size() > 2) plan.url = line.arguments[2];
  auto wanted = fuzz_wanted(line, 2);
  if (!wanted) return usage_error(wanted.error());
  plan.way = std::move(wanted->way);
  if (!plan.serve()) plan.start = line.get("--start");
  plan.client = line.get("--role", "server") == "client";
  plan.own_ports = !plan.start.empty();
  plan.memory = line.has("--memory");
  plan.weak = line.has("--weak");
  plan.defects = line.all("--defect"), plan.liberties = line.all("--liberty");
  const auto shards = line.number("--shards", 1), seed = line.number("--seed", 1),
             inputs = line.number("--inputs", 0);
  for (const auto* one : {&shards, &seed, &inputs})
    if (!*one) return usage_error(one->error());
  const auto time = parse_duration(line.get("--time", line.has("--inputs") ? "24h" : "10m"));
  if (!time) return usage_error(time.error());
  if (*shards == 0 || *shards > 100'000) return usage_error({"--shards", "is not between 1 and 100000", ""});
  plan.shards = *shards, plan.seed = *seed, plan.inputs = *inputs, plan.time = *time;
  plan.url = shown_url(plan.url);
  plan.start = known_secrets().mask(plan.start);
  for (std::string& word : plan.way) word = known_secrets().mask(word);
  if (auto done = write_campaign_plan(folder, plan); !done) return usage_error(done.error());
  put("{}/campaign.json: {} shards\n", folder, plan.shards);
  return 0;
}

// --index, or what a batch system says; arrays count from 0, GNU parallel from 1.
Result<std::uint64_t> shard_index(const CommandLine& line, std::uint64_t shards) {
  std::optional<std::uint64_t> index;
  if (line.has("--index")) {
    auto given = line.number("--index", 0);
    if (!given) return given;
    index = *given;
  } else {
    for (const char* name : {"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PARALLEL_SEQ"}) {
      const char* value = std::getenv(name);
      if (value == nullptr) continue;
      const std::string_view text = value;
      std::uint64_t parsed = 0;
      const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), parsed);
      if (fault != std::errc{} || end != text.data() + text.size())
        return fail_with(name, "is no whole number");
      const bool from_one = std::string_view(name) == "PARALLEL_SEQ";
      if (from_one && parsed == 0) return fail_with(name, "counts from 1");
      index = from_one ? parsed - 1 : parsed;
      break;
    }
  }
  if (!index)
    return fail_with("--index", "is missing",
                     "or set SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or PARALLEL_SEQ");
  if (*index >= shards)
    return fail_with("--index", fmt::format("is not below {}, the number of shards", shards));
  return *index;
}

// Shards that start a server on one machine need a port each.
Result<std::string> shard_url(const CampaignPlan& plan, std::uint64_t index) {
  if (plan.url.empty() || !plan.own_ports) return plan.url;
  auto address = parse_address(plan.url);
  if (!address) return std::unexpected(address.error());
  if (!address->unix_path.empty()) return plan.url;
  if (address->port + index > 65535) return fail_with(plan.url, "leaves no port for each shard");
  address->port = static_cast<std::uint16_t>(address->port + index);
  return address->url();
}

Target tested_by(const CampaignPlan& plan) {
  return plan.serve() || plan.client ? Target::client : Target::server;
}

// As `wsspec fuzz` takes the words. Shards that share a machine listen beside each other.
Result<FuzzWanted> wanted_of_clients(const CampaignPlan& plan, std::uint64_t index) {
  std::vector<std::string> words = {"wsspec", "fuzz"};
  words.insert(words.end(), plan.way.begin(), plan.way.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  const auto line = parse_command_line(static_cast<int>(argv.size()), argv.data());
  if (!line) return fail_with("campaign.json", "does not say how the client comes");
  auto wanted = fuzz_wanted(*line, 0);
  if (wanted && wanted->serving->port != 0)
    wanted->serving->port = static_cast<std::uint16_t>(wanted->serving->port + index);
  return wanted;
}

Result<FuzzWanted> wanted_of_shard(const CampaignPlan& plan, std::uint64_t index) {
  auto url = shard_url(plan, index);
  if (!url) return std::unexpected(url.error());
  auto environment = settings_from_environment();
  if (!environment) return std::unexpected(environment.error());
  auto wanted = plan.serve() ? wanted_of_clients(plan, index) : FuzzWanted{};
  if (!wanted) return wanted;
  wanted->settings = std::move(*environment);
  wanted->settings.url.reset(), wanted->settings.start.reset();
  if (!url->empty()) wanted->settings.url = std::move(*url);
  if (!plan.start.empty()) wanted->settings.start = plan.start;
  wanted->tested = tested_by(plan);
  wanted->memory = plan.memory, wanted->defects = plan.defects, wanted->liberties = plan.liberties;
  return wanted;
}

Result<FuzzOptions> shard_options(const std::string& folder, const CampaignPlan& plan, std::uint64_t index,
                                  const ShardStats& stats) {
  FuzzOptions options;
  options.seed = mix(plan.seed) ^ mix(index);
  options.first_session = stats.connections;
  options.weak = plan.weak;
  options.interrupted = &interrupted();
  options.time = plan.time - stats.time;
  if (plan.inputs > 0) options.most_inputs = plan.inputs > stats.inputs ? plan.inputs - stats.inputs : 1;
  std::error_code error;
  for (const fs::path& corpus :
       {fs::path(shard_folder(folder, index)) / "corpus", fs::path(folder) / "corpus"}) {
    if (!fs::exists(corpus, error) || fs::is_empty(corpus, error)) continue;
    auto seeds = read_fuzz_corpus(corpus.string(), tested_by(plan), true);
    if (!seeds) return std::unexpected(seeds.error());
    options.corpus.insert(options.corpus.end(), seeds->begin(), seeds->end());
  }
  return options;
}

int shard(const CommandLine& line, const std::string& folder) {
  auto plan = read_campaign_plan(folder);
  if (!plan) return usage_error(plan.error());
  const auto index = shard_index(line, plan->shards);
  if (!index) return usage_error(index.error());
  const std::string own = shard_folder(folder, *index);
  const auto lock = FolderLock::take(own);
  if (!lock) return usage_error(lock.error());
  auto stats = read_shard_stats(own);
  if (!stats) return usage_error(stats.error());
  if (stats->complete) {
    put("shard {} is complete: {} inputs\n", *index, stats->inputs);
    return 0;
  }
  auto store = FindingStore::open((fs::path(own) / "findings").string());
  if (!store) return usage_error(store.error());
  if (auto told = recall_secrets(*plan); !told) return usage_error(told.error());
  auto options = shard_options(folder, *plan, *index, *stats);
  if (!options) return usage_error(options.error());
  auto wanted = wanted_of_shard(*plan, *index);
  if (!wanted) return usage_error(wanted.error());
  auto place = fuzz_place(std::move(*wanted));
  if (!place) {
    complain(place.error());
    return code(Exit::unreachable);
  }
  if (auto met = meet_target(*place); !met) {
    complain(met.error());
    return code(interrupted() ? Exit::interrupted : Exit::unreachable);
  }
  const auto ledger = fuzz_ledger(line.get("--cases"));
  options->ledger = &ledger;
  std::ranges::copy_if(store->findings(), std::back_inserter(options->known),
                       [](const FuzzFinding& finding) { return !finding.gone; });
  options->profile = place->profile, options->jobs = place->jobs, options->target_name = place->name;
  if (stats->starts++ == 0) stats->started = utc_now();
  ShardKeeper keeper(own, tested_by(*plan), *store, *stats);
  const FuzzCampaign campaign = FuzzLoop(*options, *place->arena, keeper).run();
  keeper.take(campaign);
  stats->fatal = campaign.fatal;
  stats->complete = !campaign.interrupted && campaign.fatal.empty();
  if (auto done = write_shard_stats(own, *stats); !done) return usage_error(done.error());
  put("shard {}: {} inputs, {} findings{}\n", *index, stats->inputs, store->findings().size(),
      stats->complete ? ", complete" : ", to be continued");
  if (keeper.failed()) return code(Exit::internal);
  if (!campaign.fatal.empty()) complain({place->name, campaign.fatal, ""});
  // Findings make the merged campaign red, not the shard: a batch system would take that for a failed job.
  const Exit exit = exit_of(campaign);
  return code(exit == Exit::red ? Exit::as_expected : exit);
}

int merge_shards(const std::string& folder) {
  const auto plan = read_campaign_plan(folder);
  if (!plan) return usage_error(plan.error());
  std::vector<std::uint64_t> missing;
  auto campaign = join_shards(folder, *plan, missing);
  if (!campaign) return usage_error(campaign.error());
  campaign->tool_version = kVersion;
  if (auto done = write_merged(folder, *plan, *campaign); !done) return usage_error(done.error());
  put("{}/merged: {} inputs, {} findings of {} shards\n", folder, campaign->inputs, campaign->findings.size(),
      plan->shards);
  if (!missing.empty())
    complain({folder, fmt::format("{} shards are not complete", missing.size()), "run them again"});
  return 0;
}

int report_campaign(const CommandLine& line, const std::string& folder) {
  const auto plan = read_campaign_plan(folder);
  if (!plan) return usage_error(plan.error());
  std::vector<std::uint64_t> missing;
  auto campaign = join_shards(folder, *plan, missing);
  if (!campaign) return usage_error(campaign.error());
  campaign->tool_version = kVersion;
  campaign->interrupted = !missing.empty();
  bool all = true;
  const auto write = [&](const char* option, auto&& make) {
    if (!line.has(option)) return;
    if (auto done = write_file(line.get(option), make(*campaign)); !done) complain(done.error()), all = false;
  };
  write("--json", [](const FuzzCampaign& c) { return write_campaign_json(c); });
  write("--html", [](const FuzzCampaign& c) { return write_campaign_html(c); });
  write("--sarif", [](const FuzzCampaign& c) { return write_sarif(c); });
  if (!all) return code(Exit::internal);
  put_beside(line, fmt::format("{} inputs over {} connections, {} findings, {} of {} shards complete\n",
                               campaign->inputs, campaign->connections, campaign->findings.size(),
                               plan->shards - missing.size(), plan->shards));
  return code(exit_of(*campaign));
}

}  // namespace

int campaign_verb(const CommandLine& line) {
  watch_interrupts();
  const std::string &action = line.arguments[0], &folder = line.arguments[1];
  if (action == "init") return init(line, folder);
  if (line.arguments.size() > 2) return usage_error({line.arguments[2], "only init takes a URL", ""});
  if (action == "shard") return shard(line, folder);
  if (action == "merge") return merge_shards(folder);
  if (action == "report") return report_campaign(line, folder);
  return usage_error({action, "is no action of a campaign", "one of init, shard, merge, report"});
}

}  // namespace wsspec
