// DEFLATE blocks written on purpose (RFC 1951 3.2): of a wanted type, or with a back-reference of a wanted
// distance.
//
// What it is not: a good compressor; zlib is that. It exists because zlib chooses block types and distances
// itself.
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/bytes.h"

namespace wsspec {

/// Collects bits, the least significant first (RFC 1951 3.1.1).
class BitWriter {
 public:
  void put(std::uint64_t bits, unsigned count);
  /// Zero bits up to the next octet.
  void align();
  /// Appends whole octets; only when aligned.
  void append(BytesView octets) { out_ += octets; }
  Bytes take() { return align(), std::move(out_); }

 private:
  Bytes out_;
  std::uint64_t pending_ = 0;
  unsigned count_ = 0;
};

/// A literal (length 0, its octet in `value`) or a back-reference (length 3 to 258, its distance in `value`).
struct DeflateToken {
  std::uint16_t length = 0;
  std::uint16_t value = 0;  ///< Distance 32768 is written 32768; it fits.
};

/// Greedy matching inside `message`, never further back than `window` octets.
std::vector<DeflateToken> tokenize(BytesView message, std::uint32_t window);
/// Literals, and wherever the octets repeat after exactly `distance`, references of exactly that distance.
std::vector<DeflateToken> tokenize_at(BytesView message, std::uint32_t distance);

void put_stored_blocks(BitWriter& out, BytesView message);
void put_fixed_block(BitWriter& out, const std::vector<DeflateToken>& tokens, bool final = false);
void put_dynamic_block(BitWriter& out, const std::vector<DeflateToken>& tokens, bool final = false);
/// The three bits of an empty stored block whose four length octets the sender leaves out (RFC 7692 7.2.1).
inline void put_removed_tail(BitWriter& out) {
  out.put(0, 3);
  out.align();
}

}  // namespace wsspec
