// What a case costs a launched target, and whether that is within the declared budget (campaign.h); and how
// the time for an answer grows.
#include <fmt/format.h>

#include "run/series.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kIdle = 40ms;  // Four clock ticks in which nobody counted one.
constexpr Duration kLook = 1ms;
constexpr Duration kUntilIdle = 5s;  // A target that is still busy then is measured as it is.
constexpr Duration kForGrowth = 8s;  // All that is measured again for how it grows.
constexpr const char* kBudgetClause = "declared budget";

}  // namespace

/// Until no thread of the target wants the CPU: what it does behind the end of a case belongs to that case.
/// Returns what was seen last. One that never rests is waited for a few times only.
std::optional<ProcessSample> Series::await_pause() {
  constexpr int kMostWaits = 3;
  const auto end = restless_ < kMostWaits ? now() + kUntilIdle : now();
  auto sample = process_->sample();
  for (int quiet = 0; sample; sample = process_->sample()) {
    quiet = sample->runnable == 0 ? quiet + 1 : 0;
    if (quiet == 2 || stop_wanted()) break;
    if (now() >= end) {
      ++restless_;
      break;
    }
    driver_.rest(kLook);
  }
  return sample;
}

/// Until the target uses no CPU any more: its work for one case must not be counted for another.
void Series::await_idle() {
  if (!process_) return;
  const auto end = now() + kUntilIdle;
  auto before = process_->sample();
  while (before && now() < end && !stop_wanted()) {
    driver_.rest(kIdle);
    auto after = process_->sample();
    if (after && after->cpu_seconds <= before->cpu_seconds && after->runnable == 0) return;
    before = after;
  }
}

/// Alone on the wire, with its cost. `settled`: the target is idle before and after, which takes time.
std::optional<CaseResult> Series::play_measured(std::size_t index, bool settled) {
  if (settled) await_idle();
  const auto before = process_ ? process_->sample(true) : std::nullopt;
  auto result = play_once(index);
  if (!result || !before) return result;
  if (settled) await_idle();
  const bool held = options_.cost_budget.declared() && !settled;
  if (const auto after = held ? await_pause() : process_->sample(); after) {
    result->cost = Cost{after->cpu_seconds - before->cpu_seconds,
                        after->memory_peak > before->memory ? after->memory_peak - before->memory : 0,
                        after->descriptors - before->descriptors, after->threads - before->threads};
  }
  return result;
}

/// Called behind the play of `index`. What may be the cost of something else does not come again with the
/// target idle before and after.
void Series::hold_to_proportion(std::size_t index) {
  auto& result = run_.results[index];
  if (!result.cost || result.verdict != Verdict::pass || doubt_ || stop_wanted()) return;
  if (disproportion_of(*result.cost, single_octets_).empty()) return;
  const auto again = play_measured(index, true);
  if (!again || !again->cost || again->verdict != Verdict::pass) return;
  evidence_.ended(index, now(), again->sent_illegal);
  const auto words = disproportion_of(*again->cost, single_octets_);
  if (words.empty()) return;
  result.cost = again->cost;
  result.verdict = Verdict::weak;
  result.reason = "the target " + words;
  result.clause = "RFC 6455 section 10.4";
  result.repeats.push_back(Verdict::weak);  // That was the repetition.
}

/// A case above the budget is played again with the target idle before and after. If it is within then, the
/// cost was that of the case before it, which is measured in the same way.
void Series::hold_to_budget(std::size_t index) {
  const auto& cost = run_.results[index].cost;
  const auto before = std::exchange(measured_before_, index);
  if (!options_.cost_budget.declared() || !cost || excess_of(*cost, options_.cost_budget).empty()) return;
  for (const auto candidate : {std::optional(index), before}) {
    if (!candidate || doubt_ || stop_wanted()) return;
    auto again = play_measured(*candidate, true);
    if (!again || !again->cost) return;
    evidence_.ended(*candidate, now(), again->sent_illegal);
    const auto words = excess_of(*again->cost, options_.cost_budget);
    if (words.empty()) continue;
    auto& result = run_.results[*candidate];
    result.cost = again->cost;
    const auto reason = "the target " + words + octets_sent(*again);
    if (result.verdict == Verdict::fail) {
      result.notes.push_back(reason);
    } else {
      result.verdict = Verdict::fail;
      result.reason = reason;
      result.clause = kBudgetClause;
      result.repeats.push_back(Verdict::fail);  // That was the repetition.
    }
    return;
  }
  charge_nobody(index);
}

/// The cost was there, and neither the case nor the one before it has it when played again: not green either.
void Series::charge_nobody(std::size_t index) {
  auto& result = run_.results[index];
  const auto reason =
      fmt::format("the target {} while it was played; played again it did not, nor for the case before",
                  excess_of(*result.cost, options_.cost_budget));
  if (result.verdict != Verdict::pass) {
    result.notes.push_back(reason);
    return;
  }
  result.verdict = Verdict::inconclusive;
  result.reason = reason;
  result.clause = kBudgetClause;
  result.repeats.push_back(Verdict::inconclusive);  // That was the repetition.
}

// --- Growth ---

/// No value when it did not pass, or the run is to stop.
std::optional<Duration> Series::time_alone(std::size_t index) {
  if (stop_wanted()) return std::nullopt;
  const auto began = now();
  const auto again = play_once(index);
  if (!again) return std::nullopt;
  if (shows_service(*again)) evidence_.served(began);
  evidence_.ended(index, now(), again->sent_illegal);
  if (looks_dead()) doubt_ = true;
  if (again->verdict != Verdict::pass) return std::nullopt;
  return time_to_answer(*again);
}

std::optional<AnswerTimes> Series::times_alone(const GrowthFamily& family) {
  const auto once = time_alone(family.once), twice = time_alone(family.twice),
             four_times = time_alone(family.four_times);
  if (!once || !twice || !four_times) return std::nullopt;
  return AnswerTimes{*once, *twice, *four_times};
}

/// In company anything may be late, so what was is only a reason to measure: alone, and twice. A server that
/// is slow at everything gives no such reason.
void Series::judge_growth(Instant until) {
  until = std::min(until, now() + scaled(kForGrowth));
  std::vector<std::size_t> tagged;
  std::vector<std::string_view> ids;
  for (std::size_t i = 0; i < run_.results.size(); ++i) {
    if (!settled_[i] || !has_tag(*selected_.cases[i], kGrowthTag)) continue;
    tagged.push_back(i);
    ids.push_back(selected_.cases[i]->id);
  }
  const auto noticed = scaled(kNoticed);
  for (const auto& places : growth_families(ids)) {
    const GrowthFamily family{tagged[places.once], tagged[places.twice], tagged[places.four_times]};
    auto& result = run_.results[family.four_times];
    const auto least = std::max(noticed, 2 * time_to_answer(run_.results[family.once]));
    if (result.verdict != Verdict::pass || time_to_answer(result) <= least) continue;
    for (int round = 0; round < 2; ++round) {
      if (now() >= until) return;
      const auto times = times_alone(family);
      if (doubt_) investigate();
      if (!times || !grows_too_fast(*times, noticed)) break;
      if (round == 1) blame_growth(result, *times);
    }
  }
}

// --- Delays ---

/// Delays that are drawn at random may not grow once: what does not show again is no fault.
void Series::confirm_delays(Instant until) {
  for (std::size_t index = 0; index < run_.results.size(); ++index) {
    auto& first = run_.results[index];
    if (!settled_[index] || first.verdict != Verdict::weak || first.delays.empty()) continue;
    if (stop_wanted() || now() >= until) return;
    const auto again = play_once(index);
    if (!again || stop_wanted()) return;
    first.repeats.push_back(again->verdict);
    if (again->verdict != Verdict::pass) continue;
    first.notes.push_back("once, and not when it was played again: " + first.reason);
    first.verdict = Verdict::pass;
    first.reason.clear();
  }
}

}  // namespace wsspec
