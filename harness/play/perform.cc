#include <fmt/format.h>

#include <algorithm>

#include "play/stage.h"
#include "script/print.h"

namespace wsspec {

bool Player::State::is_send(const Step& step) const {
  const Statement& s = step.statement;
  return std::holds_alternative<SendFrame>(s) || std::holds_alternative<SendBytes>(s) ||
         std::holds_alternative<SendHead>(s) || std::holds_alternative<SendEof>(s) ||
         std::holds_alternative<SendReset>(s) || std::holds_alternative<SendRequest>(s) ||
         std::holds_alternative<SendUpgrade>(s) || std::holds_alternative<SendResponse>(s) ||
         std::holds_alternative<Burst>(s) || std::holds_alternative<Repeat>(s) ||
         std::holds_alternative<Mute>(s) || std::holds_alternative<Connect>(s);
}

// A reply that we make is in force for what stands behind it in the same burst.
Result<Head> Player::State::make_head(const Statement& statement) {
  if (const auto* request = std::get_if<SendRequest>(&statement))
    return make_request(profile, {}, request->edits, environment);
  if (const auto* refusal = std::get_if<SendResponse>(&statement))
    return make_response(refusal->status, refusal->edits, environment);
  auto reply = make_reply(talk->request(), {}, std::get<SendUpgrade>(statement).edits, environment);
  if (reply) upgraded(*reply, -1, talk->progress);
  return reply;
}

void Player::State::queue(Assembled assembled) {
  const Duration gap = scaled(assembled.gap), stall = scaled(assembled.stall);
  waits.own += stall;
  talk->queue(std::move(assembled), gap, stall);
}

void Player::State::perform(const Step& step, Instant now) {
  if (const auto* repeat = std::get_if<Repeat>(&step.statement)) {
    auto times = evaluate(repeat->times, environment);
    if (!times) return decide(Verdict::error, times.error().what, "", -1, now);
    step_open = false;
    if (*times == 0 || repeat->steps.empty()) return step_done();
    return enter(repeat->steps, *times, repeat->name);
  }
  if (std::holds_alternative<Mute>(step.statement)) {
    talk->muted = true;
    return step_done();
  }
  if (const auto* connect = std::get_if<Connect>(&step.statement)) {
    // The transport has connected already, on the terms written here (tls_terms.h).
    if (!connect->options.empty() || connect->layout.chop) recorder.sent_head(print(step, 0), {}, now);
    return step_done();
  }
  if (std::holds_alternative<SendEof>(step.statement)) {
    talk->want_half_close = true;
    recorder.sent(step, {}, environment, now);
    return step_done();
  }
  if (std::holds_alternative<SendReset>(step.statement)) {
    talk->want_reset = true;
    recorder.sent(step, {}, environment, now);
    return step_done();
  }
  if (talk->unheard()) return step_done();
  auto assembled = assemble(step.statement, environment, talk->ours);
  if (!assembled) {
    return decide(Verdict::error, "the step cannot be sent: " + assembled.error().what, "", -1, now);
  }
  if (const auto* frame = std::get_if<SendFrame>(&step.statement); frame && frame->code) {
    if (auto code = evaluate(*frame->code, environment))
      talk->inbox.allow_close_code(static_cast<std::uint16_t>(*code));
  }
  if (assembled->head && !std::holds_alternative<Burst>(step.statement)) {
    recorder.sent_head(print(step, 0), assembled->bytes, now);
  } else {
    recorder.sent(step, *assembled, environment, now);
  }
  queue(std::move(*assembled));
  step_done();
}

// The next write, or the pause ahead of it.
std::optional<Action> Player::State::pump_outbox(Instant now) {
  while (!talk->outbox.empty()) {
    const Conversation::Pending& pending = talk->outbox.front();
    if (pending.next == pending.cuts.size()) {
      talk->outbox.pop_front();
      talk->progress = now;
      continue;
    }
    if (pending.position != 0 && pending.gap.count() > 0 && !talk->gap_done) {
      talk->gap_done = true;
      talk->hold = now + pending.gap;
      waits.own += pending.gap;
      return talk->rest(talk->hold, now);
    }
    talk->gap_done = false;
    moves(now);
    return talk->next_piece(now);
  }
  return std::nullopt;
}

// Hands the transport the next write, the pause behind it, or the end of our stream.
std::optional<Action> Player::State::pump(Instant now) {
  if (auto action = pump_outbox(now)) return action;
  if (talk->want_reset) {
    talk->want_reset = false;
    // The reset ends the connection; what the script still expects afterwards is the end itself.
    const bool last = current() == nullptr;
    if (last)
      conclude_well(now);
    else
      decide(Verdict::error, "nothing can be played behind `> reset`", "", -1, now);
    released = true;
    return Action::reset();
  }
  if (talk->want_half_close) {
    talk->want_half_close = false;
    talk->half_closed = true;
    return Action::half_close();
  }
  return std::nullopt;
}

Bytes Player::State::frame_of_ours(Opcode opcode, BytesView payload) {
  const bool masks = talk->ours == Role::client;
  return make_frame(opcode, payload, masks ? std::optional(next_mask_key(environment)) : std::nullopt);
}

void Player::State::send_frame_now(Opcode opcode, BytesView payload, Instant now) {
  Assembled assembled;
  assembled.bytes = frame_of_ours(opcode, payload);
  recorder.manners(assembled.bytes, talk->ours, now);
  queue(std::move(assembled));
}

bool Player::State::script_closes_later() const {
  for (const Cursor& cursor : stack) {
    for (std::size_t i = cursor.index; i < cursor.steps->size(); ++i) {
      const auto* frame = std::get_if<SendFrame>(&(*cursor.steps)[i].statement);
      if (frame && frame->fields.kind == FrameKind::close) return true;
    }
  }
  return false;
}

// What any endpoint owes: a pong for a ping (5.5.2), a Close for a Close (5.5.1). Only while we wait, and
// never within a frame of ours; `mute` switches it off.
void Player::State::mind_manners(Instant now) {
  if (!talk->may_interject()) return;
  if (!talk->inbox.fresh_pings.empty() && !talk->outgoing.close_sent() && !talk->inbox.closed &&
      talk->replies < 100) {
    ++talk->replies;
    send_frame_now(Opcode::pong, talk->inbox.fresh_pings.back().payload,
                   now);  // The newest ping is enough (5.5.3).
  }
  talk->inbox.fresh_pings.clear();
  if (talk->inbox.closed && !talk->outgoing.close_sent() && !talk->close_answered && !script_closes_later()) {
    talk->close_answered = true;
    send_frame_now(Opcode::close, make_close(*talk->inbox.closed), now);
  }
}

}  // namespace wsspec
