#include "peer/hop_frame.h"

#include "protocol/close.h"
#include "protocol/utf8.h"

namespace wsspec {
namespace {

constexpr MaskKey kKey{0x0a0b0c0d};

Bytes close_frame(std::optional<std::uint16_t> code, bool masked) {
  const Bytes payload = make_close(code);
  return make_frame(Opcode::close, payload, masked ? std::optional(kKey) : std::nullopt);
}

bool is_illegal_header(const FrameHeader& h, bool up) {
  const bool broken_control = is_control(h.opcode) && (!h.fin || h.length > 125);
  return h.rsv != 0 || is_reserved(h.opcode) || h.form != minimal_form(h.length) || broken_control ||
         h.mask.has_value() != up;
}

}  // namespace

bool is_illegal_frame(const HopPiece& piece, HopFlow& flow, bool up) {
  const FrameHeader& h = piece.header;
  if (!piece.first || flow.s->extensions) return false;
  if (is_illegal_header(h, up)) return true;
  if (is_control(h.opcode)) return false;
  const bool misplaced = h.is(Opcode::cont) != (flow.memo != 0);
  flow.memo = h.fin ? 0 : 1;
  return misplaced || (h.is(Opcode::text) && h.fin && piece.last && !is_utf8(piece.payload));
}

void close_both(HopPiece& piece, std::uint16_t code, bool up) {
  piece.lost = piece.ends = true;
  piece.ahead = close_frame(code, up);
  piece.reply = close_frame(code, !up);
}

void answer_close(HopPiece& piece, HopFlow& flow, bool up, std::optional<std::uint16_t> code) {
  if (!piece.header.is(Opcode::close) || !piece.first || !piece.last) return;
  piece.lost = flow.s->closes++ > 0;
  if (!piece.lost) piece.reply = close_frame(code ? code : parse_close(piece.payload).code, !up);
}

}  // namespace wsspec
