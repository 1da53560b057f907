// One client that comes again and again: which of its connections the script is about, how long it stayed
// away, and waiting while there is no connection at all.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "play/delays.h"
#include "play/stage.h"
#include "script/print.h"

namespace wsspec {

namespace {

constexpr Duration kUntilItComes = std::chrono::seconds(30);

}  // namespace

bool Player::is_of_one_client(const Case& script) {
  return std::ranges::find(script.needs, "apart") != script.needs.end();
}

bool Player::begins_alone(const Case& script) {
  const auto is_absence = [](const Step& step) { return std::holds_alternative<Absence>(step.statement); };
  const auto first = std::ranges::find_if_not(
      script.steps, [](const Step& step) { return std::holds_alternative<Connect>(step.statement); });
  if (first == script.steps.end()) return false;
  const auto* either = std::get_if<Either>(&first->statement);
  if (either == nullptr) return is_absence(*first);
  return std::ranges::any_of(either->branches,
                             [&](const Either::Branch& branch) { return is_absence(branch.steps.front()); });
}

namespace {

/// The first line of it that is played.
const Step& first_line(const Step& step) {
  if (const auto* either = std::get_if<Either>(&step.statement))
    return first_line(either->branches.front().steps.front());
  const auto* repeat = std::get_if<Repeat>(&step.statement);
  return repeat && !repeat->steps.empty() ? first_line(repeat->steps.front()) : step;
}

}  // namespace

/// What comes next needs no connection that is still there.
bool Player::State::needs_nobody() const {
  return current() == nullptr || is_about_coming(first_line(*current()));
}

/// Somebody has come of whom the script has not taken notice yet.
bool Player::State::has_newcomer() const {
  return lines.size() > newest + 1 || (alone && has_come);
}

/// Nothing is to be done on this connection any more, nor by whoever looks after the script meanwhile.
bool Player::State::is_done_with(const Line& one) const {
  return one.released && !(of_one_client && one.number == newest && needs_nobody());
}

std::string Player::State::name_of(const Line& one) const {
  if (is_about_hop())  // Which leg, and which way.
    return fmt::format("{}, {}", print(one.on), one.talk.ours == Role::client ? "downwards" : "upwards");
  return of_one_client ? fmt::format("connection {}", one.number + 1) : print(one.on);
}

std::size_t Player::State::come(Instant now) {
  if (std::exchange(has_come, true)) add_line(lines.size());
  lines.back()->came_at = now;
  moves(now);
  next_tick = now;
  if (!lines[newest]->released) want(*lines[newest]);
  return lines.size() - 1;
}

/// What is owed to the connection before the script goes on.
std::optional<Action> Player::State::attend_connection(Instant now) {
  if (line->released) return std::nullopt;
  if (now < talk->hold) return talk->stalling ? Action::stall(talk->hold) : Action::wait(talk->hold);
  talk->stalling = false;
  if (auto action = pump(now)) return action;
  while (talk->barrier != Conversation::Barrier::none) {
    if (auto action = await_barrier(now)) return action;
    if (auto action = pump(now)) return action;
  }
  return std::nullopt;
}

/// A former connection that we have ended: nobody looks at it any more.
std::optional<Action> Player::State::end_of_former(Instant now) {
  if (!of_one_client || line->number >= newest || line->released) return std::nullopt;
  if (!talk->half_closed && !talk->inbox.ended) return std::nullopt;
  line->released = true;
  line->over(now);
  return talk->inbox.ended ? Action::close() : Action::reset();
}

/// We have reset the connection of a client that may come back.
void Player::State::go_on_without(Instant now) {
  line->over(now);
  const Step* step = current();
  if (step == nullptr) return conclude(now);
  if (!needs_nobody())
    return decide(Verdict::error, "nothing can be played behind `> reset` but 'again', 'none' and 'shut'", "",
                  -1, now);
  // Before the reset is out, so that nobody slips in between.
  shut = std::holds_alternative<Shut>(first_line(*step).statement);
  next_tick = now;
}

/// What follows is about the client's next connection.
void Player::State::turn_to_next(const Step& step, Instant now) {
  Line& former = *lines[newest];
  Line& next = *lines[++newest];
  want(former);
  want(next);
  std::string remark;
  if (former.over_at != kNever && !unseen) {
    const Duration delay = std::max(next.came_at - former.over_at, Duration::zero());
    delays.push_back(wsspec::scaled(delay, profile.client_time_scale));
    remark = in_seconds({&delays.back(), 1}) + " after the end of the one before";
  }
  unseen = false;
  waits.own += std::max(now - step_began, Duration::zero());
  recorder.sent_head(print(resolved(step, environment), 0), remark, now);
  step_done();
}

std::optional<Action> Player::State::await_again(const Step& step, Instant now) {
  if (lines.size() > newest + 1) return turn_to_next(step, now), std::nullopt;
  if (const auto until = deadline_of_coming(step); now < until) return wait_without(until, now);
  waits.own += now - step_began;
  note(fmt::format("it did not come back within {}", print(now - step_began)), now);
  stays_away = true;
  conclude(now);
  return std::nullopt;
}

Instant Player::State::deadline_of_coming(const Step& step) const {
  return step_began + (step.within ? time_of(*step.within) : scaled(kUntilItComes));
}

/// What we wait for is of no connection; one that is still there gets what any endpoint owes.
std::optional<Action> Player::State::wait_without(Instant until, Instant now) {
  mind_manners(now);
  if (!line->released && !talk->outbox.empty()) return std::nullopt;
  return Action::wait(until);
}

/// By the client's clock, which may run faster than ours.
Duration Player::State::time_of(const Absence& absence) const {
  return wsspec::scaled(scaled(absence.time), 1 / profile.client_time_scale);
}

std::optional<Action> Player::State::await_absence(const Step& step, const Absence& absence, Instant now) {
  if (has_newcomer()) {
    const auto came = std::max(lines.back()->came_at - step_began, Duration::zero());
    miss(Judgement::not_met(fmt::format("the client connected, after {}", in_seconds({&came, 1}))), step,
         now);
    return std::nullopt;
  }
  const Instant until = step_began + time_of(absence);
  if (now < until) return wait_without(until, now);
  waits.own += until - step_began;
  recorder.sent_head(print(step, 0), {}, now);
  return step_done(), std::nullopt;
}

std::optional<Action> Player::State::await_shut(const Shut& closed, Instant now) {
  shut = unseen = true;
  const Instant until = step_began + scaled(closed.time);
  if (now < until) return wait_without(until, now);
  waits.own += until - step_began;
  shut = false;
  recorder.sent_head(print(*current(), 0), {}, now);
  return step_done(), std::nullopt;
}

/// Of a line that begins a branch; nothing: it is about no coming.
std::optional<Judgement> Player::State::judge_coming(const Step& step) const {
  if (!is_about_coming(step)) return std::nullopt;
  if (!has_newcomer()) return Judgement::pending();
  return std::holds_alternative<Again>(step.statement) ? Judgement::met(Judgement::Take::nothing)
                                                       : Judgement::not_met("the client connected");
}

/// What one client's connections show together.
void Player::State::judge_comings(Instant now) {
  if (!of_one_client || fixed) return;
  judge_same_keys(now);
  judge_delays(now);
}

void Player::State::judge_same_keys(Instant now) {
  std::set<std::string> keys;
  for (const auto& one : lines) {
    const auto key = one->talk.request().joined("Sec-WebSocket-Key");
    if (!key || keys.insert(*key).second) continue;
    speak(*one);
    return decide(Verdict::fail, "its key is that of an earlier connection", "rfc6455-4.1-28", -1, now);
  }
}

void Player::State::judge_delays(Instant now) {
  const auto covers = [this](const char* id) {
    return std::ranges::find(script.covers, id) != script.covers.end();
  };
  if (covers(kDelaysGrow) || covers(kBacksOff)) {
    if (const auto fault = find_hammering(delays))
      return decide(Verdict::weak, fault->what, fault->requirement, -1, now);
  }
  if (covers(kDelaysGrow)) {
    if (const auto fault = find_no_growth(delays))
      return decide(Verdict::weak, fault->what, fault->requirement, -1, now);
    if (delays.size() >= kDelaysForGrowth || is_growing(delays)) return;
  } else if (covers(kBacksOff) && is_patient(delays)) {
    return;
  }
  const bool declared = std::ranges::find(script.needs, "reconnect") != script.needs.end();
  if (!stays_away || !declared) return;
  lower(Grade::info, delays.empty()
                         ? "the client did not come back"
                         : fmt::format("the client came back {} times, and then no more", delays.size()));
}

}  // namespace wsspec
