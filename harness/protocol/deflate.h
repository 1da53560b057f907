// permessage-deflate payloads (RFC 7692 7.2) on zlib's raw deflate.
//
// What it is not: negotiation (extension.h), nor framing. Sizes are bounded by the caller on every call.
#pragma once

#include <cstdint>
#include <memory>

#include "protocol/bytes.h"
#include "protocol/error.h"

namespace wsspec {

/// Which of the many valid compressed forms of a message to make.
enum class DeflateForm {
  usual,     ///< As zlib likes, sync flush, the last four octets 00 00 ff ff removed (7.2.1).
  stored,    ///< Only blocks without compression.
  fixed,     ///< Only blocks with fixed Huffman codes.
  dynamic,   ///< Blocks with dynamic Huffman codes.
  final,     ///< BFINAL set in the last block, then one 0x00 octet (7.2.3.4).
  blocks,    ///< Several blocks, each of `block` octets of input (7.2.3.5); 0 = two halves.
  keep_tail  ///< The last four octets are left in place.
};

class Compressor {
 public:
  /// window_bits 8 to 15. zlib's raw deflate knows no 8; it is emulated by never matching beyond 256 octets.
  explicit Compressor(int window_bits = 15, bool context_takeover = true, int level = 6);
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  /// The compressed payload of one message.
  Bytes compress(BytesView message, DeflateForm form = DeflateForm::usual, std::size_t block = 0);
  /// Enters a message that was compressed by other means (deflate_exact_window, deflate_bomb) into the
  /// window, so that later messages fit what the receiver holds.
  void remember(BytesView message);
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A compressed payload that inflates to `octets` zero octets; made block by block, a thousandth of that
/// size.
Bytes deflate_bomb(std::uint64_t octets);

/// `message` as literals, and as references of distance exactly 2^window_bits wherever its octets repeat so;
/// at least one when it is at least 2^window_bits + 3 octets long and has that period.
Bytes deflate_exact_window(BytesView message, int window_bits);

/// Inflates message after message. Verifies the agreed window: a back-reference beyond it is an error even
/// where zlib, which rounds 8 up to 9 and keeps 32 KiB at hand, would let it pass.
class Decompressor {
 public:
  explicit Decompressor(int window_bits = 15, bool context_takeover = true);
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  /// Inflates one piece of a message and appends to `out`; an error when the data are broken, reach beyond
  /// the window, or `out` would grow beyond `limit` octets. `what` tells which; `where` is the ledger id
  /// (where there is one for each role, the one for a client's data) or "limit". Behind a final block a new
  /// stream begins, its window goes on.
  Result<void> feed(BytesView piece, Bytes& out, std::uint64_t limit);
  /// Ends the message: supplies the four octets that the sender left out (7.2.2).
  Result<void> finish(Bytes& out, std::uint64_t limit);
  /// The largest distance seen since construction; 0 when none.
  std::uint32_t largest_distance() const;
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wsspec
