// How the target itself is: dead, deaf, growing or computing without end, and which session made it so.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fuzzer/crash_site.h"
#include "fuzzer/loop.h"
#include "fuzzer/minimize.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kLeakOctets = 64u << 20;

}  // namespace

// A connection on which nothing is said.
FuzzTranscript FuzzLoop::silence() const {
  FuzzTranscript out;
  out.tested = options_.profile.tested;
  return out;
}

// --- Death ---

// A plain connection with one message. When it was stopped nobody knows, so that nobody is blamed.
bool FuzzLoop::serves_within(Duration silence_for) {
  FuzzTranscript plain = silence();
  plain.steps = {fuzz_frame(FrameKind::ping, "still there?")};
  FuzzSessionOptions session;
  session.silence = scaled(silence_for);
  auto one = replay_session(options_.profile, plain, session);
  const auto outcome = arena_.play(*one);
  if (outcome.stopped) return true;
  reachable_ = outcome.connected;
  absent_ = outcome.absent;
  why_not_ = outcome.detail;
  answer_time_ = std::max(answer_time_, one->answer_time());
  const bool broken_reply = !one->causes().empty() && one->causes().front().reaction == "reply-101";
  return outcome.connected && (one->opened() || broken_reply) && !one->unanswered();
}

bool FuzzLoop::serves() {
  for (const Duration patience : {500ms, 1000ms, 3000ms}) {
    if (serves_within(patience)) return halted() || !arena_.death();
    if (absent_ || arena_.death()) return false;
    arena_.rest(300ms);
  }
  return false;
}

// The shortest time that tells a hung target from one that only takes its time: so quick that a hang can be
// minimised.
FuzzLoop::Patience FuzzLoop::healthy_patience() {
  if (tests_a_client())
    serves_within(3s);  // It has just been started, and that takes longer than to come back.
  const Instant before = elapsed();
  serves_within(3s);
  const Duration long_enough = (elapsed() - before) * 10;
  return {std::clamp<Duration>(long_enough, 150ms, 1s), std::max<Duration>(long_enough, 500ms)};
}

// How the target ends by it, on a fresh process; it is restarted then.
std::optional<FuzzCause> FuzzLoop::death_by(const FuzzTranscript& transcript, Patience patience) {
  if (halted() || !campaign_.fatal.empty()) return std::nullopt;
  const bool silent = replay(transcript, {.joined = true, .silence = patience.silence})->silent();
  if (halted()) return std::nullopt;
  arena_.wait_at_most(patience.absence);
  const bool lives = serves_within(patience.silence) && !arena_.death();
  arena_.wait_at_most(kNever);
  if (halted() || lives) return std::nullopt;
  FuzzCause cause = cause_of_death(silent);
  absent_ = false;
  if (!arena_.restart()) campaign_.fatal = "the target does not come up again";
  return cause;
}

// `silent`: on the connection before, something due did not come.
FuzzCause FuzzLoop::cause_of_death(bool silent) {
  FuzzCause cause{"hang",
                  Severity::fail,
                  "",
                  "",
                  "",
                  tests_a_client() ? "the client connects and answers nothing"
                                   : "the target accepts connections and answers nobody"};
  const auto death = arena_.death();
  const std::string log = arena_.take_log();
  cause.log = last_words(log);
  if (death) {
    cause.kind = "crash";
    const std::string site = crash_site(log);
    cause.state = death->sanitizer.empty()
                      ? fmt::format("signal-{}-status-{}", death->signal, death->exit_status)
                      : sanitizer_kind(death->sanitizer);
    if (!site.empty()) cause.state += " " + site;
    cause.text = "the target dies: " + (death->sanitizer.empty() ? death->words : death->sanitizer);
    if (!site.empty()) cause.text += ": " + site;
  } else if (absent_) {
    cause = cause_of_absence(silent);
    cause.log = last_words(log);
  } else if (refused_ > 0 || !reachable_) {
    cause.kind = "crash";
    cause.text = "the target cannot be reached any more";
  }
  return cause;
}

// Of a client that comes by itself. No clause binds it to come again: it may have given up.
FuzzCause FuzzLoop::cause_of_absence(bool silent) const {
  const auto why = fmt::format("the client {}{}, and does not come back: {}",
                               arena_.can_restart() ? "runs, " : "",  // Else nobody knows.
                               silent ? "answers nothing" : "owes nothing", why_not_);
  return {silent ? "hang" : "absent", silent ? Severity::fail : Severity::weak, "", "", "", why};
}

// It has just been started again, and will stay away again.
void FuzzLoop::know_absence() {
  if (absence_ == kNever) absence_ = healthy_patience().absence;
}

// One that is known to stay away is not waited for again and again.
bool FuzzLoop::is_dead() {
  if (arena_.death()) return true;
  const bool known = signatures_.contains(cause_of_absence(fell_silent_).signature());
  return (absent_ && (known || absence_ == kNever)) || !serves();
}

// Who was it? The sessions that ended last are played alone, the latest first.
void FuzzLoop::settle_death() {
  const bool dead = is_dead();
  if (halted()) return;
  if (!dead) {
    refused_ = unanswered_ = 0;
    return;
  }
  FuzzCause cause = cause_of_death(fell_silent_);
  const bool absent = std::exchange(absent_, false);
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
  // Silence and absence have two causes until one connection is seen to be both.
  if (absent && !finding.stable) finding.verdict = Verdict::inconclusive;
  if (absent) know_absence();
  if (!known && finding.reproducer.empty())
    finding.reproducer = write_reproducer(silence(), cause, notes_for(cause, {}));
  store(std::move(finding), cause.signature());
}

void FuzzLoop::blame(FuzzFinding& finding, const FuzzCause& cause,
                     const std::vector<FuzzTranscript>& recent) {
  const Instant deadline = elapsed() + 20s;
  Patience patience = healthy_patience();
  const FuzzTrial kills = [&](const FuzzTranscript& next) {
    const auto death = death_by(next, patience);
    return death && death->kind == cause.kind && death->state == cause.state;
  };
  const auto killer =
      std::ranges::find_if(recent, [&](const FuzzTranscript& t) { return elapsed() < deadline && kills(t); });
  if (killer == recent.end()) {
    finding.stable = false;
    finding.message += halted() || elapsed() >= deadline
                           ? " (no time was left to find out which connection did it)"
                           : " (none of the last connections does it alone)";
    return;
  }
  bool fully = true;
  MinimizeLimits limits;
  limits.may_go_on = [&] { return (fully = !halted() && elapsed() < deadline && campaign_.fatal.empty()); };
  FuzzTranscript start = *killer;
  start.steps = barriers_apart(start.steps);
  if (!kills(start)) start = *killer;
  const auto smallest = minimize(start, kills, limits);
  finding.stable = kills(smallest);
  patience.absence = kNever;
  finding.stable = finding.stable && kills(smallest);
  const bool cut = halted();
  finding.reproducer =
      write_reproducer(smallest, cause,
                       notes_for(cause, fmt::format("{}{}",
                                                    finding.stable ? "2 of 2"
                                                    : cut          ? "once"
                                                                   : "flaky",
                                                    fully ? "" : "; not fully minimised: no time was left")));
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
  if (halted() || (!last && elapsed() < next_look_)) return;
  next_look_ = elapsed() + 5s;
  FuzzCause cause{"spin", Severity::fail, "", "", "", "the target computes on and on while nothing is sent"};
  if (signatures_.contains(cause.signature()) || !spins() || !spins()) return;
  auto recent = std::move(recent_);
  recent_.clear();
  FuzzFinding finding = finding_of(cause);
  finding.stable = false;
  finding.reproducer = write_reproducer(recent.empty() ? silence() : recent.back(), cause,
                                        notes_for(cause, "not yet replayed"));
  keeper_.keep(finding);
  if (!arena_.restart() || spins()) return store(std::move(finding), cause.signature());
  const FuzzTrial trial = [this](const FuzzTranscript& next) {
    if (halted()) return false;
    replay(next, {.joined = true});
    const bool found = spins();
    if (found) arena_.restart();
    return found;
  };
  const auto culprit = std::find_if(recent.rbegin(), recent.rend(), trial);
  if (culprit != recent.rend()) {
    const Instant deadline = elapsed() + 20s;
    const auto smallest = minimize(*culprit, trial, {60, [&] { return !halted() && elapsed() < deadline; }});
    finding.stable = trial(smallest);
    finding.reproducer = write_reproducer(smallest, cause, notes_for(cause, "replayed on a fresh process"));
  }
  store(std::move(finding), cause.signature());
}

}  // namespace wsspec
