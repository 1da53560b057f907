#include "model/rules.h"

#include <algorithm>
#include <utility>

namespace wsspec {
namespace {

constexpr std::uint8_t kText = 1, kPing = 9;
constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63;
constexpr BytesView kTail("\x00\x00\xff\xff", 4);
// What is kept of things that must cause no reaction: enough to recognise one, too little to fill memory.
constexpr std::size_t kMostForbidden = 256, kMostForbiddenOctets = 4u << 20;

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  return a > kNoOffset - b ? kNoOffset : a + b;
}

void append_unmasked(Bytes& out, BytesView piece, const FrameHeader& header, std::uint64_t offset) {
  const std::size_t at = out.size();
  out += piece;
  if (header.mask) apply_mask(MutableBytes(out).subspan(at), *header.mask, offset);
}

}  // namespace

std::string_view ruling_name(Ruling ruling) {
  static constexpr std::string_view kNames[] = {"must-accept", "may-fail", "must-fail", "must-close",
                                                "unknown"};
  return kNames[static_cast<std::size_t>(ruling)];
}

Model::Model(Agreement agreement) : agreement_(agreement) {
  if (!agreement_.deflate) return;
  const Role sender = other(agreement_.tested);
  inflater_.emplace(1u << agreement_.deflate->window_bits_of(sender));
  takeover_ = agreement_.deflate->keeps_context(sender);
}

void Model::forget_echoes(std::size_t count) {
  now_.echoes.erase(now_.echoes.begin(), now_.echoes.begin() + static_cast<std::ptrdiff_t>(count));
}

void Model::forget_pings(std::size_t count) {
  now_.pings.erase(now_.pings.begin(), now_.pings.begin() + static_cast<std::ptrdiff_t>(count));
}

void Model::sent(BytesView octets) {
  while (!octets.empty()) {
    if (!in_payload_) {
      if (!complete_header(octets)) break;
      begin_frame();
    }
    const BytesView piece = octets.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), header_.length - payload_done_)));
    octets.remove_prefix(piece.size());
    if (!piece.empty()) take_payload(piece);
    now_.sent += piece.size();
    payload_done_ += piece.size();
    if (payload_done_ == header_.length) end_frame();
  }
  update_ruling();
}

void Model::sent_fin() {
  now_.half_closed = true;
  if (phase_ == Phase::serving && message_opcode_ != 0 && !message_.empty()) {
    Stimulus part = take_message();
    part.requirement = "rfc6455-5.4-1";
    forbid(std::move(part));
  }
}

void Model::sent_reset() {
  now_.reset = true;
}

// Takes octets of a header; true when header_ is complete.
bool Model::complete_header(BytesView& octets) {
  if (held_ == 0) {
    frame_begin_ = now_.sent;
    if (const std::size_t size = decode_header(octets, header_); size != 0) {
      octets.remove_prefix(size);
      now_.sent += size;
      return true;
    }
  }
  while (!octets.empty()) {
    head_[held_++] = octets.front();
    octets.remove_prefix(1);
    ++now_.sent;
    if (decode_header(BytesView(head_.data(), held_), header_) != 0) {
      held_ = 0;
      return true;
    }
  }
  judge_partial_header();
  return false;
}

// An endpoint may fail on the first octet already, long before the header is complete.
void Model::judge_partial_header() {
  if (phase_ != Phase::serving || held_ == 0) return;
  FrameHeader known;
  const std::uint8_t first = octet(head_[0]);
  known.fin = (first & 0x80) != 0;
  known.rsv = first >> 4 & 7;
  known.opcode = first & 15;
  if (agreement_.tested == Role::server) known.mask = 0;
  bool length_known = false;
  if (held_ >= 2) {
    const std::uint8_t second = octet(head_[1]), short_length = second & 0x7f;
    known.mask = (second & 0x80) != 0 ? std::optional<MaskKey>(0) : std::nullopt;
    const std::size_t octets = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
    known.form = octets == 0 ? LengthForm::bits7 : octets == 2 ? LengthForm::bits16 : LengthForm::bits64;
    length_known = held_ >= 2 + octets;
    known.length = octets == 0 ? short_length : 0;
    if (octets != 0 && length_known) known.length = read_big_endian(BytesView(head_.data() + 2, octets));
    if (octets == 8 && held_ >= 3 && (octet(head_[2]) & 0x80) != 0) known.length = kTopBit;
  }
  if (const auto fault = find_fault(known)) {
    allow_failing(frame_begin_ + fault->octet, fault->of_receiver, fault->what);
  } else if (length_known || (is_control(known.opcode) && held_ >= 2)) {
    check_open_questions(known);
  }
}

const HeaderRule* Model::find_fault(const FrameHeader& h) const {
  return first_broken(h, {other(agreement_.tested), agreement_.deflate.has_value(), message_opcode_ != 0},
                      true);
}

void Model::begin_frame() {
  in_payload_ = true;
  payload_done_ = 0;
  control_.clear();
  if (phase_ == Phase::serving) {
    if (const auto fault = find_fault(header_)) {
      // With the top bit set the frame never ends; all other faults may be judged at the end of the frame.
      const std::uint64_t by = (header_.length & kTopBit) != 0 ? now_.sent : plus(now_.sent, header_.length);
      demand_failing(frame_begin_ + fault->octet, by, fault->of_receiver, fault->what);
      if (message_opcode_ != 0 && !is_control(header_.opcode) && !header_.is(Opcode::cont))
        forbid(take_message());
    } else {
      check_open_questions(header_);
    }
  }
  if (is_control(header_.opcode)) return;
  now_.data = true;
  if (message_opcode_ == 0 || !header_.is(Opcode::cont)) {
    take_message();
    message_opcode_ = header_.opcode == 0 ? kText : header_.opcode;
    compressed_ = (header_.rsv & kRsv1) != 0 && inflater_;
    fragmented_ = !header_.fin;
    message_begin_ = now_.sent;
  }
}

void Model::check_open_questions(const FrameHeader& h) {
  const bool control = is_control(h.opcode);
  if (h.form != minimal_form(h.length)) {
    // On a control frame the short length alone, 126 or 127, is enough to refuse.
    allow_failing(frame_begin_ + (control                        ? 2
                                  : h.form == LengthForm::bits16 ? 4
                                                                 : 10),
                  "rfc6455-5.2-6", "a length in more octets than needed");
  }
  if (!control &&
      (h.length > agreement_.limits.frame || plus(message_octets_, h.length) > agreement_.limits.message)) {
    allow_failing(frame_begin_ + 2, "rfc6455-10.4-1", "more octets than the declared limit");
  }
}

void Model::take_payload(BytesView piece) {
  if (phase_ == Phase::unknown) return;
  if (is_control(header_.opcode)) {
    if (control_.size() <= 65536) append_unmasked(control_, piece, header_, payload_done_);
    if (header_.is(Opcode::close) && phase_ == Phase::serving) check_partial_close();
    return;
  }
  message_octets_ += piece.size();
  const std::size_t from = message_.size();
  if (compressed_) {
    inflate(piece);
  } else if (message_.size() + piece.size() > agreement_.limits.message) {
    too_large_ = true;
  } else {
    append_unmasked(message_, piece, header_, payload_done_);
  }
  if (message_opcode_ == kText && phase_ == Phase::serving)
    take_text(BytesView(message_).substr(from), now_.sent, utf8_);
}

// `begin`: where the first of these octets stands among those sent, unless they were compressed.
void Model::take_text(BytesView piece, std::uint64_t begin, Utf8Validator before) {
  if (text_broken_ || utf8_.feed(piece)) return;
  text_broken_ = true;
  std::uint64_t at = message_begin_;
  if (!compressed_) {
    std::size_t good = 0;
    while (before.feed(piece.substr(good, 1))) ++good;
    at = begin + good + 1;
  }
  allow_failing(at, "rfc6455-8.1-1", "a text message that is not UTF-8");
}

void Model::inflate(BytesView piece) {
  if (inflate_fault_ != InflateFault::none) return;
  Bytes plain;
  append_unmasked(plain, piece, header_, payload_done_);
  inflate_fault_ = inflater_->feed(plain, [&](BytesView out) {
    if (message_.size() + out.size() > agreement_.limits.message) return false;
    message_ += out;
    return true;
  });
  if (phase_ != Phase::serving) return;
  switch (inflate_fault_) {
    case InflateFault::none: return;
    case InflateFault::block_type:
    case InflateFault::stored_length:
    case InflateFault::symbol: break;
    case InflateFault::history:
      if (takeover_ && !history_unsure_) break;
      return give_up("rfc7692-7.2.1-8", "a reference into a context that was given up");
    // Inflaters differ in the incomplete codes that they take.
    case InflateFault::code: return give_up("rfc7692-7.2.2-1", "a doubtful set of code lengths");
    // The rule binds whoever compresses; a receiver may keep more than the agreed window.
    case InflateFault::window: return give_up("rfc7692-7.2.1-13", "a reference beyond the agreed window");
    case InflateFault::refused: return give_up("rfc6455-10.4-1", "more octets than the declared limit");
  }
  allow_failing(message_begin_, "rfc7692-7.2.2-1", "a payload that is no DEFLATE data");
}

void Model::end_frame() {
  in_payload_ = false;
  if (phase_ == Phase::unknown) return;
  if (is_control(header_.opcode)) {
    if (phase_ != Phase::serving) return end_forbidden();
    if (header_.is(Opcode::close)) return end_close();
    if (!header_.is(Opcode::ping)) return;
    now_.pings.push_back({kPing, std::exchange(control_, {}), now_.sent, false, false, {}});
    return;
  }
  if (!header_.fin) return;
  if (phase_ == Phase::serving) return end_message();
  if (compressed_ && inflate_fault_ == InflateFault::none) {
    inflate_fault_ = inflater_->feed(kTail, [&](BytesView out) { return message_ += out, true; });
  }
  forbid(take_message());
}

void Model::end_forbidden() {
  if (header_.opcode != kPing) return;
  forbid({kPing, std::exchange(control_, {}), now_.sent, false, false, {}});
}

void Model::end_message() {
  if (too_large_) {
    give_up("rfc6455-10.4-1", "more octets than the declared limit");
  } else if (compressed_) {
    end_inflation();
  }
  if (phase_ == Phase::serving && message_opcode_ == kText && (text_broken_ || !utf8_.complete())) {
    demand_failing(now_.sent, now_.sent, "rfc6455-8.1-1", "a text message that is not UTF-8");
  }
  if (phase_ == Phase::failed) return forbid(take_message());
  Stimulus message = take_message();
  if (phase_ == Phase::serving && agreement_.returns(message.opcode, message.payload.empty()))
    now_.echoes.push_back(std::move(message));
}

void Model::end_inflation() {
  if (inflate_fault_ != InflateFault::none) {
    return demand_failing(message_begin_, now_.sent, "rfc7692-7.2.2-1", "a payload that is no DEFLATE data");
  }
  if (message_octets_ == 0) return give_up("rfc7692-7.2.3.6-1", "a compressed message without any octet");
  const std::size_t from = message_.size();
  const InflateFault fault = inflater_->feed(kTail, [&](BytesView out) { return message_ += out, true; });
  if (fault != InflateFault::none || !inflater_->at_block_boundary()) {
    return give_up("rfc7692-7.2.1-1", "a compressed message that does not end as it should");
  }
  if (message_opcode_ == kText) take_text(BytesView(message_).substr(from), now_.sent, utf8_);
  // Whether the window lives on behind a final block is nowhere said.
  if (inflater_->final_seen()) history_unsure_ = true;
  if (!takeover_ || inflater_->final_seen()) inflater_->reset();
}

// A receiver may notice as soon as it has the octets that are wrong (7.1.7 names no moment).
void Model::check_partial_close() {
  const CloseBody body = parse_close(control_);
  if (!body.code) return;
  const bool wrong_code =
      demand_of({body.code, {}, false}, other(agreement_.tested)) != SentClose::Demand::orderly;
  Utf8Validator reason;
  if (wrong_code || !reason.feed(body.reason))
    allow_failing(frame_begin_ + 1, wrong_code ? requirement_of({body.code, {}, false}) : "rfc6455-8.1-1",
                  "a Close with a body that must not be");
}

void Model::end_close() {
  SentClose close{parse_close(control_), {}, message_opcode_ != 0, frame_begin_, now_.sent};
  close.demand = demand_of(close.body, other(agreement_.tested));
  using enum SentClose::Demand;
  // A length in a longer form than needed may be called a fault (5.2), also here.
  const bool roundabout = header_.form != minimal_form(header_.length);
  if (roundabout && (close.demand == orderly || close.demand == registered)) close.demand = open;
  const std::uint64_t from = frame_begin_ + 1;
  switch (close.demand) {
    case orderly: break;
    case registered:
    case open:
    case reserved: allow_failing(from, requirement_of(close.body), "a close code that is not defined"); break;
    case refuse:
      demand_failing(from, now_.sent, requirement_of(close.body), "a Close with a body that must not be");
      break;
    case refuse_text:
      demand_failing(from, now_.sent, "rfc6455-8.1-1", "a close reason that is not UTF-8");
      break;
  }
  now_.close = std::move(close);
  phase_ = Phase::closing;
  take_message();
}

void Model::allow_failing(std::uint64_t from, std::string_view requirement, std::string_view what) {
  if (now_.may_fail_from == kNoOffset) {
    now_.requirement = requirement;
    now_.what = what;
  }
  now_.may_fail_from = std::min(now_.may_fail_from, from);
}

void Model::demand_failing(std::uint64_t from, std::uint64_t by, std::string_view requirement,
                           std::string_view what) {
  now_.may_fail_from = std::min(now_.may_fail_from, from);
  now_.must_fail_by = std::min(now_.must_fail_by, by);
  now_.requirement = requirement;
  now_.what = what;
  phase_ = Phase::failed;
}

void Model::give_up(std::string_view requirement, std::string_view what) {
  allow_failing(std::min(now_.sent, message_begin_), requirement, what);
  phase_ = Phase::unknown;
}

void Model::forbid(Stimulus stimulus) {
  const bool full = now_.forbidden.size() >= kMostForbidden ||
                    forbidden_octets_ + stimulus.payload.size() > kMostForbiddenOctets;
  if (full || stimulus.opcode == 0) return;
  if (stimulus.requirement.empty()) {
    const bool later = !now_.forbidden.empty();
    stimulus.requirement = phase_ == Phase::closing ? "rfc6455-5.5.1-17"
                           : later                  ? "rfc6455-7.1.7-7"
                                                    : now_.requirement;
  }
  forbidden_octets_ += stimulus.payload.size();
  now_.forbidden.push_back(std::move(stimulus));
}

Stimulus Model::take_message() {
  Stimulus message{message_opcode_, std::exchange(message_, {}), now_.sent, fragmented_, compressed_, {}};
  message_opcode_ = 0;
  compressed_ = text_broken_ = too_large_ = false;
  message_octets_ = 0;
  inflate_fault_ = InflateFault::none;
  utf8_.reset();
  return message;
}

void Model::update_ruling() {
  now_.ruling = phase_ == Phase::unknown         ? Ruling::unknown
                : now_.must_fail_by != kNoOffset ? Ruling::must_fail
                : now_.close                     ? Ruling::must_close
                : now_.may_fail()                ? Ruling::may_fail
                                                 : Ruling::must_accept;
}

std::string_view Model::state() const {
  switch (phase_) {
    case Phase::failed: return "failed";
    case Phase::closing: return "closing";
    case Phase::unknown: return "unknown";
    case Phase::serving: break;
  }
  if (held_ != 0) return message_opcode_ != 0 ? "header-in-message" : "header";
  if (in_payload_ && is_control(header_.opcode))
    return message_opcode_ != 0 ? "control-in-message" : "control";
  if (message_opcode_ == 0) return "idle";
  if (compressed_) return message_opcode_ == kText ? "in-deflated-text" : "in-deflated-binary";
  return message_opcode_ == kText ? "in-text" : "in-binary";
}

}  // namespace wsspec
