// The command of a hop's operator while a case is played: which tunnels were open, who came behind it, and
// what became of them.
#include <fmt/format.h>

#include <algorithm>

#include "play/fate.h"
#include "play/kept.h"
#include "play/stage.h"
#include "protocol/close.h"
#include "protocol/frame.h"
#include "script/print.h"

namespace wsspec {

void Player::State::operate(const Step& step, Instant now) {
  operation = std::get<Operate>(step.statement);
  operated_at = now;
  operation_due = true;
  for (std::size_t leg = 0; leg < legs(); ++leg)
    if (lines[leg]->talk.opened) open_before.insert(leg);
  recorder.sent_head(print(step, 0), {}, now);
}

/// A connection that the hop, going away, does not take: an end like others.
void Player::State::turn_away(Line& one, const std::string& why, Instant now) {
  one.begun = one.unmade = true;
  speak(one);
  recorder.note("it could not be made: " + why, now);
  if (turned_away.empty()) turned_away = why;
  one.ended(End::reset, now);
  const auto other = std::ranges::find_if(
      lines, [](const auto& open) { return open->begun && !open->released && !open->unmade; });
  if (other != lines.end()) want(**other);
}

namespace {

/// What stands behind all that our other end has sent.
void look_for_close(Fate::Seen& seen, const Conversation& talk, const Conversation& other) {
  const BytesView raw = talk.inbox.raw;
  Way way = way_to(talk, other);
  way.leaves = true;
  const auto kept = compare_kept(other.crossing, raw, way);
  seen.lacks = kept.level == Kept::Level::part;
  if (kept.farewell == 0) return;
  Bytes octets(raw.substr(raw.size() - kept.farewell));
  MutableBytes rest(octets);
  FrameDecoder decoder;
  const auto frame = decoder.next(rest);
  seen.close = true;
  if (!frame) return;
  seen.code = parse_close(view(frame->payload)).code;
  seen.masked = frame->header.mask.has_value();
}

}  // namespace

Fate Player::State::fate_of(std::size_t leg) const {
  const Line &near = *lines[leg], &far = *lines[far_ends[leg]];
  Fate fate;
  Instant over = kNever;
  for (const auto& [seen, one, other] :
       {std::tuple(&fate.near, &near, &far), std::tuple(&fate.far, &far, &near)}) {
    look_for_close(*seen, one->talk, other->talk);
    if (!one->talk.inbox.ended) continue;
    seen->end = one->talk.inbox.ended->way;
    over = std::min(over, one->over_at);
  }
  if (!fate.lives()) fate.lived = std::max(over - operated_at, Duration::zero());
  fate.in_message = !near.talk.outgoing.at_boundary() || !far.talk.outgoing.at_boundary();
  return fate;
}

Newcomers Player::State::newcomers() const {
  Newcomers all;
  for (std::size_t leg = 0; leg < legs(); ++leg) {
    const Line& near = *lines[leg];
    if (open_before.contains(leg) || !near.begun) continue;
    const bool refused = near.unmade || near.answered >= 300 || near.talk.inbox.ended;
    ++(near.talk.opened ? all.served : refused ? all.refused : all.unanswered);
    if (near.talk.opened || !refused || !all.first_refusal.empty()) continue;
    if (near.unmade) all.first_refusal = turned_away;
    if (near.answered >= 300) all.first_refusal = fmt::format("status {}", near.answered);
  }
  return all;
}

/// What is broken, whatever the operator wants: a Close that is not masked as its way demands, octets that
/// are lost in a tunnel that goes on.
bool Player::State::is_broken_by_operation(std::size_t leg, const Fate& fate, Instant now) {
  Line &near = *lines[leg], &far = *lines[far_ends[leg]];
  if (fate.near.close && fate.near.masked)
    return speak(near), decide(Verdict::fail, "the hop's Close is masked", "rfc6455-5.1-4", -1, now), true;
  if (fate.far.close && !fate.far.masked)
    return speak(far), decide(Verdict::fail, "the hop's Close is not masked", "rfc6455-5.1-1", -1, now), true;
  for (const auto& [seen, end] : {std::pair(&fate.near, &near), std::pair(&fate.far, &far)}) {
    if (!fate.lives() || seen->close || !seen->lacks) continue;
    speak(*end);
    return decide(Verdict::fail, "the tunnel lives on, and octets are lost", "rfc9110-3.7-1", -1, now), true;
  }
  return false;
}

/// Told in every case, so that an operator knows.
void Player::State::judge_operation(Instant now) {
  if (!operation || fixed) return;
  const Newcomers came = newcomers();
  const bool asked = came.served + came.refused + came.unanswered > 0;
  if (asked) note(in_words(came), now);
  for (const std::size_t leg : open_before) {
    const Fate fate = fate_of(leg);
    note(fmt::format("{}: {}", print(lines[leg]->on), in_words(fate)), now);
    if (is_broken_by_operation(leg, fate, now)) return;
    const auto [grade, why] = assess(fate, *operation);
    if (grade != Grade::pass) lower(grade, fmt::format("{}: {}", print(lines[leg]->on), why));
  }
  const auto [grade, why] = assess(came, *operation);
  if (grade != Grade::pass) lower(grade, why);
}

}  // namespace wsspec
