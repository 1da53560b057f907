#include "peer/receiver.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocol/close.h"
#include "protocol/header_rules.h"

namespace wsspec {
namespace {

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max() / 2;
constexpr std::uint8_t kText = 1;
constexpr std::size_t kKeptBuffer = 1 << 20;  ///< A larger one is not kept between messages.

// By which name a defect overlooks it.
Rule rule_of(HeaderFault fault) {
  switch (fault) {
    case HeaderFault::opcode: return Rule::opcode;
    case HeaderFault::bits:
    case HeaderFault::misplaced_rsv1: return Rule::reserved_bits;
    case HeaderFault::fragmented_control: return Rule::control_fin;
    case HeaderFault::orphan: return Rule::orphan;
    case HeaderFault::interleaved: return Rule::interleaving;
    case HeaderFault::unmasked:
    case HeaderFault::masked: return Rule::masked;
    case HeaderFault::long_control: return Rule::control_length;
    case HeaderFault::top_bit:
    case HeaderFault::long_form: break;
  }
  return Rule::top_bit;
}

}  // namespace

Receiver::Receiver(Role ours, const Conduct& conduct, const MessageLimits& limits, Situation& situation,
                   Sink& sink)
    : sender_(other(ours)),
      conduct_(conduct),
      limits_(limits),
      s_(situation),
      sink_(sink),
      text_(conduct.utf8),
      joined_(kHeadroom, '\0') {}

void Receiver::agree(const std::optional<DeflateSettings>& deflate) {
  s_.deflate = deflate.has_value();
  if (!deflate) return;
  s_.settings = *deflate;
  const bool takeover = deflate->keeps_context(sender_) || conduct_.keeps_inflate_context;
  inflater_.emplace(std::max(8, deflate->window_bits_of(sender_) - conduct_.inflate_bits_less), takeover);
}

void Receiver::feed(MutableBytes bytes) {
  while (!stopped_) {
    const std::size_t left = bytes.size();
    auto piece = frames_.next(bytes);
    note_header(left, piece);
    if (!piece) break;
    if (piece->first && !begin(piece->header)) continue;
    if (skip_ || take(*piece)) {
      if (piece->last) finish(piece->header);
    }
  }
  if (!stopped_ && s_.in_message() && !text_.end_of(Utf8Rules::Scope::chunk)) bad_text(s_.last_header);
}

void Receiver::end() {
  const bool delivers =
      conduct_.delivers_unfinished || (conduct_.delivers_unfinished_deflated && s_.compressed);
  if (stopped_ || !s_.in_message() || !delivers) return;
  deliver(joined(), nullptr);
}

void Receiver::note_header(std::size_t octets_left, const std::optional<FrameDecoder::Piece>& piece) {
  if (!piece) {
    if (!frames_.pending()) s_.header_held += static_cast<unsigned>(octets_left);
    return;
  }
  if (piece->first) {
    ++s_.frames, ++s_.frames_in_chunk;
    s_.pieces = 0, s_.at_hand = piece->payload.size();
  }
  ++s_.pieces;
}

std::uint64_t Receiver::limited(std::uint64_t declared) const {
  return conduct_.unlimited ? kUnlimited : declared + static_cast<std::uint64_t>(conduct_.limit_error);
}

std::uint64_t Receiver::message_limit() const {
  return limited(limits_.message);
}

bool Receiver::overlooked(Rule rule, const FrameHeader& h) const {
  return conduct_.overlooks != nullptr && conduct_.overlooks(rule, h, s_);
}

bool Receiver::fault(Rule rule, std::uint16_t code, std::string_view what, const FrameHeader& h) {
  ++s_.faults;
  stopped_ = true;
  skip_ = true;
  s_.message_opcode = 0;
  sink_.take_fault(rule, code, what, h);
  return false;
}

bool Receiver::too_large(const FrameHeader& h) const {
  if (is_control(h.opcode) || is_reserved(h.opcode)) return false;
  const bool compressed = h.is(Opcode::cont) ? s_.compressed : (h.rsv & kRsv1) != 0;
  const bool whole_message = s_.in_message() && !conduct_.limit_per_frame_only;
  const std::uint64_t room = message_limit() - std::min(message_limit(), whole_message ? joined().size() : 0);
  return h.length > (compressed ? limited(limits_.frame) : std::min(limited(limits_.frame), room));
}

// Whoever judges a header late takes the payload first, unless there is too much of it.
bool Receiver::may_wait(const FrameHeader& h) const {
  constexpr std::uint64_t kMost = 64 * 1024;
  return conduct_.judges_headers_late && h.length <= kMost;
}

bool Receiver::begin(const FrameHeader& h) {
  skip_ = false;
  const HeaderFacts facts{sender_, s_.deflate, s_.in_message()};
  for (const HeaderRule& broken : kHeaderRules) {
    if (broken.of_receiver.empty() || !broken.broken(h, facts)) continue;
    const Rule rule = rule_of(broken.fault);
    if (overlooked(rule, h)) continue;
    if (!may_wait(h)) return fault(rule, 1002, broken.what, h);
    late_ = &broken;
    return skip_ = true;
  }
  if (too_large(h) && !overlooked(Rule::limit, h)) return fault(Rule::limit, 1009, "message is too big", h);
  if (conduct_.refuses != nullptr && conduct_.refuses(h, s_))
    return fault(Rule::opcode, 1002, "unexpected frame", h);
  opcode_ = conduct_.reads_as != nullptr ? conduct_.reads_as(h, s_) : h.opcode;
  fin_ = conduct_.sees_fin != nullptr ? conduct_.sees_fin(h, s_) : h.fin;
  skip_ = is_reserved(opcode_) || (conduct_.skips_frame != nullptr && conduct_.skips_frame(h, s_));
  frame_octets_ = 0;
  if (skip_) return true;
  if (is_control(opcode_)) {
    control_.clear();
  } else {
    begin_data(h);
  }
  return true;
}

void Receiver::begin_data(const FrameHeader& h) {
  // An orphan or an interruption comes here only when its rule was overlooked.
  const bool continues = s_.in_message() && (opcode_ == 0 || !conduct_.interruption_replaces);
  if (continues) {
    ++s_.fragments;
  } else {
    s_.message_opcode = opcode_ == 0 ? kText : opcode_;
    s_.compressed = s_.deflate && ((h.rsv & kRsv1) != 0 || conduct_.inflates_everything);
    s_.fragments = 1, s_.controls_inside = 0, s_.message_octets = 0;
    joined_.resize(kHeadroom);
    deflated_.clear();
    text_.reset();
  }
  in_place_ = {};
  fragment_begin_ = joined_.size();
}

bool Receiver::take(const FrameDecoder::Piece& piece) {
  if (conduct_.garbles != nullptr) conduct_.garbles(piece.payload, piece.header, frame_octets_, s_);
  frame_octets_ += piece.payload.size();
  const BytesView payload = view(piece.payload);
  if (is_control(opcode_)) return control_.append(payload), true;
  if (s_.compressed) {
    // Pieces are inflated as they come unless a hook wants to see the whole.
    if (conduct_.misinflates == nullptr && conduct_.refuses_deflated == nullptr)
      return inflate(payload, piece.header);
    return deflated_.append(payload), true;
  }
  if (s_.message_opcode == kText && !text_.feed(payload) && !bad_text(piece.header)) return false;
  const bool whole_message = piece.first && piece.last && fin_ && s_.fragments == 1;
  if (whole_message && conduct_.after_fragment == nullptr) {
    in_place_ = payload;  // The usual small message needs no buffer of its own.
  } else {
    joined_.append(payload);
  }
  return true;
}

bool Receiver::bad_text(const FrameHeader& h) {
  return overlooked(Rule::text, h) || fault(Rule::text, 1007, "text is not UTF-8", h);
}

std::uint64_t Receiver::inflated_limit() const {
  if (conduct_.limit_compressed_only) return kUnlimited;
  return message_limit() + (conduct_.limit_inflated_per_frame ? fragment_begin_ : kHeadroom);
}

bool Receiver::inflate(BytesView piece, const FrameHeader& h) {
  const auto done = inflater_->feed(piece, joined_, inflated_limit());
  return done ? true : bad_inflation(done.error(), h);
}

bool Receiver::bad_inflation(const Error& error, const FrameHeader& h) {
  if (error.where == "limit") return fault(Rule::limit, 1009, "message is too big", h);
  if (overlooked(Rule::inflation, h)) return true;
  return fault(Rule::inflation, 1007, "compressed data are broken", h);
}

void Receiver::finish(const FrameHeader& h) {
  if (const HeaderRule* broken = std::exchange(late_, nullptr)) {
    fault(rule_of(broken->fault), 1002, broken->what, h);
    return;
  }
  const bool goes_on = skip_ || (is_control(opcode_) ? finish_control(h) : finish_data(h));
  if (goes_on && inflater_ && conduct_.forgets_context != nullptr && conduct_.forgets_context(h, s_)) {
    inflater_->reset();
  }
  s_.last_header = h;
  s_.header_held = 0;
}

bool Receiver::finish_control(const FrameHeader& h) {
  if (s_.in_message()) ++s_.controls_inside;
  if (opcode_ == static_cast<std::uint8_t>(Opcode::ping)) {
    ++s_.pings, ++s_.pings_in_chunk;
    sink_.take_ping(control_);
  } else if (opcode_ == static_cast<std::uint8_t>(Opcode::pong)) {
    sink_.take_pong(control_);
  } else {
    return finish_close(h);
  }
  if (conduct_.after_control != nullptr) conduct_.after_control(joined_, control_, h, s_);
  return !stopped_;
}

bool Receiver::finish_close(const FrameHeader& h) {
  const CloseBody body = parse_close(control_);
  s_.close_code = body.code.value_or(0);
  if (body.stray_octet && !overlooked(Rule::close_length, h)) {
    return fault(Rule::close_length, 1002, "Close body of one octet", h);
  }
  if (body.code && !may_be_received(*body.code) && !overlooked(Rule::close_code, h)) {
    return fault(Rule::close_code, 1002, "close code is not allowed", h);
  }
  if (!is_utf8(body.reason) && !overlooked(Rule::close_reason, h)) {
    return fault(Rule::close_reason, 1007, "close reason is not UTF-8", h);
  }
  stopped_ = true;
  sink_.take_close(control_);
  return !stopped_;
}

bool Receiver::may_be_received(std::uint16_t code) const {
  if (conduct_.refuses_code != nullptr && conduct_.refuses_code(code)) return false;
  switch (classify(code)) {
    case CloseCodeClass::defined:
    case CloseCodeClass::registered:
    case CloseCodeClass::library:
    case CloseCodeClass::application: return true;
    case CloseCodeClass::unassigned: return conduct_.keeps_unassigned_codes;
    case CloseCodeClass::invalid: return code >= 5000 && conduct_.keeps_high_codes;
    default: return false;
  }
}

bool Receiver::finish_data(const FrameHeader& h) {
  s_.message_octets += h.length;
  const bool plain_text = s_.message_opcode == kText && !s_.compressed;
  if (plain_text && !text_.end_of(Utf8Rules::Scope::frame) && !bad_text(h)) return false;
  if (conduct_.after_fragment != nullptr) conduct_.after_fragment(joined_, fragment_begin_, s_);
  if (!fin_) return s_.compressed && conduct_.finishes_each_fragment ? finish_inflation(h) : true;
  if (s_.compressed && !finish_compressed(h)) return false;
  if (s_.message_opcode == kText && !text_.complete() && !bad_text(h)) return false;
  if (in_place_.data() != nullptr) return deliver(in_place_, nullptr);
  return deliver(joined(), &joined_);
}

bool Receiver::finish_compressed(const FrameHeader& h) {
  ++s_.compressed_messages;
  if (conduct_.refuses_deflated != nullptr && conduct_.refuses_deflated(deflated_, s_)) {
    return fault(Rule::inflation, 1007, "compressed data are broken", h);
  }
  if (conduct_.misinflates != nullptr) conduct_.misinflates(deflated_, s_);
  if (!deflated_.empty() && !inflate(deflated_, h)) return false;
  if (!finish_inflation(h)) return false;
  // RFC 7692 6.1: the text is what came out; it is checked once, so that pieces cannot change which fault
  // comes first.
  if (s_.message_opcode == kText && !(text_.feed(joined()) && text_.end_of(Utf8Rules::Scope::frame)))
    return bad_text(h);
  return true;
}

bool Receiver::finish_inflation(const FrameHeader& h) {
  const auto done = inflater_->finish(joined_, inflated_limit());
  return done ? true : bad_inflation(done.error(), h);
}

bool Receiver::deliver(BytesView payload, Bytes* buffer) {
  ++s_.messages;
  if (s_.fragments > 1) ++s_.fragmented_messages;
  sink_.take_message({s_.message_opcode, payload, buffer});
  s_.message_opcode = 0;
  if (joined_.capacity() > kKeptBuffer) joined_ = Bytes();
  joined_.resize(kHeadroom);
  return !stopped_;
}

}  // namespace wsspec
