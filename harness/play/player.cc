#include "play/player.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "play/stage.h"
#include "script/check_case.h"
#include "script/print.h"
#include "script/walk.h"

namespace wsspec {

Player::Player(const Case& script, const Profile& profile, const PlayOptions& options)
    : state_(std::make_unique<State>(script, profile, options)) {}
Player::~Player() = default;

namespace {

struct Need {
  std::string_view name, absent;
};
// Said to the user when a case is skipped.
constexpr Need kNeeds[] = {
    {"echo", "the target does not echo messages"},
    {"deflate", "the target declined permessage-deflate"},
    {"loopback", "only against targets on this machine"},
    {"closes-first",
     "it is not declared that the client closes first when it is told to (--closes-first, with --exec)"},
    {"reconnect", "it is not declared that the client connects again (--reconnects)"},
    {"reload", "no command is given that reloads the hop (--reload)"},
    {"stop", "no command is given that stops the hop (--stop)"},
    {"apart",
     "which connections are those of one case is known only where each has a port of its own (--exec)"},
    {"company", "the target does not serve several connections, each for itself"},
    {"http1", "only over HTTP/1.1"},
    {"tls", "only over wss"},
    {"authority", "the client trusts a certificate of its own (--certificate), or none at all (--insecure)"},
    {"url", "the client is not told a URL for each case (--exec does, or --page)"},
    {"proxy", "the client is not told of a proxy (--exec does)"},
    {"greeting", "the target does not speak first"},
    {"subprotocol", "no supported subprotocol is declared (--subprotocols)"},
    {"origins", "no allowed origins are declared (--origins)"},
    {"message-limit", "no message limit is declared (--message-limit)"},
    {"handshake-timeout", "no handshake timeout is declared (--handshake-timeout)"},
    {"ping-interval", "no ping interval is declared (--ping-interval)"},
    {"ping-timeout", "no ping timeout is declared (--ping-timeout)"},
    {"idle-limit", "no idle limit is declared (--idle-limit)"},
    {"routing", "no unserved path is declared (--missing-path)"},
    {"nodes", "its nodes are not declared (--nodes, twice)"},
    {"balancer", "no balancer before its nodes is declared (--balancer)"},
    {"stomp", "it is not declared that the target speaks STOMP (--stomp)"},
    {"stomp-login", "no login of STOMP is declared (--stomp login=NAME)"},
    {"queue", "it is not declared how queues of STOMP are called (--stomp queue=PREFIX)"},
    {"topic", "it is not declared how topics of STOMP are called (--stomp topic=PREFIX)"},
    {"fanout", "who hears a member of a room is not declared (--fanout others or all)"},
    {"fanout-others", "it is not declared that members do not hear themselves (--fanout others)"},
    {"fanout-all", "it is not declared that members hear themselves, too (--fanout all)"},
    {"rooms", "no dialect with several rooms is declared (--dialect join=...{room}...)"},
    {"ordered", "it is declared that there is no order (--order none)"},
    {"order-total", "it is not declared that all hear one order (--order total)"},
    {"slow-buffered", "it is not declared that slow members get all in the end (--slow buffered)"},
    {"slow-dropped", "it is not declared that slow members miss some (--slow dropped)"},
    {"slow-closed", "it is not declared that slow members are sent away (--slow closed)"},
};

bool has_room(const Rooms& rooms, std::string_view need) {
  if (need == "fanout") return rooms.fanout != Fanout::none;
  if (need == "fanout-others") return rooms.fanout == Fanout::others;
  if (need == "fanout-all") return rooms.fanout == Fanout::all;
  if (need == "rooms") return rooms.dialect.has_rooms();
  if (need == "ordered") return rooms.order != Order::none;
  if (need == "order-total") return rooms.order == Order::total;
  if (need == "slow-buffered") return rooms.slow == SlowMember::buffered;
  if (need == "slow-dropped") return rooms.slow == SlowMember::dropped;
  return need == "slow-closed" && rooms.slow == SlowMember::closed;
}

bool has_stomp(const StompTarget& stomp, std::string_view need) {
  if (need == "stomp-login") return stomp.login || stomp.passcode;
  return need == "queue" ? stomp.queue.has_value() : need != "topic" || stomp.topic.has_value();
}

bool is_of_stomp(std::string_view need) {
  return need.starts_with("stomp") || need == "queue" || need == "topic";
}

bool is_of_rooms(std::string_view need) {
  return need.starts_with("fanout") || need.starts_with("order") || need.starts_with("slow-") ||
         need == "rooms";
}

bool has(const Profile& profile, const std::string& need) {
  if (is_of_stomp(need)) return profile.stomp && has_stomp(*profile.stomp, need);
  if (is_of_rooms(need)) return profile.rooms && has_room(*profile.rooms, need);
  if (need == "subprotocol") return !profile.subprotocols.empty();
  if (need == "origins") return !profile.origins.empty();
  if (need == "message-limit") return profile.message_limit.has_value();
  for (const char* time : Profile::kTimes)
    if (need == time) return profile.declared_time(need).has_value();
  if (need == "routing") return profile.missing_path.has_value();
  return profile.features.contains(need);
}

}  // namespace

namespace {

bool is_empty(const std::optional<Payload>& payload) {
  Environment environment;
  const auto octets = payload ? evaluate(*payload, environment) : Result<Bytes>("unknown");
  return octets && octets->empty();
}

/// A kind of message that the target does not echo though it echoes others, and the case waits for one.
std::string missing_echo(const Case& script, const Profile& profile) {
  if (std::ranges::find(script.needs, "echo") == script.needs.end()) return "";
  std::string reason;
  for_each_step(script.steps, [&](const Step& step) {
    const auto* expect = std::get_if<ExpectFrame>(&step.statement);
    if (!expect) return;
    const bool text = expect->fields.kind == FrameKind::text,
               binary = expect->fields.kind == FrameKind::binary;
    const auto lacks = [&](const char* kind) { return profile.features.contains(kind); };
    const char* kind = text && lacks("no-text-echo")                                             ? "text"
                       : binary && lacks("no-binary-echo")                                       ? "binary"
                       : (text || binary) && lacks("no-empty-echo") && is_empty(expect->payload) ? "empty"
                                                                                                 : nullptr;
    if (kind != nullptr) reason = std::string("the target does not echo ") + kind + " messages";
  });
  return reason;
}

}  // namespace

namespace {

/// A session of STOMP that waits for what it has sent itself.
bool hears_itself(const Case& script) {
  std::set<std::string> send;
  bool out = false;
  for_each_step(script.steps, [&](const Step& step) {
    const auto* sent = std::get_if<SendStomp>(&step.statement);
    const auto* awaited = std::get_if<ExpectStomp>(&step.statement);
    if (sent && sent->command == "SEND") send.insert(step.on.name);
    out |= awaited && awaited->command == "MESSAGE" && send.contains(step.on.name);
  });
  return out;
}

}  // namespace

std::string Player::reason_to_skip(const Case& script, const Profile& profile) {
  if (script.target && *script.target != profile.tested)
    return fmt::format("it tests {}s", print(*script.target));
  const bool acts = std::ranges::find(script.tags, "acts") != script.tags.end();
  if (acts && profile.hop_role == HopRole::tcp)
    return "it asks for what only a reader of HTTP does, and the hop is none (--role tcp)";
  for (const std::string& need : script.needs) {
    if (has(profile, need)) continue;
    const auto* known = std::ranges::find(kNeeds, std::string_view(need), &Need::name);
    if (known != std::end(kNeeds)) return std::string(known->absent);
    if (!is_act(need)) return "the target lacks " + need;
    const auto name = need.substr(kAct.size());
    return fmt::format("no command {} is declared (--act '{}=COMMAND')", name, name);
  }
  if (profile.stomp && !profile.stomp->own && hears_itself(script))
    return "it is declared that who sends something does not get it (--stomp own=no)";
  if (profile.rooms && speaks_binary(script) && !profile.rooms->dialect.is_bare())
    return "the dialect of the target has no binary messages";
  return missing_echo(script, profile);
}

std::size_t Player::connections() const {
  return state_->lines.size();
}

Endpoint& Player::end(std::size_t connection) {
  return *state_->lines.at(connection);
}

std::vector<std::size_t> Player::take_wanted() {
  return std::exchange(state_->called, {});
}

void Player::not_made(std::size_t connection, const std::string& why, Instant now) {
  if (state_->fixed) return;
  if (state_->operation) return state_->turn_away(*state_->lines.at(connection), why, now);
  state_->speak(*state_->lines.at(connection));
  state_->decide(Verdict::inconclusive, "it could not be made: " + why, "", -1, now);
}

const Head& Player::request() const {
  return state_->lines.front()->talk.request();
}

const std::vector<MaskKey>& Player::keys() const {
  return state_->lines.front()->talk.inbox.keys;
}

const On& Player::where() const {
  return state_->where;
}

std::size_t Player::come(Instant now) {
  return state_->come(now);
}

std::string Player::token(std::size_t leg) const {
  return state_->token(leg);
}

std::size_t Player::arrive(std::size_t leg, Instant now, const Preface& preface,
                           const ConnectionName& client) {
  const auto number = state_->arrive(leg, now);
  state_->take_preface(*state_->lines[number], preface, client);
  return number;
}

std::optional<Operate> Player::take_operation() {
  return std::exchange(state_->operation_due, false) ? state_->operation : std::nullopt;
}

std::string Player::entry(std::size_t connection) const {
  return state_->cast.entry(connection, state_->script.steps);
}

std::optional<std::string> Player::take_act() {
  if (!std::exchange(state_->act_due, false)) return std::nullopt;
  return std::get<Act>(state_->current()->statement).name;
}

void Player::act_ended() {
  State& state = *state_;
  const Step* step = state.current();
  if (state.fixed || step == nullptr || !std::holds_alternative<Act>(step->statement)) return;
  state.act = Player::State::Running::over;
  if (auto* line = state.line_about(*step)) state.want(*line);
}

void Player::leave(std::size_t connection) {
  state_->leave(*state_->lines.at(connection));
}

Instant Player::due() const {
  const State& state = *state_;
  const bool watched = !state.lines[state.newest]->released && state.has_come;
  return state.fixed || watched ? kNever : state.next_tick;
}

void Player::tick(Instant now) {
  State& state = *state_;
  const Action action = state.advance(*state.lines[state.newest], now);
  state.next_tick = action.until;
}

bool Player::is_shut() const {
  return state_->shut && !state_->fixed;
}

void Player::State::Line::received(MutableBytes bytes, Instant now) {
  if (stage.fixed) return;
  talk.progress = now;
  stage.moves(now);
  if (talk.inbox.received == 0) talk.round_trip = now - talk.sent_at;
  talk.inbox.receive(bytes, now);
}

void Player::State::Line::received_head(const Head& head, Instant now) {
  if (stage.fixed) return;
  talk.progress = now;
  stage.moves(now);
  talk.inbox.receive_head(head, now);
}

void Player::State::Line::ended(End how, Instant now) {
  if (stage.fixed) return;
  talk.progress = now;
  over(now);
  ended_at = std::min(ended_at, now);
  stage.recorder.about(on);
  talk.inbox.end(how, now);
  if (how == End::reset) talk.outbox.clear();
}

void Player::State::Line::was_read(bool seen, Instant now) {
  if (talk.reader != Conversation::Reader::awaited) return;
  constexpr Duration kMost = std::chrono::milliseconds(50);
  talk.reader = seen ? Conversation::Reader::done : Conversation::Reader::unseen;
  if (!seen) talk.reader_until = now + std::min(2 * talk.round_trip, kMost);
}

void Player::secured(const TlsFacts& facts, Instant now) {
  if (state_->fixed) return;
  state_->talk->progress = now;
  if (facts.fault) {
    state_->talk->inbox.broken_below("it broke TLS: " + facts.failure, now);
  } else if (!facts.established) {
    state_->note(std::string(kNoTls) + facts.failure, now);
  } else if (!facts.distrust.empty()) {
    // Nothing may be said to a peer that may be somebody else.
    state_->decide(Verdict::inconclusive, "its certificate is not to be trusted: " + facts.distrust, "", -1,
                   now);
  } else if (state_->asks_for_tls) {
    state_->talk->inbox.secured(facts, now);
  }
}

bool Player::done() const {
  return state_->fixed;
}

void Player::abandon(const std::string& reason, Instant now) {
  state_->fix(Verdict::error, reason, "", -1, now);
}

const Waits& Player::waits() const {
  return state_->waits;
}

CaseResult Player::take_result() {
  return state_->take_result();
}

}  // namespace wsspec
