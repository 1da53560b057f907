#include "peer/broker_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "protocol/utf8.h"

namespace wsspec {
namespace {

// Headers of a SEND that are for the broker itself, not for who gets the message.
constexpr std::string_view kOfSend[] = {"destination", "receipt", "transaction", "content-length"};

// What 1.0 and 1.1 have no escape for cannot be said there.
bool can_be_said(const StompHeader& header, StompVersion version) {
  const auto fits = [&](const std::string& text) {
    if (version == StompVersion::v1_0 && text.find('\n') != text.npos) return false;
    return true;
  };
  return fits(header.name) && fits(header.value) &&
         (version != StompVersion::v1_0 || header.name.find(':') == header.name.npos);
}

std::vector<std::string> split_at_commas(const std::string& list) {
  std::vector<std::string> out(1);
  for (const char c : list) c == ',' ? void(out.emplace_back()) : out.back().push_back(c);
  return out;
}

std::optional<std::uint64_t> read_count(std::string_view text) {
  constexpr std::uint64_t kMost = 1u << 30;  // Milliseconds: twelve days.
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return std::min(value, kMost);
}

std::optional<AckMode> read_ack_mode(const std::string* text) {
  if (text == nullptr || *text == "auto") return AckMode::automatic;
  if (*text == "client") return AckMode::client;
  if (*text == "client-individual") return AckMode::individual;
  return std::nullopt;
}

}  // namespace

struct BrokerSession::Command {
  std::string_view name;
  Handler handler;
  std::string_view needs;  ///< A header without which it is refused.
  bool has_body = false;
};

const BrokerSession::Command* BrokerSession::find_command(const std::string& name) {
  using B = BrokerSession;
  static const Command kCommands[] = {
      {"CONNECT", &B::connect, ""},
      {"STOMP", &B::connect, ""},
      {"SEND", &B::send, "destination", true},
      {"SUBSCRIBE", &B::subscribe, "destination"},
      {"UNSUBSCRIBE", &B::unsubscribe, ""},
      {"ACK", &B::acknowledge, ""},
      {"NACK", &B::acknowledge, ""},
      {"BEGIN", &B::begin, "transaction"},
      {"COMMIT", &B::commit, "transaction"},
      {"ABORT", &B::abort, "transaction"},
      {"DISCONNECT", &B::disconnect, ""},
  };
  const auto* found = std::ranges::find(kCommands, name, &Command::name);
  return found == std::end(kCommands) ? nullptr : found;
}

BrokerSession::BrokerSession(Broker& broker, BrokerTransactions& shared, const BrokerConduct& conduct,
                             const BrokerAccess& access, std::uint64_t number)
    : broker_(broker), transactions_(shared), conduct_(conduct), access_(access), number_(number) {
  reader_.set_version(std::min(StompVersion::v1_2, conduct_.most_escapes_read));
}

BrokerSession::~BrokerSession() {
  end();
}

void BrokerSession::take(BytesView payload, Instant now) {
  now_ = now;
  if (over_ && !conduct_.goes_on_after_disconnect) return;
  ++s_.messages;
  s_.frames_in_message = 0;
  Bytes message(payload);
  if (conduct_.mishears != nullptr) conduct_.mishears(message, s_);
  const std::size_t before = s_.frames;
  read(message);
  const bool whole = s_.frames != before;
  const bool eols = !whole && reader_.at_boundary();
  const bool counts = whole  ? !conduct_.hears_no_frames
                      : eols ? !conduct_.hears_frames_only
                             : !conduct_.hears_whole_frames;
  if (counts && !payload.empty()) heard_ = now;
}

void BrokerSession::read(const Bytes& message) {
  reader_.feed(message, [&](StompFrame&& frame) { take_frame(std::move(frame)); });
  if (reader_.fault() && !over_) refuse(reader_.fault()->what);
}

void BrokerSession::take_frame(StompFrame frame) {
  if (over_ && !conduct_.goes_on_after_disconnect) return;
  ++s_.frames;
  ++s_.frames_in_message;
  if (conduct_.misreads != nullptr) conduct_.misreads(frame, s_);
  if (!frame.command.empty()) carry_out(frame);
}

void BrokerSession::carry_out(const StompFrame& frame) {
  const Command* command = find_command(frame.command);
  const bool connects = command != nullptr && command->handler == &BrokerSession::connect;
  if (!s_.connected && !connects && !conduct_.serves_unconnected)
    return refuse("the first frame has to be CONNECT", &frame);
  if (command == nullptr) return conduct_.ignores_unknown ? void() : refuse("unknown command", &frame);
  if (!command->needs.empty() && frame.find(command->needs) == nullptr)
    return refuse(fmt::format("{} without {}", frame.command, command->needs), &frame);
  if (!command->has_body && !frame.body.empty()) return refuse(frame.command + " with a body", &frame);
  refused_ = false;
  const bool kept = keep_for_transaction(frame);
  if (refused_) return;
  if (kept) return conduct_.receipts_with_commit ? void() : receipt_for(frame);
  if (conduct_.receipt_before_effect && !connects) receipt_for(frame);
  (this->*command->handler)(frame);
  if (!conduct_.receipt_before_effect && !connects && (!refused_ || conduct_.receipts_refused))
    receipt_for(frame);
}

// ---- connecting ----

std::optional<StompVersion> BrokerSession::choose_version(const StompFrame& frame) {
  const std::string* offer = frame.find("accept-version");
  if (offer == nullptr) return StompVersion::v1_0;
  std::vector<StompVersion> common;
  for (const std::string& each : split_at_commas(*offer))
    if (const auto version = parse_stomp_version(each)) common.push_back(*version);
  if (common.empty()) return std::nullopt;
  std::ranges::sort(common);
  return conduct_.picks != nullptr ? conduct_.picks(common) : common.back();
}

// False when the header is none.
bool BrokerSession::agree_on_beats(const StompFrame& frame, StompFrame& answer) {
  using std::chrono::milliseconds;
  const std::uint64_t own =
      conduct_.declines_beats
          ? 0
          : static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(conduct_.wishes).count());
  answer.headers.push_back({"heart-beat", fmt::format("{0},{0}", own)});
  const std::string* wanted = frame.find("heart-beat");
  if (wanted == nullptr) return true;
  const auto parts = split_at_commas(*wanted);
  if (parts.size() != 2) return false;
  const auto sends = read_count(parts[0]), wants = read_count(parts[1]);
  if (!sends || !wants) return false;
  if (*sends != 0 && own != 0) hears_every_ = milliseconds(std::max(*sends, own));
  if (*wants != 0 && own != 0) sends_every_ = milliseconds(std::max(*wants, own));
  return true;
}

void BrokerSession::connect(const StompFrame& frame) {
  if (s_.connected && !conduct_.answers_connect_again) return refuse("connected already", &frame);
  const auto version = choose_version(frame);
  if (!version) return refuse("no version in common", &frame, {{"version", "1.0,1.1,1.2"}});
  const std::string* login = frame.find("login");
  const std::string* passcode = frame.find("passcode");
  const bool welcome = access_.login.empty() || (login != nullptr && *login == access_.login &&
                                                 passcode != nullptr && *passcode == access_.passcode);
  if (!welcome && !conduct_.ignores_passcode) return refuse("wrong login or passcode", &frame);
  StompFrame answer{"CONNECTED", {{"version", std::string(name(*version))}}, {}, false};
  if (!agree_on_beats(frame, answer)) return refuse("heart-beat has to be two numbers", &frame);
  answer.headers.push_back({"session", std::to_string(number_)});
  answer.headers.push_back({"server", "wsspec"});
  s_.connected = true;
  s_.version = *version;
  reader_.set_version(std::min(*version, conduct_.most_escapes_read));
  heard_ = said_ = now_;
  put(std::move(answer));
}

// ---- messages ----

void BrokerSession::send(const StompFrame& frame) {
  std::vector<StompHeader> own;
  for (const StompHeader& header : frame.headers)
    if (std::ranges::find(kOfSend, header.name) == std::end(kOfSend)) own.push_back(header);
  if (!broker_.send(*frame.find("destination"), std::move(own), frame.body))
    refuse("more waits than this broker keeps", &frame);
}

void BrokerSession::subscribe(const StompFrame& frame) {
  const std::string* id = frame.find("id");
  const auto mode = read_ack_mode(frame.find("ack"));
  if (id == nullptr && s_.version != StompVersion::v1_0) return refuse("SUBSCRIBE without id", &frame);
  if (!mode) return refuse("ack is auto, client or client-individual", &frame);
  const std::string& destination = *frame.find("destination");
  if (!broker_.subscribe(number_, id != nullptr ? *id : destination, destination, *mode,
                         [this](const BrokerDelivery& delivery) { deliver(delivery); }))
    refuse("there is a subscription of that id", &frame);
}

void BrokerSession::unsubscribe(const StompFrame& frame) {
  const std::string* id = frame.find("id");
  if (id == nullptr && s_.version == StompVersion::v1_0) id = frame.find("destination");
  if (id == nullptr || !broker_.unsubscribe(number_, *id)) refuse("there is no such subscription", &frame);
}

void BrokerSession::deliver(const BrokerDelivery& delivery) {
  const BrokerMessage& message = delivery.message;
  const std::string id = conduct_.same_message_id ? "1" : std::to_string(message.number);
  StompFrame frame{
      "MESSAGE",
      {{"subscription", delivery.subscription}, {"message-id", id}, {"destination", message.destination}},
      message.body,
      false};
  if (delivery.ack != 0 && s_.version == StompVersion::v1_2)
    frame.headers.push_back({"ack", std::to_string(delivery.ack)});
  for (const StompHeader& header : message.headers)
    if (can_be_said(header, s_.version)) frame.headers.push_back(header);
  frame.add_length();
  put(std::move(frame));
}

// ---- acknowledgement ----

std::optional<std::uint64_t> BrokerSession::ack_named_by(const StompFrame& frame) const {
  const bool by_ack = s_.version == StompVersion::v1_2;
  const std::string* named = frame.find(by_ack ? "id" : "message-id");
  const auto number = named != nullptr ? read_count(*named) : std::nullopt;
  if (!number) return std::nullopt;
  if (by_ack) return broker_.awaits(number_, *number) ? number : std::nullopt;
  const std::string* subscription = frame.find("subscription");
  return broker_.ack_of(number_, subscription != nullptr ? *subscription : "", *number);
}

void BrokerSession::acknowledge(const StompFrame& frame) {
  const auto ack = ack_named_by(frame);
  if (!ack) return refuse("nothing awaits that acknowledgement", &frame);
  if (in_transaction_ && conduct_.loses_acks_of_transaction) return;
  broker_.acknowledge(number_, *ack, frame.command == "NACK");
}

// ---- transactions ----

std::string BrokerSession::transaction_name(const std::string& name) const {
  return conduct_.shares_names ? name : fmt::format("{} {}", number_, name);
}

// True when the frame waits for the COMMIT of its transaction.
bool BrokerSession::keep_for_transaction(const StompFrame& frame) {
  const bool sends = frame.command == "SEND";
  const std::string* name = frame.find("transaction");
  if (name == nullptr || (!sends && frame.command != "ACK" && frame.command != "NACK")) return false;
  const auto found = transactions_.find(transaction_name(*name));
  if (found == transactions_.end()) {
    if (!sends || !conduct_.send_in_unknown) refuse("there is no such transaction", &frame);
    return false;
  }
  if (sends ? conduct_.sends_at_once : conduct_.acks_at_once) return false;
  if (!sends && !ack_named_by(frame)) {
    refuse("nothing awaits that acknowledgement", &frame);
    return false;
  }
  found->second.push_back(frame);
  return true;
}

void BrokerSession::begin(const StompFrame& frame) {
  const std::string name = transaction_name(*frame.find("transaction"));
  const bool fresh = transactions_.try_emplace(name).second;
  if (!fresh && !conduct_.shares_names && !conduct_.abort_keeps)
    refuse("there is a transaction of that name", &frame);
}

void BrokerSession::commit_frames(const std::vector<StompFrame>& frames) {
  in_transaction_ = true;
  for (const StompFrame& each : frames) {
    if (refused_) break;
    each.command == "SEND" ? send(each) : acknowledge(each);
    if (conduct_.receipts_with_commit && !refused_) receipt_for(each);
  }
  in_transaction_ = false;
}

void BrokerSession::commit(const StompFrame& frame) {
  const auto found = transactions_.find(transaction_name(*frame.find("transaction")));
  if (found == transactions_.end())
    return conduct_.commit_of_unknown ? void() : refuse("there is no such transaction", &frame);
  auto frames = std::move(found->second);
  transactions_.erase(found);
  if (conduct_.commits_backwards) std::ranges::reverse(frames);
  commit_frames(frames);
}

void BrokerSession::abort(const StompFrame& frame) {
  const auto found = transactions_.find(transaction_name(*frame.find("transaction")));
  if (found == transactions_.end())
    return conduct_.commit_of_unknown ? void() : refuse("there is no such transaction", &frame);
  if (conduct_.abort_commits) return commit(frame);
  if (!conduct_.abort_keeps) transactions_.erase(found);
}

// ---- the end ----

void BrokerSession::disconnect(const StompFrame&) {
  finish();
}

// What comes for its subscriptions from now on is for others.
void BrokerSession::finish() {
  over_ = true;
  broker_.end(number_);
}

void BrokerSession::end() {
  if (conduct_.delivers_unfinished && reader_.begun() == "SEND") {
    const Bytes rest("\0", 1);
    reader_.feed(rest, [&](StompFrame&& frame) { take_frame(std::move(frame)); });
  }
  end_transactions();
  finish();
}

void BrokerSession::end_transactions() {
  const std::string own = transaction_name("");
  for (auto one = transactions_.begin(); one != transactions_.end();) {
    if (!one->first.starts_with(own)) {
      ++one;
      continue;
    }
    const auto frames = std::move(one->second);
    one = transactions_.erase(one);
    if (conduct_.end_commits) commit_frames(frames);
  }
}

// ---- what is sent ----

void BrokerSession::receipt_for(const StompFrame& frame) {
  const std::string* asked = frame.find("receipt");
  if (asked != nullptr) put({"RECEIPT", {{"receipt-id", *asked}}, {}, false});
}

void BrokerSession::refuse(std::string message, const StompFrame* frame, std::vector<StompHeader> further) {
  StompFrame error{"ERROR", std::move(further), "This broker ends the connection.\n", false};
  error.headers.push_back({"message", std::move(message)});
  error.headers.push_back({"content-type", "text/plain"});
  const std::string* asked = frame != nullptr ? frame->find("receipt") : nullptr;
  if (asked != nullptr) error.headers.push_back({"receipt-id", *asked});
  error.add_length();
  put(std::move(error));
  failed_ = refused_ = true;
  ends_ = now_ + conduct_.lingers;
  const bool goes_on =
      conduct_.goes_on_after_error || (asked != nullptr && conduct_.goes_on_after_receipt_error);
  if (!goes_on) finish();
}

void BrokerSession::put(StompFrame frame) {
  ++s_.sent;
  if (conduct_.missends != nullptr) conduct_.missends(frame, s_);
  if (frame.command.empty()) return;
  Bytes octets = render_stomp(frame, {std::min(s_.version, conduct_.most_escapes_sent)});
  if (conduct_.eol_behind_frame) octets += '\n';
  const bool text = !conduct_.always_binary && (conduct_.always_text || is_utf8(octets));
  if (conduct_.joins && !out_.empty() && out_.back().text == text) {
    out_.back().octets += octets;
    return;
  }
  const std::size_t piece = conduct_.piece == 0 ? octets.size() : conduct_.piece;
  for (std::size_t at = 0; at < octets.size(); at += piece) {
    Bytes part = octets.substr(at, piece);
    const bool whole = text && is_utf8(part);
    out_.push_back({std::move(part), whole || conduct_.always_text});
  }
}

void BrokerSession::beat(Instant now) {
  const auto share = [](Duration whole, unsigned percent) { return whole * percent / 100; };
  const bool more = conduct_.most_beats == 0 || beats_ < conduct_.most_beats;
  if (sends_every_ != Duration::zero() && more && now - said_ >= share(sends_every_, conduct_.beat_percent)) {
    ++beats_;
    out_.push_back({"\n", !conduct_.always_binary});
  }
  const bool silent =
      hears_every_ != Duration::zero() && now - heard_ >= share(hears_every_, conduct_.patience_percent);
  if (!silent || conduct_.never_gives_up) return;
  failed_ = true;
  finish();
}

std::optional<BrokerOutput> BrokerSession::next(Instant now) {
  now_ = now;
  if (out_.empty() && !over_) beat(now);
  if (out_.empty()) return std::nullopt;
  said_ = now;
  BrokerOutput front = std::move(out_.front());
  out_.pop_front();
  return front;
}

}  // namespace wsspec
