#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "cli/built_in.h"
#include "cli/common.h"
#include "cli/files.h"
#include "cli/finding_store.h"
#include "cli/interrupt.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "fuzzer/loop.h"
#include "peer/liberties.h"
#include "report/campaign.h"
#include "report/sarif.h"
#include "report/text.h"
#include "run/selftest.h"

namespace wsspec {

namespace {

constexpr const char* kFolder = "findings";

std::string now_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

/// Keeps findings in their folder and says so on the terminal.
class TerminalKeeper final : public FuzzKeeper {
 public:
  TerminalKeeper(FindingStore* store, bool quiet)
      : store_(store), quiet_(quiet), live_(!quiet && is_terminal(2)) {}
  ~TerminalKeeper() override {
    if (live_) fmt::print(stderr, "\r\033[K");
  }

  void keep(const FuzzFinding& finding) override {
    FuzzFinding kept = finding;
    if (store_ != nullptr) {
      if (auto done = store_->keep(kept); !done) complain(done.error());
    }
    if (quiet_ || finding.reproducer.find("not yet replayed") != std::string::npos) return;
    if (live_) fmt::print(stderr, "\r\033[K");
    fmt::print(stderr, "{}: {} {}: {}{}\n", verdict_name(finding.verdict), finding.cause, finding.clause,
               one_line(finding.message),
               kept.file.empty() ? "" : "\n      " + store_->folder() + "/" + kept.file);
  }
  void drop(const std::string& signature) override {
    if (store_ == nullptr) return;
    if (auto done = store_->drop(signature); !done) complain(done.error());
  }
  void progress(const FuzzCampaign& campaign) override {
    if (!live_) return;
    const double seconds = std::max(0.001, std::chrono::duration<double>(campaign.duration).count());
    fmt::print(stderr, "\r\033[K{:.0f} s, {} inputs ({:.0f}/s), {} connections, {} states, {} findings",
               seconds, campaign.inputs, static_cast<double>(campaign.inputs) / seconds, campaign.connections,
               campaign.samples.empty() ? 0 : campaign.samples.back().states, campaign.findings.size());
  }
  void remark(const std::string& text) override { fmt::print(stderr, "wsspec: {}\n", text); }

 private:
  FindingStore* store_;
  bool quiet_, live_;
};

Result<Settings> settings_of(const CommandLine& line) {
  auto config = find_config(line.get("--config"));
  if (!config) return std::unexpected(config.error());
  auto settings = settings_for(*config, line.get("--target"), line.get("--profile"));
  if (!settings) return settings;
  auto environment = settings_from_environment();
  if (!environment) return environment;
  auto flags = line.settings();
  if (!flags) return flags;
  settings->overlay(*environment);
  settings->overlay(*flags);
  const std::size_t url_at = line.verb->name == "minimize" ? 1 : 0;
  if (line.arguments.size() > url_at) settings->url = line.arguments[url_at];
  return settings;
}

// What liberties have to declare, so that they are judged fairly.
void declare(const std::vector<std::string>& names, Profile& profile) {
  for (const std::string& name : names) {
    const auto liberty = find_liberty(name);
    if (!liberty) continue;
    const std::string_view fact = (*liberty)->declare;
    if (fact == "greets") profile.greets = true;
    if (fact == "no-deflate") profile.features.erase("deflate");
    if (fact.starts_with("message_limit="))
      profile.message_limit = std::strtoull(std::string(fact.substr(14)).c_str(), nullptr, 10);
  }
}

/// A target, and what has to live as long as it does.
struct Place {
  std::unique_ptr<BuiltIn> built_in;
  std::unique_ptr<FuzzArena> arena;
  Profile profile;
  std::string name, url;
  int jobs = 8;
  std::uint64_t seed = 1;
};

Result<Place> place_of(const CommandLine& line) {
  auto settings = settings_of(line);
  if (!settings) return std::unexpected(settings.error());
  Place place;
  const bool own = !settings->url;
  const bool planted = line.has("--defect") || line.has("--liberty") || line.has("--memory");
  if (!own && planted)
    return fail_with("", "--memory, --defect and --liberty are about the built-in server",
                     "leave out the URL");
  PeerOptions peer;
  peer.defects = line.all("--defect");
  peer.liberties = line.all("--liberty");
  place.seed = settings->seed.value_or(1);
  if (own && line.has("--memory")) {
    peer = tested_peer(std::move(peer));
    auto arena = memory_arena(peer);
    if (!arena) return std::unexpected(arena.error());
    place.arena = std::move(*arena);
    place.profile = peer_profile();
    place.name = "built-in reference server, in memory";
  } else {
    if (own) {
      auto started = BuiltIn::start(peer);
      if (!started) return std::unexpected(started.error());
      place.built_in = std::move(*started);
      settings->url = place.built_in->address().url();
    }
    auto options = run_options(*settings);
    if (!options) return std::unexpected(options.error());
    auto dialer = Dialer::prepare(options->address, options->dial);
    if (!dialer) return std::unexpected(dialer.error());
    auto arena = network_arena(*dialer, options->launch);
    if (!arena) return std::unexpected(arena.error());
    place.arena = std::move(*arena);
    place.profile = options->profile;
    place.profile.host = options->address.host_field();
    place.profile.path = options->address.resource;
    place.jobs = options->jobs;
    place.url = options->address.url();
    place.name = own ? "built-in reference server" : line.get("--target", place.url);
  }
  declare(peer.liberties, place.profile);
  return place;
}

std::map<std::string, Requirement> ledger_of(const CommandLine& line) {
  const auto folder = find_cases(line.get("--cases"));
  if (!folder) return {};
  const std::string file = (std::filesystem::path(*folder) / "requirements.json").string();
  const auto text = read_file(file);
  if (!text) return {};
  return parse_ledger(*text, file).value_or(std::map<std::string, Requirement>{});
}

// Every *.wire file of a folder, or one file.
Result<std::vector<FuzzTranscript>> read_corpus(const std::string& path, const std::string& cases) {
  std::vector<std::string> files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error))
      if (entry.path().extension() == ".wire") files.push_back(entry.path().string());
    std::ranges::sort(files);
  } else {
    files = {path};
  }
  if (files.empty()) return fail_with(path, "holds no *.wire file");
  auto suite = load_files(files, cases);
  if (!suite) {
    complain_suite(suite.error());
    return fail_with(path, "cannot be used");
  }
  return transcripts_of(suite->cases);
}

Result<FuzzOptions> fuzz_options(const CommandLine& line, const Place& place) {
  FuzzOptions options;
  options.profile = place.profile;
  options.seed = place.seed;
  options.jobs = place.jobs;
  options.weak = line.has("--weak");
  options.target_name = place.name;
  options.interrupted = &interrupted();
  auto inputs = line.number("--inputs", 0);
  if (!inputs) return std::unexpected(inputs.error());
  options.most_inputs = *inputs;
  auto time = parse_duration(line.get("--time", "60s"));
  if (!time) return std::unexpected(time.error());
  options.time = *time;
  for (const std::string& path : line.all("--corpus")) {
    auto seeds = read_corpus(path, find_cases(line.get("--cases")).value_or(""));
    if (!seeds) return std::unexpected(seeds.error());
    options.corpus.insert(options.corpus.end(), seeds->begin(), seeds->end());
  }
  return options;
}

bool write_campaign(const CommandLine& line, const FuzzCampaign& campaign) {
  bool all = true;
  const auto write = [&](const char* option, auto&& make) {
    if (!line.has(option)) return;
    if (auto done = write_file(line.get(option), make(campaign)); !done) complain(done.error()), all = false;
  };
  write("--json", [](const FuzzCampaign& c) { return write_campaign_json(c); });
  write("--html", [](const FuzzCampaign& c) { return write_campaign_html(c); });
  write("--sarif", [](const FuzzCampaign& c) { return write_sarif(c); });
  return all;
}

void summarize(const FuzzCampaign& campaign) {
  const double seconds = std::chrono::duration<double>(campaign.duration).count();
  std::size_t fails = 0, flaky = 0;
  for (const FuzzFinding& finding : campaign.findings) {
    fails += finding.verdict == Verdict::fail;
    flaky += !finding.stable;
  }
  fmt::print("{} inputs over {} connections in {:.1f} s, seed {}: {} findings, {} of them violations{}\n",
             campaign.inputs, campaign.connections, seconds, campaign.seed, campaign.findings.size(), fails,
             flaky == 0 ? "" : fmt::format(", {} flaky", flaky));
}

}  // namespace

int fuzz_verb(const CommandLine& line) {
  watch_interrupts();
  auto place = place_of(line);
  if (!place) {
    const bool start = line.has("--start");
    complain(place.error());
    return code(start ? Exit::unreachable : Exit::usage);
  }
  auto options = fuzz_options(line, *place);
  if (!options) return usage_error(options.error());
  const auto ledger = ledger_of(line);
  options->ledger = &ledger;
  auto store = FindingStore::open(line.get("--findings", kFolder));
  if (!store) return usage_error(store.error());
  if (line.has("--resume")) options->known = store->findings();
  TerminalKeeper keeper(&*store, line.has("--quiet"));
  FuzzCampaign campaign = FuzzLoop(*options, *place->arena, keeper).run();
  campaign.tool_version = kVersion;
  campaign.url = place->url;
  campaign.started = now_utc();
  for (FuzzFinding& finding : campaign.findings) {
    const auto kept = std::ranges::find(store->findings(), finding.signature, &FuzzFinding::signature);
    if (kept != store->findings().end()) finding.file = kept->file;
  }
  if (!write_campaign(line, campaign)) return code(Exit::internal);
  if (!campaign.fatal.empty()) complain({place->name, campaign.fatal, ""});
  if (line.get("--json") != "-") summarize(campaign);
  return code(exit_of(campaign));
}

int minimize_verb(const CommandLine& line) {
  watch_interrupts();
  auto place = place_of(line);
  if (!place) return usage_error(place.error());
  auto transcripts = read_corpus(line.arguments.front(), find_cases(line.get("--cases")).value_or(""));
  if (!transcripts) return usage_error(transcripts.error());
  if (transcripts->empty())
    return usage_error({line.arguments.front(), "holds no case that only sends frames or a request", ""});
  const auto ledger = ledger_of(line);
  FuzzOptions options;
  options.profile = place->profile;
  options.ledger = &ledger;
  options.target_name = place->name;
  FuzzKeeper keeper;
  FuzzLoop loop(options, *place->arena, keeper);
  auto finding = loop.minimize_one(transcripts->front());
  if (!finding) {
    complain({line.arguments.front(), finding.error().what, finding.error().hint});
    return code(Exit::red);
  }
  if (auto done = write_file(line.get("--output", "-"), finding->reproducer); !done)
    return usage_error(done.error());
  return 0;
}

}  // namespace wsspec
