// When the target does not answer any more: who killed it, and does it come back (campaign.h).
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "run/campaign.h"
#include "run/probe.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr int kAttempts = 10;  // A target that a supervisor restarts needs a moment.
constexpr Duration kBetween = 200ms;
constexpr std::size_t kMostSuspects = 64;

}  // namespace

/// Cheap signs only: the process is gone, or a sanitizer has spoken.
bool Campaign::looks_dead() {
  return process_ && (!process_->running() || !process_->sanitizer_line().empty());
}

bool Campaign::serves(int attempts) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(scaled(kBetween));
    const auto began = now();
    const auto said = check_liveness(*dialer_, profile_, 2s);
    if (said.reach == Reach::serves || said.reach == Reach::wrong) {
      evidence_.served(began);
      return true;
    }
    if (said.ours) {  // Says nothing about the target: not that it serves, and not that it died.
      stop(fmt::format("{}; {}", said.message, said.hint), true);
      return true;
    }
    if (options_.interrupted != nullptr && options_.interrupted->load()) return false;
  }
  return false;
}

std::string Campaign::death_words() {
  if (!process_) return "the target serves no more";
  if (auto death = process_->death(scaled(300ms))) return "the target " + death->words;
  if (auto line = process_->sanitizer_line(); !line.empty()) return "the target reports " + line;
  return "the target serves no more";
}

/// Brings it back, or waits for somebody else to do so.
bool Campaign::revive(std::string& how) {
  if (!process_) return serves(kAttempts);
  if (auto restarted = process_->restart(); !restarted) {
    how += "; it cannot be restarted: " + restarted.error().what;
    return false;
  }
  return serves(3);
}

void Campaign::give_verdict_of_death(std::size_t index, const std::string& how) {
  auto& result = run_.results[index];
  result.verdict = Verdict::fail;
  result.target_died = true;
  result.reason = how;
  if (result.clause.empty()) result.clause = "RFC 6455 section 10.1";
  if (process_) result.target_log = process_->take_log();
}

/// Plays a case alone, takes the result as the valid one, and says whether the target survived it. A target
/// that died is brought back; if that fails, the run stops.
bool Campaign::try_alone(std::size_t index) {
  if (process_) process_->take_log(0);
  auto again = play_once(index);
  doubt_ = false;
  if (!again) return true;
  evidence_.ended(index, now(), again->sent_illegal);
  run_.results[index] = std::move(*again);
  if (!looks_dead() && serves(1)) return true;
  auto words = death_words();
  remark(fmt::format("{}: {}", selected_.cases[index]->id, words));
  give_verdict_of_death(index, words);
  if (revive(words))
    evidence_.clear();
  else
    stop(fmt::format("{} after {} of {} cases", words, done_, selected_.cases.size()), true);
  return false;
}

/// All suspects are played again: what they were told when the target was dying is not about them. Those that
/// passed and sent nothing illegal come last, and only if nobody else did it.
bool Campaign::find_killers(const std::vector<std::size_t>& suspects,
                            const std::vector<std::size_t>& passed) {
  bool found = false;
  std::size_t tried = 0;
  for (; tried < suspects.size() && !stop_wanted(); ++tried) found |= !try_alone(suspects[tried]);
  for (; tried < suspects.size(); ++tried) {
    auto& result = run_.results[suspects[tried]];
    if (result.verdict == Verdict::fail) continue;
    result.verdict = Verdict::error;
    result.reason = "the target died around it, and there was no time to play it again: " + stop_reason_;
  }
  for (std::size_t i = 0; i < passed.size() && !found && !stop_wanted(); ++i) found = !try_alone(passed[i]);
  return found;
}

/// Called with nothing on the wire, whenever something looks wrong.
void Campaign::investigate() {
  doubt_ = false;
  const bool signs = looks_dead();
  if (!signs && serves(process_ ? 2 : 1)) return;
  stop_wanted();
  if (run_.interrupted) return;
  auto how = death_words();
  remark(how);
  const auto illegal = evidence_.suspects();
  auto again = illegal;
  std::vector<std::size_t> passed;
  for (const auto index : evidence_.bystanders())
    (run_.results[index].verdict == Verdict::pass ? passed : again).push_back(index);
  const auto& blamed = !illegal.empty() ? illegal : !again.empty() ? again : passed;
  const bool ended = process_ && (process_->death() || !process_->sanitizer_line().empty());
  const bool back = revive(how);
  if (!back || options_.stop_at_harm || stopping_ || blamed.empty()) {
    blame(blamed, how);
    auto where = fmt::format("{} after {} of {} cases", how, done_, selected_.cases.size());
    if (!stopping_) stop(back ? how + "; stopped there" : std::move(where), true);
    return;
  }
  evidence_.clear();
  if (find_killers(again, passed)) return;
  how += "; it could not be made to die again by any of the suspects alone";
  if (ended) return blame(blamed, how);
  for (const auto index : blamed) {  // A process that goes on may only have been slow.
    run_.results[index].flaky = true;
    run_.results[index].notes.push_back(how);
  }
}

/// Nobody can be tried alone, or nobody did it alone: the suspects share it. No verdict of theirs may look
/// green.
void Campaign::blame(const std::vector<std::size_t>& suspects, const std::string& how) {
  if (suspects.empty()) return;
  if (suspects.size() == 1) {
    give_verdict_of_death(suspects.front(), how);
    return;
  }
  const auto count = std::min(suspects.size(), kMostSuspects);
  for (std::size_t i = 0; i < count; ++i) {
    auto& result = run_.results[suspects[suspects.size() - 1 - i]];
    result.notes.push_back(fmt::format("one of {} cases after which {}", suspects.size(), how));
    if (result.verdict == Verdict::fail) continue;
    result.verdict = Verdict::error;
    result.reason = fmt::format("{}; {} cases are possible causes", how, suspects.size());
  }
  evidence_.clear();
}

/// The end of the run: what nobody has vouched for yet needs a last proof.
void Campaign::last_proof() {
  if (run_.interrupted || !run_.fatal.empty()) return;
  if (!looks_dead() && evidence_.complete()) return;
  doubt_ = true;
  investigate();
}

}  // namespace wsspec
