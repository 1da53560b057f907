#include "peer/sender.h"

#include <algorithm>

namespace wsspec {
namespace {

/// Below this, compression makes a message larger as often as not.
constexpr std::size_t kWorthCompressing = 32;

// SplitMix64: a stream of keys from the seed.
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

FrameHeader header_of(std::uint8_t opcode, std::size_t octets, bool fin, std::uint8_t rsv) {
  FrameHeader h;
  h.fin = fin, h.rsv = rsv, h.opcode = opcode;
  h.length = octets, h.form = minimal_form(octets);
  return h;
}

}  // namespace

Sender::Sender(Role ours, const Conduct& conduct, Situation& situation, Outbox& outbox, std::uint64_t seed)
    : ours_(ours), conduct_(conduct), s_(situation), outbox_(outbox), random_(seed) {}

void Sender::agree(const std::optional<DeflateSettings>& deflate) {
  if (!deflate) return;
  const int bits = std::min(15, deflate->window_bits_of(ours_) + conduct_.compress_bits_more);
  compressor_.emplace(bits, deflate->keeps_context(ours_) || conduct_.keeps_compress_context);
}

bool Sender::compresses(std::size_t octets) const {
  if (!compressor_ || conduct_.compresses == CompressWhen::never) return false;
  return octets >= kWorthCompressing || conduct_.compresses == CompressWhen::always;
}

bool Sender::plain_output() const {
  return ours_ == Role::server && conduct_.misframes == nullptr && conduct_.echo_fragment == 0 &&
         !conduct_.empty_fragments;
}

bool Sender::goes_wrong(WhenBlocked how) const {
  return conduct_.when_blocked == how && outbox_.is_blocked();
}

void Sender::echo(const ReceivedMessage& received) {
  if (goes_wrong(WhenBlocked::message_lost)) return;
  if (conduct_.misechoes == nullptr) return send_whole(received);
  Echo echo{received.opcode, Bytes(received.payload)};
  conduct_.misechoes(echo, s_);
  if (!echo.lost) message(echo.opcode, echo.payload);
}

void Sender::send_whole(const ReceivedMessage& received) {
  const bool large = received.buffer != nullptr && received.payload.size() >= Outbox::kLarge;
  if (!large || !plain_output() || compresses(received.payload.size())) {
    return message(received.opcode, received.payload);
  }
  // The header of the echo goes into the room in front of the payload, and the buffer itself is sent.
  char head[kMaxHeader];
  const std::size_t size = encode_header(header_of(received.opcode, received.payload.size(), true, 0), head);
  std::copy_n(head, size, received.buffer->data() + kHeadroom - size);
  ++s_.sent_messages, ++s_.sent_frames;
  outbox_.push(std::move(*received.buffer), kHeadroom - size);
}

void Sender::message(std::uint8_t opcode, BytesView payload) {
  ++s_.sent_messages;
  if (conduct_.pings_unasked) control(Opcode::ping, "are you there");
  if (conduct_.pongs_unasked) control(Opcode::pong, "heartbeat");
  if (!compresses(payload.size())) return send_fragments(opcode, payload, 0);
  Bytes compressed = compressor_->compress(payload, conduct_.deflate_form, conduct_.deflate_block);
  if (conduct_.misdeflates != nullptr) conduct_.misdeflates(compressed, s_);
  send_fragments(opcode, compressed, kRsv1);
}

void Sender::send_fragments(std::uint8_t opcode, BytesView payload, std::uint8_t rsv) {
  const bool around = conduct_.empty_fragments;
  const std::size_t most = conduct_.echo_fragment == 0 ? payload.size() : conduct_.echo_fragment;
  if (!around && payload.size() <= most) return send_frame(opcode, payload, true, rsv);
  bool first = true;
  const auto send = [&](BytesView part, bool fin) {
    send_frame(first ? opcode : 0, part, fin, first ? rsv : 0);
    first = false;
  };
  if (around) send({}, false);
  while (!payload.empty()) {
    const BytesView part = payload.substr(0, most);
    payload.remove_prefix(part.size());
    send(part, payload.empty() && !around);
  }
  if (around) send({}, true);
}

void Sender::pong(BytesView payload) {
  if (conduct_.misponges == nullptr) return control(Opcode::pong, payload);
  PongReply pong{10, Bytes(payload)};
  conduct_.misponges(pong, s_);
  if (!pong.lost) send_frame(pong.opcode, pong.payload, true, 0);
}

void Sender::control(Opcode opcode, BytesView payload) {
  send_frame(static_cast<std::uint8_t>(opcode), payload, true, 0);
}

void Sender::send_frame(std::uint8_t opcode, BytesView payload, bool fin, std::uint8_t rsv) {
  ++s_.sent_frames;
  FrameHeader header = header_of(opcode, payload.size(), fin, rsv);
  if (ours_ == Role::client) header.mask = draw_key(header, payload);
  if (conduct_.misframes != nullptr) return send_odd_frame(header, payload);
  if (conduct_.when_blocked != WhenBlocked::nothing && outbox_.is_blocked())
    return send_blocked(header, payload);
  append(header, payload);
}

// RFC 6455 5.3: a fresh key for each frame, which nobody can foresee.
MaskKey Sender::draw_key(const FrameHeader& header, BytesView payload) {
  const auto fresh = static_cast<MaskKey>(next_random(random_));
  return conduct_.masks == nullptr ? fresh : conduct_.masks(fresh, header, payload, s_);
}

void Sender::append(const FrameHeader& header, BytesView payload) {
  if (header.mask) {
    Bytes octets;
    append_frame(octets, header, payload);
    return outbox_.push(std::move(octets));
  }
  char head[kMaxHeader];
  outbox_.append({head, encode_header(header, head)});
  outbox_.append(payload);
}

// Reached by the defects of a blocked write alone.
void Sender::send_blocked(const FrameHeader& header, BytesView payload) {
  Bytes octets;
  append_frame(octets, header, payload);
  const bool cuts_in = header.is(Opcode::pong)    ? goes_wrong(WhenBlocked::pong_cuts_in)
                       : header.is(Opcode::close) ? goes_wrong(WhenBlocked::close_cuts_in)
                                                  : false;
  if (cuts_in) return outbox_.cut_in(octets);
  if (header.is(Opcode::pong) && goes_wrong(WhenBlocked::pong_lost)) return;
  const bool is_short = !is_control(header.opcode) && header.form == LengthForm::bits7;
  if (is_short && goes_wrong(WhenBlocked::short_overtakes)) return outbox_.overtake(std::move(octets));
  outbox_.append(octets);
}

void Sender::send_odd_frame(const FrameHeader& header, BytesView payload) {
  s_.random = next_random(random_);
  OutFrame frame{header, Bytes(payload), false, {}};
  conduct_.misframes(frame, s_);
  if (frame.lost) return;
  Bytes octets;
  append_frame(octets, frame.header, frame.payload);
  outbox_.append(octets + frame.behind);
}

}  // namespace wsspec
