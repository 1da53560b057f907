#include "peer/peer.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/liberties.h"
#include "peer/ws_url.h"
#include "protocol/close.h"
#include "protocol/handshake.h"
#include "protocol/mix.h"

namespace wsspec {
namespace {

// Echoes that a client does not fetch are its own trouble up to this size; beyond, the connection is dropped.
constexpr std::size_t kMostUnsent = 256u << 20;
constexpr Duration kBetweenLooks = std::chrono::milliseconds(2);

HeadLimits head_limits(const PeerWorld& world) {
  HeadLimits limits = world.options().head;
  if (world.conduct().most_fields) limits.fields = *world.conduct().most_fields;
  if (world.conduct().unlimited_head) limits = {SIZE_MAX, SIZE_MAX};
  return limits;
}

}  // namespace

PeerWorld::PeerWorld(PeerOptions options, Conduct conduct)
    : options_(std::move(options)),
      conduct_(std::move(conduct)),
      service_{options_.deflate, options_.subprotocols, options_.origins, options_.paths},
      forum_(std::make_shared<Forum>(conduct_, options_.room_itself, options_.room_history)),
      broker_(conduct_.broker) {}

Result<std::shared_ptr<PeerWorld>> PeerWorld::make(PeerOptions options) {
  Conduct conduct;
  for (const std::string& name : options.defects) {
    const auto defect = find_defect(name);
    if (!defect) return std::unexpected(defect.error());
    (*defect)->apply(conduct);
  }
  for (const std::string& name : options.liberties) {
    const auto liberty = find_liberty(name);
    if (!liberty) return std::unexpected(liberty.error());
    if ((*liberty)->apply_options != nullptr) (*liberty)->apply_options(options);
    if ((*liberty)->apply != nullptr) (*liberty)->apply(conduct);
  }
  if (options.stomp) options.subprotocols = {"v12.stomp", "v11.stomp", "v10.stomp"};
  return std::shared_ptr<PeerWorld>(new PeerWorld(std::move(options), std::move(conduct)));
}

void PeerWorld::invite(Invited invited) {
  auto url = read_ws_url(invited.url);
  takes_url_ = (url.faults & ~conduct_.overlooks_in_url) == 0;
  options_.host = std::move(url.host);
  destination_ = std::move(url.destination);
  options_.target = std::move(url.target) + (conduct_.sends_fragment ? url.fragment : "");
  options_.fields = std::move(invited.fields);
  options_.closes_first = invited.closes_first;
  options_.proxy = std::move(invited.proxy);
  elsewhere_.clear();
}

void PeerWorld::join(std::shared_ptr<Forum> broker, unsigned node) {
  forum_ = std::move(broker);
  node_ = node;
}

void PeerWorld::restart() {
  crashed_ = false;
  hung_ = false;
  draining_ = false;
  slots_lost_ = 0;
}

Peer::Peer(std::shared_ptr<PeerWorld> world)
    : world_(std::move(world)),
      conduct_(world_->conduct()),
      role_(world_->options().role),
      head_(head_limits(*world_)),
      sender_(role_, conduct_, s_, outbox_,
              world_->options().seed ^ ++world_->connections_ * 0x9e3779b97f4a7c15),
      receiver_(role_, conduct_, world_->options().limits, s_, *this),
      keep_alive_(world_->options().keep_alive, conduct_.keep_alive),
      member_(std::uint64_t{world_->node_} << 32 | world_->connections_) {
  outbox_.pace(conduct_.segment, conduct_.delay);
  s_.commons = &world_->commons_;
  s_.number = world_->connections_;
  uproars_ = s_.commons->uproars;
  heads_ = s_.commons->memo;
}

Peer::~Peer() {
  count_in(nullptr);
  world_->forum_->leave(member_);
  if (s_.commons->owner == s_.number) s_.commons->owner = 0;
  if (s_.commons->unread == s_.number) s_.commons->unread = 0;
}

void Peer::count_in(std::atomic<unsigned>* count) {
  if (counted_ == count) return;
  if (counted_ != nullptr) --*counted_;
  if (count != nullptr) ++*count;
  counted_ = count;
}

Action Peer::next(Instant now) {
  now_ = now;
  if (world_->crashed()) return over(Action::Kind::reset);
  if (phase_ == Phase::over) return over(last_);
  if (world_->hung()) return Action::wait();
  if (world_->paused()) return Action::stall(now + kBetweenLooks);
  if (world_->draining() && phase_ == Phase::open && !conduct_.ignores_drain) drain();
  if (is_dropped_with_another()) return over(Action::Kind::reset);
  if (const auto wait = wait_for_another(now)) return *wait;
  if (phase_ == Phase::head) time_out(now);
  if (s_.in_room) hear(now);
  if (stomp_) serve_session(now);
  if (phase_ == Phase::open) keep_alive();
  if (const auto write = outbox_.next(now)) return *write;
  if (phase_ == Phase::leaving || phase_ == Phase::lingering) return depart(now);
  // Nobody calls when another member says something, or something is done to the node.
  if (s_.in_room || stomp_ || world_->node_ != 0) return Action::wait(now + kBetweenLooks);
  return Action::wait(phase_ == Phase::head ? deadline_ : keep_alive_.next());
}

void Peer::keep_alive() {
  switch (keep_alive_.due(now_)) {
    case KeepAlive::Due::nothing: return;
    case KeepAlive::Due::ping: return sender_.control(Opcode::ping, keep_alive_.ping(now_));
    case KeepAlive::Due::leave: return give_up();
  }
}

// Its own decision, which is no fault of the connection (RFC 6455 7.1.7).
void Peer::give_up() {
  const KeepAliveConduct& how = conduct_.keep_alive;
  if (keep_alive_.misses_pong()) suffer(Moment::no_pong);
  Farewell farewell;
  farewell.cause = Farewell::Cause::application;
  farewell.sends_close = !how.bare && !how.resets;
  farewell.body = make_close(how.code, how.code ? "nobody there?" : "");
  farewell.tcp = how.resets ? Tcp::reset : Tcp::fin;
  say_farewell(std::move(farewell), {});
}

// The node is about to go away: others serve (RFC 6455 7.4.1, the registry's 1012).
void Peer::drain() {
  constexpr std::uint16_t kServiceRestart = 1012;
  Farewell farewell;
  farewell.cause = Farewell::Cause::drain;
  farewell.body = make_close(kServiceRestart, "restarting");
  say_farewell(std::move(farewell), {});
}

// What members of the room have said meanwhile.
void Peer::hear(Instant now) {
  Forum& forum = *world_->forum_;
  forum.owes(member_, outbox_.octets());
  const std::size_t most = conduct_.room_most_unread == 0 ? kMostUnsent : conduct_.room_most_unread;
  if (outbox_.octets() > most && phase_ == Phase::open) {
    outbox_.clear();
    leave_room(Moment::member_gone);
    return leave(Tcp::reset);
  }
  const std::size_t stuck = conduct_.room_waits_for_unread;
  if (phase_ != Phase::open || (stuck != 0 && forum.waits_for_other(member_, stuck))) return;
  if (conduct_.room_batch > Duration::zero()) {
    if (heard_ == kNever) heard_ = now + conduct_.room_batch;
    if (now < heard_) return;
    heard_ = kNever;
  }
  while (const auto delivery = forum.take(member_)) sender_.message(delivery->opcode, delivery->payload);
}

// Frames, heart-beats and the end of a session of STOMP.
void Peer::serve_session(Instant now) {
  while (const auto out = stomp_->next(now)) sender_.message(out->text ? 1 : 2, out->octets);
  if (phase_ != Phase::open) return;
  if (outbox_.octets() > kMostUnsent) {
    outbox_.clear();
    return leave(Tcp::reset);
  }
  if (!stomp_->over(now)) return;
  Farewell farewell;
  farewell.cause = Farewell::Cause::application;
  farewell.body = make_close(stomp_->failed() ? 1002 : 1000);
  say_farewell(std::move(farewell), {});
}

void Peer::enter_room(const std::string& room) {
  s_.in_room = true;
  world_->forum_->enter(member_, room, world_->node_);
}

void Peer::leave_room(Moment moment) {
  if (!std::exchange(s_.in_room, false)) return;
  world_->forum_->leave(member_);
  suffer(moment);
}

// True when the message was for the room, and there is no more to do about it.
bool Peer::take_in_room(const ReceivedMessage& message) {
  const auto room = world_->options().room;
  if (room == PeerOptions::Room::none) return false;
  constexpr std::string_view kJoin = "/join ", kLeave = "/leave";
  const bool commands = room == PeerOptions::Room::commands && message.opcode == 1;
  if (commands && message.payload.starts_with(kJoin)) {
    enter_room(std::string(message.payload.substr(kJoin.size())));
  } else if (commands && s_.in_room && message.payload == kLeave) {
    if (!conduct_.forgets_leaver) leave_room(Moment::member_left);
  } else if (s_.in_room) {
    world_->forum_->say(member_, message.opcode, message.payload);
  } else {
    return false;
  }
  return true;
}

bool Peer::is_dropped_with_another() const {
  const Commons& all = *s_.commons;
  return all.uproars != uproars_ || (all.dropped != 0 && all.dropped == s_.number);
}

// Also where octets that wait are overwritten by what another connection was sent.
std::optional<Action> Peer::wait_for_another(Instant now) {
  Commons& all = *s_.commons;
  constexpr std::size_t kMuch = 4096;
  if (conduct_.shares_send_buffer && outbox_.octets() >= kMuch && all.belongs_to_other(s_.number))
    outbox_.spoil(all.octets);
  if (conduct_.waits_for_unread == 0) return std::nullopt;
  const bool unread = outbox_.octets() >= conduct_.waits_for_unread;
  if (unread) all.unread = s_.number;
  if (!unread && all.unread == s_.number) all.unread = 0;
  if (all.unread == 0 || all.unread == s_.number) return std::nullopt;
  return Action::wait(now + std::chrono::milliseconds(20));
}

void Peer::received(MutableBytes bytes, Instant now) {
  now_ = now;
  if (world_->crashed() || world_->hung()) return;
  ++s_.chunks;
  s_.frames_in_chunk = 0, s_.pings_in_chunk = 0;
  if (conduct_.mishears != nullptr) bytes = conduct_.mishears(bytes, s_);
  if (phase_ == Phase::head) {
    role_ == Role::server ? read_head(bytes) : read_reply(bytes);
  } else if (phase_ == Phase::open) {
    read_frames(bytes);
  }
  if (conduct_.waits_for_unread != 0 && outbox_.octets() >= conduct_.waits_for_unread)
    s_.commons->unread = s_.number;
  if (outbox_.octets() > kMostUnsent) {
    outbox_.clear();
    leave(Tcp::reset);
  }
  if (outbox_.is_blocked()) spoil_blocked();
}

bool Peer::reading() const {
  if (world_->paused()) return false;
  return conduct_.reads_up_to == 0 || outbox_.octets() < conduct_.reads_up_to;
}

void Peer::spoil_blocked() {
  const bool again = conduct_.when_blocked == WhenBlocked::piece_again;
  if (!again && conduct_.when_blocked != WhenBlocked::rest_lost) return;
  if (std::exchange(spoilt_, true)) return;
  again ? outbox_.repeat_piece() : outbox_.lose_rest();
}

void Peer::suffer_end(End how) {
  constexpr Duration kLate = std::chrono::milliseconds(500);
  const bool reset = how == End::reset;
  if (outbox_.is_blocked()) suffer(reset ? Moment::blocked_reset : Moment::blocked_fin);
  if (reset && refused_at_)
    suffer(now_ - *refused_at_ < kLate ? Moment::refused_reset : Moment::late_refused_reset);
  if (reset) suffer(Moment::peer_reset);
}

void Peer::ended(End how, Instant now) {
  now_ = now;
  peer_ended_ = true;
  suffer_end(how);
  leave_room(Moment::member_gone);
  if (stomp_) stomp_->end();
  if (how == End::reset) {
    phase_ = Phase::over;
    return;
  }
  if (phase_ == Phase::head) suffer(head_.raw().empty() ? Moment::silent_end : Moment::cut_head);
  if (s_.in_message()) suffer(Moment::cut_message);
  if (conduct_.ignores_fin) return;
  if (phase_ == Phase::open) receiver_.end();
  if (phase_ == Phase::open && conduct_.fin_drops_echoes) outbox_.clear();
  if (phase_ == Phase::head || phase_ == Phase::open || leave_ == Tcp::stays) leave(Tcp::close);
}

void Peer::time_out(Instant now) {
  if (!std::exchange(started_, true)) {
    if (role_ == Role::client) request();
    if (!conduct_.never_times_out) deadline_ = now + world_->options().handshake_timeout;
  }
  if (now < deadline_) return;
  if (role_ == Role::client) return leave(Tcp::close);
  answer(refusal(408, {}, "the request did not arrive in time"));
}

// RFC 9110 9.3.6, with no more than the proxy has to know.
void Peer::ask_proxy() {
  const PeerOptions& options = world_->options();
  tunnel_ = Tunnel::asked;
  std::vector<Field> fields = {{"Host", world_->destination_}};
  if (!options.proxy->empty())
    fields.push_back({"Proxy-Authorization", "Basic " + base64_encode(*options.proxy)});
  if (conduct_.tells_proxy_all) fields.insert(fields.end(), options.fields.begin(), options.fields.end());
  Head head;
  head.start = "CONNECT " + world_->destination_ + " HTTP/1.1";
  head.fields = std::move(fields);
  if (conduct_.misasks_proxy != nullptr) conduct_.misasks_proxy(head);
  outbox_.append(render_head(head.start, head.fields));
}

void Peer::take_tunnel(const Head& reply) {
  const auto line = parse_status_line(reply.start);
  const int status = line ? line->status : 0;
  if (status >= 100 && status < 200) return;
  const bool opened = conduct_.sees_tunnel != nullptr ? conduct_.sees_tunnel(reply) : status / 100 == 2;
  if (!opened) return leave(Tcp::fin);
  tunnel_ = Tunnel::open;
  request();
}

// RFC 6455 4.1: a client asks, and is silent until it is answered.
void Peer::request() {
  const PeerOptions& options = world_->options();
  if (options.proxy && tunnel_ == Tunnel::none && !conduct_.asks_without_tunnel && !conduct_.knows_no_proxy)
    return ask_proxy();
  Bytes nonce;
  for (const std::uint64_t half : {1, 2})
    append_big_endian(nonce, mix(options.seed ^ mix(2 * (conduct_.repeats_nonce ? 1 : s_.number) + half)), 8);
  if (conduct_.misdraws != nullptr) conduct_.misdraws(nonce, s_.number);
  const bool elsewhere = !world_->elsewhere_.empty();
  Wish wish{elsewhere ? world_->elsewhere_ : options.host, options.target, options.deflate,
            options.subprotocols, options.fields};
  // RFC 9110 15.4: what was meant for one origin is nothing for another.
  if (elsewhere && !conduct_.tells_secrets_elsewhere)
    for (const char* name : {"Authorization", "Cookie"}) edits::drop(wish.fields, name);
  if (options.proxy && conduct_.tells_server_of_proxy)
    wish.fields.push_back({"Proxy-Authorization", "Basic " + base64_encode(*options.proxy)});
  request_ = ask(wish, nonce, conduct_, s_);
  if (options.proxy && conduct_.asks_without_tunnel) request_.start.insert(4, "http://" + options.host);
  const Bytes octets = render_head(request_.start, request_.fields);
  outbox_.append(octets);
  if (conduct_.asks_twice) outbox_.append(octets);
  if (conduct_.speaks_early) sender_.message(1, "first");
}

void Peer::read_reply(MutableBytes bytes) {
  BytesView rest = view(bytes);
  if (conduct_.awaits_head_whole && !head_.raw().empty()) return;
  if (!head_.feed(rest)) {
    if (head_.too_large() || !may_become_reply(head_.raw())) leave(Tcp::fin);
    return;
  }
  const Head reply = head_.head();
  if (tunnel_ == Tunnel::asked) {
    head_ = HeadParser(head_limits(*world_));
    take_tunnel(reply);
    return rest.empty() || phase_ != Phase::head ? void() : read_reply(bytes.last(rest.size()));
  }
  const auto outcome = weigh(reply, request_, conduct_);
  if (outcome.kind == Outcome::Kind::interim) {
    head_ = HeadParser(head_limits(*world_));
    return rest.empty() ? void() : read_reply(bytes.last(rest.size()));
  }
  if (outcome.kind == Outcome::Kind::refused) note_refusal(reply);
  if (outcome.kind == Outcome::Kind::refused ||
      (conduct_.dislikes != nullptr && conduct_.dislikes(reply, request_))) {
    suffer(Moment::bad_request);
    if (conduct_.closes_refused) sender_.control(Opcode::close, make_close(1002));
    return leave(conduct_.leaves_refused_open ? Tcp::stays : conduct_.resets_refused ? Tcp::reset : Tcp::fin);
  }
  begin(outcome.deflate);
  if (!rest.empty() && !conduct_.loses_early_frames) read_frames(bytes.last(rest.size()));
}

// Only the host matters here: whoever drives us reaches the one server that there is.
void Peer::follow(const std::string& location) {
  const auto url = read_ws_url(location);
  const bool relative = (url.faults & bit(UrlFault::scheme)) != 0;
  if (conduct_.comeback.redirects != 0 && !relative && url.host != world_->options().host)
    world_->elsewhere_ = url.host;
}

// What it means for the next connection.
void Peer::note_refusal(const Head& reply) {
  const auto line = parse_status_line(reply.start);
  redirected_ = line && line->status / 100 == 3 && reply.count("Location") == 1;
  if (redirected_) follow(reply.joined("Location").value_or(""));
  const std::string text = reply.joined("Retry-After").value_or("");
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) retry_after_ = std::chrono::seconds(seconds);
  // A date: without a clock none is near.
  if (text.ends_with(" GMT") && !conduct_.comeback.knows_no_dates) retry_after_ = std::chrono::hours(24);
}

Departure Peer::departure() const {
  const Duration lasted = opened_at_ ? now_ - *opened_at_ : Duration::zero();
  return {opened_at_.has_value(), lasted, redirected_, retry_after_};
}

void Peer::read_head(MutableBytes bytes) {
  BytesView rest = view(bytes);
  if (head_.raw().empty()) heads_ = s_.commons->memo;
  count_in(&s_.commons->half_heads);
  if (head_.feed(rest)) {
    if (!survives(head_.head())) return;
    // What follows on this connection waits as long.
    if (conduct_.ponders != nullptr) outbox_.pace(conduct_.segment, conduct_.ponders(head_.head()));
    if (conduct_.half_heads_at_once != 0 && s_.commons->half_heads > conduct_.half_heads_at_once) return;
    count_in(nullptr);
    Head request = head_.head();
    if (conduct_.shares_field != nullptr) mix_up(request);
    const bool full = conduct_.most_open != 0 && s_.commons->open >= conduct_.most_open;
    answer(full ? refusal(503, {}, "too many connections")
                : answer_request(std::move(request), head_.raw(), world_->service_, conduct_));
    if (phase_ == Phase::head && !rest.empty()) return read_head(bytes.last(rest.size()));
    if (phase_ == Phase::open && !rest.empty() && !conduct_.loses_early_frames)
      read_frames(bytes.last(rest.size()));
  } else if (head_.too_large()) {
    suffer(Moment::long_head);
    answer(refusal(431, {}, "the request is too large"));
  } else if (!may_become_request(head_.raw())) {
    answer(refuse_malformed());  // Whatever it is, waiting for an empty line would be in vain.
  }
}

// The value that came last in a whole request, when another one was completed since this one began.
void Peer::mix_up(Head& request) {
  Commons& all = *s_.commons;
  const std::string own = request.joined(conduct_.shares_field).value_or("");
  const bool mixed = all.memo != heads_;
  const Bytes value = mixed ? all.octets : Bytes(own);
  all.octets = own;
  ++all.memo;
  if (!mixed) return;
  edits::drop(request.fields, conduct_.shares_field);
  if (!value.empty()) edits::set(request.fields, conduct_.shares_field, value);
}

bool Peer::survives(const Head& request) {
  if (conduct_.dies_of_request != nullptr && conduct_.dies_of_request(request)) world_->crashed_ = true;
  if (conduct_.hangs_on_request != nullptr && conduct_.hangs_on_request(request)) world_->hung_ = true;
  return !world_->crashed_ && !world_->hung_;
}

void Peer::answer(const Answer& answer) {
  if (!answer.silent) outbox_.append(render_answer(answer));
  if (!answer.accepted) {
    suffer(Moment::bad_request);
    refused_at_ = now_;
    if (answer.serves_next) {
      head_ = HeadParser(head_limits(*world_));
      return;
    }
    return leave(answer.stays_open ? Tcp::stays : Tcp::fin);
  }
  begin(answer.deflate);
  if (world_->options().room == PeerOptions::Room::plain) enter_room("");
  if (world_->options().stomp)
    stomp_.emplace(world_->broker_, world_->transactions_, conduct_.broker, *world_->options().stomp,
                   s_.number);
  if (!world_->options().greeting.empty()) sender_.message(1, world_->options().greeting);
}

void Peer::begin(const std::optional<DeflateSettings>& deflate) {
  phase_ = Phase::open;
  opened_at_ = now_;
  deadline_ = kNever;
  count_in(&s_.commons->open);
  s_.open = true;
  keep_alive_.begin(now_);
  receiver_.agree(deflate);
  sender_.agree(deflate);
}

void Peer::read_frames(MutableBytes bytes) {
  if (conduct_.answers_pipelined_request && s_.frames == 0 && view(bytes).starts_with("GET ")) {
    return outbox_.append("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  }
  if (conduct_.greets_again && s_.frames == 0 && !std::exchange(greeted_again_, true))
    sender_.message(1, "nice that you are here");
  keep_alive_.took_octets(bytes.size(), now_);
  receiver_.feed(bytes);
  if (phase_ == Phase::open) settle();
}

void Peer::take_message(const ReceivedMessage& message) {
  constexpr std::uint64_t kFew = 8;
  keep_alive_.took_message(now_);
  if (conduct_.most_unread != 0 && outbox_.octets() > conduct_.most_unread && s_.messages > kFew) {
    outbox_.clear();
    return leave(Tcp::reset);
  }
  if (conduct_.shares_send_buffer) {
    s_.commons->octets = message.payload;
    s_.commons->owner = s_.number;
  }
  if (world_->options().closes_first && !std::exchange(closed_first_, true)) return close_first();
  if (stomp_) return stomp_->take(message.payload, now_);
  if (take_in_room(message)) return;
  if (conduct_.others_speak) sender_.message(1, "somebody else: hello, all");
  if (conduct_.closes_unknown) return close_unknown(message.opcode);
  if (conduct_.answers == Answers::nothing) return;
  if (conduct_.answers == Answers::own_words)
    return sender_.message(
        1, fmt::format(R"({{"error":"not understood","octets":{}}})", message.payload.size()));
  if (conduct_.answers == Answers::binary_text && message.opcode == 2)
    return sender_.message(1, "binary: " + base64_encode(message.payload));
  if (!conduct_.pongs_overtake) return sender_.echo(message);
  held_echoes_.emplace_back(message.opcode, Bytes(message.payload));
}

void Peer::take_ping(BytesView payload) {
  if (!conduct_.newest_pong_only) return sender_.pong(payload);
  held_pong_ = Bytes(payload);
}

void Peer::take_pong(BytesView payload) {
  keep_alive_.took_pong(payload);
  if (conduct_.pong_text) sender_.message(1, payload);
  if (conduct_.pong_pong) sender_.pong(payload);
}

// RFC 6455 7.1.2, and 7.1.1: whoever was told to close waits for the server to end TCP.
void Peer::close_first() {
  Farewell farewell;
  farewell.cause = Farewell::Cause::application;
  farewell.body = make_close(1000);
  waits_for_server_ = true;
  say_farewell(std::move(farewell), {});
}

// As applications do that know a few messages of their own (RFC 6455 7.4.1, 7.4.2).
void Peer::close_unknown(std::uint8_t opcode) {
  Farewell farewell;
  farewell.cause = Farewell::Cause::application;
  farewell.body = make_close(opcode == 2 ? 1003 : s_.frames % 2 == 0 ? 1008 : 4400, "unknown message");
  say_farewell(std::move(farewell), {});
}

// Sends what was held back until the end of the chunk.
void Peer::settle() {
  if (const auto pong = std::exchange(held_pong_, std::nullopt)) sender_.pong(*pong);
  for (const auto& [opcode, payload] : std::exchange(held_echoes_, {}))
    sender_.echo({opcode, payload, nullptr});
}

void Peer::take_close(BytesView payload) {
  const CloseBody body = parse_close(payload);
  Farewell farewell;
  if (conduct_.when_blocked == WhenBlocked::close_unanswered && outbox_.is_blocked())
    farewell.sends_close = false, farewell.tcp = Tcp::stays;
  // Not ahead of the 101, which may wait there, too.
  if (conduct_.close_drops_echoes && s_.chunks > 1) outbox_.clear();
  farewell.body = make_close(body.code);
  waits_for_server_ = role_ == Role::client;
  say_farewell(std::move(farewell), body);
}

void Peer::take_fault(Rule rule, std::uint16_t code, std::string_view what, const FrameHeader& header) {
  if (rule == Rule::limit && s_.compressed) suffer(Moment::bomb);
  if (conduct_.dies_of == nullptr || conduct_.dies_of(rule, header, s_)) suffer(Moment::fault);
  Farewell farewell;
  farewell.cause = Farewell::Cause::fault;
  farewell.body = make_close(code, what);
  say_farewell(std::move(farewell), {});
}

void Peer::say_farewell(Farewell farewell, const CloseBody& received) {
  settle();
  if (conduct_.farewells != nullptr) conduct_.farewells(farewell, received, s_);
  if (farewell.sends_close) sender_.control(Opcode::close, farewell.body);
  outbox_.append(farewell.behind);
  if (farewell.goes_on) return receiver_.resume();
  leave(farewell.tcp);
}

void Peer::leave(Tcp how) {
  leave_room(Moment::member_left);
  if (stomp_) stomp_->end();
  receiver_.stop();
  phase_ = Phase::leaving;
  count_in(&s_.commons->leaving);
  leave_ = how;
}

Action Peer::depart(Instant now) {
  if (leave_ == Tcp::stays) return Action::wait();
  if (leave_ == Tcp::reset) return over(Action::Kind::reset);
  if (leave_ == Tcp::close || peer_ended_) return over(Action::Kind::close);
  if (phase_ == Phase::leaving) {
    phase_ = Phase::lingering;
    deadline_ = now + world_->options().linger;
    // RFC 6455 7.1.1: the server is the one to end TCP; a client should wait for it.
    if (!waits_for_server_ || leave_ != Tcp::fin) return Action::half_close();
    return Action::wait(deadline_);
  }
  return now >= deadline_ ? over(Action::Kind::close) : Action::wait(deadline_);
}

Action Peer::over(Action::Kind kind) {
  count_in(nullptr);
  leave_room(Moment::member_gone);
  phase_ = Phase::over;
  last_ = kind;
  return kind == Action::Kind::reset ? Action::reset() : Action::close();
}

void Peer::suffer(Moment moment) {
  if ((conduct_.crashes_on & bit(moment)) != 0) world_->crashed_ = true;
  if ((conduct_.hangs_on & bit(moment)) != 0) world_->hung_ = true;
  Commons& all = *s_.commons;
  if ((conduct_.uproar_on & bit(moment)) != 0) ++all.uproars;
  if ((conduct_.mistakes_on & bit(moment)) != 0) all.dropped = s_.number - 1;
  const bool loses_slot = conduct_.slots != 0 && (conduct_.slots_on & bit(moment)) != 0;
  if (loses_slot && ++world_->slots_lost_ >= conduct_.slots) world_->hung_ = true;
}

}  // namespace wsspec
