// An inflater of our own (RFC 1951), because the agreed window of RFC 7692 has to be verified: zlib's lets
// any distance pass that stays inside its output buffer, and does not report the distances it saw.
//
// What it is not: aware of messages; deflate.h adds the removed tail, contexts and limits per message.
// Invariants: how the input is cut never matters; no distance beyond `window` or before the start of the
// history is followed; memory is fixed (one buffer of kRoom octets, two tables).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "protocol/bytes.h"

namespace wsspec {

/// What stopped the inflater.
enum class InflateFault {
  none,
  block_type,     ///< BTYPE 3.
  stored_length,  ///< LEN and NLEN do not fit.
  code,           ///< A set of code lengths that is over-subscribed, incomplete or without an end of block.
  symbol,         ///< A bit pattern that stands for nothing.
  window,         ///< A distance beyond the window.
  history,        ///< A distance before the first octet of the history.
  refused,        ///< The sink wanted no more.
};

class Inflater {
 public:
  /// `window`: the largest allowed distance, 256 to 32768.
  explicit Inflater(std::uint32_t window);
  /// Takes what was inflated; false stops with InflateFault::refused.
  using Sink = std::function<bool(BytesView)>;
  /// Inflates all of `input`. After a fault nothing more is possible until reset().
  InflateFault feed(BytesView input, const Sink& sink);
  /// True when the input so far ends exactly behind a block (the bits up to the next octet included).
  bool at_block_boundary() const { return stage_ == Stage::header && bit_count_ == 0; }
  /// A final block ended since the last reset().
  bool final_seen() const { return final_seen_; }
  std::uint32_t largest_distance() const { return largest_; }
  /// Forgets history and state; largest_distance() stays.
  void reset();

 private:
  enum class Stage { header, stored_length, stored, counts, length_codes, lengths, symbols, failed };
  enum class Progress { again, starved, fault };
  static constexpr std::size_t kWindow = 32768, kRoom = 3 * kWindow, kSlack = 512;
  static constexpr unsigned kFastBits = 10;

  // Canonical Huffman decoding: one table look-up for short codes, counting for the rest.
  struct Code {
    std::array<std::uint16_t, 1 << kFastBits> fast{};  // symbol * 16 + length; 0 = not a short code.
    std::array<std::uint16_t, 16> count{};
    std::array<std::uint16_t, 288> symbols{};
    bool build(const std::uint8_t* lengths, unsigned n, bool may_be_single);
  };

  void refill();
  bool take(unsigned bits, std::uint32_t& value);
  int decode(const Code& code, std::uint64_t bits, unsigned available, unsigned& used) const;
  Progress step();
  Progress read_header();
  Progress read_stored_length();
  Progress copy_stored();
  Progress read_counts();
  Progress read_length_codes();
  Progress read_lengths();
  Progress read_symbols();
  Progress end_lengths();
  static const Code& fixed_code(bool distances);
  Progress begin_fixed();
  Progress copy_match(std::uint32_t length, std::uint32_t distance);
  Progress fail(InflateFault fault);
  void end_block();
  bool flush();

  std::uint32_t window_, largest_ = 0;
  Stage stage_ = Stage::header;
  InflateFault fault_ = InflateFault::none;
  const Sink* sink_ = nullptr;
  const char *in_ = nullptr, *in_end_ = nullptr;
  std::uint64_t bits_ = 0;
  unsigned bit_count_ = 0;
  bool final_ = false, final_seen_ = false;
  unsigned literal_codes_ = 0, distance_codes_ = 0, length_codes_ = 0, at_ = 0;
  std::uint32_t stored_left_ = 0;
  std::array<std::uint8_t, 320> lengths_{};
  Code literals_, distances_;  // literals_ doubles as the code of the code lengths while these are read.
  std::vector<char> room_;
  std::size_t flushed_ = 0, end_ = 0;  // room_[flushed_, end_) waits for the sink; what is before is history.
};

}  // namespace wsspec
