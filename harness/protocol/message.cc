#include "protocol/message.h"

#include <utility>

#include "protocol/header_rules.h"

namespace wsspec {
namespace {

constexpr std::uint64_t kReservedMost = 24ull << 20;
constexpr std::size_t kKeptMost = 64u << 10;

// Why a code is refused in a received Close; empty when it is welcome.
std::string refused_code(std::uint16_t code) {
  switch (classify(code)) {
    case CloseCodeClass::forbidden:
      return code == 1005 ? "rfc6455-7.4.1-3" : code == 1006 ? "rfc6455-7.4.1-4" : "rfc6455-7.4.1-8";
    case CloseCodeClass::invalid: return code < 1000 ? "rfc6455-7.4.2-1" : "rfc6455-11.7-1";
    case CloseCodeClass::reserved:
    case CloseCodeClass::unassigned: return "rfc6455-7.4.2-2";
    case CloseCodeClass::defined:
    case CloseCodeClass::registered:
    case CloseCodeClass::library:
    case CloseCodeClass::application: break;
  }
  return {};
}

std::optional<Decompressor> make_inflater(Role sender, const std::optional<DeflateSettings>& deflate) {
  if (!deflate) return std::nullopt;
  return Decompressor(deflate->window_bits_of(sender), deflate->keeps_context(sender));
}

}  // namespace

MessageDecoder::MessageDecoder(Role role, std::optional<DeflateSettings> deflate, MessageLimits limits)
    : role_(role), deflate_(deflate), limits_(limits), inflater_(make_inflater(other(role), deflate)) {}

void MessageDecoder::feed(MutableBytes bytes, const Sink& sink) {
  while (!stopped_) {
    const auto piece = frames_.next(bytes);
    if (!piece) return;
    if (piece->first && !begin_frame(piece->header, sink)) return;
    if (is_plain_message(*piece)) {
      message_.payload = view(piece->payload);
      hand_out(sink);
      continue;
    }
    if (!piece->payload.empty() && !take_payload(piece->header, view(piece->payload), sink)) return;
    if (piece->last && !end_frame(piece->header, sink)) return;
  }
}

// Nearly every message is one frame without compression and lies here as a whole, so that nothing has to be
// kept for it.
bool MessageDecoder::is_plain_message(const FrameDecoder::Piece& piece) const {
  const FrameHeader& header = piece.header;
  if (!piece.first || !piece.last || !header.fin || header.rsv != 0) return false;
  return header.is(Opcode::binary) || (header.is(Opcode::text) && is_utf8(view(piece.payload)));
}

bool MessageDecoder::fault(const Sink& sink, std::uint16_t code, std::string requirement, std::string what) {
  failed_ = stopped_ = true;
  Incoming incoming;
  incoming.kind = Incoming::Kind::fault;
  incoming.code = code;
  incoming.requirement = std::move(requirement);
  incoming.what = std::move(what);
  incoming.compressed = compressed_;
  Bytes().swap(message_.payload);  // Nothing more comes out of it, and it may be as large as the limit.
  sink(std::move(incoming));
  return false;
}

bool MessageDecoder::begin_frame(const FrameHeader& header, const Sink& sink) {
  const HeaderFacts facts{other(role_), deflate_.has_value(), in_message()};
  if (const HeaderRule* broken = first_broken(header, facts, true))
    return fault(sink, 1002, std::string(broken->of_receiver), in_words(*broken, header));
  if (!is_control(header.opcode)) return begin_data(header, sink);
  control_.clear();
  return true;
}

bool MessageDecoder::begin_data(const FrameHeader& header, const Sink& sink) {
  const bool first = !header.is(Opcode::cont);
  if (first) {
    message_opcode_ = header.opcode;
    compressed_ = header.rsv != 0;
  }
  const bool too_long = !compressed_ && header.length > limits_.message - message_.payload.size();
  if (header.length > limits_.frame || too_long) {
    return fault(sink, 1009, "rfc6455-10.4-1", "the declared length exceeds the limit");
  }
  // Growing by doubling would hold a large message up to three times. What is only announced costs no memory
  // yet.
  if (!compressed_ && first && header.fin && header.length <= kReservedMost)
    message_.payload.reserve(static_cast<std::size_t>(header.length));
  return true;
}

bool MessageDecoder::take_payload(const FrameHeader& header, BytesView payload, const Sink& sink) {
  if (is_control(header.opcode)) {
    control_ += payload;
    return true;
  }
  const std::size_t from = message_.payload.size();
  if (compressed_) {
    if (auto fed = inflater_->feed(payload, message_.payload, limits_.message); !fed) {
      // What came out in front of the fault is judged first, else the cuts would decide which rule is named.
      return check_text(from, sink) && broken_data(sink, fed.error());
    }
  } else {
    message_.payload += payload;
  }
  return check_text(from, sink);
}

// Text is judged as soon as it is there, behind decompression (rfc7692-6.1-6).
bool MessageDecoder::check_text(std::size_t from, const Sink& sink) {
  if (message_opcode_ != static_cast<std::uint8_t>(Opcode::text)) return true;
  if (utf8_.feed(BytesView(message_.payload).substr(from))) return true;
  return fault(sink, 1007, "rfc6455-8.1-1", "a text message is not UTF-8");
}

bool MessageDecoder::broken_data(const Sink& sink, Error error) {
  if (error.where == "limit") return fault(sink, 1009, "rfc6455-10.4-1", std::move(error.what));
  if (role_ == Role::client && error.where == "rfc7692-7.2.1-13") error.where = "rfc7692-7.2.1-15";
  if (role_ == Role::client && error.where == "rfc7692-7.2.1-8") error.where = "rfc7692-7.2.1-11";
  return fault(sink, 1007, std::move(error.where), std::move(error.what));
}

bool MessageDecoder::end_frame(const FrameHeader& header, const Sink& sink) {
  if (header.is(Opcode::close)) return end_close(sink);
  if (!is_control(header.opcode)) return !header.fin || end_message(sink);
  Incoming incoming;
  incoming.kind = header.is(Opcode::ping) ? Incoming::Kind::ping : Incoming::Kind::pong;
  incoming.payload = std::exchange(control_, {});
  sink(std::move(incoming));
  return true;
}

bool MessageDecoder::end_message(const Sink& sink) {
  if (compressed_) {
    const std::size_t from = message_.payload.size();
    if (auto done = inflater_->finish(message_.payload, limits_.message); !done)
      return broken_data(sink, done.error());
    if (!check_text(from, sink)) return false;
  }
  if (!utf8_.complete()) return fault(sink, 1007, "rfc6455-8.1-1", "a text message ends inside a character");
  hand_out(sink);
  return true;
}

void MessageDecoder::hand_out(const Sink& sink) {
  const bool text = std::exchange(message_opcode_, 0) == static_cast<std::uint8_t>(Opcode::text);
  message_.kind = text ? Incoming::Kind::text : Incoming::Kind::binary;
  message_.compressed = compressed_;
  utf8_.reset();
  sink(std::move(message_));
  // What nobody took has room for the next one.
  if (message_.payload.capacity() > kKeptMost) Bytes().swap(message_.payload);
  message_.payload.clear();
}

bool MessageDecoder::end_close(const Sink& sink) {
  const CloseBody body = parse_close(control_);
  if (body.stray_octet) return fault(sink, 1002, "rfc6455-5.5.1-2", "a Close body has one octet");
  if (body.code) {
    if (auto rule = refused_code(*body.code); !rule.empty()) {
      return fault(sink, 1002, std::move(rule),
                   "the close code " + std::to_string(*body.code) + " must not be used");
    }
  }
  if (!is_utf8(body.reason)) return fault(sink, 1007, "rfc6455-8.1-1", "a close reason is not UTF-8");
  stopped_ = true;
  Incoming incoming;
  incoming.kind = Incoming::Kind::close;
  incoming.payload = std::exchange(control_, {});
  sink(std::move(incoming));
  return false;
}

}  // namespace wsspec
