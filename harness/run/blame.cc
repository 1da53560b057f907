// When the target does not answer any more: who killed it, and does it come back (campaign.h).
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "run/series.h"
#include "target/probe.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr int kAttempts = 10;  // A target that a supervisor restarts needs a moment.
constexpr Duration kBetween = 200ms;
constexpr std::size_t kMostSuspects = 64;
constexpr int kDeathsInCompany =
    3;  // After so many each case is played alone: then nobody has to be searched.
constexpr Duration kUntilServing = 6s;
constexpr std::size_t kStarved =
    3;  // Cases without a handshake that let us ask whether the target serves two.
constexpr Duration kLingering = 1100ms;

}  // namespace

/// Cheap signs only: the process is gone, or a sanitizer has spoken.
bool Series::looks_dead() {
  return process_ && (!process_->running() || !process_->sanitizer_line().empty());
}

bool Series::serves(int attempts) {
  const auto end = now() + scaled(kUntilServing);
  for (int attempt = 0; attempt < attempts && (attempt == 0 || now() < end); ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(scaled(kBetween));
    const auto began = now();
    const auto said = venue_->proof_of_life(profile_, 2s, options_.interrupted);
    if (said.ours) {  // Says nothing about the target. Connections that linger give theirs back soon.
      if (attempt == 0) driver_.rest(kLingering);
      if (attempt == 0 && attempts == 1) ++attempts;
      if (attempt > 0) return stop(said.message + "; " + said.hint, true), true;
      continue;
    }
    if (said.reach == Reach::serves || said.reach == Reach::wrong) {
      evidence_.served(began);
      return true;
    }
    if (options_.interrupted != nullptr && options_.interrupted->load()) return false;
  }
  return false;
}

std::string Series::death_words() {
  if (!process_) return "the target serves no more";
  // It serves no more: a process that is about to dump its core is given the time.
  if (auto death = process_->death(scaled(1s))) return "the target " + death->words;
  if (auto line = process_->sanitizer_line(); !line.empty()) return "the target reports " + line;
  return "the target serves no more";
}

/// Brings it back, or waits for somebody else to do so.
bool Series::revive(std::string& how) {
  if (!process_) return serves(kAttempts);
  if (auto restarted = process_->restart(); !restarted) {
    how += "; it cannot be restarted: " + restarted.error().what;
    return false;
  }
  return serves(3);
}

void Series::give_verdict_of_death(std::size_t index, const std::string& how) {
  auto& result = run_.results[index];
  result.verdict = Verdict::fail;
  result.target_died = true;
  result.reason = how;
  if (result.clause.empty()) result.clause = "RFC 6455 section 10.1";
  if (process_) result.target_log = process_->take_log();
  losses_.played(result.id, how, {});
  if (++deaths_ != kDeathsInCompany || jobs_ == 1) return;
  remark("the target has died three times: going on with one case at a time");
  jobs_ = 1;
  careful_ = true;
}

/// A death that no case has caused: the run says so at its end.
void Series::die_before_the_first_case() {
  death_in_probe_ =
      death_words() + " before the first case, at a correct opening handshake or a legal message";
  log_of_probe_ = process_->take_log();
  remark(*death_in_probe_);
}

/// Unless a case was found that kills it, too, the first one that can be red says it. Correct handshakes come
/// first.
void Series::blame_for_probe() {
  const auto died = [](const CaseResult& result) { return result.target_died; };
  if (run_.results.empty() || std::ranges::any_of(run_.results, died)) return;
  const auto handshake = [&](const Case* one) {
    return one->id.starts_with("handshake.") && Player::reason_to_skip(*one, profile_).empty();
  };
  const auto found = std::ranges::find_if(selected_.cases, handshake);
  const auto index =
      found == selected_.cases.end() ? 0 : static_cast<std::size_t>(found - selected_.cases.begin());
  if (!settled_[index]) skip(index, Verdict::not_run, *death_in_probe_);
  auto& result = run_.results[index];
  result.verdict = Verdict::fail;
  result.target_died = true;
  result.reason = *death_in_probe_;
  result.target_log = log_of_probe_;
  if (result.clause.empty()) result.clause = "RFC 6455 section 10.1";
}

/// Plays a case alone, takes the result as the valid one, and says whether the target survived it. A target
/// that died is brought back; if that fails, the run stops.
bool Series::try_alone(std::size_t index) {
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

/// What it was told when the target was dying is not about the case: it is played with the others once more.
void Series::put_back(std::size_t index) {
  auto& result = run_.results[index];
  if (result.verdict == Verdict::fail && result.target_died) return;
  result.verdict = Verdict::error;
  result.reason = "the target died around it, and there was no time to play it again" +
                  (stop_reason_.empty() ? "" : ": " + stop_reason_);
  if (together_ && !stopping_ && !losses_.used_up()) play_again(index);
}

/// Suspects are played again, one by one, those that ended last before the death first and slow ones last.
/// Once one has killed the target the others go back to where they came from; while nobody is at work there,
/// all are played here. Those that passed and sent nothing illegal come last, and only if nobody else did it.
bool Series::find_killers(std::vector<std::size_t> suspects, const std::vector<std::size_t>& passed) {
  std::ranges::reverse(suspects);
  std::ranges::stable_partition(suspects,
                                [&](std::size_t index) { return !has_tag(*selected_.cases[index], "slow"); });
  bool found = false;
  std::size_t tried = 0;
  const auto go_on = [&] { return !stop_wanted() && !losses_.used_up() && !(found && together_); };
  for (; tried < suspects.size() && go_on(); ++tried) found |= !try_alone(suspects[tried]);
  for (; tried < suspects.size(); ++tried) put_back(suspects[tried]);
  for (std::size_t i = 0; i < passed.size() && !found && go_on(); ++i) found = !try_alone(passed[i]);
  return found;
}

/// Called with nothing on the wire, whenever something looks wrong.
void Series::investigate() {
  doubt_ = false;
  const auto before = losses_.lost();
  const auto began = now();
  if (looks_dead() || !serves(process_ ? 2 : 1)) {
    find_out_who_did_it();
  } else if (jobs_ > 1 && starved_.size() >= kStarved) {
    if (venue_->holds_one_at_a_time(profile_)) keep_to_one();
    starved_.clear();
  }
  // The cases played meanwhile have counted their own share.
  losses_.spent(std::max(now() - began - (losses_.lost() - before), Duration::zero()));
}

void Series::find_out_who_did_it() {
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
  const bool sure = ended && again.size() + passed.size() == 1;
  if (sure) give_verdict_of_death(blamed.front(), how);
  const bool back = revive(how);
  if (!back || options_.stop_at_harm || stopping_ || blamed.empty()) {
    if (!sure) blame(blamed, how);
    auto where = fmt::format("{} after {} of {} cases", how, done_, selected_.cases.size());
    if (!stopping_) stop(back ? how + "; stopped there" : std::move(where), true);
    return;
  }
  evidence_.clear();
  if (sure || find_killers(again, passed)) return;
  how += "; it could not be made to die again by any of the suspects alone";
  if (ended) return blame(blamed, how);
  for (const auto index : blamed) {  // A process that goes on may only have been slow.
    run_.results[index].flaky = true;
    run_.results[index].notes.push_back(how);
  }
}

/// Nobody can be tried alone, or nobody did it alone: the suspects share it. No verdict of theirs may look
/// green.
void Series::blame(const std::vector<std::size_t>& suspects, const std::string& how) {
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
void Series::last_proof() {
  if (run_.interrupted || !run_.fatal.empty()) return;
  if (!looks_dead() && evidence_.complete()) return;
  doubt_ = true;
  investigate();
}

}  // namespace wsspec
