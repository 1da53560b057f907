// Frames (RFC 6455 5.2): encodes and decodes any frame, legal or not.
//
// What it is not: a judge. Reserved bits, unknown opcodes, long control frames, wrong masks and roundabout
// lengths all pass through; message.h and rules.h say what is allowed. Invariants: decode(encode(f)) == f for
// every header; how the octets are cut into chunks never matters.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/bytes.h"
#include "protocol/mask.h"

namespace wsspec {

enum class Opcode : std::uint8_t { cont = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(std::uint8_t opcode) {
  return (opcode & 8) != 0;
}
constexpr bool is_reserved(std::uint8_t opcode) {
  return (opcode & 7) > 2;
}
/// "text", "ping", ...; "op3" for the reserved ones.
std::string opcode_name(std::uint8_t opcode);

/// How the payload length is written: in the 7 bits, or in 16 or 64 bits behind them.
enum class LengthForm : std::uint8_t { bits7 = 7, bits16 = 16, bits64 = 64 };
/// The shortest form, the only one a sender may use (5.2).
constexpr LengthForm minimal_form(std::uint64_t length) {
  return length < 126 ? LengthForm::bits7 : length < 65536 ? LengthForm::bits16 : LengthForm::bits64;
}

/// The bit of FrameHeader::rsv that marks a compressed message (RFC 7692 6).
inline constexpr std::uint8_t kRsv1 = 4;

struct FrameHeader {
  bool fin = true;
  std::uint8_t rsv = 0;     ///< The three bits as one number: RSV1 = 4, RSV2 = 2, RSV3 = 1.
  std::uint8_t opcode = 1;  ///< 0 to 15.
  std::optional<MaskKey> mask{};
  std::uint64_t length = 0;  ///< As declared; the top bit may be set.
  LengthForm form = LengthForm::bits7;
  bool operator==(const FrameHeader&) const = default;

  constexpr bool is(Opcode o) const { return opcode == static_cast<std::uint8_t>(o); }
};

inline constexpr std::size_t kMaxHeader = 14;

/// Writes the header's octets to `out` (kMaxHeader of room) and returns how many.
/// A length too large for its form is cut to the form's bits: the caller wanted it so.
std::size_t encode_header(const FrameHeader& header, char* out);
/// Appends header and payload; the payload is masked when the header has a key.
void append_frame(Bytes& out, const FrameHeader& header, BytesView payload);
/// A correct frame: minimal length, given mask.
Bytes make_frame(Opcode opcode, BytesView payload, std::optional<MaskKey> mask, bool fin = true,
                 std::uint8_t rsv = 0);

/// Incremental decoder. Feed it octets; it hands out each frame in pieces that point into the fed octets:
///
///   while (auto piece = decoder.next(bytes)) ...   // `bytes` shrinks from the front
///
/// It keeps at most kMaxHeader octets itself, whatever length is declared.
class FrameDecoder {
 public:
  struct Piece {
    FrameHeader header;
    MutableBytes payload;  ///< Unmasked in place; a part of the frame's payload, may be empty.
    bool first = false;    ///< The header has just been completed.
    bool last = false;     ///< The frame ends with this piece.
  };
  /// The next piece, or nothing when `bytes` is used up (it is then empty).
  std::optional<Piece> next(MutableBytes& bytes);
  /// True when no frame has been begun.
  bool at_boundary() const { return held_ == 0 && !in_payload_; }
  /// The header of the frame begun, when it is complete and its payload is not.
  const FrameHeader* pending() const { return in_payload_ ? &header_ : nullptr; }

 private:
  /// Collects a header that came in pieces; true when it is complete (then in header_).
  bool gather_header(MutableBytes& bytes);
  /// Takes what there is of the payload of the frame in header_.
  void next_payload(Piece& piece, MutableBytes& bytes, bool first);

  FrameHeader header_;
  std::uint64_t done_ = 0;  ///< Payload octets handed out.
  std::array<char, kMaxHeader> head_{};
  std::uint8_t held_ = 0;
  bool in_payload_ = false;
};

/// Decodes a complete header at the front of `bytes`; returns its size, or 0 when octets are missing.
std::size_t decode_header(BytesView bytes, FrameHeader& header);

}  // namespace wsspec
