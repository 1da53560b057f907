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
         std::holds_alternative<SendStomp>(s) || std::holds_alternative<Burst>(s) ||
         std::holds_alternative<Repeat>(s) || std::holds_alternative<Mute>(s) ||
         std::holds_alternative<Answering>(s) || std::holds_alternative<ReadOn>(s) ||
         std::holds_alternative<Note>(s) || std::holds_alternative<Connect>(s) ||
         std::holds_alternative<Operate>(s);
}

// A reply that we make is in force for what stands behind it in the same burst.
Result<Head> Player::State::make_head(const Statement& statement) {
  if (const auto* request = std::get_if<SendRequest>(&statement)) {
    auto head = make_request(profile, {}, request->edits, environment);
    if (head && is_about_hop()) mark(*head, request->edits);
    if (head) talk->asks(*head);
    return head;
  }
  if (const auto* refusal = std::get_if<SendResponse>(&statement))
    return make_response(refusal->status, refusal->edits, environment);
  auto reply = make_reply(talk->request(), {}, std::get<SendUpgrade>(statement).edits, environment);
  if (reply) upgraded(*reply, -1, talk->progress);
  return reply;
}

void Player::State::queue(Assembled assembled) {
  const Duration gap = scaled(assembled.gap);
  if (is_about_hop() && assembled.heads_octets > 0)
    talk->heads.push_back(assembled.bytes.substr(0, assembled.heads_octets));
  if (is_about_hop()) talk->crossing += BytesView(assembled.bytes).substr(assembled.heads_octets);
  talk->queue(std::move(assembled), gap);
}

void Player::State::perform(const Step& step, Instant now) {
  if (const auto* repeat = std::get_if<Repeat>(&step.statement)) {
    auto times = evaluate(repeat->times, environment);
    if (!times) return decide(Verdict::error, times.error().what, "", -1, now);
    step_open = false;
    if (*times == 0 || repeat->steps.empty()) return step_done();
    return enter(repeat->steps, *times, repeat->name);
  }
  const auto* burst = std::get_if<Burst>(&step.statement);
  if (burst && lines.size() > 1) return perform_burst(*burst, now);
  if (perform_state(step, now) || talk->unheard()) return step_done();
  auto assembled = assemble(step.statement, environment, talk->ours);
  if (!assembled) {
    return decide(Verdict::error, "the step cannot be sent: " + assembled.error().what, "", -1, now);
  }
  if (const auto* frame = std::get_if<SendFrame>(&step.statement); speaks_stomp && frame && frame->payload)
    if (const auto payload = evaluate(*frame->payload, environment)) ask_receipts(*payload);
  if (const auto* frame = std::get_if<SendFrame>(&step.statement); frame && frame->code) {
    if (auto code = evaluate(*frame->code, environment))
      talk->inbox.allow_close_code(static_cast<std::uint16_t>(*code));
  }
  if (assembled->head && !burst) {
    recorder.sent_head(shown(step), assembled->bytes, now);
  } else {
    recorder.sent(step, *assembled, environment, now);
  }
  queue(std::move(*assembled));
  step_done();
}

namespace {

/// Made for people by the player itself.
bool is_in_words(std::string_view fact) {
  constexpr std::string_view kInWords[] = {"waited", "waits", "status", "added",
                                           "ending", "lived", "coming", "going"};
  return std::ranges::find(kInWords, fact) != std::end(kInWords);
}

}  // namespace

// What the target has said stands in a note as the notation writes it, and not for long.
Result<std::string> Player::State::words_of(const Payload& remark) {
  constexpr std::size_t kShown = 60;
  std::string words;
  for (const Part& part : remark.parts) {
    auto value = evaluate(Payload{{part}}, environment);
    if (!value) return std::unexpected(value.error());
    const bool plain = part.kind == Part::Kind::text || is_in_words(part.name);
    words += plain ? *value : print_payload(*value, kShown);
  }
  return words;
}

// Steps that send no octets.
bool Player::State::perform_state(const Step& step, Instant now) {
  if (std::holds_alternative<Mute>(step.statement)) {
    talk->muted = true;
  } else if (std::holds_alternative<Answering>(step.statement)) {
    talk->muted = false;
    mind_manners(now);  // Before anything else is said.
  } else if (const auto* remark = std::get_if<Note>(&step.statement)) {
    auto words = words_of(remark->text);
    if (!words) return decide(Verdict::error, words.error().what, "", -1, now), true;
    note(std::move(*words), now);
    kept_waits.clear();
  } else if (std::holds_alternative<Operate>(step.statement)) {
    operate(step, now);
  } else if (std::holds_alternative<ReadOn>(step.statement)) {
    talk->stalled = false;
  } else if (const auto* connect = std::get_if<Connect>(&step.statement)) {
    tunnels = std::max(tunnels, cast.made_by(step).first + cast.made_by(step).count);
    // The transport has connected already, on the terms written here (connect_terms.h).
    const bool tells = !connect->options.empty() || connect->layout.chop || !step.on.name.empty();
    if (tells) recorder.sent_head(shown(step), {}, now);
  } else if (std::holds_alternative<SendEof>(step.statement)) {
    talk->want_half_close = true;
    recorder.sent(step, {}, environment, now);
  } else if (std::holds_alternative<SendReset>(step.statement)) {
    talk->want_reset = true;
    recorder.sent(step, {}, environment, now);
  } else {
    return false;
  }
  return true;
}

// One write on each of the connections, all before anything is read.
void Player::State::perform_burst(const Burst& burst, Instant now) {
  std::vector<std::pair<Line*, Burst>> parts;
  for (const Step& step : burst.sends) {
    for (stack.back().member = 0; stack.back().member < members(step); ++stack.back().member) {
      Line* about = line_about(step);
      if (about == nullptr)
        return decide(Verdict::error, fmt::format("'{}' is not there", print(step.on)), "", -1, now);
      auto part = std::ranges::find(parts, about, &std::pair<Line*, Burst>::first);
      if (part == parts.end()) part = parts.insert(part, {about, Burst{burst.layout, {}}});
      part->second.sends.push_back(step);
    }
  }
  stack.back().member = 0;
  Burst all{burst.layout, {}};  // As the transcript shows it.
  for (const auto& [about, part] : parts) {
    speak(*about);
    if (talk->unheard()) continue;
    auto assembled = assemble(part, environment, talk->ours);
    if (!assembled)
      return decide(Verdict::error, "the step cannot be sent: " + assembled.error().what, "", -1, now);
    for (const Step& step : part.sends) {
      all.sends.push_back(resolved(step, environment));
      all.sends.back().on = about->on;
    }
    queue(std::move(*assembled));
    want(*about);
  }
  Step whole;
  whole.statement = std::move(all);
  recorder.sent_head(print(whole, 0), Bytes(), now);
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
    if (auto wait = between_pieces(pending, now)) return wait;
    talk->gap_done = false;
    talk->reader = Conversation::Reader::unknown;
    moves(now);
    // We may not be asked again before somebody reads: the script goes on at the other end.
    if (Line* reader = across(*line); reader && reader->talk.stalled) want(*reader);
    return talk->next_piece(now);
  }
  return std::nullopt;
}

// The pause that the case asks for, and what makes a cut one: that the target has read what is ahead of it.
// Of a long row of pieces the first ones are waited for.
std::optional<Action> Player::State::between_pieces(const Conversation::Pending& pending, Instant now) {
  constexpr std::size_t kWatched = 2048;
  if (pending.position == 0) return std::nullopt;
  if (pending.gap.count() > 0 && !talk->gap_done) {
    talk->gap_done = true;
    talk->hold = now + pending.gap;
    waits.own += pending.gap;
    return Action::wait(talk->hold);
  }
  const Line* reader = across(*line);
  const bool stalled = talk->stalled || (reader && reader->talk.stalled);
  return pending.next <= kWatched && !stalled ? await_reader(now) : std::nullopt;
}

std::optional<Action> Player::State::await_reader(Instant now) {
  using Reader = Conversation::Reader;
  constexpr Duration kPatience = std::chrono::milliseconds(250), kMostLost = std::chrono::seconds(1);
  if (talk->reader == Reader::done || talk->reader_lost >= scaled(kMostLost)) return std::nullopt;
  if (talk->reader == Reader::unknown) {
    talk->reader = Reader::awaited;
    talk->reader_until = now + scaled(kPatience);
  }
  if (now >= talk->reader_until) {
    if (talk->reader == Reader::awaited) talk->reader_lost += scaled(kPatience);
    note(std::string(kUnreadPiece), now);
    return std::nullopt;
  }
  return talk->reader == Reader::awaited ? Action::wait_until_read(talk->reader_until)
                                         : Action::wait(talk->reader_until);
}

// Hands the transport the next write, the pause behind it, or the end of our stream.
std::optional<Action> Player::State::pump(Instant now) {
  if (auto action = pump_outbox(now)) return action;
  if (talk->want_reset) {
    talk->want_reset = false;
    return let_go(now);
  }
  if (talk->want_half_close) {
    talk->want_half_close = false;
    talk->half_closed = true;
    line->over(now);
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
      const Step& step = (*cursor.steps)[i];
      const auto* frame = step.on.name == line->on.name ? std::get_if<SendFrame>(&step.statement) : nullptr;
      if (frame && frame->fields.kind == FrameKind::close) return true;
    }
  }
  return false;
}

// What any endpoint owes: a pong for a ping (5.5.2), a Close for a Close (5.5.1). Only while we wait, and
// never within a frame of ours; `mute` switches it off.
void Player::State::mind_manners(Instant now) {
  if (!talk->may_interject() || line->released) return;
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
