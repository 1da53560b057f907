#include "play/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "play/kept.h"
#include "play/recorder.h"
#include "play/stomp_frames.h"
#include "protocol/handshake.h"
#include "script/assemble.h"
#include "script/print.h"

namespace wsspec {

namespace {

using Kind = Arrival::Kind;

const Arrival* front(const Scene& scene) {
  return scene.talk.inbox.main.empty() ? nullptr : &scene.talk.inbox.main.front();
}

Judgement broken(const Error& error) {
  Judgement answer;
  answer.kind = Judgement::Kind::broken;
  answer.reason = error.what;
  return answer;
}

// A server that restarts or sheds load says so with these codes; that is no judgement on the case (7.4.1,
// registry).
bool goes_away(std::uint16_t code) {
  return code == 1001 || code == 1012 || code == 1013;
}

}  // namespace

Judgement instead(const Arrival& arrival) {
  Judgement answer = Judgement::not_met(describe(arrival) + " came instead", arrival.event);
  if (arrival.kind == Kind::fault) {
    answer.reason = arrival.what;
    answer.requirement = arrival.requirement;
  }
  if (arrival.kind == Kind::close) {
    const CloseBody body = parse_close(arrival.payload);
    if (arrival.again)
      answer.reason = "it sent a second Close frame";
    else if (body.code && goes_away(*body.code))
      answer.left = true;
  }
  return answer;
}

namespace {

bool code_listed(const std::vector<Code>& codes, std::optional<std::uint16_t> code, const Scene& scene) {
  return std::ranges::any_of(codes, [&](const Code& wanted) {
    if (wanted.none) return !code;
    auto value = evaluate(wanted.number, scene.environment);
    return value && code && *value == *code;
  });
}

std::string print_codes(const std::vector<Code>& codes, const Scene& scene) {
  std::string text;
  for (const Code& code : codes) {
    if (!text.empty()) text += " or ";
    auto value = evaluate(code.number, scene.environment);
    text += code.none ? "no code" : fmt::format("{}", value ? *value : 0);
  }
  return text;
}

std::string difference(BytesView got, BytesView wanted) {
  const auto [a, b] = std::ranges::mismatch(got, wanted);
  const auto at = static_cast<std::size_t>(a - got.begin());
  if (got.size() == wanted.size()) {
    return fmt::format("its payload differs from octet {} on ({:02x} instead of {:02x})", at, octet(*a),
                       octet(*b));
  }
  return fmt::format("its payload has {} octets instead of {}, equal up to octet {}", got.size(),
                     wanted.size(), at);
}

bool number_is(const std::optional<Number>& wanted, std::uint64_t got, const Scene& scene) {
  if (!wanted) return true;
  auto value = evaluate(*wanted, scene.environment);
  return value && *value == got;
}

// Fields of a single frame line: fin, rsv, op, len, lenbits, mask.
std::string field_mismatch(const FrameFields& fields, const FrameHeader& header, const Scene& scene) {
  if (!number_is(fields.fin, header.fin ? 1 : 0, scene))
    return fmt::format("its FIN bit is {}", header.fin ? 1 : 0);
  if (!number_is(fields.rsv, header.rsv, scene)) return fmt::format("its reserved bits are {}", header.rsv);
  if (!number_is(fields.op, header.opcode, scene)) return fmt::format("its opcode is {}", header.opcode);
  if (!number_is(fields.len, header.length, scene)) return fmt::format("its length is {}", header.length);
  if (!number_is(fields.lenbits, static_cast<std::uint64_t>(header.form), scene)) {
    return fmt::format("its length is written in {} bits", static_cast<int>(header.form));
  }
  if (fields.mask && fields.mask->kind != MaskField::Kind::key) {
    const bool owed = scene.talk.theirs() == Role::client;
    const bool want_mask = fields.mask->kind == MaskField::Kind::bad
                               ? !owed
                               : fields.mask->kind == MaskField::Kind::good && owed;
    if (want_mask != header.mask.has_value()) return header.mask ? "it is masked" : "it is not masked";
  }
  return "";
}

Judgement judge_payload(const ExpectFrame& expect, const Arrival& arrival, const Scene& scene,
                        Judgement::Take take) {
  if (const std::string wrong = field_mismatch(expect.fields, arrival.header, scene); !wrong.empty()) {
    return Judgement::not_met(describe(arrival) + " came, but " + wrong, arrival.event);
  }
  if (expect.payload) {
    auto wanted = evaluate(*expect.payload, scene.environment);
    if (!wanted) return broken(wanted.error());
    if (arrival.payload != *wanted) {
      return Judgement::not_met(describe(arrival) + " came, but " + difference(arrival.payload, *wanted),
                                arrival.event);
    }
  }
  Judgement answer = Judgement::met(take);
  answer.event = arrival.event;
  return answer;
}

// Only the newest ping needs a pong (5.5.3): an older one may be answered by the pong to a later ping. Pongs
// that answer nothing are legal noise (5.5.3: unsolicited pongs).
Judgement judge_pong(const ExpectFrame& expect, const Scene& scene) {
  const auto& pongs = scene.talk.inbox.pongs;
  if (!expect.payload)
    return pongs.empty() ? Judgement::pending()
                         : judge_payload(expect, pongs.front(), scene, Judgement::Take::pong);
  auto wanted = evaluate(*expect.payload, scene.environment);
  if (!wanted) return broken(wanted.error());
  const auto number = scene.talk.outgoing.unanswered_ping(*wanted);
  for (std::size_t i = 0; i < pongs.size(); ++i) {
    const Arrival& pong = pongs[i];
    if (pong.payload == *wanted) {
      Judgement answer = judge_payload(expect, pong, scene, Judgement::Take::pong);
      answer.index = i;
      answer.ping = number;
      return answer;
    }
    const bool later = number && scene.talk.outgoing.pinged_later(pong.payload, *number);
    if (!later) continue;
    Judgement answer = Judgement::met(Judgement::Take::nothing);
    answer.ping = number;
    answer.note = "a ping was answered by the pong to a later one (RFC 6455 section 5.5.3)";
    return answer;
  }
  return Judgement::pending();
}

Judgement judge_close(const ExpectFrame& expect, const Arrival& arrival, const Scene& scene) {
  if (arrival.again) return instead(arrival);
  const CloseBody body = parse_close(arrival.payload);
  if (!expect.codes.empty() && !code_listed(expect.codes, body.code, scene)) {
    Judgement answer = instead(arrival);
    answer.reason = describe(arrival) + " came instead of " + print_codes(expect.codes, scene);
    answer.left = false;
    return answer;
  }
  if (expect.payload) {
    auto wanted = evaluate(*expect.payload, scene.environment);
    if (!wanted) return broken(wanted.error());
    if (body.reason != *wanted)
      return Judgement::not_met("the reason differs: " + describe(arrival), arrival.event);
  }
  Judgement answer = Judgement::met(Judgement::Take::front);
  answer.event = arrival.event;
  return answer;
}

Judgement judge_frame(const ExpectFrame& expect, const Scene& scene) {
  if (expect.fields.kind == FrameKind::pong) {
    Judgement answer = judge_pong(expect, scene);
    if (answer.kind != Judgement::Kind::pending) return answer;
    const auto over = std::ranges::find_if(scene.talk.inbox.main, [](const Arrival& arrival) {
      return arrival.kind == Kind::close || arrival.kind == Kind::end || arrival.kind == Kind::fault;
    });
    return over == scene.talk.inbox.main.end() ? answer : instead(*over);
  }
  const Arrival* first = front(scene);
  if (!first) return Judgement::pending();
  if (expect.fields.kind == FrameKind::ping) {
    if (first->kind == Kind::ping) return judge_payload(expect, *first, scene, Judgement::Take::front);
    return instead(*first);
  }
  if (expect.fields.kind == FrameKind::close) {
    return first->kind == Kind::close ? judge_close(expect, *first, scene) : instead(*first);
  }
  if (scene.single_frames) {
    const auto opcode = opcode_of(expect.fields.kind);
    if (first->kind != Kind::frame || (opcode && first->header.opcode != static_cast<std::uint8_t>(*opcode)))
      return instead(*first);
    return judge_payload(expect, *first, scene, Judgement::Take::front);
  }
  const Kind wanted = expect.fields.kind == FrameKind::text ? Kind::text : Kind::binary;
  if (first->kind != wanted) return instead(*first);
  return judge_payload(expect, *first, scene, Judgement::Take::front);
}

// A ping behind the fault may be answered by a part of the target that has not heard of the fault yet: what
// counts is whether the connection fails all the same.
Judgement judge_fail(const ExpectFail& expect, const Scene& scene, bool lenient) {
  const int pong = pong_after_fault(scene);
  const Arrival* first = front(scene);
  Judgement answer;
  if (!first) {
    if (pong < 0) return answer;
    answer.hurry = true;
    answer.reason =
        "it neither closed nor dropped the connection, and answered a ping sent at or behind the fault";
    answer.event = scene.talk.inbox.pongs[static_cast<std::size_t>(pong)].event;
    return answer;
  }
  answer = Judgement::met(Judgement::Take::nothing);
  answer.event = first->event;
  if (pong >= 0) {
    answer.weak = true;
    answer.reason = "it answered a ping sent at or behind the fault before it failed the connection";
  }
  if (first->kind == Kind::end) {
    answer.note = "it ended TCP without a Close frame (a SHOULD that one case judges)";
    return answer;
  }
  if (first->is_data() && scene.talk.outgoing.said().shows_fault(first->payload)) {
    return Judgement::not_met(describe(*first) + " came, which answers what stands at or behind the fault",
                              first->event);
  }
  if (first->kind != Kind::close) return instead(*first);
  const CloseBody body = parse_close(first->payload);
  answer.take = Judgement::Take::close_then_end;
  if (code_listed(expect.codes, body.code, scene) || expect.codes.empty()) return answer;
  const std::string reason = describe(*first) + " came instead of " + print_codes(expect.codes, scene);
  // When we closed first, another code only acknowledges our Close: the fault was not seen.
  if (scene.talk.outgoing.close_sent() || !lenient) return Judgement::not_met(reason, first->event);
  answer.weak = true;
  answer.reason = reason;
  return answer;
}

/// `has close_notify`, `lacks close_notify`: how TLS ended.
bool ends_as_wanted(const std::vector<Condition>& conditions, const Arrival& end) {
  return std::ranges::all_of(conditions,
                             [&](const Condition& one) { return one.has == (end.end == End::fin); });
}

Judgement judge_end(const Scene& scene, bool fin, bool reset, const std::vector<Condition>& conditions = {}) {
  for (const Arrival& arrival :
       scene.talk.inbox.main) {  // A Close frame on the way to the end is no surprise.
    if ((arrival.kind == Kind::close && !arrival.again) || arrival.kind == Kind::ping) continue;
    if (arrival.kind != Kind::end) return instead(arrival);
    const bool ok = (arrival.end == End::reset ? reset : fin) && ends_as_wanted(conditions, arrival);
    Judgement answer = ok ? Judgement::met(Judgement::Take::nothing) : instead(arrival);
    answer.event = arrival.event;
    return answer;
  }
  return Judgement::pending();
}

/// What the other end opened with.
const char* head_name(const Scene& scene) {
  return scene.talk.ours == Role::client ? "reply" : "request";
}

/// `name` is that of an extension in the list, or of a parameter of one.
bool names_in_extensions(std::string_view list, std::string_view name) {
  const auto all = parse_extensions(list);
  return all && std::ranges::any_of(*all, [&](const ExtensionOffer& one) {
           return same_text(one.name, name) ||
                  std::ranges::any_of(one.parameters, [&](const ExtensionParameter& parameter) {
                    return same_text(parameter.name, name);
                  });
         });
}

/// Words of a request's line that a condition may be about, as if they were fields.
bool is_of_request_line(std::string_view name) {
  return same_text(name, "request-target") || same_text(name, "request-method") ||
         same_text(name, "request-form");
}

/// What a condition is about: a field, or the method, the form or the target of a request, without the
/// authority that it may name (RFC 9112 3.2).
std::optional<std::string> subject_of(const Condition& condition, const Head& head) {
  if (!is_of_request_line(condition.header)) return head.joined(condition.header);
  const auto line = parse_request_line(head.start);
  if (!line) return std::nullopt;
  if (same_text(condition.header, "request-method")) return std::string(line->method);
  if (same_text(condition.header, "request-form"))  // RFC 9112 3.2.
    return std::string(line->target.starts_with('/')                   ? "origin"
                       : line->target.find("://") == line->target.npos ? "authority"
                                                                       : "absolute");
  const std::string_view target = line->target;
  constexpr std::string_view kAbsolute = "http://";
  if (!same_text(target.substr(0, kAbsolute.size()), kAbsolute)) return std::string(target);
  return std::string(target.substr(std::min(target.find('/', kAbsolute.size()), target.size())));
}

bool condition_holds(const Condition& condition, const Head& head, const Scene& scene, std::string& why) {
  if (condition.kept) {
    why =
        scene.across ? changed_field(condition.header, scene.across->said(), head) : "there is no other end";
    return why.empty();
  }
  const auto joined = subject_of(condition, head);
  if (!condition.value) {
    const bool present = joined.has_value();
    if (present == condition.has) return true;
    why = fmt::format("the {} {} a {} field", head_name(scene), present ? "has" : "lacks", condition.header);
    return false;
  }
  auto wanted = evaluate(*condition.value, scene.environment);
  if (!wanted) return why = wanted.error().what, false;
  const bool exact = wanted->find_first_of(" ;,\"") != Bytes::npos || is_of_request_line(condition.header);
  const bool holds = joined && (exact ? *joined == *wanted
                                      : head.has_token(condition.header, *wanted) ||
                                            (same_text(condition.header, "Sec-WebSocket-Extensions") &&
                                             names_in_extensions(*joined, *wanted)));
  if (holds == condition.has) return true;
  why = fmt::format("the {}'s {} field is {}", head_name(scene), condition.header,
                    joined ? quote(*joined) : "absent");
  return false;
}

/// `lacks Sec-WebSocket-Protocol`, and the reply grants just what the user has us offer with every request.
bool is_granted_wish(const Condition& condition, const Head& reply, const Scene& scene) {
  constexpr std::string_view kProtocol = "Sec-WebSocket-Protocol";
  if (condition.has || condition.value || !same_text(condition.header, kProtocol)) return false;
  return !scene.profile.subprotocol.empty() && reply.joined(kProtocol) == scene.profile.subprotocol &&
         scene.talk.request().has_token(kProtocol, scene.profile.subprotocol);
}

Judgement judge_conditions(const std::vector<Condition>& conditions, const Arrival& arrival,
                           const Scene& scene) {
  for (const Condition& condition : conditions) {
    std::string why;
    if (is_granted_wish(condition, arrival.head, scene)) continue;
    if (!condition_holds(condition, arrival.head, scene, why)) return Judgement::not_met(why, arrival.event);
  }
  Judgement answer = Judgement::met(Judgement::Take::front);
  answer.event = arrival.event;
  return answer;
}

Judgement judge_secured(const ExpectSecured& expect, const Scene& scene) {
  const Arrival* first = front(scene);
  if (!first) return Judgement::pending();
  if (first->kind != Kind::secured) return instead(*first);
  Judgement answer = judge_conditions(expect.conditions, *first, scene);
  if (answer.kind == Judgement::Kind::mismatch) answer.reason = describe(*first) + " was agreed upon";
  return answer;
}

bool covers(const Scene& scene, std::string_view requirement) {
  return std::ranges::find(scene.covers, requirement) != scene.covers.end();
}

/// A fault that every client meets, in a case that is about something else.
bool is_elsewhere_judged(const Violation& violation, const Scene& scene) {
  return scene.profile.quirks.contains(violation.what) && !covers(scene, violation.requirement);
}

/// What our other end has sent was no right 101 either: what a hop makes of it is asked by conditions alone.
bool is_broken_by_us(const Scene& scene) {
  if (scene.across == nullptr) return false;
  Reply reply;
  return !check_reply(scene.across->outgoing.head(), scene.talk.request(), reply).empty();
}

Judgement judge_upgrade(const ExpectUpgrade& expect, const Scene& scene) {
  const Arrival* first = front(scene);
  if (!first) return Judgement::pending();
  if (first->kind != Kind::head || first->status != 101) return instead(*first);
  Reply reply;
  std::string noted;
  const bool ours = is_broken_by_us(scene);
  for (const Violation& violation : check_reply(first->head, scene.talk.request(), reply)) {
    if (ours) break;
    if (is_elsewhere_judged(violation, scene)) {
      noted = "its 101 reply is not right: " + violation.what;
      continue;
    }
    Judgement answer = Judgement::not_met("its 101 reply is wrong: " + violation.what, first->event);
    answer.requirement = violation.requirement;
    return answer;
  }
  Judgement answer = judge_conditions(expect.conditions, *first, scene);
  if (answer.note.empty()) answer.note = noted;
  for (const Violation& poor : reply.poorer) {
    if (answer.kind != Judgement::Kind::matched || !covers(scene, poor.requirement)) continue;
    answer.weak = true;
    answer.reason = "its 101 reply: " + poor.what;
  }
  return answer;
}

/// The request of our other end, as the hop made it for this one.
Judgement judge_forwarded(const ExpectRequest& expect, const Scene& scene) {
  const Arrival* first = front(scene);
  const bool refused = scene.talk.outgoing.head_sent() || scene.talk.half_closed;
  if (first && !(refused && first->kind == Kind::end)) {
    if (first->kind != Kind::head) return instead(*first);
    return judge_conditions(expect.conditions, *first, scene);
  }
  // Behind a refusal, or an end without an answer, the hop may come back on another connection.
  for (const Arrival& answer : scene.across->inbox.main)
    return Judgement::not_met("no request came, and the client got: " + describe(answer), answer.event);
  return Judgement::pending();
}

constexpr std::size_t kSpareOfRead = 64 * 1024;

Judgement judge_kept(const Scene& scene) {
  if (scene.across == nullptr) return broken({"", "there is no other end", ""});
  const Bytes &sent = scene.across->crossing, &came = scene.talk.inbox.raw;
  const auto agreed = scene.talk.agreed;
  if (agreed < came.size() && came.size() + kSpareOfRead < sent.size() && !scene.talk.inbox.ended) {
    // Much is still to come, and to read all frames each time is work.
    Judgement answer = Judgement::pending();
    answer.hurry = true;
    answer.reason = fmt::format("other octets came from octet {} of {} on", agreed, sent.size());
    return answer;
  }
  Way way = way_to(scene.talk, *scene.across);
  way.leaves = scene.leaves;
  const Kept kept = compare_kept(sent, came, way, agreed);
  const bool refused = kept.level == Kept::Level::refused;
  if (kept.level == Kept::Level::changed || refused) return Judgement::not_met(kept.what);
  if (kept.level == Kept::Level::part && kept.farewell > 0)
    return Judgement::not_met(
        fmt::format("a Close of the hop's own came in place of {} octets", sent.size()));
  if (kept.level == Kept::Level::part && scene.talk.inbox.ended)
    return Judgement::not_met(fmt::format("the end came behind {} of {} octets", came.size(), sent.size()));
  if (kept.level == Kept::Level::part) return Judgement::pending();
  Judgement answer = Judgement::met(Judgement::Take::raw);
  answer.raw_octets = came.size() - kept.farewell;
  if (kept.level == Kept::Level::frames) answer.note = "the frames came with other masks";
  if (kept.level == Kept::Level::messages) answer.note = "the messages came in other fragments";
  if (kept.level == Kept::Level::closed) answer.note = "the hop has closed by itself";
  return answer;
}

Judgement judge_request(const ExpectRequest& expect, const Scene& scene) {
  if (scene.across != nullptr) return judge_forwarded(expect, scene);
  const Arrival* first = front(scene);
  if (!first) return Judgement::pending();
  if (first->kind != Kind::head) return instead(*first);
  std::string noted;
  const auto line = parse_request_line(first->head.start);
  const bool of_tunnel = line && line->method == "CONNECT";  // It is for a proxy, and no opening handshake.
  for (const Violation& violation :
       of_tunnel ? std::vector<Violation>{} : check_request_of_client(first->head)) {
    // A client asks alike each time: the cases about its request judge that, not all others as well.
    if (!scene.covers.empty() && !covers(scene, violation.requirement)) {
      noted = "its opening request is not right: " + violation.what;
      continue;
    }
    Judgement answer = Judgement::not_met("its opening request is wrong: " + violation.what, first->event);
    answer.requirement = violation.requirement;
    return answer;
  }
  Judgement answer = judge_conditions(expect.conditions, *first, scene);
  if (answer.note.empty()) answer.note = noted;
  return answer;
}

// We are the server: a client that refuses our answer ends TCP, or asks anew. A frame shows that it took the
// answer for a success; a Close only that it is polite where nothing was established.
Judgement judge_given_up(const Scene& scene) {
  constexpr const char* kTaken = ": it took our answer for a success";
  if (const auto& pongs = scene.talk.inbox.pongs; !pongs.empty())
    return Judgement::not_met(describe(pongs.front()) + " came" + kTaken, pongs.front().event);
  const Arrival* first = front(scene);
  if (!first) return Judgement::pending();
  Judgement answer = Judgement::met(Judgement::Take::nothing);
  answer.event = first->event;
  if (first->kind == Kind::end || first->kind == Kind::head) return answer;
  if (first->kind != Kind::close) {
    answer = instead(*first);
    if (first->kind != Kind::fault) answer.reason = describe(*first) + " came" + kTaken;
    return answer;
  }
  answer.take = Judgement::Take::close_then_end;
  answer.weak = true;
  answer.reason = "it refused our answer by a Close frame, though no connection was established";
  return answer;
}

Judgement judge_refused(const ExpectRefused& expect, const Scene& scene) {
  if (scene.talk.ours == Role::server) return judge_given_up(scene);
  const Arrival* first = front(scene);
  if (!first) {
    Judgement answer = Judgement::pending();
    // A hop that has passed the request on waits for our answer.
    answer.hurry = scene.across != nullptr && !scene.across->inbox.main.empty();
    if (answer.hurry) answer.reason = "the request was passed on";
    return answer;
  }
  if (first->kind == Kind::end) {
    const bool any = expect.statuses.empty() && expect.conditions.empty();
    Judgement answer = any ? Judgement::met(Judgement::Take::nothing) : instead(*first);
    answer.note = any ? "it ended TCP without an HTTP answer" : "";
    answer.event = first->event;
    return answer;
  }
  if (first->kind != Kind::head) return instead(*first);
  if (first->status == 101) return Judgement::not_met("it accepted the handshake with 101", first->event);
  if (!expect.statuses.empty() &&
      !code_listed(expect.statuses, static_cast<std::uint16_t>(first->status), scene)) {
    return Judgement::not_met(
        fmt::format("it answered {} instead of {}", first->status, print_codes(expect.statuses, scene)),
        first->event);
  }
  Judgement answer = judge_conditions(expect.conditions, *first, scene);
  if (answer.kind == Judgement::Kind::matched && first->cut) {
    answer.weak = true;
    answer.reason = "its answer ends before the body that it announced (RFC 9112 section 8)";
  }
  return answer;
}

Judgement judge_bytes(const ExpectBytes& expect, const Scene& scene) {
  auto wanted = evaluate(expect.payload, scene.environment);
  if (!wanted) return broken(wanted.error());
  const Bytes& raw = scene.talk.inbox.raw;
  const std::size_t common = std::min(raw.size(), wanted->size());
  if (raw.compare(0, common, *wanted, 0, common) != 0) {
    return Judgement::not_met("other octets came: " + print_payload(BytesView(raw).substr(0, 200), 400));
  }
  if (raw.size() < wanted->size())
    return scene.talk.inbox.ended ? Judgement::not_met("the end came first") : Judgement::pending();
  Judgement answer = Judgement::met(Judgement::Take::raw);
  answer.raw_octets = wanted->size();
  return answer;
}

// Whether the first of what has come may belong to a series: a message of its kind. Which, the stage finds
// out.
Judgement judge_series(const MessageSeries& series, const Scene& scene) {
  const Arrival* first = front(scene);
  if (first == nullptr) return Judgement::pending();
  if (first->kind != (series.binary ? Kind::binary : Kind::text)) return instead(*first);
  return Judgement::met(Judgement::Take::nothing);
}

}  // namespace

Way way_to(const Conversation& here, const Conversation& across) {
  const Conversation& server = here.ours == Role::server ? here : across;
  Way way{across.ours, server.outgoing.head().joined("Sec-WebSocket-Extensions").has_value()};
  if (here.outgoing.close_sent()) way.closed = here.outgoing.close_code();
  return way;
}

int pong_after_fault(const Scene& scene) {
  for (std::size_t i = 0; i < scene.talk.inbox.pongs.size(); ++i) {
    const auto& payload = scene.talk.inbox.pongs[i].payload;
    const auto asked = scene.talk.outgoing.unanswered_ping(payload);
    const bool behind = asked && scene.talk.outgoing.ping_behind_fault(*asked);
    if (behind || (!asked && scene.talk.outgoing.said().shows_broken_ping(payload)))
      return static_cast<int>(i);
  }
  return -1;
}

bool is_earlier_echo(const Scene& scene) {
  const Arrival* first = front(scene);
  if (!first || (first->kind != Kind::text && first->kind != Kind::binary)) return false;
  const auto& messages = scene.talk.outgoing.messages;
  return std::ranges::any_of(messages, [&](const auto& message) {
    return message.text == (first->kind == Kind::text) && message.payload == first->payload;
  });
}

Judgement judge(const Step& step, const Scene& scene, bool lenient) {
  const Statement& statement = step.statement;
  if (const auto* series = std::get_if<ExpectSeries>(&statement)) return judge_series(series->series, scene);
  if (const auto* frame = std::get_if<ExpectFrame>(&statement)) return judge_frame(*frame, scene);
  if (const auto* fail = std::get_if<ExpectFail>(&statement)) return judge_fail(*fail, scene, lenient);
  if (const auto* eof = std::get_if<ExpectEof>(&statement))
    return judge_end(scene, true, false, eof->conditions);
  if (const auto* secured = std::get_if<ExpectSecured>(&statement)) return judge_secured(*secured, scene);
  if (std::holds_alternative<ExpectReset>(statement)) return judge_end(scene, false, true);
  if (std::holds_alternative<ExpectGone>(statement)) return judge_end(scene, true, true);
  if (const auto* bytes = std::get_if<ExpectBytes>(&statement)) return judge_bytes(*bytes, scene);
  if (std::holds_alternative<ExpectKept>(statement)) return judge_kept(scene);
  if (const auto* upgrade = std::get_if<ExpectUpgrade>(&statement)) return judge_upgrade(*upgrade, scene);
  if (const auto* refused = std::get_if<ExpectRefused>(&statement)) return judge_refused(*refused, scene);
  if (const auto* request = std::get_if<ExpectRequest>(&statement)) return judge_request(*request, scene);
  if (const auto* stomp = std::get_if<ExpectStomp>(&statement)) return judge_stomp(*stomp, scene);
  if (std::holds_alternative<ExpectError>(statement)) return judge_error(scene);
  if (std::holds_alternative<ExpectBeat>(statement)) return judge_beat(scene);
  if (std::holds_alternative<Quiet>(statement)) {
    const Arrival* first = front(scene);
    return first ? instead(*first) : Judgement::pending();
  }
  return broken({"", "this line awaits nothing", ""});
}

}  // namespace wsspec
