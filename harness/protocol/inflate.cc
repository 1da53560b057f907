#include "protocol/inflate.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "protocol/deflate_format.h"

namespace wsspec {
namespace {

constexpr unsigned kMaxBits = 15;

struct Extra {
  std::uint16_t base;
  std::uint8_t bits;
};
// RFC 1951 3.2.5: length codes 257 to 285 and distance codes 0 to 29.
constexpr Extra kLengths[] = {{3, 0},   {4, 0},   {5, 0},   {6, 0},   {7, 0},  {8, 0},  {9, 0},  {10, 0},
                              {11, 1},  {13, 1},  {15, 1},  {17, 1},  {19, 2}, {23, 2}, {27, 2}, {31, 2},
                              {35, 3},  {43, 3},  {51, 3},  {59, 3},  {67, 4}, {83, 4}, {99, 4}, {115, 4},
                              {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0}};
constexpr Extra kDistances[] = {{1, 0},     {2, 0},     {3, 0},     {4, 0},      {5, 1},      {7, 1},
                                {9, 2},     {13, 2},    {17, 3},    {25, 3},     {33, 4},     {49, 4},
                                {65, 5},    {97, 5},    {129, 6},   {193, 6},    {257, 7},    {385, 7},
                                {513, 8},   {769, 8},   {1025, 9},  {1537, 9},   {2049, 10},  {3073, 10},
                                {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13}};

std::uint64_t low(std::uint64_t bits, unsigned n) {
  return bits & ((std::uint64_t{1} << n) - 1);
}

std::uint32_t reversed(std::uint32_t code, unsigned length) {
  std::uint32_t out = 0;
  for (; length > 0; --length, code >>= 1) out = out << 1 | (code & 1);
  return out;
}

}  // namespace

Inflater::Inflater(std::uint32_t window) : window_(window) {}

void Inflater::reset() {
  stage_ = Stage::header;
  fault_ = InflateFault::none;
  bits_ = 0;
  bit_count_ = 0;
  final_ = final_seen_ = false;
  flushed_ = end_ = 0;
}

bool Inflater::Code::build(const std::uint8_t* lengths, unsigned n, bool may_be_single) {
  count.fill(0);
  for (unsigned i = 0; i < n; ++i) ++count[lengths[i]];
  const unsigned used = n - count[0];
  count[0] = 0;
  int left = 1;
  std::array<std::uint16_t, 16> offset{}, next{};
  for (unsigned bits = 1; bits <= kMaxBits; ++bits) {
    left = 2 * left - count[bits];
    if (left < 0) return false;  // over-subscribed
    if (bits < kMaxBits) offset[bits + 1] = static_cast<std::uint16_t>(offset[bits] + count[bits]);
    next[bits] = static_cast<std::uint16_t>((next[bits - 1] + count[bits - 1]) << 1);
  }
  // No code at all is no fault until it is needed; one code of one bit is allowed for distances (RFC
  // 1951 3.2.7).
  if (left > 0 && used != 0 && !(may_be_single && used == 1 && count[1] == 1)) return false;
  fast.fill(0);
  for (unsigned symbol = 0; symbol < n; ++symbol) {
    const unsigned length = lengths[symbol];
    if (length == 0) continue;
    symbols[offset[length]++] = static_cast<std::uint16_t>(symbol);
    const std::uint32_t code = next[length]++;
    if (length > kFastBits) continue;
    for (std::uint32_t at = reversed(code, length); at < fast.size(); at += 1u << length) {
      fast[at] = static_cast<std::uint16_t>(symbol << 4 | length);
    }
  }
  return true;
}

// The symbol at the low end of `bits`, and how many of them it used: -1 when nothing fits, -2 when more are
// needed.
int Inflater::decode(const Code& code, std::uint64_t bits, unsigned available, unsigned& used) const {
  if (const unsigned entry = code.fast[bits & ((1 << kFastBits) - 1)]; entry != 0) [[likely]] {
    used = entry & 15;
    return used <= available ? static_cast<int>(entry >> 4) : -2;
  }
  int value = 0, first = 0, index = 0;
  for (unsigned length = 1; length <= kMaxBits; ++length) {
    if (length > available) return -2;
    value |= static_cast<int>(bits >> (length - 1) & 1);
    const int count = code.count[length];
    if (value - count < first) {
      used = length;
      return code.symbols[static_cast<std::size_t>(index + value - first)];
    }
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  return -1;
}

// Afterwards at least 56 bits are at hand, or all of the input.
inline void Inflater::refill() {
  if (in_end_ - in_ >= 8) {
    std::uint64_t word;
    std::memcpy(&word, in_, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    bits_ |= word << bit_count_;
    in_ += (63 - bit_count_) >> 3;
    bit_count_ |= 56;
    return;
  }
  while (bit_count_ <= 56 && in_ != in_end_) {
    // Octets that an earlier word already brought in are brought in again, to the same place.
    bits_ |= static_cast<std::uint64_t>(octet(*in_++)) << bit_count_;
    bit_count_ += 8;
  }
}

bool Inflater::take(unsigned bits, std::uint32_t& value) {
  if (bit_count_ < bits) refill();
  if (bit_count_ < bits) return false;
  value = static_cast<std::uint32_t>(low(bits_, bits));
  bits_ >>= bits;
  bit_count_ -= bits;
  return true;
}

Inflater::Progress Inflater::fail(InflateFault fault) {
  stage_ = Stage::failed;
  fault_ = fault;
  return Progress::fault;
}

bool Inflater::flush() {
  if (end_ > flushed_) {
    const BytesView piece(room_.data() + flushed_, end_ - flushed_);
    flushed_ = end_;
    if (!(*sink_)(piece)) return false;
  }
  if (end_ + kSlack > kRoom) {
    std::memmove(room_.data(), room_.data() + end_ - kWindow, kWindow);
    flushed_ = end_ = kWindow;
  }
  return true;
}

InflateFault Inflater::feed(BytesView input, const Sink& sink) {
  if (fault_ != InflateFault::none) return fault_;
  if (room_.empty()) room_.resize(kRoom + kSlack);
  sink_ = &sink;
  in_ = input.data();
  in_end_ = in_ + input.size();
  Progress progress = Progress::again;
  while (progress == Progress::again) progress = step();
  // What is good in front of a fault comes out too, else it would depend on how the input was cut.
  if (fault_ != InflateFault::refused && !flush()) fail(InflateFault::refused);
  sink_ = nullptr;
  return fault_;
}

Inflater::Progress Inflater::step() {
  switch (stage_) {
    case Stage::header: return read_header();
    case Stage::stored_length: return read_stored_length();
    case Stage::stored: return copy_stored();
    case Stage::counts: return read_counts();
    case Stage::length_codes: return read_length_codes();
    case Stage::lengths: return read_lengths();
    case Stage::symbols: return read_symbols();
    case Stage::failed: break;
  }
  return Progress::fault;
}

Inflater::Progress Inflater::read_header() {
  std::uint32_t bits;
  if (!take(3, bits)) return Progress::starved;
  final_ = (bits & 1) != 0;
  switch (bits >> 1) {
    case 0: stage_ = Stage::stored_length; return Progress::again;
    case 1: return begin_fixed();
    case 2: stage_ = Stage::counts; return Progress::again;
    default: return fail(InflateFault::block_type);
  }
}

// Behind a final block a new stream begins at the next octet (RFC 7692 7.2.3.4); its history goes on.
void Inflater::end_block() {
  stage_ = Stage::header;
  if (!final_) return;
  final_seen_ = true;
  bits_ >>= bit_count_ & 7;
  bit_count_ &= ~7u;
}

Inflater::Progress Inflater::read_stored_length() {
  const unsigned odd = bit_count_ & 7;
  bits_ >>= odd;
  bit_count_ -= odd;
  std::uint32_t length;
  if (!take(32, length)) return Progress::starved;
  if ((length & 0xffff) != (~length >> 16)) return fail(InflateFault::stored_length);
  stored_left_ = length & 0xffff;
  stage_ = Stage::stored;
  return Progress::again;
}

Inflater::Progress Inflater::copy_stored() {
  while (stored_left_ > 0) {
    if (end_ + kSlack > kRoom && !flush()) return fail(InflateFault::refused);
    if (bit_count_ >= 8) {
      room_[end_++] = static_cast<char>(bits_);
      bits_ >>= 8;
      bit_count_ -= 8;
      --stored_left_;
      continue;
    }
    bits_ = 0;  // Octets read ahead by word are still in the input, and would be taken twice.
    if (in_ == in_end_) return Progress::starved;
    const std::size_t n =
        std::min({std::size_t{stored_left_}, static_cast<std::size_t>(in_end_ - in_), kRoom - end_});
    std::memcpy(room_.data() + end_, in_, n);
    end_ += n;
    in_ += n;
    stored_left_ -= static_cast<std::uint32_t>(n);
  }
  end_block();
  return Progress::again;
}

// The codes of RFC 1951 3.2.6: literals and lengths, or distances.
const Inflater::Code& Inflater::fixed_code(bool distances) {
  static const auto kCodes = [] {
    std::array<std::uint8_t, 288> lengths;
    std::fill_n(lengths.begin(), 144, std::uint8_t{8});
    std::fill_n(lengths.begin() + 144, 112, std::uint8_t{9});
    std::fill_n(lengths.begin() + 256, 24, std::uint8_t{7});
    std::fill_n(lengths.begin() + 280, 8, std::uint8_t{8});
    std::array<Code, 2> codes{};
    codes[0].build(lengths.data(), 288, false);
    lengths.fill(5);
    codes[1].build(lengths.data(), 32, false);
    return codes;
  }();
  return kCodes[distances ? 1 : 0];
}

Inflater::Progress Inflater::begin_fixed() {
  literals_ = fixed_code(false);
  distances_ = fixed_code(true);
  stage_ = Stage::symbols;
  return Progress::again;
}

Inflater::Progress Inflater::read_counts() {
  std::uint32_t counts;
  if (!take(14, counts)) return Progress::starved;
  literal_codes_ = (counts & 31) + 257;
  distance_codes_ = (counts >> 5 & 31) + 1;
  length_codes_ = (counts >> 10) + 4;
  if (literal_codes_ > 286 || distance_codes_ > 30) return fail(InflateFault::code);
  lengths_.fill(0);
  at_ = 0;
  stage_ = Stage::length_codes;
  return Progress::again;
}

Inflater::Progress Inflater::read_length_codes() {
  for (; at_ < length_codes_; ++at_) {
    std::uint32_t length;
    if (!take(3, length)) return Progress::starved;
    lengths_[kLengthOrder[at_]] = static_cast<std::uint8_t>(length);
  }
  if (!literals_.build(lengths_.data(), 19, false)) return fail(InflateFault::code);
  lengths_.fill(0);
  at_ = 0;
  stage_ = Stage::lengths;
  return Progress::again;
}

Inflater::Progress Inflater::read_lengths() {
  const unsigned total = literal_codes_ + distance_codes_;
  while (at_ < total) {
    refill();
    unsigned used = 0;
    const int symbol = decode(literals_, bits_, bit_count_, used);
    if (symbol == -1) return fail(InflateFault::symbol);
    if (symbol == -2) return Progress::starved;
    const unsigned extra = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (bit_count_ < used + extra) return Progress::starved;
    const unsigned more = static_cast<unsigned>(low(bits_ >> used, extra));
    bits_ >>= used + extra;
    bit_count_ -= used + extra;
    const unsigned repeat = symbol < 16 ? 1 : more + (symbol == 18 ? 11 : 3);
    if ((symbol == 16 && at_ == 0) || at_ + repeat > total) return fail(InflateFault::code);
    const std::uint8_t length = symbol < 16    ? static_cast<std::uint8_t>(symbol)
                                : symbol == 16 ? lengths_[at_ - 1]
                                               : 0;
    std::fill_n(lengths_.begin() + at_, repeat, length);
    at_ += repeat;
  }
  return end_lengths();
}

Inflater::Progress Inflater::end_lengths() {
  if (lengths_[kEndOfBlock] == 0) return fail(InflateFault::code);
  if (!literals_.build(lengths_.data(), literal_codes_, true)) return fail(InflateFault::code);
  if (!distances_.build(lengths_.data() + literal_codes_, distance_codes_, true))
    return fail(InflateFault::code);
  stage_ = Stage::symbols;
  return Progress::again;
}

Inflater::Progress Inflater::read_symbols() {
  for (;;) {
    if (end_ + kSlack > kRoom && !flush()) return fail(InflateFault::refused);
    refill();
    unsigned used = 0;
    const int symbol = decode(literals_, bits_, bit_count_, used);
    if (symbol >= 0 && symbol < static_cast<int>(kEndOfBlock)) {
      room_[end_++] = static_cast<char>(symbol);
      bits_ >>= used;
      bit_count_ -= used;
      continue;
    }
    if (symbol == -2) return Progress::starved;
    if (symbol < 0 || symbol > 285) return fail(InflateFault::symbol);
    if (symbol == static_cast<int>(kEndOfBlock)) {
      bits_ >>= used;
      bit_count_ -= used;
      end_block();
      return Progress::again;
    }
    const Extra length = kLengths[symbol - 257];
    std::uint64_t bits = bits_ >> used;
    unsigned total = used + length.bits;
    const std::uint32_t count = length.base + static_cast<std::uint32_t>(low(bits, length.bits));
    bits >>= length.bits;
    if (total > bit_count_) return Progress::starved;
    const int code = decode(distances_, bits, bit_count_ - total, used);
    if (code == -2) return Progress::starved;
    if (code < 0 || code > 29) return fail(InflateFault::symbol);
    const Extra distance = kDistances[code];
    total += used + distance.bits;
    if (total > bit_count_) return Progress::starved;
    const std::uint32_t back = distance.base + static_cast<std::uint32_t>(low(bits >> used, distance.bits));
    bits_ >>= total;
    bit_count_ -= total;
    if (copy_match(count, back) == Progress::fault) return Progress::fault;
  }
}

inline Inflater::Progress Inflater::copy_match(std::uint32_t length, std::uint32_t distance) {
  if (distance > largest_) largest_ = distance;
  if (distance > window_) return fail(InflateFault::window);
  if (distance > end_) return fail(InflateFault::history);
  char* to = room_.data() + end_;
  const char* from = to - distance;
  end_ += length;
  if (distance >= 8) {
    // Writes up to 7 octets too many, into the slack or where the next token writes anyway.
    for (char* stop = to + length; to < stop; to += 8, from += 8) std::memcpy(to, from, 8);
  } else if (distance == 1) {
    std::memset(to, *from, length);
  } else {
    for (; length > 0; --length) *to++ = *from++;
  }
  return Progress::again;
}

}  // namespace wsspec
