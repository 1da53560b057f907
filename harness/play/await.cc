#include <fmt/format.h>

#include <algorithm>

#include "play/stage.h"
#include "script/print.h"

namespace wsspec {

namespace {

using Kind = Arrival::Kind;

// Codes with which an endpoint says that the other side did wrong or that it broke itself.
bool blames(std::uint16_t code) {
  return code == 1002 || code == 1003 || code == 1007 || code == 1008 || code == 1009 || code == 1010 ||
         code == 1011;
}

bool opens_with(const Step& step, auto is) {
  const auto* either = std::get_if<Either>(&step.statement);
  if (!either) return is(step.statement);
  return std::ranges::any_of(
      either->branches, [&](const Either::Branch& branch) { return is(branch.steps.front().statement); });
}

constexpr Duration kHurry = std::chrono::milliseconds(500);  ///< For what is as good as refuted.
constexpr std::uint64_t kPolicySize = 32 * 1024;  ///< Larger messages may be refused as a matter of policy.

}  // namespace

Duration Player::State::patience(const Step& step) const {
  const Statement& s = step.statement;
  const bool handshake = std::holds_alternative<ExpectUpgrade>(s) || std::holds_alternative<ExpectRefused>(s);
  return scaled(handshake ? options.patience.handshake : options.patience.answer);
}

Waits::Kind& Player::State::wait_for(const Step& step) {
  const Statement& s = step.statement;
  const bool handshake = std::holds_alternative<ExpectUpgrade>(s) || std::holds_alternative<ExpectRefused>(s);
  return handshake ? waits.handshake : waits.answer;
}

void Player::State::moves(Instant now) {
  constexpr Duration kPrompt = std::chrono::milliseconds(500);
  if (now - moved > scaled(kPrompt)) waits.silent += now - moved;
  moved = now;
}

// What moved meanwhile was not what the case waited for.
void Player::State::gave_up(Waits::Kind& kind, Instant now) {
  ++kind.unanswered;
  waits.silent = std::max(waits.silent, silent_before + (now - step_began));
  moved = now;
}

// What moves renews the patience, but a drip does not for ever: beyond twice the patience each octet earns
// its time.
Instant Player::State::silence_deadline(Duration patience) const {
  constexpr std::uint64_t kMostOctets = 1 << 24;
  const auto octets =
      static_cast<Duration::rep>(std::min(talk->inbox.received - received_before, kMostOctets));
  return std::min(std::max(step_began, talk->progress) + patience,
                  step_began + 2 * patience + octets * kPerOctet);
}

void Player::State::hear_words(Instant now) {
  if (words_began == kNever) words_began = now;
  note("messages in the application's own words were skipped", now);
}

// Talk is no progress: who talks without end, and does not come to what is due in the time that the step has
// without it, has not done it.
Instant Player::State::end_of_talk(const Step& awaited) const {
  if (words_began == kNever) return kNever;
  const auto own = [&](const Step& step) {
    if (const auto* quiet = std::get_if<Quiet>(&step.statement)) return time_of(quiet->time);
    if (const auto* pause = std::get_if<Pause>(&step.statement)) return time_of(pause->time);
    return step.within ? std::max(time_of(*step.within), patience(step)) : patience(step);
  };
  Duration least = 2 * patience(awaited);
  if (const auto* either = std::get_if<Either>(&awaited.statement))
    for (const Either::Branch& branch : either->branches) least = std::max(least, own(branch.steps.front()));
  return std::max(words_began, step_began) + std::max(least, own(awaited));
}

// A server may speak first. Until our first data frame nothing it says can be an answer.
void Player::State::skip_unasked(Instant now) {
  if (script.target == Target::client) return;  // A client that speaks first is asked for by the case.
  if (fans_out && line->asked) return;          // Who is in a room need not say anything to hear.
  while (!talk->outgoing.data_sent() && !talk->inbox.main.empty() && talk->inbox.main.front().is_data()) {
    if (words_began == kNever) words_began = now;
    note("the target spoke first; its messages were skipped", now);
    talk->inbox.main.pop_front();
  }
}

// Pings are no answer to a line that asks for something else. They are arrivals only where a case asks for
// some.
void Player::State::skip_pings(const Step& step) {
  const bool minds = opens_with(step, [](const Statement& s) {
    const auto* frame = std::get_if<ExpectFrame>(&s);
    return (frame && frame->fields.kind == FrameKind::ping) || std::holds_alternative<Quiet>(s) ||
           std::holds_alternative<ExpectRefused>(s);
  });
  auto& main = talk->inbox.main;
  while (!minds && !main.empty() && main.front().kind == Kind::ping) main.pop_front();
}

std::optional<Action> Player::State::await(const Step& step, Instant now) {
  skip_unasked(now);
  const Statement& s = step.statement;
  if (const auto* open = std::get_if<Open>(&s)) return await_open(*open, now);
  if (std::holds_alternative<Again>(s)) return await_again(step, now);
  if (const auto* absence = std::get_if<Absence>(&s)) return await_absence(step, *absence, now);
  if (const auto* closed = std::get_if<Shut>(&s)) return await_shut(*closed, now);
  line->asked |= !std::holds_alternative<Pause>(s) && !std::holds_alternative<Stall>(s);
  if (const auto* finish = std::get_if<Finish>(&s)) return await_finish(*finish, now);
  if (const auto* login = std::get_if<Login>(&s)) return await_login(*login, now);
  if (const auto* error = std::get_if<ExpectError>(&s)) return await_error(step, error->must, now);
  if (const auto* either = std::get_if<Either>(&s)) return await_either(*either, now);
  if (std::holds_alternative<ExpectSeries>(s)) return await_series(step, now);
  if (const auto* quiet = std::get_if<Quiet>(&s)) return await_quiet(step, time_of(quiet->time), now);
  if (const auto* pause = std::get_if<Pause>(&s)) return await_moment(step_began + time_of(pause->time), now);
  if (const auto* stall = std::get_if<Stall>(&s)) return begin_stall(*stall, now), std::nullopt;
  return await_plain(step, now);
}

// Behind both Close frames the server is the one to end TCP, and a client may wait for it (RFC 6455 7.1.1).
bool Player::State::is_to_end_first(const Step& step) const {
  const bool about_end =
      std::holds_alternative<ExpectEof>(step.statement) || std::holds_alternative<ExpectGone>(step.statement);
  return talk->ours == Role::server && about_end && talk->inbox.closed && talk->outgoing.close_sent() &&
         !talk->half_closed && !talk->inbox.ended;
}

std::optional<Action> Player::State::await_plain(const Step& step, Instant now) {
  if (is_to_end_first(step)) {
    note("we ended TCP, as the server has to", now);
    talk->want_half_close = true;
    return std::nullopt;
  }
  if (close_then_end) return await_end_of_close(now);
  skip_pings(step);
  const Judgement answer = judge_in_time(step, true, now);
  switch (answer.kind) {
    case Judgement::Kind::broken: decide(Verdict::error, answer.reason, "", -1, now); return std::nullopt;
    case Judgement::Kind::matched: {
      const bool late = step.within && now > step_began + time_of(*step.within);
      answered(wait_for(step), now);
      if (late) lower(Grade::weak, fmt::format("it came later than within {}", print(time_of(*step.within))));
      if (answer.weak && application_closed()) return miss(answer, step, now), std::nullopt;
      consume(answer, &step, now);
      return std::nullopt;
    }
    case Judgement::Kind::mismatch:
      if (!tolerate(step, now)) miss(answer, step, now);
      return std::nullopt;
    case Judgement::Kind::pending: break;
  }
  mind_manners(now);
  if (!talk->outbox.empty()) return std::nullopt;
  Instant deadline = silence_deadline(patience(step));
  if (step.within) deadline = std::max(deadline, step_began + time_of(*step.within));
  if (step.strict) deadline = step_began + time_of(*step.within);
  if (answer.hurry) deadline = std::min(deadline, talk->progress + scaled(kHurry));
  deadline = std::min(deadline, end_of_talk(step));
  if (now < deadline) return Action::wait(deadline);
  if (answer.hurry) return miss(Judgement::not_met(answer.reason, answer.event), step, now), std::nullopt;
  gave_up(wait_for(step), now);
  if (step.strict) waits.own += now - step_began;
  Judgement silence = Judgement::not_met(silence_of(step));
  const auto* frame = std::get_if<ExpectFrame>(&step.statement);
  if (frame && frame->fields.kind == FrameKind::pong && !talk->inbox.pongs.empty())
    silence = Judgement::not_met(describe(talk->inbox.pongs.front()) + " came, which answers no ping of ours",
                                 talk->inbox.pongs.front().event);
  miss(silence, step, now);
  return std::nullopt;
}

namespace {

bool waits_for_data(const Step& step) {
  return opens_with(step, [](const Statement& s) {
    const auto* frame = std::get_if<ExpectFrame>(&s);
    if (std::holds_alternative<ExpectSeries>(s)) return true;
    return frame && frame->fields.kind != FrameKind::ping && frame->fields.kind != FrameKind::pong &&
           frame->fields.kind != FrameKind::close;
  });
}

}  // namespace

// No clause forbids an application to say something (RFC 6455 5.6), so data are held against a target only
// when they repeat what we sent: where it echoes, that is an echo in the wrong place or a damaged one;
// elsewhere it is a fault only if it shows that our fault was processed. `expectation`: what is waited for;
// null: nothing.
bool Player::State::is_own_words(const Arrival& arrival, const Step* expectation) {
  const Said& said = talk->outgoing.said();
  if (fans_out) return !is_said(arrival.payload) || is_legal_copy(arrival);
  if (said.shows_fault(arrival.payload)) return false;
  const bool about_fail = expectation && opens_with(*expectation, [](const Statement& s) {
                            return std::holds_alternative<ExpectFail>(s);
                          });
  if (!profile.echoes()) return true;
  if (!foreign_octets(arrival.payload).empty()) return false;
  if (arrival.payload.empty() || said.shows_unfinished(arrival.payload)) return false;  // Nobody's words.
  if (about_fail && !waits_for_data(*expectation)) return true;
  if (!said.whole() && expectation && repeats_what_is_due(arrival, *expectation)) return false;
  return !said.repeats(arrival.payload) && !said.as_long(arrival.payload);
}

// Where more was sent than is kept, the case itself knows what must come back.
bool Player::State::repeats_what_is_due(const Arrival& arrival, const Step& expectation) {
  return opens_with(expectation, [&](const Statement& s) {
    const auto* frame = std::get_if<ExpectFrame>(&s);
    if (!frame || !frame->payload) return false;
    const auto due = evaluate(*frame->payload, environment);
    return due && is_repeated(*due, arrival.payload);
  });
}

// Data in front of a fault may be echoed or lost (docs/case-guide.md "Echo before failing"): an earlier echo
// is no answer to the fault.
bool Player::State::tolerate(const Step& expectation, Instant now) {
  if (talk->inbox.main.empty() || !talk->inbox.main.front().is_data()) return false;
  if (opens_with(expectation, [](const Statement& s) { return std::holds_alternative<ExpectRefused>(s); }))
    return false;  // Whoever refuses has nothing to say.
  const bool about_fail =
      opens_with(expectation, [](const Statement& s) { return std::holds_alternative<ExpectFail>(s); });
  if (about_fail && is_earlier_echo(scene())) {
    note("a message sent ahead of the fault was echoed", now);
    consume(Judgement::met(Judgement::Take::front), nullptr, now);
    return true;
  }
  if (!is_own_words(talk->inbox.main.front(), &expectation)) return false;
  if (now >= end_of_talk(expectation)) return false;
  hear_words(now);
  talk->inbox.main.pop_front();
  return true;
}

// An application may close for a message that is none of its own (RFC 6455 7.4.1: 1003, 1007, 1008; 7.4.2).
// Where there is no echo nobody knows what it makes of ours; that it is legal is then no contradiction.
bool Player::State::application_closed() const {
  if (speaks_stomp) return false;  // What we say is what it is there for.
  if (profile.echoes() || !talk->inbox.closed || !talk->outgoing.said().any_message()) return false;
  const auto code = talk->inbox.closed->value_or(1000);
  return code == 1000 || code == 1003 || code == 1007 || code == 1008 || code == 1009 || code == 1011 ||
         code >= 3000;
}

// Where several connections are open a server may have enough of them (RFC 9110 15.6.4, RFC 6585 4).
bool Player::State::is_full() const {
  return lines.size() > 1 && std::ranges::any_of(talk->inbox.main, [](const Arrival& arrival) {
           return arrival.kind == Kind::head && (arrival.status == 503 || arrival.status == 429);
         });
}

// The field without which the target refused us, if the user has us send it and this request lacks it.
std::string Player::State::missed_field() const {
  const auto refused = std::ranges::any_of(talk->inbox.main, [](const Arrival& arrival) {
    return arrival.kind == Kind::head && arrival.status >= 400 && arrival.status < 500;
  });
  return refused ? left_out(profile, talk->request()) : "";
}

namespace {

/// The end of TCP is all that is there.
bool has_left(const Inbox& inbox) {
  return !inbox.main.empty() && inbox.main.front().kind == Kind::end;
}

}  // namespace

// What RFC 6455 leaves open, or RFC 7692 5.1 to those who support less: a client may insist on one of its
// subprotocols, or on a window as large as any. Empty: its leaving has no such reason.
std::string Player::State::refused_choice() const {
  if (talk->ours == Role::client || !talk->outgoing.upgraded()) return "";
  if (!has_left(talk->inbox) || !talk->inbox.pongs.empty()) return "";
  const Head& reply = talk->outgoing.head();
  const auto has = [](const Head& head, const char* name, const char* word) {
    return head.joined(name).value_or("").find(word) != std::string::npos;
  };
  if (talk->request().joined("Sec-WebSocket-Protocol") && !reply.joined("Sec-WebSocket-Protocol"))
    return "the client may insist on one of its subprotocols, and the answer of the case names none";
  constexpr const char *kField = "Sec-WebSocket-Extensions", *kWindow = "server_max_window_bits";
  if (script.target != Target::client && has(reply, kField, kWindow) &&
      !has(talk->request(), kField, kWindow))
    return "the client does not take a window for which it did not ask";
  return "";
}

// A correct grant, and the client leaves: RFC 7692 5.1 has it fail the connection when it does not support
// what was agreed upon.
bool Player::State::refused_agreement() const {
  if (talk->ours == Role::client || !talk->deflate || talk->outgoing.fault()) return false;
  const std::uint16_t code = talk->inbox.closed ? talk->inbox.closed->value_or(0) : 1010;
  return has_left(talk->inbox) && code == 1010 && talk->inbox.keys.size() <= (talk->inbox.closed ? 1U : 0U);
}

void Player::State::consume(const Judgement& answer, const Step* step, Instant now) {
  if (!answer.note.empty()) note(answer.note, now);
  if (answer.weak) lower(Grade::weak, answer.reason);
  if (answer.ping) talk->outgoing.settle_pings(*answer.ping);
  if (step) waited = now - step_began;
  talk->stomp_heard = talk->inbox.stomp_octets;
  if (step && step->strict) waits.own += waited;
  switch (answer.take) {
    case Judgement::Take::nothing: break;
    case Judgement::Take::beat: break;
    case Judgement::Take::one: {
      const auto at = talk->inbox.main.begin() + static_cast<std::ptrdiff_t>(answer.index);
      if (keeps_taken) taken = at->payload;
      if (const auto* id = at->stomp.find("receipt-id"); id && at->stomp.command == "RECEIPT")
        if (const auto one = talk->receipts.find(*id); one != talk->receipts.end()) talk->receipts.erase(one);
      talk->inbox.main.erase(at);
      break;
    }
    case Judgement::Take::pong:
      talk->inbox.pongs.erase(talk->inbox.pongs.begin(),
                              talk->inbox.pongs.begin() + static_cast<std::ptrdiff_t>(answer.index) + 1);
      break;
    case Judgement::Take::raw:
      // Not from the begin of the line: whoever is woken by our write may have answered before we go on.
      if (const Line* other = across(*line); step && other) kept_waits.push_back(now - other->talk.sent_at);
      if (step && is_about_hop()) recorder.kept(shown(*step), answer.raw_octets, now);
      talk->inbox.raw.erase(0, answer.raw_octets);
      talk->agreed = 0;
      if (Line* other = across(*line)) other->talk.crossing.clear();
      break;
    case Judgement::Take::close_then_end:
      talk->inbox.main.pop_front();
      close_then_end = true;
      talk->progress = now;
      return;
    case Judgement::Take::front: {
      const Arrival arrival = std::move(talk->inbox.main.front());
      talk->inbox.main.pop_front();
      if (is_smuggled(arrival, now) || is_head_changed(arrival, now)) return;
      if (keeps_taken) taken = arrival.payload;
      if (arrival.is_data()) {
        if (step) hear(arrival);
        auto& sent = talk->outgoing.messages;
        const auto same = std::ranges::find(sent, arrival.payload, &Outgoing::Message::payload);
        if (same != sent.end()) sent.erase(sent.begin(), same + 1);
        if (step && arrival.payload.size() > 64 && step->comment.empty())
          recorder.rewrite(arrival.event, shown(*step));
      }
      if (arrival.kind == Kind::head) line->answered = arrival.status;
      if (arrival.kind == Kind::head && arrival.status == 101) upgraded(arrival.head, arrival.event, now);
      if (arrival.kind == Kind::head) ++talk->answers;
      break;
    }
  }
  if (step && !fixed) step_done();
}

// Whether a Close with 1009 or 1008 can be about the size of what we sent: then it is no fault of the target.
// Returns how that is judged: a size beyond the declared limit was not to be played, an undeclared one is
// unclear.
std::optional<Verdict> Player::State::excused_by_size(const Step& step) {
  if (!talk->inbox.closed || (*talk->inbox.closed != 1009 && *talk->inbox.closed != 1008))
    return std::nullopt;
  const auto* expect = std::get_if<ExpectFrame>(&step.statement);
  if (!expect || expect->fields.kind == FrameKind::close) return std::nullopt;
  std::uint64_t size = talk->outgoing.longest_message();
  if (expect->payload)  // What a compressed message means is as long as its echo.
    if (const auto wanted = evaluate(*expect->payload, environment))
      size = std::max<std::uint64_t>(size, wanted->size());
  if (size <= kPolicySize) return std::nullopt;
  if (!profile.message_limit) return Verdict::inconclusive;
  return size > *profile.message_limit ? std::optional(Verdict::skipped) : std::nullopt;
}

// A single message of a room where at-most-once is declared.
bool Player::State::may_be_lost(const Step& step) const {
  return fans_out && profile.rooms && profile.rooms->delivery == Delivery::at_most_once &&
         waits_for_data(step) && !std::holds_alternative<ExpectSeries>(step.statement);
}

// Where it is declared how long a connection stays, going away (1001) is how some say that its time is over:
// it is judged as any end is. A restart or an overload (1012, 1013) has nothing to do with time.
bool Player::State::leaving_is_judged() const {
  return talk->inbox.closed && *talk->inbox.closed == 1001 &&
         std::ranges::any_of(script.covers,
                             [](const std::string& id) { return id.starts_with("declared-"); });
}

void Player::State::miss(const Judgement& given, const Step& step, Instant now) {
  Judgement answer = given;
  if (lines.size() > 1 && !fans_out && !talk->inbox.main.empty() && talk->inbox.main.front().is_data())
    if (const auto foreign = foreign_octets(talk->inbox.main.front().payload); !foreign.empty())
      answer.reason += "; " + foreign;
  if (now >= end_of_talk(step) && answer.requirement.empty())
    answer.reason = std::string(std::holds_alternative<ExpectFail>(step.statement)
                                    ? "it neither closed nor dropped the connection"
                                    : "nothing that was waited for came") +
                    ", and talks without end";
  // What an application may do is none of a hop's affairs.
  if (is_about_hop()) return decide(Verdict::fail, answer.reason, answer.requirement, answer.event, now);
  if (may_be_lost(step))
    return decide(Verdict::inconclusive, "it may have been lost, which is declared: " + answer.reason, "",
                  answer.event, now);
  if (answer.left && !leaving_is_judged())
    return decide(Verdict::inconclusive, "the target went away: " + answer.reason, "", answer.event, now);
  if (const auto excuse = excused_by_size(step)) {
    const bool declared = *excuse == Verdict::skipped;
    const std::string why = declared ? "its messages are larger than the declared limit"
                                     : "a limit of the target: " + answer.reason;
    return decide(*excuse, why, "", answer.event, now);
  }
  if (is_full())
    return decide(Verdict::skipped, "it takes no more connections at once", "", answer.event, now);
  if (auto refused = refused_choice(); !refused.empty())
    return decide(Verdict::skipped, std::move(refused), "", answer.event, now);
  if (refused_agreement())
    return decide(Verdict::weak,
                  "it does not go on with what it may be granted of its own offer: " + answer.reason, "",
                  answer.event, now);
  if (application_closed())
    return decide(Verdict::skipped,
                  "its application closed for a message that it does not know: " + answer.reason, "",
                  answer.event, now);
  if (const auto field = missed_field(); !field.empty() && answer.requirement.empty())
    return decide(Verdict::skipped, "the target refuses a request without the " + field + " that was given",
                  "", answer.event, now);
  decide(Verdict::fail, answer.reason, answer.requirement, answer.event, now);
}

// Both Closes are there or on their way: the server should end TCP at once (RFC 6455 7.1.1). Only noted here;
// one case judges it. Where we are the server, the end of the case does it.
std::optional<Action> Player::State::await_end_of_close(Instant now) {
  mind_manners(now);
  if (!talk->outbox.empty()) return std::nullopt;
  for (const Arrival& arrival : talk->inbox.main) {
    if (arrival.kind == Kind::fault) {
      decide(Verdict::fail, arrival.what, arrival.requirement, arrival.event, now);
      return std::nullopt;
    }
  }
  if (talk->inbox.ended || talk->ours == Role::server) return step_done(), std::nullopt;
  const Instant deadline =
      step_began > talk->progress ? step_began + scaled(kLinger) : talk->progress + scaled(kLinger);
  if (now < deadline) return Action::wait(deadline);
  note("TCP was left open behind the Close frames", now);
  return step_done(), std::nullopt;
}

std::optional<Action> Player::State::await_quiet(const Step& step, Duration time, Instant now) {
  Line& asked = *line;
  for (const auto& one : lines) {
    if (&*one != &asked && !step.on.name.empty()) continue;
    speak(*one);
    const Judgement answer = judge(step, scene(), false);
    if (answer.kind != Judgement::Kind::mismatch) continue;
    if (!tolerate(step, now)) miss(answer, step, now);
    return std::nullopt;
  }
  speak(asked);
  mind_manners(now);
  if (!talk->outbox.empty()) return std::nullopt;
  if (now >= step_began + time) {
    waits.own += time;
    return step_done(), std::nullopt;
  }
  return Action::wait(step_began + time);
}

/// How long a line that begins a branch wants nothing to happen; nothing: it waits for something.
std::optional<Duration> Player::State::span_of(const Step& step) const {
  if (const auto* quiet = std::get_if<Quiet>(&step.statement)) return time_of(quiet->time);
  if (const auto* pause = std::get_if<Pause>(&step.statement)) return time_of(pause->time);
  if (const auto* absence = std::get_if<Absence>(&step.statement)) return time_of(*absence);
  return std::nullopt;
}

// Commits to the first branch whose first line accepts what came; the branch then judges it as its own first
// step.
std::optional<Action> Player::State::await_either(const Either& either, Instant now) {
  Judgement mismatch;
  bool all_mismatch = true;
  Instant deadline{};
  Line& asked = *line;
  Line* missed = line;  // On whom the mismatch was seen.
  skip_pings(*current());
  auto commit = [&](const Either::Branch& branch, bool first_line_over) {
    enter(branch.steps, 1, "");
    stack.back().bound = is_about_hop() && !line->on.index ? nullptr : line;
    step_open = true;
    phase = 0;
    alone = alone && !has_come;
    if (branch.grade != Grade::pass) {
      const std::string way = branch.grade == Grade::weak ? "poorer" : "left open by the specifications";
      const bool known = is_about_hop() && !mismatch.reason.empty();
      Line& here = *line;
      if (known) speak(*missed);
      lower(branch.grade,
            known ? mismatch.reason
                  : "it took a way that is allowed but " + way + ": " + print(branch.steps.front(), 0));
      speak(here);
    }
    if (first_line_over) step_done();
  };
  for (const bool lenient : {false, true}) {
    for (const Either::Branch& branch : either.branches) {
      const Step& first = branch.steps.front();
      if (Line* about = is_about_hop() ? line_about(first) : nullptr) speak(*about);
      const auto span = span_of(first);
      const auto coming = judge_coming(first);
      const bool pauses = std::holds_alternative<Pause>(first.statement);
      const Judgement answer = coming   ? *coming
                               : pauses ? Judgement::pending()
                                        : judge_in_time(first, lenient, now);
      if (answer.kind == Judgement::Kind::broken)
        return decide(Verdict::error, answer.reason, "", -1, now), std::nullopt;
      if (answer.kind == Judgement::Kind::matched) {
        answered(wait_for(first), now);
        return commit(branch, false), std::nullopt;
      }
      if (span && answer.kind == Judgement::Kind::pending) {
        if (now >= step_began + *span) {
          waits.own += *span;
          return commit(branch, true), std::nullopt;
        }
        deadline = std::max(deadline, step_began + *span);
      } else if (coming) {
        deadline = std::max(deadline, deadline_of_coming(first));
      } else if (answer.kind == Judgement::Kind::pending) {
        const Duration most = answer.hurry ? scaled(kHurry) : patience(first);
        deadline =
            std::max(deadline, first.within ? step_began + time_of(*first.within) : silence_deadline(most));
      }
      if (answer.kind != Judgement::Kind::mismatch)
        all_mismatch = false;
      else if (mismatch.requirement.empty())
        mismatch = answer, missed = line;  // A broken rule says more than the other way's absence.
    }
  }
  const Step& self = *current();
  if (all_mismatch) {
    speak(*missed);
    if (!tolerate(self, now)) miss(mismatch, self, now);
    return std::nullopt;
  }
  speak(asked);
  mind_manners(now);
  if (!line->released && !talk->outbox.empty()) return std::nullopt;
  if (now < deadline) return Action::wait(deadline);
  gave_up(wait_for(either.branches.front().steps.front()), now);
  if (mismatch.reason.empty()) mismatch = Judgement::not_met("nothing came");
  speak(*missed);
  miss(mismatch, self, now);
  return std::nullopt;
}

// The opening handshake as a helper: what is wrong with the other side's head is noted, other cases judge it.
std::optional<Action> Player::State::await_open(const Open& open, Instant now) {
  if (phase < 2) {
    const auto waits_for = talk->ours == Role::client ? await_answer(open, now) : await_request(open, now);
    if (waits_for || fixed || phase < 2) return waits_for;
  }
  return begin_talk();
}

// A greeting is waited for, then the user's own steps are played.
std::optional<Action> Player::State::begin_talk() {
  if (phase == 2 && profile.greets) {
    talk->barrier = Conversation::Barrier::wanted;
    phase = 3;
    return std::nullopt;
  }
  if (profile.preamble.empty()) return step_done(), std::nullopt;
  step_open = false;
  phase = 0;
  recorder.hide(true);
  enter(profile.preamble, 1, "");
  stack.back().bound = line;
  return std::nullopt;
}

// Sends the head of ours that `open` stands for.
void Player::State::send_head(Result<Head> head, Instant now) {
  if (!head) return decide(Verdict::error, head.error().what, "", -1, now);
  Assembled assembled;
  assembled.bytes = render_head(*head);
  assembled.head_octets = assembled.heads_octets = assembled.bytes.size();
  recorder.sent_head(shown(*current()), assembled.bytes, now);
  assembled.head = std::move(*head);
  queue(std::move(assembled));
}

std::optional<Action> Player::State::await_answer(const Open& open, Instant now) {
  if (phase == 0) {
    const auto wanted = read_options(open, environment);
    send_head(wanted ? make_request(profile, *wanted, {}, environment)
                     : Result<Head>(std::unexpected(wanted.error())),
              now);
    phase = 1;
    return std::nullopt;
  }
  if (talk->inbox.main.empty()) return await_head("the opening handshake was not answered", now);
  const Arrival arrival = talk->inbox.main.front();
  if (arrival.kind != Kind::head || arrival.status != 101) {
    if (const auto field = missed_field(); !field.empty())
      return decide(Verdict::skipped, "the target refuses a request without the " + field + " that was given",
                    "", arrival.event, now),
             std::nullopt;
    if (is_full())
      return decide(Verdict::skipped, "it takes no more connections at once", "", arrival.event, now),
             std::nullopt;
    // An end in place of an answer may be how a server keeps to a number of connections.
    const bool special = (!open.options.empty() && arrival.kind == Kind::head) ||
                         (line->number > 0 && arrival.kind == Kind::end);
    decide(special ? Verdict::inconclusive : Verdict::error,
           "the opening handshake of the case did not succeed: " + describe(arrival) + " came", "",
           arrival.event, now);
    return std::nullopt;
  }
  talk->inbox.main.pop_front();
  answered(waits.handshake, now);
  recorder.rewrite(arrival.event, "# " + arrival.head.start);
  Reply reply;
  for (const Violation& violation : check_reply(arrival.head, talk->request(), reply))
    note("its 101 reply is not right: " + violation.what, now);
  upgraded(arrival.head, arrival.event, now);
  // A case that writes its own `> request` judges the refusal of its offer itself.
  const bool offered = lines.size() == 1 || talk->request().joined("Sec-WebSocket-Extensions");
  if (!talk->deflate && offered && std::ranges::find(script.needs, "deflate") != script.needs.end())
    return decide(Verdict::skipped, "the target declined permessage-deflate", "", -1, now), std::nullopt;
  phase = 2;
  return std::nullopt;
}

// A case for either role speaks as a client does. False: what it needs cannot be agreed upon with this one.
bool Player::State::turn_roles(OpenOptions& wanted, const Arrival& request, Instant now) {
  const auto skip = [&](const std::string& why) {
    decide(Verdict::skipped, why, "", request.event, now);
    return false;
  };
  if (!wanted.protocol.empty() && !request.head.has_token("Sec-WebSocket-Protocol", wanted.protocol))
    return skip("the client does not ask for the subprotocol " + wanted.protocol);
  if (wanted.offer.empty()) return true;
  auto grant = turned_grant(wanted.offer, request.head);
  if (!grant) return skip(grant.error().what);
  wanted.offer = std::move(*grant);
  return true;
}

// We are the server: the client asks, and we accept.
std::optional<Action> Player::State::await_request(const Open& open, Instant now) {
  if (talk->inbox.main.empty()) return await_head("no opening request came", now);
  const Arrival arrival = talk->inbox.main.front();
  if (arrival.kind != Kind::head) {
    decide(Verdict::error, describe(arrival) + " came in place of an opening request", "", arrival.event,
           now);
    return std::nullopt;
  }
  talk->inbox.main.pop_front();
  answered(waits.handshake, now);
  recorder.rewrite(arrival.event, "# " + arrival.head.start);
  for (const Violation& violation : check_request(arrival.head))
    note("its opening request is not right: " + violation.what, now);
  auto wanted = read_options(open, environment);
  if (wanted && script.target != Target::client && !turn_roles(*wanted, arrival, now)) return std::nullopt;
  auto reply = wanted ? make_reply(arrival.head, *wanted, {}, environment)
                      : Result<Head>(std::unexpected(wanted.error()));
  if (reply) upgraded(*reply, -1, now);
  send_head(std::move(reply), now);
  phase = 2;
  return std::nullopt;
}

std::optional<Action> Player::State::await_head(const char* missing, Instant now) {
  const Instant deadline = silence_deadline(scaled(options.patience.handshake));
  if (now < deadline) return Action::wait(deadline);
  gave_up(waits.handshake, now);
  const Verdict outcome = line->number > 0 ? Verdict::inconclusive : Verdict::error;
  return decide(outcome, missing, "", -1, now), std::nullopt;
}

std::optional<Action> Player::State::await_barrier(Instant now) {
  constexpr std::string_view kPayload = "all said?";
  if (talk->barrier == Conversation::Barrier::wanted) {
    send_frame_now(Opcode::ping, kPayload, now);
    talk->barrier = Conversation::Barrier::sent;
    talk->barrier_began = talk->progress = now;
    return std::nullopt;
  }
  const bool ponged =
      std::ranges::any_of(talk->inbox.pongs, [&](const Arrival& pong) { return pong.payload == kPayload; });
  const Instant most =
      talk->barrier_began + 2 * scaled(options.patience.close);  // However much it says meanwhile.
  const Instant deadline = std::min(talk->progress + scaled(options.patience.close), most);
  if (!ponged && !talk->inbox.ended && !talk->inbox.closed && now < deadline) return Action::wait(deadline);
  talk->barrier = Conversation::Barrier::none;
  talk->inbox.pongs.clear();
  recorder.hide(false);
  while (!talk->inbox.main.empty() && talk->inbox.main.front().is_data()) {
    note("what it said ahead of the case was skipped", now);
    talk->inbox.main.pop_front();
  }
  return std::nullopt;
}

// Frames follow `reply`, whoever of us made it.
void Player::State::upgraded(const Head& reply, int event, Instant now) {
  const auto unclear = talk->open(talk->request(), reply, now);
  if (talk->compressor) environment.compressor = &*talk->compressor;
  if (unclear && talk->ours == Role::server && !expects_refusal)
    return decide(Verdict::skipped,
                  "the offer of the client does not allow the answer of the case: " + unclear->what, "",
                  event, now);
  if (!unclear || talk->ours == Role::server) return;
  const std::string what = "its answer about permessage-deflate is not right: " + unclear->what;
  // Nobody knows what such a reply agrees to; the extension cases judge the reply itself.
  if (std::ranges::find(script.needs, "deflate") != script.needs.end())
    return decide(Verdict::inconclusive, what, "", event, now);
  note(what, now);
}

// An orderly end. Graded here is only what nothing allows: messages that nobody asked for, a Close that
// blames us.
std::optional<Action> Player::State::await_finish(const Finish& finish, Instant now) {
  if (phase == 2) return await_end_of_close(now);
  if (!talk->inbox.main.empty()) {
    const Arrival arrival = talk->inbox.main.front();
    if (arrival.kind == Kind::fault) {
      return decide(Verdict::fail, arrival.what, arrival.requirement, arrival.event, now), std::nullopt;
    }
    if (arrival.is_data() && is_own_words(arrival, nullptr)) {
      hear_words(now);
      talk->inbox.main.pop_front();
      return std::nullopt;
    }
    if (arrival.is_data() || arrival.kind == Kind::head) {
      decide(Verdict::fail, describe(arrival) + " came that nothing asked for", "", arrival.event, now);
      return std::nullopt;
    }
    if (arrival.kind == Kind::end) {
      if (phase == 1 || talk->inbox.closed) return step_done(), std::nullopt;
      decide(Verdict::fail, "it ended TCP without a Close frame, though nothing was wrong", "rfc6455-7.3-3",
             arrival.event, now);
      return std::nullopt;
    }
    talk->inbox.main.pop_front();
    if (arrival.kind != Kind::close) return std::nullopt;
    const auto code = parse_close(arrival.payload).code;
    if (code && blames(*code) && application_closed()) {
      decide(Verdict::skipped,
             "its application closed for a message that it does not know: " + describe(arrival), "",
             arrival.event, now);
      return std::nullopt;
    }
    if (code && blames(*code)) {
      decide(Verdict::fail, "it closed the connection, though nothing was wrong: " + describe(arrival), "",
             arrival.event, now);
      return std::nullopt;
    }
    if (phase == 0) note("the target closed first", now);
    if (phase == 1) waits.close.longest = std::max(waits.close.longest, now - talk->progress);
    phase = 2;
    talk->progress = now;
    return std::nullopt;
  }
  if (phase == 0) {
    auto code = finish.code ? evaluate(*finish.code, environment) : Result<std::uint64_t>(1000);
    if (!code) return decide(Verdict::error, code.error().what, "", -1, now), std::nullopt;
    Assembled assembled;
    assembled.bytes = frame_of_ours(Opcode::close, make_close(static_cast<std::uint16_t>(*code)));
    recorder.sent_head(shown(*current()), "Close " + std::to_string(*code), now);
    queue(std::move(assembled));
    phase = 1;
    return std::nullopt;
  }
  mind_manners(now);
  if (!talk->outbox.empty()) return std::nullopt;
  const Instant deadline =
      std::min(silence_deadline(scaled(options.patience.close)), end_of_talk(*current()));
  if (now < deadline) return Action::wait(deadline);
  gave_up(waits.close, now);
  note("our Close was not answered", now);
  return step_done(), std::nullopt;
}

}  // namespace wsspec
