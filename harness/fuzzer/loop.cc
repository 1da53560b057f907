#include "fuzzer/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "fuzzer/generate.h"
#include "fuzzer/minimize.h"
#include "play/request.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostRecent = 48;
// How soon silence makes a suspect, and for how long it must last then to be held against the target.
constexpr Duration kSuspicion = 700ms, kProofSilence = 3s;
constexpr int kMostPerRule = 4;  ///< Findings with the same rule and kind but another state or reaction.
constexpr int kReplays = 3;
constexpr std::uint64_t kSessionSalt = 0x73657373696f6e;
constexpr std::uint64_t kLeakOctets = 64u << 20;
constexpr std::uint32_t kPatientShare = 256, kIllegalShare = 12;
// Some connections live long, because some faults need a count: the hundredth message, the window's second
// turn.
constexpr std::uint64_t kLongShare = 60, kLongInputs = 1024;
constexpr std::uint32_t kIllegalShareOfLong = 512;
constexpr unsigned kIndexBits = 12;

std::vector<Step> flattened(const std::vector<Step>& steps) {
  std::vector<Step> out;
  for (const Step& step : steps) {
    const auto* burst = std::get_if<Burst>(&step.statement);
    if (burst != nullptr && is_barrier(step)) {
      FuzzInput rest = without_barrier({step});
      out.insert(out.end(), rest.steps.begin(), rest.steps.end());
      out.push_back(burst->sends.back());
    } else {
      out.push_back(step);
    }
  }
  return out;
}

}  // namespace

FuzzLoop::FuzzLoop(FuzzOptions options, FuzzArena& arena, FuzzKeeper& keeper)
    : options_(std::move(options)),
      arena_(arena),
      keeper_(keeper),
      corpus_(options_.first_session,
              options_.feedback != nullptr ? FuzzCorpus::Order::in_turn : FuzzCorpus::Order::many_at_once) {
  campaign_.seed = options_.seed;
  campaign_.target_name = options_.target_name;
  campaign_.engine = "wsspec";
  if (options_.feedback != nullptr) options_.jobs = 1;
  for (const FuzzTranscript& transcript : options_.corpus)
    for (FuzzInput& input : inputs_of(transcript, false)) corpus_.seed(std::move(input.steps));
  next_session_ = options_.first_session;
  for (const FuzzFinding& finding : options_.known) {
    signatures_[finding.signature] = finding.signature;
    ++per_rule_[finding.cause + finding.requirement];
    campaign_.findings.push_back(finding);
  }
}

bool FuzzLoop::over() const {
  if (!campaign_.fatal.empty() || (options_.interrupted != nullptr && *options_.interrupted)) return true;
  const auto counts = [](const FuzzFinding& f) { return f.verdict != Verdict::info; };
  const auto found =
      std::ranges::count_if(campaign_.findings | std::views::drop(options_.known.size()), counts);
  if (options_.most_findings > 0 && static_cast<std::size_t>(found) >= options_.most_findings) return true;
  return options_.most_inputs > 0 ? campaign_.inputs >= options_.most_inputs
                                  : arena_.elapsed() >= options_.time;
}

FuzzCampaign FuzzLoop::run() {
  if (!serves()) {
    campaign_.fatal = "the target cannot be reached or refuses a correct opening handshake";
    return campaign_;
  }
  for (const FuzzTranscript& transcript : options_.unsettled) look_again(transcript);
  while (!over()) {
    arena_.play_many(
        options_.jobs, [this] { return make_session(); },
        [this](FuzzSession& session, const FuzzArena::Outcome& outcome) { harvest(session, outcome); },
        [this] { tick(); });
    if (refused_ > 0 || unanswered_ > 0 || arena_.death()) settle_death();
    settle_suspects();
    check_processor(false);
  }
  if (campaign_.fatal.empty()) check_processor(true);
  campaign_.interrupted = options_.interrupted != nullptr && *options_.interrupted;
  take_sample();
  check_memory();
  campaign_.duration = arena_.elapsed();
  return campaign_;
}

Duration FuzzLoop::scaled(Duration time) const {
  return std::chrono::duration_cast<Duration>(time * options_.profile.time_scale);
}

// --- Inputs ---

std::unique_ptr<FuzzSession> FuzzLoop::make_session() {
  // What was found is looked at when nothing else disturbs the target.
  if (over() || !suspects_.empty() || refused_ > 0 || unanswered_ > 0) return nullptr;
  if (!corpus_.may_begin(next_session_)) return nullptr;  // A slow one: all that are open end first.
  const std::uint64_t number = next_session_++;
  InputMaker maker(options_.seed ^ kSessionSalt, number);
  ++campaign_.connections;
  FuzzSessionOptions session;
  session.seed = mix(options_.seed ^ mix(number)) | 1;
  session.number = number;
  if (lives_long(number)) session.most_inputs = kLongInputs;
  session.silence = scaled(kSuspicion);
  session.patient = maker.one_in(kPatientShare) || arena_.waiting_is_free();
  if (options_.feedback != nullptr) {
    session.most_inputs = 1;
    options_.feedback->begin();
  }
  FuzzOpening opening = maker.opening(options_.profile);
  if (!options_.profile.features.contains("deflate")) opening.offer.clear();
  return std::make_unique<FuzzSession>(options_.profile, std::move(opening), session,
                                       [this](const FuzzContext& context) { return make_input(context); });
}

bool FuzzLoop::lives_long(std::uint64_t session) const {
  return mix(options_.seed + mix(session)) % kLongShare == 0;
}

std::optional<FuzzInput> FuzzLoop::make_input(const FuzzContext& context) {
  if (over()) return std::nullopt;
  InputMaker maker(options_.seed, context.session << kIndexBits | context.index);
  FuzzInput out;
  if (maker.one_in(lives_long(context.session) ? kIllegalShareOfLong : kIllegalShare)) {
    const FuzzCorpus::Item* parent =
        maker.one_in(2) ? corpus_.parent(maker, context.session, false) : nullptr;
    const FuzzCorpus::Item* other = corpus_.parent(maker, context.session, false);
    out.steps = parent == nullptr || other == nullptr ? maker.illegal(context)
                                                      : maker.mutate(parent->steps, other->steps, context);
    out.joined = maker.one_in(4);
    return out;
  }
  // What the target's code tells of an input is worth more than what the wire tells.
  const bool fresh = maker.one_in(options_.feedback != nullptr ? 6 : 2);
  const FuzzCorpus::Item* parent = fresh ? nullptr : corpus_.parent(maker, context.session, true);
  out.steps = parent == nullptr ? maker.legal(context) : maker.vary(parent->steps, context);
  out.joined = !maker.one_in(8);
  return out;
}

void FuzzLoop::learn(FuzzSession& session) {
  std::vector<FuzzCorpus::Candidate> candidates;
  const FuzzTranscript& transcript = session.transcript();
  const bool legal = session.causes().empty();
  for (const FuzzSession::Digest& digest : session.digests()) {
    if (digest.last_step <= digest.first_step) continue;
    FuzzCorpus::Candidate candidate;
    candidate.features = digest.features;
    candidate.cost = digest.cost;
    if (options_.feedback != nullptr) options_.feedback->collect(candidate.reached);
    candidate.legal = digest.legal && legal;
    if (!corpus_.knows(candidate)) {
      const auto from = transcript.steps.begin() + static_cast<std::ptrdiff_t>(digest.first_step),
                 to = transcript.steps.begin() + static_cast<std::ptrdiff_t>(digest.last_step);
      candidate.steps = without_barrier({from, to}).steps;
    } else if (candidate.reached.empty()) {
      continue;
    }
    candidates.push_back(std::move(candidate));
  }
  corpus_.bring(session.number(), std::move(candidates),
                [this](const FuzzCorpus::Item& item) { keeper_.learned(item.steps); });
}

// --- What came out ---

void FuzzLoop::harvest(FuzzSession& session, const FuzzArena::Outcome& outcome) {
  const bool plain = session.transcript().opening.plain();
  campaign_.inputs += plain ? session.inputs() : 1;
  learn(session);
  if (!outcome.connected) {
    ++refused_;
    return;
  }
  if (session.unanswered()) ++unanswered_;
  const auto causes = session.causes();
  // One at a time: what follows the first fault may be its consequence, and is found again without it.
  if (!causes.empty() && (causes.front().severity == Severity::fail || options_.weak))
    suspect(session, causes.front());
  if (!session.transcript().steps.empty() || !plain) {
    recent_.push_back(session.take_transcript());
    if (recent_.size() > kMostRecent) recent_.pop_front();
  }
}

void FuzzLoop::suspect(const FuzzSession& session, FuzzCause cause) {
  const FuzzTranscript& transcript = session.transcript();
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
  suspects_.push_back({transcript, std::move(cause), arena_.elapsed(), campaign_.inputs, session.silent()});
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
  const std::uint64_t edges = options_.feedback == nullptr ? 0 : options_.feedback->edges();
  campaign_.samples.push_back(
      {last_sample_, campaign_.inputs, corpus_.features(), edges, campaign_.findings.size()});
  if (const auto sample = arena_.sample()) {
    memory_.emplace_back(campaign_.inputs, sample->memory);
  }
}

// --- Findings ---

std::unique_ptr<FuzzSession> FuzzLoop::replay(const FuzzTranscript& transcript, const ReplayOptions& how) {
  FuzzSessionOptions session;
  session.seed = options_.seed + 1;
  session.silence = scaled(how.silence);
  session.log = how.log;
  session.pin = how.pin;
  session.patient = options_.weak;
  auto one = replay_session(options_.profile, transcript, session, how.joined);
  arena_.play(*one);
  return one;
}

std::optional<FuzzCause> FuzzLoop::shows(const FuzzTranscript& transcript, const FuzzCause& cause,
                                         const ReplayOptions& how) {
  for (FuzzCause& other : replay(transcript, how)->causes()) {
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
  finding.first_input = campaign_.inputs;
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
    FuzzFinding finding = settle(one);
    // Late in the crowd, and not when alone: nothing is wrong.
    if (finding.verdict == Verdict::info && one.silent) {
      keeper_.drop(raw);
      signatures_.erase(raw);
      continue;
    }
    store(std::move(finding), raw);
    if (arena_.death()) settle_death();
  }
}

// The simplest form that still shows the cause: any masking keys and the barriers alone in their writes, then
// the session's own keys, then its own writes too.
FuzzTranscript FuzzLoop::reproducible(const Suspect& one, bool& joined) {
  FuzzTranscript simple = one.transcript;
  simple.steps = flattened(simple.steps);
  simple.seed = 0;
  joined = false;
  if (shows(simple, one.cause, {})) return simple;
  simple.seed = one.transcript.seed;
  const auto pinned = replay(simple, {.pin = true});
  const auto causes = pinned->causes();
  if (std::ranges::any_of(causes, [&](const FuzzCause& c) { return c.same_rule(one.cause); })) {
    FuzzTranscript keyed = pinned->transcript();
    if (keyed.opening.plain() && !pinned->opened())
      keyed.opening.edits = {
          {Edit::Kind::set, "Sec-WebSocket-Key", plain_payload(handshake_key(simple.seed), true)}};
    keyed.seed = 0;
    return shows(keyed, one.cause, {}) ? keyed : simple;
  }
  joined = true;
  return one.transcript;
}

FuzzFinding FuzzLoop::settle(const Suspect& one) {
  // Where a silence is the finding each try costs time.
  const Duration patience = campaign_.findings.size() > 20 ? Duration(5s) : Duration(12s);
  const Instant deadline = arena_.elapsed() + patience;
  MinimizeLimits limits;
  limits.may_go_on = [this, deadline] { return arena_.elapsed() < deadline; };
  bool joined = false;
  FuzzTranscript smallest = reproducible(one, joined);
  const FuzzTrial trial = [&](const FuzzTranscript& next) {
    return shows(next, one.cause, {.joined = joined}).has_value();
  };
  if (trial(smallest)) smallest = minimize(std::move(smallest), trial, limits);
  int hits = 0;
  FuzzCause cause = one.cause;
  for (int i = 0; i < kReplays; ++i) {
    const auto seen = shows(smallest, one.cause, {.joined = joined, .silence = kProofSilence});
    if (seen) cause = *seen;
    hits += seen.has_value();
  }
  const std::string stability = fmt::format("{} of {}", hits, kReplays);
  FuzzFinding finding = finding_of(cause);
  finding.first_seen = one.at;
  finding.first_input = one.inputs;
  finding.stable = hits == kReplays;
  // Silence that is broken sometimes is more likely our machine's than the target's.
  if (hits == 0 || (one.silent && hits < kReplays)) finding.verdict = Verdict::info;
  if (hits < kReplays) finding.message += fmt::format(" (flaky: seen in {} replays)", stability);
  const auto logged = replay(smallest, {.log = true, .joined = joined});
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
  const auto causes = replay(transcript, {})->causes();
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
  return settle({transcript, causes.front(), arena_.elapsed(), 1, false});
}

std::vector<FuzzCause> FuzzLoop::causes_of(const FuzzTranscript& transcript) {
  const auto session = replay(transcript, {.joined = true, .silence = kProofSilence});
  auto causes = session->causes();
  if (arena_.death() || !serves()) causes.insert(causes.begin(), cause_of_death());
  return causes;
}

// A journal that was kept at once, before a kill kept us from looking into it.
void FuzzLoop::look_again(const FuzzTranscript& transcript) {
  if (over()) return;
  const auto session = replay(transcript, {.joined = true});
  recent_.push_back(transcript);
  if (arena_.death() || session->unanswered()) return settle_death();
  const auto causes = session->causes();
  if (!causes.empty() && (causes.front().severity == Severity::fail || options_.weak))
    suspect(*session, causes.front());
  settle_suspects();
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
    reachable_ = outcome.connected;
    const bool broken_reply = !one->causes().empty() && one->causes().front().reaction == "reply-101";
    if (outcome.connected && (one->opened() || broken_reply) && !one->unanswered() && !arena_.death())
      return true;
    if (arena_.death()) return false;
    arena_.rest(300ms);
  }
  return false;
}

bool FuzzLoop::kills(const FuzzTranscript& transcript) {
  replay(transcript, {.joined = true});
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
  } else if (refused_ > 0 || !reachable_) {
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
    blame(finding, cause, {recent.begin(), recent.end()});
  }
  if (!known && finding.reproducer.empty())
    finding.reproducer = write_reproducer(FuzzTranscript{}, cause, notes_for(cause, {}));
  store(std::move(finding), cause.signature());
}

void FuzzLoop::blame(FuzzFinding& finding, const FuzzCause& cause,
                     const std::vector<FuzzTranscript>& recent) {
  const auto killer = std::ranges::find_if(recent, [this](const FuzzTranscript& t) { return kills(t); });
  if (killer == recent.end()) {
    finding.stable = false;
    finding.message += " (none of the last connections does it alone)";
    return;
  }
  const Instant deadline = arena_.elapsed() + 20s;
  const FuzzTrial trial = [this](const FuzzTranscript& next) { return kills(next); };
  FuzzTranscript start = *killer;
  start.steps = flattened(start.steps);
  if (!kills(start)) start = *killer;
  const auto smallest = minimize(start, trial, {60, [&] { return arena_.elapsed() < deadline; }});
  finding.stable = kills(smallest) && kills(smallest);
  finding.reproducer =
      write_reproducer(smallest, cause, notes_for(cause, finding.stable ? "2 of 2" : "flaky"));
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

// --- Processor ---

// Nothing is sent, and it computes: a loop without an end, unless it does so by nature.
bool FuzzLoop::spins() {
  constexpr Duration kLook = 300ms;
  const auto before = arena_.sample();
  if (!before) return false;
  arena_.rest(kLook);
  const auto after = arena_.sample();
  return after &&
         after->cpu_seconds - before->cpu_seconds > 0.8 * std::chrono::duration<double>(kLook).count();
}

// Asked when no connection is open: at most every few seconds, and at the end.
void FuzzLoop::check_processor(bool last) {
  if (!last && arena_.elapsed() < next_look_) return;
  next_look_ = arena_.elapsed() + 5s;
  FuzzCause cause{"spin", Severity::fail, "", "", "", "the target computes on and on while nothing is sent"};
  if (signatures_.contains(cause.signature()) || !spins() || !spins()) return;
  auto recent = std::move(recent_);
  recent_.clear();
  FuzzFinding finding = finding_of(cause);
  finding.stable = false;
  finding.reproducer = write_reproducer(recent.empty() ? FuzzTranscript{} : recent.back(), cause,
                                        notes_for(cause, "not yet replayed"));
  keeper_.keep(finding);
  if (!arena_.restart() || spins()) return store(std::move(finding), cause.signature());
  const FuzzTrial trial = [this](const FuzzTranscript& next) {
    replay(next, {.joined = true});
    const bool found = spins();
    if (found) arena_.restart();
    return found;
  };
  const auto culprit = std::find_if(recent.rbegin(), recent.rend(), trial);
  if (culprit != recent.rend()) {
    const Instant deadline = arena_.elapsed() + 20s;
    const auto smallest = minimize(*culprit, trial, {60, [&] { return arena_.elapsed() < deadline; }});
    finding.stable = trial(smallest);
    finding.reproducer = write_reproducer(smallest, cause, notes_for(cause, "replayed on a fresh process"));
  }
  store(std::move(finding), cause.signature());
}

}  // namespace wsspec
