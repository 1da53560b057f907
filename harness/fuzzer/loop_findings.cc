// What becomes of a suspect: replayed alone, minimised, replayed three times, told.
#include <fmt/format.h>

#include <algorithm>

#include "fuzzer/loop.h"
#include "fuzzer/minimize.h"
#include "play/opening.h"
#include "script/check.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

// How long a silence must last, with nothing else going on, to be held against the target.
constexpr Duration kProofSilence = 3s, kShortSilence = 150ms;
constexpr int kReplays = 3;
constexpr std::uint64_t kCompaniesForOne = 8;

}  // namespace

std::unique_ptr<FuzzSession> FuzzLoop::replay(const FuzzTranscript& transcript, const ReplayOptions& how) {
  FuzzSessionOptions session;
  session.seed = options_.seed + 1;
  session.silence = scaled(how.silence);
  session.log = how.log;
  session.pin = how.pin;
  session.grace = scaled(std::clamp<Duration>(how.silence / 6, 80ms, 500ms));
  session.patient = options_.weak;
  const auto play = [&](std::unique_ptr<FuzzSession>& one) {
    one = replay_session(options_.profile, transcript, session, how.joined);
    return arena_.play(*one).absent;
  };
  std::unique_ptr<FuzzSession> one;
  arena_.wait_at_most(absence_);
  const bool absent = play(one);
  arena_.wait_at_most(kNever);
  // It stays away for what came before, which is looked into where it shows again.
  if (absent && arena_.restart()) {
    know_absence();
    play(one);
  }
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
  finding.verdict = cause.severity == Severity::fail ? Verdict::fail
                    : cause.kind == "absent"         ? Verdict::inconclusive
                                                     : Verdict::weak;
  finding.requirement = cause.requirement;
  finding.clause = notes_for(cause, {}).clause;
  finding.message = cause.text;
  finding.log = cause.log;
  finding.first_seen = elapsed();
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
    auto finding = settle(one, patience());
    if (!finding) {
      ++unsettled_;
      continue;
    }
    // Late in the crowd, and not when alone: nothing is wrong.
    if (finding->verdict == Verdict::info && one.silent) {
      keeper_.drop(raw);
      signatures_.erase(raw);
      continue;
    }
    store(std::move(*finding), raw);
    if (!halted() && arena_.death()) settle_death();
  }
}

// The simplest form that still shows the cause: any masking keys and the barriers alone in their writes, then
// the session's own keys, then its own writes too.
FuzzTranscript FuzzLoop::reproducible(const Suspect& one, bool& joined) {
  FuzzTranscript simple = one.transcript;
  simple.steps = barriers_apart(simple.steps);
  simple.seed = 0;
  joined = false;
  if (shows(simple, one.cause, {})) return simple;
  simple.seed = one.transcript.seed;
  const auto pinned = replay(simple, {.pin = true});
  const auto causes = pinned->causes();
  if (std::ranges::any_of(causes, [&](const FuzzCause& c) { return c.same_rule(one.cause); })) {
    FuzzTranscript keyed = pinned->transcript();
    if (!tests_a_client() && keyed.opening.plain() && !pinned->opened())
      keyed.opening.edits = {
          {Edit::Kind::set, "Sec-WebSocket-Key", plain_payload(handshake_key(simple.seed), true)}};
    keyed.seed = 0;
    return shows(keyed, one.cause, {}) ? keyed : simple;
  }
  joined = true;
  return one.transcript;
}

// Where a silence is the finding each try costs time, so it is kept short while trying, and what comes of it
// is looked at with more patience.
FuzzLoop::Smaller FuzzLoop::smaller(const FuzzTranscript& start, const FuzzCause& cause, bool joined,
                                    Duration patience) {
  const Instant deadline = elapsed() + patience;
  bool fully = true;
  for (const Duration silence : {kShortSilence, ReplayOptions{}.silence}) {
    MinimizeLimits limits;
    limits.may_go_on = [&] { return (fully = !halted() && elapsed() < deadline); };
    const FuzzTrial trial = [&](const FuzzTranscript& next) {
      return shows(next, cause, {.joined = joined, .silence = silence}).has_value();
    };
    if (!trial(start)) continue;
    FuzzTranscript smallest = minimize(start, trial, limits);
    if (shows(smallest, cause, {.joined = joined})) return {std::move(smallest), fully};
  }
  return {start, false};
}

// A client shows nothing of what it thinks, so that silence is held against it only when it takes far longer
// than the answer to a correct reply.
Duration FuzzLoop::proof_silence() const {
  constexpr int kTimesTheAnswer = 10;
  return std::max<Duration>(kProofSilence, kTimesTheAnswer * answer_time_);
}

// A short campaign has not much time for what it finds.
Duration FuzzLoop::patience() const {
  const Duration most = campaign_.findings.size() > 20 ? 5s : 12s;
  const Duration left = std::max<Duration>(bound(options_.time) - elapsed(), 0s);
  return std::min(left / 3, std::clamp<Duration>(options_.time / 5, 2s, most));
}

std::optional<FuzzFinding> FuzzLoop::settle(const Suspect& one, Duration patience) {
  if (halted()) return std::nullopt;
  bool joined = false;
  const FuzzTranscript start = reproducible(one, joined);
  const auto [smallest, fully] = smaller(start, one.cause, joined, patience);
  int hits = 0, replays = 0;
  FuzzCause cause = one.cause;
  for (int i = 0; i < kReplays; ++i) {
    const auto seen = shows(smallest, one.cause, {.joined = joined, .silence = proof_silence()});
    if (halted()) break;  // This one was cut off, or may have been.
    if (seen) cause = *seen;
    hits += seen.has_value();
    ++replays;
  }
  if (replays == 0) return std::nullopt;
  const std::string stability =
      fmt::format("{} of {}{}", hits, replays, fully ? "" : "; not fully minimised: no time was left");
  FuzzFinding finding = finding_of(cause);
  finding.first_seen = one.at;
  finding.first_input = one.inputs;
  finding.stable = hits == replays;
  // Silence that is broken sometimes is more likely our machine's than the target's.
  // What one connection does not show alone it may owe to the others.
  if (hits == 0) more_companies_ += kCompaniesForOne;
  if (hits == 0 || (one.silent && hits < replays)) finding.verdict = Verdict::info;
  if (hits < replays) finding.message += fmt::format(" (flaky: seen in {} of {} replays)", hits, replays);
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
  began_ = arena_.elapsed();
  const Error no_time = {"", "there was no time to replay it, or it was interrupted", "give it more --time"};
  const auto session = replay(transcript, {});
  const auto causes = session->causes();
  if (halted()) return std::unexpected(no_time);
  if (arena_.death() || ((causes.empty() || session->silent()) && !serves())) {
    const FuzzCause cause = cause_of_death(session->silent());
    if (!arena_.restart()) return fail_with("", cause.text, "a target that --start starts can be restarted");
    FuzzFinding finding = finding_of(cause);
    blame(finding, cause, {transcript});
    if (finding.reproducer.empty()) return fail_with("", "the target dies, and not of this alone");
    return finding;
  }
  if (causes.empty())
    return fail_with("", "nothing is wrong with what the target does", "is it the right target?");
  auto finding =
      settle({transcript, causes.front(), elapsed(), 1, false}, std::min<Duration>(options_.time, 60s));
  if (!finding) return std::unexpected(no_time);
  return *finding;
}

std::vector<FuzzCause> FuzzLoop::causes_of(const FuzzTranscript& transcript) {
  const auto session = replay(transcript, {.joined = true, .silence = proof_silence()});
  if (halted()) return {};
  auto causes = session->causes();
  if (arena_.death() || !serves()) causes.insert(causes.begin(), cause_of_death(session->silent()));
  return causes;
}

// What is known is not looked into again, as long as it is there; one that was mended must not hide the next
// that looks alike. Those for which a fifth of the time is not enough are taken to be there.
void FuzzLoop::meet_known() {
  const Instant enough = std::min<Duration>(options_.time / 5, 30s);
  for (FuzzFinding finding : options_.known) {
    if (!halted() && elapsed() < enough && !still_there(finding)) {
      keeper_.gone(finding);
      continue;
    }
    signatures_[finding.signature] = finding.signature;
    ++per_rule_[finding.cause + finding.requirement];
    campaign_.findings.push_back(std::move(finding));
    ++known_;
  }
}

bool FuzzLoop::still_there(const FuzzFinding& finding) {
  const Source source{finding.file, finding.reproducer};
  const auto transcripts = transcripts_of(load({&source, 1}).cases, options_.profile.tested);
  if (transcripts.size() != 1) return true;
  const bool deadly = finding.cause == "crash" || finding.cause == "hang" || finding.cause == "absent";
  if (!deadly && (finding.cause == "memory" || finding.cause == "leak" || finding.cause == "spin"))
    return true;
  if (deadly && !arena_.can_restart()) return true;
  const FuzzCause cause{finding.cause,
                        finding.verdict == Verdict::fail ? Severity::fail : Severity::weak,
                        finding.requirement,
                        "",
                        "",
                        ""};
  for (int i = 0; i < kReplays; ++i) {
    if (deadly) {
      const auto death = death_by(transcripts.front(), {1s});
      if (death && death->signature() == finding.signature) return true;
    } else if (finding.verdict == Verdict::info || shows(transcripts.front(), cause, {.joined = i > 0})) {
      return true;
    }
    if (halted() || !campaign_.fatal.empty()) return true;
  }
  return false;
}

// A journal that was kept at once, before a kill kept us from looking into it.
void FuzzLoop::look_again(const FuzzTranscript& transcript) {
  if (over()) return;
  const auto session = replay(transcript, {.joined = true});
  recent_.push_back(transcript);
  if (arena_.death() || session->unanswered()) return settle_death();
  note_first_cause(*session);
  settle_suspects();
}

}  // namespace wsspec
