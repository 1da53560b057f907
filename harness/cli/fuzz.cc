#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/finding_store.h"
#include "cli/fuzz_place.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "fuzzer/loop.h"
#include "report/campaign.h"
#include "report/sarif.h"
#include "report/text.h"
#include "run/utc.h"
#include "script/print.h"

namespace wsspec {

namespace {

constexpr const char* kFolder = "findings";
constexpr std::string_view kNotReplayed = "# replays:  not yet replayed";  // reproducer.h

/// Keeps findings in their folder and says so on the terminal.
class TerminalKeeper final : public FuzzKeeper {
 public:
  TerminalKeeper(FindingStore& store, bool quiet)
      : store_(store), quiet_(quiet), live_(!quiet && is_terminal(2)) {}
  ~TerminalKeeper() override {
    if (live_) say("\r\033[K");
  }

  void keep(const FuzzFinding& finding) override {
    FuzzFinding kept = finding;
    note(store_.keep(kept));
    if (quiet_ || finding.reproducer.find(kNotReplayed) != std::string::npos) return;
    if (live_) say("\r\033[K");
    say("{}: {} {}: {}{}\n", verdict_name(finding.verdict), finding.cause, finding.clause,
        one_line(finding.message), kept.file.empty() ? "" : "\n      " + store_.folder() + "/" + kept.file);
  }
  void drop(const std::string& signature) override { note(store_.drop(signature)); }
  void gone(const FuzzFinding& finding) override {
    note(store_.mark_gone(finding.signature));
    remark(fmt::format("gone: {} {}: {}/{} does not show any more", finding.cause, finding.clause,
                       store_.folder(), finding.file));
  }
  void progress(const FuzzCampaign& campaign) override {
    if (!live_) return;
    const double seconds = std::max(0.001, std::chrono::duration<double>(campaign.duration).count());
    say("\r\033[K{:.0f} s, {} inputs ({:.0f}/s), {} connections, {} states, {} findings", seconds,
        campaign.inputs, static_cast<double>(campaign.inputs) / seconds, campaign.connections,
        campaign.samples.empty() ? 0 : campaign.samples.back().states, campaign.findings.size());
  }
  void remark(const std::string& text) override { say("wsspec: {}\n", one_line(text)); }

  bool failed() const { return failed_; }

 private:
  void note(const Result<void>& done) {
    if (done) return;
    if (!failed_) complain(done.error());
    failed_ = true;
  }

  FindingStore& store_;
  bool quiet_, live_, failed_ = false;
};

Result<FuzzOptions> fuzz_options(const CommandLine& line, const FuzzPlace& place) {
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
  auto findings = line.number("--max-findings", 0);
  if (!findings) return std::unexpected(findings.error());
  options.most_findings = *findings;
  auto time = parse_duration(line.get("--time", line.has("--inputs") ? "1h" : "60s"));
  if (!time) return std::unexpected(time.error());
  options.time = *time;
  for (const std::string& path : line.all("--corpus")) {
    auto seeds = read_fuzz_corpus(path, place.profile.tested);
    if (!seeds) return std::unexpected(seeds.error());
    options.corpus.insert(options.corpus.end(), seeds->begin(), seeds->end());
  }
  return options;
}

// What was kept in haste is looked into first: journals without replays, and those that a kill left out of
// the index.
void resume(const FindingStore& store, FuzzOptions& options) {
  std::set<std::string> settled;
  for (const FuzzFinding& finding : store.findings()) {
    if (finding.reproducer.find(kNotReplayed) != std::string::npos) continue;
    settled.insert(finding.file);
    if (!finding.gone) options.known.push_back(finding);
  }
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(store.folder(), error)) {
    if (entry.path().extension() != ".wire" || settled.contains(entry.path().filename().string())) continue;
    if (const auto text = read_file(entry.path().string()); text) {
      if (const auto company = company_of_journal(*text)) {
        options.unsettled_companies.push_back(*company);
        continue;
      }
    }
    const auto journal = read_fuzz_corpus(entry.path().string(), options.profile.tested, true);
    if (journal) options.unsettled.insert(options.unsettled.end(), journal->begin(), journal->end());
  }
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

// How often each kind of input was met that is tried on purpose.
void tell_habits(const FuzzCampaign& campaign, const CommandLine& line) {
  if (line.has("--quiet") || campaign.inputs == 0) return;
  std::string all;
  for (const auto& [name, count] : campaign.habits)
    all += fmt::format("{}{} {}", all.empty() ? "" : ", ", name, count);
  put_beside(line, fmt::format("tried on purpose: {}\n", all));
}

void summarize(const FuzzCampaign& campaign, const CommandLine& line) {
  const double seconds = std::chrono::duration<double>(campaign.duration).count();
  std::size_t fails = 0, flaky = 0, unclear = 0;
  for (const FuzzFinding& finding : campaign.findings) {
    fails += finding.verdict == Verdict::fail;
    unclear += finding.verdict == Verdict::inconclusive;
    flaky += !finding.stable;
  }
  put_beside(
      line,
      fmt::format(
          "{} inputs over {} connections in {:.1f} s, seed {}: {} findings, {} of them violations{}{}\n",
          campaign.inputs, campaign.connections, seconds, campaign.seed, campaign.findings.size(), fails,
          unclear == 0 ? "" : fmt::format(", {} inconclusive: it stayed away", unclear),
          flaky == 0 ? "" : fmt::format(", {} flaky", flaky)));
}

std::string whole_seconds(Duration time) {
  return print(Duration(std::chrono::ceil<std::chrono::seconds>(time)));
}

// What it is taken for, and when it ends whatever it does.
void announce(const CommandLine& line, const FuzzPlace& place, const FuzzOptions& options) {
  if (line.has("--quiet")) return;
  if (!place.found.empty())
    complain({place.name,
              place.found + (place.profile.echoes() ? "" : ": only what the protocol owes is judged"), ""});
  if (options.most_inputs == 0)
    complain({place.name, fmt::format("ends within {}", whole_seconds(FuzzLoop::bound(options.time))), ""});
}

}  // namespace

int fuzz_verb(const CommandLine& line) {
  watch_interrupts();
  if (auto good = check_outputs(line); !good) return usage_error(good.error());
  auto wanted = fuzz_wanted(line, 0);
  if (!wanted) return usage_error(wanted.error());
  // Before the first connection: another process may hold the folder.
  auto store = FindingStore::open(line.get("--findings", kFolder));
  if (!store) return usage_error(store.error());
  auto place = fuzz_place(std::move(*wanted));
  if (!place) {
    const bool start = line.has("--start");
    complain(place.error());
    return code(start ? Exit::unreachable : Exit::usage);
  }
  auto options = fuzz_options(line, *place);
  if (!options) return usage_error(options.error());
  const auto ledger = fuzz_ledger(line.get("--cases"));
  options->ledger = &ledger;
  if (line.has("--resume")) resume(*store, *options);
  TerminalKeeper keeper(*store, line.has("--quiet"));
  for (const std::string& text : store->remarks()) keeper.remark(text);
  // Part of what is printed as the bound: it takes no longer than half of the time for inputs.
  const auto most =
      std::clamp<Duration>(options->time / 2, std::chrono::seconds(3), std::chrono::seconds(15));
  if (auto met = meet_target(*place, most); !met) {
    complain(met.error());
    return code(interrupted() ? Exit::interrupted : Exit::unreachable);
  }
  options->profile = place->profile, options->jobs = place->jobs;
  announce(line, *place, *options);
  options->feedback = place->coverage.get();
  FuzzCampaign campaign = FuzzLoop(*options, *place->arena, keeper).run();
  campaign.tool_version = kVersion;
  campaign.url = place->url, campaign.way = place->way;
  campaign.started = utc_now();
  for (FuzzFinding& finding : campaign.findings) {
    const auto kept = std::ranges::find(store->findings(), finding.signature, &FuzzFinding::signature);
    if (kept != store->findings().end()) finding.file = kept->file;
  }
  if (!write_campaign(line, campaign) || keeper.failed()) return code(Exit::internal);
  if (!campaign.fatal.empty()) complain({place->name, campaign.fatal, ""});
  if (campaign.fatal.empty() && !campaign.interrupted && campaign.inputs == 0)
    complain({place->name, "not one input was digested, so that nothing was tried", "give it more --time"});
  tell_habits(campaign, line);
  summarize(campaign, line);
  return code(exit_of(campaign));
}

int minimize_verb(const CommandLine& line) {
  if (auto good = check_outputs(line); !good) return usage_error(good.error());
  watch_interrupts();
  auto wanted = fuzz_wanted(line, 1);
  if (!wanted) return usage_error(wanted.error());
  auto place = fuzz_place(std::move(*wanted));
  if (!place) return usage_error(place.error());
  auto transcripts = read_fuzz_corpus(line.arguments.front(), place->profile.tested);
  if (!transcripts) return usage_error(transcripts.error());
  if (transcripts->empty())
    return usage_error({line.arguments.front(), "holds no case that only sends frames or a request", ""});
  auto time = parse_duration(line.get("--time", "60s"));
  if (!time) return usage_error(time.error());
  if (auto met = meet_target(*place); !met) {
    complain(met.error());
    return code(interrupted() ? Exit::interrupted : Exit::unreachable);
  }
  const auto ledger = fuzz_ledger(line.get("--cases"));
  FuzzOptions options;
  options.profile = place->profile;
  options.ledger = &ledger;
  options.target_name = place->name;
  options.time = *time;
  options.interrupted = &interrupted();
  complain({place->name, fmt::format("ends within {}", whole_seconds(FuzzLoop::bound(options.time))), ""});
  FuzzKeeper keeper;
  FuzzLoop loop(options, *place->arena, keeper);
  auto finding = loop.minimize_one(transcripts->front());
  if (!finding) {
    complain({line.arguments.front(), finding.error().what, finding.error().hint});
    return code(interrupted() ? Exit::interrupted : Exit::red);
  }
  if (auto done = write_file(line.get("--output", "-"), finding->reproducer); !done)
    return usage_error(done.error());
  return 0;
}

}  // namespace wsspec
