// STOMP: frames of ours, the login, and what a refusal is (docs/notation.md "STOMP").
#include <fmt/format.h>

#include <algorithm>

#include "play/stage.h"
#include "play/stomp_frames.h"
#include "protocol/utf8.h"
#include "script/walk.h"

namespace wsspec {

namespace {

using Kind = Arrival::Kind;

constexpr Duration kToEnd = std::chrono::seconds(5);    ///< For a refusal, and for the end behind an ERROR.
constexpr Duration kToProbe = std::chrono::seconds(2);  ///< For what shows whether a session goes on.
constexpr const char* kProbe = "wsspec-still-there";

/// What await_error() is at.
enum Stage { kWaiting, kErrorCame, kProbed, kProbedBehindError };

bool is_ascii(BytesView octets) {
  return std::ranges::all_of(octets, [](char c) { return octet(c) < 0x80; });
}

bool is_end(const Arrival& arrival) {
  return arrival.kind == Kind::close || arrival.kind == Kind::end;
}

bool lists(std::string_view versions, std::string_view one) {
  for (const auto& version : split_list(versions))
    if (version == one) return true;
  return false;
}

}  // namespace

const StompTarget& Player::State::stomp_target() const {
  static const StompTarget kUndeclared;
  return profile.stomp ? *profile.stomp : kUndeclared;
}

/// A text message must be UTF-8, each of them where a frame is cut.
Result<std::pair<Bytes, bool>> Player::State::stomp_octets(const SendStomp& line_) {
  auto own = make_stomp(line_, stomp_target(), talk->inbox.stomp_version(), environment);
  if (!own) return std::unexpected(own.error());
  ask_receipts(own->octets);
  const bool text = line_.pieces ? is_ascii(own->octets) : is_utf8(own->octets);
  return std::pair(std::move(own->octets), line_.binary.value_or(stomp_target().binary) || !text);
}

/// Also of frames that a broker has to refuse, as far as they can be read.
void Player::State::ask_receipts(BytesView stream) {
  StompReader reader;
  reader.set_version(talk->inbox.stomp_version());
  reader.feed(stream, [this](const StompFrame& frame) {
    if (const auto* id = frame.find("receipt")) talk->receipts.insert(*id);
  });
}

std::optional<Bytes> Player::State::message_header(std::string_view name, std::uint64_t number) const {
  const auto& all = talk->inbox.messages;
  const std::string* found = number < all.size() ? all[static_cast<std::size_t>(number)].find(name) : nullptr;
  return found ? std::optional<Bytes>(*found) : std::nullopt;
}

void Player::State::send_stomp(const SendStomp& frame, const std::string& shown_as, Instant now) {
  auto assembled = assemble(frame, environment, talk->ours);
  if (!assembled) return decide(Verdict::error, assembled.error().what, "", -1, now);
  recorder.sent_head(shown_as, frame.command, now);
  queue(std::move(*assembled));
}

/// "0 means that it cannot, or does not want to": then there are none.
void Player::State::agree_on_beats(const StompFrame& ours, const StompFrame& theirs) {
  const auto of = [](const StompFrame& frame) {
    const std::string* header = frame.find("heart-beat");
    return header ? parse_beats(*header).value_or(std::pair<Duration, Duration>())
                  : std::pair<Duration, Duration>();
  };
  const auto [cx, cy] = of(ours);
  const auto [sx, sy] = of(theirs);
  const Duration none{};
  beats["beat"] = sx == none || cy == none ? none : std::max(sx, cy);
  beats["own-beat"] = cx == none || sy == none ? none : std::max(cx, sy);
}

/// The case has a time that is a share of this.
bool Player::State::waits_by(std::string_view name) const {
  bool found = false;
  for_each_step(script.steps, [&](const Step& step) {
    if (step.within) found |= step.within->fact == name;
    walk(step.statement, [&](const auto& member) {
      if constexpr (std::is_same_v<std::decay_t<decltype(member)>, Time>) found |= member.fact == name;
    });
  });
  return found;
}

// Other cases judge how a session begins: here it is only needed.
std::optional<Action> Player::State::await_login(const Login& login, Instant now) {
  const auto fails = [&](const std::string& why, int event) {
    decide(Verdict::inconclusive, "the login of the case did not succeed: " + why, "", event, now);
    return std::nullopt;
  };
  SendStomp connect;
  connect.command = "CONNECT";
  connect.edits = login.edits;
  if (phase == 0) {
    phase = 1;
    return send_stomp(connect, shown(*current()), now), std::nullopt;
  }
  skip_pings(*current());
  if (talk->inbox.main.empty()) {
    mind_manners(now);
    if (!talk->outbox.empty()) return std::nullopt;
    const Instant deadline = silence_deadline(scaled(options.patience.handshake));
    if (now < deadline) return Action::wait(deadline);
    gave_up(waits.handshake, now);
    return fails("CONNECT was not answered", -1);
  }
  const Arrival arrival = talk->inbox.main.front();
  if (arrival.kind == Kind::fault)
    return decide(Verdict::fail, arrival.what, arrival.requirement, arrival.event, now), std::nullopt;
  if (arrival.stomp.command != "CONNECTED") return fails(describe(arrival) + " came", arrival.event);
  const auto own = make_stomp(connect, stomp_target(), StompVersion::v1_2, environment);
  const std::string* asked = own ? own->frame.find("accept-version") : nullptr;
  const auto version = arrival.stomp.find("version") ? *arrival.stomp.find("version") : "1.0";
  if (asked && !lists(*asked, version)) return fails("it speaks version " + version, arrival.event);
  answered(waits.handshake, now);
  agree_on_beats(own ? own->frame : StompFrame{}, arrival.stomp);
  for (const char* name : {"beat", "own-beat"})
    if (beats[name] == Duration::zero() && waits_by(name))
      return fails("there are no heart-beats of the kind that the case is about", arrival.event);
  return consume(Judgement::met(Judgement::Take::front), current(), now), std::nullopt;
}

// The end without an ERROR frame, or behind one. True: it is decided.
bool Player::State::ends_refusal(const Arrival& end, bool must, Instant now) {
  if (phase == kErrorCame || phase == kProbedBehindError) {
    if (phase == kProbedBehindError) lower(Grade::weak, "it ended the connection long after its ERROR frame");
    return true;
  }
  if (!must) return true;
  if (end.kind == Kind::end && end.end == End::reset) {
    lower(Grade::weak, "it reset the connection, so that nobody gets the ERROR frame that is due");
    return true;
  }
  decide(Verdict::fail, describe(end) + " came without the ERROR frame that is due", "", end.event, now);
  return false;
}

/// A session that goes on answers this.
void Player::State::probe_session(Instant now) {
  phase = phase == kErrorCame ? kProbedBehindError : kProbed;
  talk->progress = now;
  if (talk->unheard()) return;
  SendStomp probe;
  probe.command = "SUBSCRIBE";
  const auto set = [&](const char* name, const std::string& value) {
    probe.edits.push_back({Edit::Kind::set, name, Payload{{{Part::Kind::text, value, {}, {}, {}}}}, false});
  };
  const StompTarget& target = stomp_target();
  set("id", kProbe);
  set("destination", target.topic.value_or(target.queue.value_or("/topic/")) + kProbe);
  set("receipt", kProbe);
  Step step;
  step.statement = probe;
  step.on = line->on;
  send_stomp(probe, shown(step), now);
}

std::optional<Action> Player::State::give_up_refusal(Instant now) {
  if (phase == kWaiting || phase == kErrorCame) return probe_session(now), std::nullopt;
  gave_up(waits.answer, now);
  if (phase == kProbedBehindError)
    decide(Verdict::fail, "it sent ERROR and did not end the connection", kErrorEnds, -1, now);
  else
    decide(Verdict::fail, "neither an ERROR frame nor the end of the connection came", "", -1, now);
  return std::nullopt;
}

std::optional<Action> Player::State::await_error(const Step& step, bool must, Instant now) {
  if (close_then_end) return await_end_of_close(now);
  skip_pings(step);
  if (!talk->inbox.main.empty()) return judge_refusal(step, must, now);
  mind_manners(now);
  if (!talk->outbox.empty()) return std::nullopt;
  const bool probed = phase == kProbed || phase == kProbedBehindError;
  const Instant deadline = std::max(step_began, talk->progress) + scaled(probed ? kToProbe : kToEnd);
  if (now < std::min(deadline, step_began + 4 * scaled(kToEnd))) return Action::wait(deadline);
  return give_up_refusal(now);
}

std::optional<Action> Player::State::judge_refusal(const Step& step, bool must, Instant now) {
  const Arrival arrival = talk->inbox.main.front();
  if (is_end(arrival)) {
    if (!ends_refusal(arrival, must, now)) return std::nullopt;
    answered(waits.answer, now);
    const auto take =
        arrival.kind == Kind::close ? Judgement::Take::close_then_end : Judgement::Take::nothing;
    return consume(Judgement::met(take), &step, now), std::nullopt;
  }
  talk->inbox.main.pop_front();
  if (arrival.kind == Kind::fault)
    return decide(Verdict::fail, arrival.what, arrival.requirement, arrival.event, now), std::nullopt;
  const auto* id = arrival.stomp.find("receipt-id");
  const bool behind = phase == kErrorCame || phase == kProbedBehindError;
  if (arrival.stomp.command == "ERROR") {
    if (id) refused_receipt = *id;
    phase = phase == kProbed || phase == kProbedBehindError ? kProbedBehindError : kErrorCame;
    talk->progress = now;
  } else if (behind && id && *id == refused_receipt) {
    decide(Verdict::fail, "it sent ERROR and RECEIPT for one frame", kReceiptOnce, arrival.event, now);
  } else if (behind) {
    decide(Verdict::fail, "it sent ERROR, and the session goes on", kErrorEnds, arrival.event, now);
  } else if (id && *id == kProbe) {
    decide(Verdict::fail, "it let pass what it has to refuse: the session goes on", "", arrival.event, now);
  } else {
    decide(Verdict::fail, describe(arrival) + " came in answer to what it has to refuse", "", arrival.event,
           now);
  }
  return std::nullopt;
}

}  // namespace wsspec
