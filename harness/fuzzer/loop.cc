#include "fuzzer/loop.h"

#include <fmt/format.h>

#include <algorithm>

#include "fuzzer/generate.h"
#include "fuzzer/minimize.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostCorpus = 4096, kMostRecent = 24;
constexpr int kMostPerRule = 4;  ///< Findings with the same rule and kind but another state or reaction.
constexpr int kReplays = 3;
constexpr std::uint64_t kSessionSalt = 0x73657373696f6e;
constexpr std::uint64_t kLeakOctets = 64u << 20;

}  // namespace

FuzzLoop::FuzzLoop(FuzzOptions options, FuzzArena& arena, FuzzKeeper& keeper)
    : options_(std::move(options)), arena_(arena), keeper_(keeper), corpus_(options_.corpus) {
  campaign_.seed = options_.seed;
  campaign_.target_name = options_.target_name;
  campaign_.engine = "wsspec";
  for (const FuzzFinding& finding : options_.known) {
    signatures_[finding.signature] = finding.signature;
    campaign_.findings.push_back(finding);
  }
}

bool FuzzLoop::over() const {
  if (!campaign_.fatal.empty() || (options_.interrupted != nullptr && *options_.interrupted)) return true;
  return options_.most_inputs > 0 ? next_input_ >= options_.most_inputs : arena_.elapsed() >= options_.time;
}

FuzzCampaign FuzzLoop::run() {
  if (!serves()) {
    campaign_.fatal = "the target cannot be reached or refuses a correct opening handshake";
    return campaign_;
  }
  opened_once_ = true;
  while (!over()) {
    arena_.play_many(
        options_.jobs, [this] { return make_session(); },
        [this](FuzzSession& session, const FuzzArena::Outcome& outcome) { harvest(session, outcome); },
        [this] { tick(); });
    if (refused_ > 0 || unanswered_ > 0 || arena_.death()) settle_death();
    settle_suspects();
  }
  campaign_.interrupted = options_.interrupted != nullptr && *options_.interrupted;
  take_sample();
  check_memory();
  campaign_.duration = arena_.elapsed();
  return campaign_;
}

// --- Inputs ---

std::unique_ptr<FuzzSession> FuzzLoop::make_session() {
  // What was found is looked at when nothing else disturbs the target.
  if (over() || !suspects_.empty() || refused_ > 0 || unanswered_ > 0) return nullptr;
  InputMaker maker(options_.seed ^ kSessionSalt, next_session_++);
  ++campaign_.connections;
  FuzzSessionOptions session;
  session.seed = options_.seed + next_session_;
  session.silence = std::chrono::duration_cast<Duration>(session.silence * options_.profile.time_scale);
  FuzzOpening opening = maker.opening();
  if (!opening.edits.empty()) ++next_input_;
  if (!options_.profile.features.contains("deflate")) opening.offer.clear();
  return std::make_unique<FuzzSession>(
      options_.profile, std::move(opening), session,
      [this](const std::optional<DeflateSettings>& deflate) { return make_input(deflate); },
      [this](const std::vector<Step>& input, const std::set<std::uint64_t>& features) {
        learn(input, features);
      });
}

std::optional<std::vector<Step>> FuzzLoop::make_input(const std::optional<DeflateSettings>& deflate) {
  if (over()) return std::nullopt;
  InputMaker maker(options_.seed, next_input_++);
  if (corpus_.empty() || maker.one_in(2)) return maker.input(deflate);
  const auto any = [&]() -> const std::vector<Step>& {
    return corpus_[maker.below(static_cast<std::uint32_t>(corpus_.size()))].steps;
  };
  const auto& parent = any();
  return maker.mutate(parent, any(), deflate);
}

void FuzzLoop::learn(const std::vector<Step>& input, const std::set<std::uint64_t>& features) {
  ++campaign_.inputs;
  const std::size_t before = seen_.size();
  seen_.insert(features.begin(), features.end());
  if (seen_.size() == before) return;
  if (corpus_.size() < kMostCorpus)
    corpus_.push_back({{}, input, {}});
  else
    corpus_[mix(campaign_.inputs) % kMostCorpus] = {{}, input, {}};
}

// --- What came out ---

void FuzzLoop::harvest(FuzzSession& session, const FuzzArena::Outcome& outcome) {
  if (outcome.connected &&
      (!session.transcript().steps.empty() || !session.transcript().opening.edits.empty())) {
    recent_.push_back(session.transcript());
    if (recent_.size() > kMostRecent) recent_.pop_front();
  }
  if (!session.transcript().opening.edits.empty()) ++campaign_.inputs;
  if (!outcome.connected) {
    ++refused_;
    return;
  }
  if (session.unanswered() && session.transcript().opening.edits.empty()) ++unanswered_;
  const auto causes = session.causes();
  if (causes.empty()) return;
  // One at a time: what follows the first fault may be its consequence, and is found again without it.
  if (causes.front().severity == Severity::fail || options_.weak)
    suspect(session.transcript(), causes.front());
}

void FuzzLoop::suspect(const FuzzTranscript& transcript, FuzzCause cause) {
  const std::string signature = cause.signature();
  const auto known = signatures_.find(signature);
  if (known != signatures_.end()) {
    for (FuzzFinding& finding : campaign_.findings) finding.hits += finding.signature == known->second;
    return;
  }
  if (per_rule_[cause.kind + cause.requirement] >= kMostPerRule) return;
  signatures_[signature] = signature;
  FuzzFinding raw = finding_of(cause);
  raw.reproducer = write_reproducer(transcript, cause, notes_for(cause, "not yet replayed"));
  raw.stable = false;
  keeper_.keep(raw);
  suspects_.push_back({transcript, std::move(cause)});
}

void FuzzLoop::tick() {
  if (arena_.elapsed() - last_sample_ < 1s) return;
  take_sample();
  keeper_.progress(campaign_);
}

void FuzzLoop::take_sample() {
  last_sample_ = arena_.elapsed();
  campaign_.corpus = corpus_.size();
  campaign_.duration = last_sample_;
  campaign_.samples.push_back({last_sample_, campaign_.inputs, seen_.size(), 0, campaign_.findings.size()});
  if (const auto sample = arena_.sample()) memory_.emplace_back(campaign_.inputs, sample->memory);
}

// --- Findings ---

std::unique_ptr<FuzzSession> FuzzLoop::replay(const FuzzTranscript& transcript, bool log, int patience) {
  FuzzSessionOptions session;
  session.seed = options_.seed + 1;
  session.silence =
      std::chrono::duration_cast<Duration>(session.silence * options_.profile.time_scale) * patience;
  session.log = log;
  auto one = replay_session(options_.profile, transcript, session);
  arena_.play(*one);
  return one;
}

std::optional<FuzzCause> FuzzLoop::shows(const FuzzTranscript& transcript, const FuzzCause& cause,
                                         int patience) {
  for (FuzzCause& other : replay(transcript, false, patience)->causes()) {
    if (other.same_rule(cause) && other.severity == cause.severity) return other;
  }
  return std::nullopt;
}

ReproducerNotes FuzzLoop::notes_for(const FuzzCause& cause, std::string stability) const {
  ReproducerNotes notes;
  notes.target = options_.target_name;
  notes.seed = options_.seed;
  notes.stability = std::move(stability);
  if (options_.ledger == nullptr) return notes;
  if (const auto found = options_.ledger->find(cause.requirement); found != options_.ledger->end()) {
    notes.clause = clause_of(found->second);
    notes.demand = found->second.text;
  }
  return notes;
}

FuzzFinding FuzzLoop::finding_of(const FuzzCause& cause) const {
  FuzzFinding finding;
  finding.signature = cause.signature();
  finding.cause = cause.kind;
  finding.verdict = cause.severity == Severity::fail ? Verdict::fail : Verdict::weak;
  finding.requirement = cause.requirement;
  finding.clause = notes_for(cause, {}).clause;
  finding.message = cause.text;
  finding.first_seen = arena_.elapsed();
  return finding;
}

void FuzzLoop::settle_suspects() {
  auto suspects = std::move(suspects_);
  suspects_.clear();
  for (const Suspect& one : suspects) {
    const std::string raw = one.cause.signature();
    if (per_rule_[one.cause.kind + one.cause.requirement] >= kMostPerRule) {
      keeper_.drop(raw);
      continue;
    }
    store(settle(one), raw);
    if (arena_.death()) settle_death();
  }
}

FuzzFinding FuzzLoop::settle(const Suspect& one) {
  FuzzTranscript smallest = one.transcript;
  // Where a silence is the finding each try costs time.
  const Duration patience = campaign_.findings.size() > 20 ? Duration(5s) : Duration(20s);
  const Instant deadline = arena_.elapsed() + patience;
  MinimizeLimits limits;
  limits.may_go_on = [this, deadline] { return arena_.elapsed() < deadline; };
  const FuzzTrial trial = [&](const FuzzTranscript& next) { return shows(next, one.cause, 1).has_value(); };
  if (trial(smallest)) smallest = minimize(std::move(smallest), trial, limits);
  int hits = 0;
  FuzzCause cause = one.cause;
  for (int i = 0; i < kReplays; ++i) {
    const auto seen = shows(smallest, one.cause, 2);
    if (seen) cause = *seen;
    hits += seen.has_value();
  }
  const std::string stability = fmt::format("{} of {}", hits, kReplays);
  FuzzFinding finding = finding_of(cause);
  finding.stable = hits == kReplays;
  if (hits == 0) finding.verdict = Verdict::info;
  if (hits < kReplays) finding.message += fmt::format(" (flaky: seen in {} replays)", stability);
  const auto logged = replay(smallest, true, 1);
  const auto again = logged->causes();
  const bool same = std::ranges::any_of(again, [&](const FuzzCause& c) { return c.same_rule(cause); });
  finding.reproducer = same ? write_reproducer(*logged, cause, notes_for(cause, stability))
                            : write_reproducer(smallest, cause, notes_for(cause, stability));
  return finding;
}

void FuzzLoop::store(FuzzFinding finding, const std::string& raw_signature) {
  signatures_[raw_signature] = finding.signature;
  for (FuzzFinding& other : campaign_.findings) {
    if (other.signature != finding.signature) continue;
    other.hits += finding.hits;
    if (raw_signature != finding.signature) keeper_.drop(raw_signature);
    return;
  }
  signatures_[finding.signature] = finding.signature;
  ++per_rule_[finding.cause + finding.requirement];
  keeper_.keep(finding);
  if (raw_signature != finding.signature) keeper_.drop(raw_signature);
  campaign_.findings.push_back(std::move(finding));
}

Result<FuzzFinding> FuzzLoop::minimize_one(const FuzzTranscript& transcript) {
  const auto causes = replay(transcript, false, 1)->causes();
  if (arena_.death()) {
    arena_.restart();
    const FuzzTrial trial = [this](const FuzzTranscript& next) { return kills(next); };
    FuzzCause cause{"crash", Severity::fail, "", "", "", "the target dies"};
    FuzzFinding finding = finding_of(cause);
    finding.reproducer =
        write_reproducer(minimize(transcript, trial, {60, [] { return true; }}), cause, notes_for(cause, {}));
    return finding;
  }
  if (causes.empty())
    return fail_with("", "nothing is wrong with what the target does", "is it the right target?");
  return settle({transcript, causes.front()});
}

// --- Death ---

// A plain connection with one message.
bool FuzzLoop::serves() {
  for (int i = 0; i < 3; ++i) {
    FuzzTranscript plain;
    plain.steps = {fuzz_frame(FrameKind::ping, "still there?")};
    FuzzSessionOptions session;
    auto one = replay_session(options_.profile, plain, session);
    const auto outcome = arena_.play(*one);
    const bool broken_reply = !one->causes().empty() && one->causes().front().reaction == "reply";
    if (outcome.connected && (one->opened() || broken_reply) && !one->unanswered() && !arena_.death())
      return true;
    if (arena_.death()) return false;
    arena_.rest(300ms);
  }
  return false;
}

bool FuzzLoop::kills(const FuzzTranscript& transcript) {
  replay(transcript, false, 1);
  const bool killed = arena_.death().has_value() || !serves();
  if (killed) arena_.restart();
  return killed;
}

FuzzCause FuzzLoop::cause_of_death() {
  FuzzCause cause{"hang", Severity::fail, "", "", "", "the target accepts connections and answers nobody"};
  if (const auto death = arena_.death()) {
    cause.kind = "crash";
    cause.state = death->sanitizer.empty()
                      ? fmt::format("signal-{}-status-{}", death->signal, death->exit_status)
                      : death->sanitizer.substr(0, 80);
    cause.text = "the target dies: " + (death->sanitizer.empty() ? death->words : death->sanitizer);
  } else if (refused_ > 0) {
    cause.kind = "crash";
    cause.text = "the target cannot be reached any more";
  }
  return cause;
}

// Who was it? The sessions that ended last are played alone, the latest first.
void FuzzLoop::settle_death() {
  const bool dead = arena_.death().has_value() || !serves();
  if (!dead) {
    refused_ = unanswered_ = 0;
    return;
  }
  FuzzCause cause = cause_of_death();
  refused_ = unanswered_ = 0;
  // Whatever broke off or fell silent in that moment is a consequence.
  for (const Suspect& one : suspects_) {
    keeper_.drop(one.cause.signature());
    signatures_.erase(one.cause.signature());
  }
  suspects_.clear();
  auto recent = std::move(recent_);
  recent_.clear();
  std::ranges::reverse(recent);
  const bool known = signatures_.contains(cause.signature());
  FuzzFinding finding = finding_of(cause);
  if (!recent.empty() && !known) {
    finding.stable = false;
    finding.reproducer = write_reproducer(recent.front(), cause, notes_for(cause, "not yet replayed"));
    keeper_.keep(finding);
  }
  if (!arena_.restart()) {
    campaign_.fatal = cause.text;
  } else if (!known) {
    const auto killer = std::ranges::find_if(recent, [this](const FuzzTranscript& t) { return kills(t); });
    if (killer != recent.end()) {
      const Instant deadline = arena_.elapsed() + 20s;
      const FuzzTrial trial = [this](const FuzzTranscript& next) { return kills(next); };
      const auto smallest = minimize(*killer, trial, {60, [&] { return arena_.elapsed() < deadline; }});
      finding.stable = kills(smallest) && kills(smallest);
      finding.reproducer =
          write_reproducer(smallest, cause, notes_for(cause, finding.stable ? "2 of 2" : "flaky"));
    }
  }
  if (!known && finding.reproducer.empty())
    finding.reproducer = write_reproducer(FuzzTranscript{}, cause, notes_for(cause, {}));
  store(std::move(finding), cause.signature());
}

// --- Memory ---

// Grows it by so much, steadily, and by more than a short buffer for each input?
void FuzzLoop::check_memory() {
  if (memory_.size() >= 8) {
    const auto quarter = memory_.size() / 4;
    const auto [first_inputs, first] = memory_[quarter];
    const auto [last_inputs, last] = memory_.back();
    const bool steady =
        memory_[2 * quarter].second > first && memory_[3 * quarter].second > memory_[2 * quarter].second;
    const std::uint64_t inputs = std::max<std::uint64_t>(1, last_inputs - first_inputs);
    if (steady && last > first + kLeakOctets && (last - first) / inputs > 256) {
      FuzzCause cause{"memory", Severity::weak, "", "", "", ""};
      cause.text = fmt::format("resident memory grew by {} MiB over {} inputs", (last - first) >> 20, inputs);
      FuzzFinding finding = finding_of(cause);
      finding.stable = false;
      if (!recent_.empty())
        finding.reproducer = write_reproducer(recent_.back(), cause, notes_for(cause, {}));
      store(std::move(finding), cause.signature());
    }
  }
  const std::string leak = arena_.farewell();
  if (leak.find("LeakSanitizer") == std::string::npos) return;
  FuzzCause cause{"leak", Severity::fail, "", "", "", leak};
  FuzzFinding finding = finding_of(cause);
  if (!recent_.empty()) finding.reproducer = write_reproducer(recent_.back(), cause, notes_for(cause, {}));
  store(std::move(finding), cause.signature());
}

}  // namespace wsspec
