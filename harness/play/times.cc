// Times of a case: shares of what the target declares, deadlines that nothing moves, pauses.
#include <fmt/format.h>

#include <algorithm>

#include "play/share.h"
#include "play/stage.h"
#include "play/units.h"
#include "script/print.h"
#include "script/walk.h"

namespace wsspec {

namespace {

/// The share that the target's own time has, which no --time-scale changes.
Duration declared_share(const Time& time, const Profile& profile) {
  return share_of(profile.declared_time(time.fact).value_or(Duration::zero()), time);
}

constexpr Duration kMostDeclared = std::chrono::hours(24 * 365);

/// What `steps` wait by declared times, but no more than a year.
Duration declared_time(const std::vector<Step>& steps, const Profile& profile) {
  Duration all{};
  for (const Step& step : steps) {
    if (step.within) all += declared_share(*step.within, profile);
    all = std::min(all, kMostDeclared);
    walk(step.statement, [&](const auto& member) {
      using T = std::decay_t<decltype(member)>;
      if constexpr (std::is_same_v<T, Time>) all += declared_share(member, profile);
      if constexpr (std::is_same_v<T, std::vector<Step>>) {
        const auto* repeat = std::get_if<Repeat>(&step.statement);
        constexpr std::uint64_t kMostRounds = 100;
        const auto times = repeat ? std::min(repeat->times.value, kMostRounds) : 1;
        all += declared_time(member, profile) * static_cast<Duration::rep>(times);
      }
    });
  }
  return std::min(all, kMostDeclared);
}

}  // namespace

Duration time_limit(const Case& script, const Profile& profile) {
  return script.limit.value_or(kCaseLimit) + declared_time(script.steps, profile);
}

Duration Player::State::time_of(const Time& time) const {
  const auto agreed = beats.find(time.fact);
  if (agreed != beats.end()) return scaled(time.fixed) + share_of(agreed->second, time);
  return scaled(time.fixed) + declared_share(time, profile);
}

// The end of a pause.
std::optional<Action> Player::State::await_moment(Instant moment, Instant now) {
  mind_manners(now);
  if (!talk->outbox.empty()) return std::nullopt;
  if (now < moment) return Action::wait(moment);
  waits.own += moment - step_began;
  return step_done(), std::nullopt;
}

void Player::State::begin_stall(const Stall& stall, Instant now) {
  if (stall.time) {
    talk->hold = now + time_of(*stall.time);
    waits.own += time_of(*stall.time);
    talk->stalling = true;
  } else {
    talk->stalled = true;
  }
  step_done();
}

/// What did not happen.
std::string Player::State::silence_of(const Step& step) const {
  if (std::holds_alternative<ExpectKept>(step.statement)) return part_in_words();
  const auto* frame = std::get_if<ExpectFrame>(&step.statement);
  std::string what = std::holds_alternative<ExpectFail>(step.statement)
                         ? "it neither closed nor dropped the connection"
                     : frame && frame->fields.kind == FrameKind::ping ? "no ping came"
                                                                      : "nothing came";
  return step.strict ? what + " in " + in_words(time_of(*step.within)) : what;
}

/// What `by` asks for has not come when it comes later.
Judgement Player::State::judge_in_time(const Step& step, bool lenient, Instant now) {
  if (std::holds_alternative<ExpectKept>(step.statement)) agree();
  const bool over = step.strict && now > step_began + time_of(*step.within);
  return over ? Judgement::not_met(silence_of(step)) : judge(step, scene(), lenient);
}

}  // namespace wsspec
