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

Result<Bytes> Player::State::request_head(const std::vector<Edit>& edits, const OpenOptions& open) {
  return make_request(profile, open, edits, environment);
}

// The octets of one send; a burst's parts joined, heads among them.
Result<Assembled> Player::State::assemble_step(const Step& step) {
  if (const auto* request = std::get_if<SendRequest>(&step.statement)) {
    auto head = request_head(request->edits, {});
    if (!head) return std::unexpected(head.error());
    return layout_head(std::move(*head), request->layout, environment);
  }
  if (const auto* burst = std::get_if<Burst>(&step.statement)) {
    Bytes joined;
    std::vector<AssembledFrame> frames;
    for (const Step& send : burst->sends) {
      auto part = assemble_step(send);
      if (!part) return part;
      for (AssembledFrame frame : part->frames) {
        frame.offset += joined.size(), frame.payload += joined.size(), frame.end += joined.size();
        frames.push_back(frame);
      }
      joined += part->bytes;
    }
    auto whole = layout_head(std::move(joined), burst->layout, environment);
    if (whole) whole->frames = std::move(frames);
    return whole;
  }
  return assemble(step.statement, environment, Role::client);
}

void Player::State::queue(Assembled assembled) {
  if (assembled.bytes.empty()) return;
  Pending pending;
  pending.bytes = std::move(assembled.bytes);
  pending.cuts = std::move(assembled.cuts);
  if (pending.cuts.empty() || pending.cuts.back() != pending.bytes.size())
    pending.cuts.push_back(pending.bytes.size());
  pending.gap = scaled(assembled.gap);
  inbox.we_sent(pending.bytes.size());
  outbox.push_back(std::move(pending));
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
    muted = true;
    return step_done();
  }
  if (const auto* connect = std::get_if<Connect>(&step.statement)) {
    // The transport has connected already, on the terms written here (tls_terms.h).
    if (!connect->options.empty() || connect->layout.chop) recorder.sent_head(print(step, 0), {}, now);
    return step_done();
  }
  if (std::holds_alternative<SendEof>(step.statement)) {
    want_half_close = true;
    recorder.sent(step, {}, environment, now);
    return step_done();
  }
  if (std::holds_alternative<SendReset>(step.statement)) {
    want_reset = true;
    recorder.sent(step, {}, environment, now);
    return step_done();
  }
  if (inbox.ended == End::reset || half_closed) return step_done();  // Nobody listens any more.
  auto assembled = assemble_step(step);
  if (!assembled) {
    return decide(Verdict::error, "the step cannot be sent: " + assembled.error().what, "", -1, now);
  }
  if (const auto* frame = std::get_if<SendFrame>(&step.statement); frame && frame->code) {
    if (auto code = evaluate(*frame->code, environment))
      inbox.allow_close_code(static_cast<std::uint16_t>(*code));
  }
  if (std::holds_alternative<SendRequest>(step.statement)) {
    recorder.sent_head(print(step, 0), assembled->bytes, now);
  } else {
    recorder.sent(step, *assembled, environment, now);
  }
  queue(std::move(*assembled));
  step_done();
}

// Hands the transport the next write, the pause behind it, or the end of our stream.
std::optional<Action> Player::State::pump(Instant now) {
  if (!outbox.empty()) {
    Pending& pending = outbox.front();
    if (pending.next == pending.cuts.size()) {
      outbox.pop_front();
      progress = now;
      return pump(now);
    }
    if (pending.position != 0 && pending.gap.count() > 0 && !gap_done) {
      gap_done = true;
      hold = now + pending.gap;
      waits.own += pending.gap;
      return Action::wait(hold);
    }
    gap_done = false;
    const std::size_t end = pending.cuts[pending.next++];
    const BytesView piece = BytesView(pending.bytes).substr(pending.position, end - pending.position);
    pending.position = end;
    outgoing.sent(piece);
    moves(now);
    inbox.answer_has_no_body(outgoing.request().start.starts_with("HEAD "));
    return Action::send(piece);
  }
  if (want_reset) {
    want_reset = false;
    // The reset ends the connection; what the script still expects afterwards is the end itself.
    const bool last = current() == nullptr;
    if (last)
      conclude_well(now);
    else
      decide(Verdict::error, "nothing can be played behind `> reset`", "", -1, now);
    released = true;
    return Action::reset();
  }
  if (want_half_close) {
    want_half_close = false;
    half_closed = true;
    return Action::half_close();
  }
  return std::nullopt;
}

void Player::State::send_frame_now(Opcode opcode, BytesView payload, Instant now) {
  Assembled assembled;
  assembled.bytes = make_frame(opcode, payload, next_mask_key(environment));
  recorder.manners(assembled.bytes, now);
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
  if (muted || half_closed || inbox.ended || !outgoing.at_boundary()) return;
  if (!inbox.fresh_pings.empty() && !outgoing.close_sent() && !inbox.closed && replies < 100) {
    ++replies;
    send_frame_now(Opcode::pong, inbox.fresh_pings.back().payload,
                   now);  // The newest ping is enough (5.5.3).
  }
  inbox.fresh_pings.clear();
  if (inbox.closed && !outgoing.close_sent() && !close_answered && !script_closes_later()) {
    close_answered = true;
    send_frame_now(Opcode::close, make_close(*inbox.closed), now);
  }
}

}  // namespace wsspec
