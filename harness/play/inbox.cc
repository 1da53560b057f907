#include "play/inbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "play/stomp_frames.h"
#include "protocol/header_rules.h"

namespace wsspec {

void Inbox::begin_frames(std::optional<DeflateSettings> deflate, Instant now) {
  deflate_ = deflate;
  if (deflate_)
    inflater_.emplace(deflate_->window_bits_of(other(ours_)), deflate_->keeps_context(other(ours_)));
  if (phase_ == Phase::deaf) return;
  phase_ = Phase::frames;
  parser_ = HeadParser(HeadLimits{256 * 1024, 2000});
  Bytes early = std::move(early_);
  early_.clear();
  if (!early.empty()) take_frames({early.data(), early.size()}, now);
}

void Inbox::put(Arrival&& arrival) {
  if (on_arrival) on_arrival(arrival);
  if (arrival.kind == Arrival::Kind::ping) {
    fresh_pings.push_back(arrival);
    if (fresh_pings.size() > 16) fresh_pings.erase(fresh_pings.begin());  // Only the newest needs a pong.
    if (!keep_pings_) return;
  }
  if (arrival.kind == Arrival::Kind::pong && pongs.size() == kPongsKept) pongs.pop_front();
  (arrival.kind == Arrival::Kind::pong ? pongs : main).push_back(std::move(arrival));
}

void Inbox::fault(std::string requirement, std::string what, Instant now) {
  Arrival arrival;
  arrival.kind = Arrival::Kind::fault;
  arrival.at = now;
  arrival.requirement = std::move(requirement);
  arrival.what = std::move(what);
  phase_ = Phase::deaf;
  put(std::move(arrival));
}

// Bounds what a talkative target can make us hold: an echo is never larger than what we sent.
bool Inbox::keep(std::uint64_t octets, Instant now) {
  held_ += octets;
  if (held_ <= kInboxSpare + allowance_) return true;
  overrun = true;
  fault("",
        fmt::format("it sent more than {} MiB beyond what it had received, which is more than is held here",
                    kInboxSpare >> 20),
        now);
  return false;
}

void Inbox::receive(MutableBytes bytes, Instant now) {
  received += bytes.size();
  take(bytes, now);
}

void Inbox::take(MutableBytes bytes, Instant now) {
  if (raw_mode_ && phase_ != Phase::frames) {
    if (keep(bytes.size(), now)) raw.append(bytes.data(), bytes.size());
    return;
  }
  while (!bytes.empty() && (phase_ == Phase::head || phase_ == Phase::body)) {
    BytesView rest = view(bytes);
    if (phase_ == Phase::head)
      take_head(rest, now);
    else
      take_body(rest);
    bytes = bytes.last(rest.size());
  }
  if (bytes.empty()) return;
  if (opaque_) {
    if (keep(bytes.size(), now)) raw.append(view(bytes));
  } else if (phase_ == Phase::after_head && ours_ == Role::server) {
    fault("rfc6455-4.1-37", fmt::format("it sent {} octets ahead of the answer to its request", bytes.size()),
          now);
  } else if (phase_ == Phase::after_head) {
    if (keep(bytes.size(), now)) early_.append(bytes.data(), bytes.size());
  } else if (phase_ == Phase::frames) {
    take_frames(bytes, now);
  }
}

namespace {

Arrival head_arrival(const Head& head, Bytes raw, Instant now) {
  Arrival arrival;
  arrival.kind = Arrival::Kind::head;
  arrival.at = now;
  arrival.head = head;
  arrival.octets = raw.size();
  arrival.raw_head = std::move(raw);
  return arrival;
}

}  // namespace

namespace {

// No request begins so, and all but the strangest frames do.
bool begins_frame(BytesView bytes) {
  const auto first = octet(bytes.front());
  return first >= 0x7f || (first < 0x20 && first != '\r' && first != '\n');
}

}  // namespace

void Inbox::take_head(BytesView& bytes, Instant now) {
  if (!refused_by_.empty() && parser_.raw().empty() && begins_frame(bytes)) {
    fault(refused_by_, "it sent a frame, though no 101 had come", now);
    bytes = {};
    return;
  }
  const bool complete = parser_.feed(bytes);
  if (!complete && !parser_.too_large()) return;
  Arrival arrival = head_arrival(parser_.head(), parser_.raw(), now);
  if (!complete) arrival.what = "its head is larger than 256 KiB or has more than 2000 fields";
  parser_ = HeadParser(HeadLimits{256 * 1024, 2000});
  ours_ == Role::server ? put_request(std::move(arrival)) : put_answer(std::move(arrival));
}

void Inbox::receive_head(const Head& head, Instant now) {
  if (phase_ != Phase::head) return;
  Arrival arrival = head_arrival(head, render_head(head), now);
  received += arrival.octets;
  ours_ == Role::server ? put_request(std::move(arrival)) : put_answer(std::move(arrival));
}

void Inbox::put_request(Arrival&& arrival) {
  arrival.request = true;
  phase_ = Phase::after_head;
  last_head_ = arrival.head;
  put(std::move(arrival));
}

void Inbox::await_request(std::string clause, Instant now) {
  if (phase_ != Phase::after_head) return;
  phase_ = Phase::head;
  refused_by_ = std::move(clause);
  Bytes early = opaque_ ? std::exchange(raw, {}) : Bytes();  // The next request was there already.
  if (!early.empty()) take({early.data(), early.size()}, now);
}

void Inbox::put_answer(Arrival&& arrival) {
  if (const auto line = parse_status_line(arrival.head.start); line && arrival.what.empty())
    arrival.status = line->status;
  const bool interim = arrival.status >= 100 && arrival.status < 200 && arrival.status != 101;
  if (interim) {  // 100 and 103 announce the answer, they are none (RFC 9110 15.2).
    if (on_arrival) on_arrival(arrival);
    return;
  }
  phase_ = arrival.status == 101 ? Phase::after_head : Phase::body;
  body_ = arrival.status == 0 ? BodyLength{BodyLength::Kind::until_end, 0}
                              : response_body(arrival.head, arrival.status);
  if (no_body_) body_ = {};
  chunks_ = {};
  if (phase_ == Phase::body && body_.kind == BodyLength::Kind::counted && !is_body_over()) {
    refusal_ = std::move(arrival);
    return;
  }
  put(std::move(arrival));
  if (phase_ == Phase::body && is_body_over()) phase_ = Phase::head;
}

void Inbox::end_body() {
  phase_ = Phase::head;
  if (refusal_) put(std::move(*refusal_));
  refusal_.reset();
}

bool Inbox::is_body_over() const {
  return body_.kind == BodyLength::Kind::none ||
         (body_.kind == BodyLength::Kind::counted && body_.octets == 0);
}

// Skips the body of a refusal, so that the answer to a next request on the same connection is seen.
void Inbox::take_body(BytesView& bytes) {
  if (body_.kind == BodyLength::Kind::counted) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(body_.octets, bytes.size()));
    body_.octets -= part;
    if (opaque_) raw.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
  } else if (body_.kind == BodyLength::Kind::chunked) {
    chunks_.feed(bytes, opaque_ ? &raw : nullptr);
    if (chunks_.done()) body_.kind = BodyLength::Kind::none;
    if (chunks_.failed()) body_.kind = BodyLength::Kind::until_end;  // Nobody can say where it ends.
  } else {
    if (opaque_) raw.append(bytes);
    bytes = {};
  }
  if (is_body_over()) end_body();
}

namespace {

// "HT", read as a header: a Close of 84 octets with FIN clear and RSV1 set.
bool looks_like_http(const FrameHeader& header) {
  return !header.fin && header.rsv == 4 && header.is(Opcode::close) && header.length == 'T';
}

// "GE", read as a header: a client that has refused an answer may send another request on the connection.
bool looks_like_request(const FrameHeader& header) {
  return !header.fin && header.rsv == 4 && header.opcode == 7 && !header.mask && header.length == 'E';
}

}  // namespace

// Reports the first thing that no sender may do with a header.
bool Inbox::check_header(const FrameHeader& header, Instant now) {
  FrameHeader shown = header;
  if (forgives_masked_close_ && header.is(Opcode::close)) shown.mask.reset();
  const HeaderFacts facts{other(ours_), deflate_.has_value(), message_opcode_ != 0};
  if (const HeaderRule* broken = first_broken(shown, facts)) {
    const bool http = ours_ == Role::client && looks_like_http(header);
    fault(std::string(broken->of_sender),
          http ? "it sent what begins like an HTTP answer in place of a frame"
               : "it sent " + in_words(*broken, header),
          now);
    return false;
  }
  if (closed && !is_control(header.opcode)) {
    fault("rfc6455-5.5.1-6", "it sent a data frame behind its Close frame", now);
    return false;
  }
  return true;
}

bool Inbox::begin_frame(const FrameHeader& header, Instant now) {
  if (ours_ == Role::server && keys.empty() && looks_like_request(header)) {  // It has refused our answer,
    phase_ = Phase::deaf;
    end(End::fin, now);  // and keeps the connection.
    return false;
  }
  frame_ = header;
  if (!check_header(header, now)) return false;
  if (header.mask && keys.size() < kKeysKept) keys.push_back(*header.mask);
  if (is_control(header.opcode)) {
    control_.clear();
    return true;
  }
  if (!header.is(Opcode::cont)) {
    message_opcode_ = header.opcode;
    compressed_ = header.rsv == 4;
    frames_ = wire_octets_ = 0;
    message_.clear();
  }
  ++frames_;
  single_.clear();
  if (!compressed_ && header.fin && frames_ == 1 && header.length <= kInboxSpare)
    message_.reserve(header.length);
  return true;
}

bool Inbox::inflate(BytesView piece, bool last, Instant now) {
  const std::uint64_t limit = kInboxSpare + allowance_;
  Result<void> done = piece.empty() ? Result<void>{} : inflater_->feed(piece, message_, limit);
  if (done && last) done = inflater_->finish(message_, limit);
  largest_distance = inflater_->largest_distance();
  if (done) return true;
  overrun = done.error().where == "limit";
  fault(overrun ? "" : done.error().where,
        overrun
            ? fmt::format("its compressed message has more than {} octets, which is more than is held here",
                          limit)
            : "its compressed message does not inflate: " + done.error().what,
        now);
  return false;
}

void Inbox::take_frames(MutableBytes bytes, Instant now) {
  while (phase_ == Phase::frames) {
    auto piece = decoder_.next(bytes);
    if (!piece) return;
    if (piece->first && !begin_frame(piece->header, now)) return;
    const BytesView payload = view(piece->payload);
    if (is_control(frame_.opcode)) {
      control_.append(payload);
    } else {
      wire_octets_ += payload.size();
      if (!keep(payload.size(), now)) return;
      if (single_frames_) single_.append(payload);
      if (compressed_) {
        if (!inflate(payload, false, now)) return;
      } else {
        message_.append(payload);
      }
    }
    if (piece->last) end_frame(now);
  }
}

void Inbox::end_frame(Instant now) {
  if (is_control(frame_.opcode)) return end_control(now);
  if (single_frames_) {
    Arrival arrival;
    arrival.kind = Arrival::Kind::frame;
    arrival.at = now;
    arrival.header = frame_;
    arrival.payload = single_;
    arrival.octets = single_.size();
    put(std::move(arrival));
  }
  if (frame_.fin) end_message(now);
}

void Inbox::end_message(Instant now) {
  const bool text = message_opcode_ == static_cast<std::uint8_t>(Opcode::text);
  if (compressed_ && !inflate({}, true, now)) return;
  message_opcode_ = 0;
  if (text && !is_utf8(message_))
    return fault("rfc6455-5.6-1", "it sent a text message that is not valid UTF-8", now);
  if (single_frames_) return;
  if (stomp_) return take_stomp(now);
  Arrival arrival;
  arrival.kind = text ? Arrival::Kind::text : Arrival::Kind::binary;
  arrival.at = now;
  arrival.header = frame_;
  arrival.compressed = compressed_;
  arrival.frames = frames_;
  arrival.octets = wire_octets_;
  arrival.payload = std::move(message_);
  message_ = {};
  put(std::move(arrival));
}

// A frame may lie in several messages, and several in one.
void Inbox::take_stomp(Instant now) {
  const Bytes message = std::exchange(message_, {});
  stomp_octets += message.size();
  stomp_->feed(message, [&](StompFrame&& frame) { put_stomp(std::move(frame), now); });
  const auto& broken = stomp_->fault();
  if (!broken) return;
  overrun = broken->kind == StompFault::Kind::limit;
  fault(requirement_of(broken->kind), "what it sent is no STOMP: " + broken->what, now);
}

void Inbox::put_stomp(StompFrame&& frame, Instant now) {
  if (frame.command == "CONNECTED") {
    const std::string* named = frame.find("version");
    stomp_->set_version(named ? parse_stomp_version(*named).value_or(StompVersion::v1_2)
                              : StompVersion::v1_0);
  }
  if (frame.command == "MESSAGE" && messages.size() < kStompKept)
    messages.push_back({frame.command, frame.headers, {}, false});
  Arrival arrival;
  arrival.kind = Arrival::Kind::stomp;
  arrival.at = now;
  arrival.header = frame_;
  arrival.compressed = compressed_;
  arrival.frames = frames_;
  arrival.octets = wire_octets_;
  arrival.payload = frame.body;
  arrival.stomp = std::move(frame);
  put(std::move(arrival));
}

void Inbox::end_control(Instant now) {
  forgiven = forgiven || (forgives_masked_close_ && frame_.mask.has_value());
  Arrival arrival;
  arrival.at = now;
  arrival.header = frame_;
  arrival.payload = control_;
  arrival.octets = control_.size() + 2;
  if (!keep(arrival.octets, now)) return;
  if (frame_.is(Opcode::ping)) arrival.kind = Arrival::Kind::ping;
  if (frame_.is(Opcode::pong)) arrival.kind = Arrival::Kind::pong;
  if (!frame_.is(Opcode::close)) return put(std::move(arrival));

  arrival.kind = Arrival::Kind::close;
  arrival.again = closed.has_value();
  if (arrival.again) return put(std::move(arrival));
  const CloseBody body = parse_close(control_);
  closed = body.code;
  put(std::move(arrival));
  if (body.stray_octet) return fault("rfc6455-5.5.1-2", "its Close frame has a payload of one octet", now);
  if (!body.code) return;
  const std::uint16_t code = *body.code;
  if (classify(code) == CloseCodeClass::forbidden) {
    const char* id = code == 1005 ? "rfc6455-7.4.1-3" : code == 1006 ? "rfc6455-7.4.1-4" : "rfc6455-7.4.1-8";
    return fault(
        id, fmt::format("it sent a Close frame with the code {}, which must not appear on the wire", code),
        now);
  }
  if (code < 1000)
    return fault("rfc6455-7.4.2-1", fmt::format("it sent a Close frame with the unused code {}", code), now);
  if (code >= 5000 && allowed_code_ != code) {
    return fault("rfc6455-11.7-1", fmt::format("it sent a Close frame with the code {}, beyond 4999", code),
                 now);
  }
  if (!is_utf8(body.reason)) fault("rfc6455-8.1-1", "the reason in its Close frame is not valid UTF-8", now);
}

void Inbox::secured(const TlsFacts& facts, Instant now) {
  Arrival arrival;
  arrival.kind = Arrival::Kind::secured;
  arrival.at = now;
  arrival.head.fields.push_back({"version", facts.version});
  if (!facts.alpn.empty()) arrival.head.fields.push_back({"alpn", facts.alpn});
  if (facts.server_name) arrival.head.fields.push_back({"name", *facts.server_name});
  for (const auto& offer : facts.offers) arrival.head.fields.push_back({"offers", offer});
  put(std::move(arrival));
}

void Inbox::end(End how, Instant now) {
  if (ended) return;
  ended = how;
  if (refusal_) {
    refusal_->cut = true;
    end_body();
  }
  Arrival arrival;
  arrival.kind = Arrival::Kind::end;
  arrival.at = now;
  arrival.end = how;
  put(std::move(arrival));
}

}  // namespace wsspec
