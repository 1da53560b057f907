#include "protocol/utf8.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

namespace wsspec {
namespace {

// Octets of the sequence that `lead` begins; 0 when nothing may begin so.
unsigned sequence_size(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

// True when `octets` (1 to 3 of them, a lead first) can still become one character.
bool can_be_continued(const char* octets, unsigned count) {
  const std::uint8_t lead = octet(octets[0]);
  if (sequence_size(lead) == 0) return false;
  if (count > 1) {
    const std::uint8_t second = octet(octets[1]);
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
  }
  return count < 3 || (octet(octets[2]) & 0xc0) == 0x80;
}

// How many octets at the end begin a character that the chunk does not complete: 0 to 3.
unsigned unfinished(BytesView chunk) {
  const std::size_t most = std::min<std::size_t>(3, chunk.size());
  for (unsigned back = 1; back <= most; ++back) {
    const std::uint8_t c = octet(chunk[chunk.size() - back]);
    if ((c & 0xc0) == 0x80) continue;
    return sequence_size(c) > back ? back : 0;
  }
  return 0;
}

bool is_short_ascii(BytesView bytes) {
  if (bytes.size() > 16) return false;
  std::uint8_t all = 0;
  for (const char c : bytes) all |= octet(c);
  return all < 0x80;
}

}  // namespace

bool is_utf8(BytesView bytes) {
  return is_short_ascii(bytes) || simdjson::validate_utf8(bytes.data(), bytes.size());
}

bool Utf8Validator::feed(BytesView chunk) {
  if (!valid_) return false;
  if (held_ > 0) {
    const unsigned need = sequence_size(octet(tail_[0]));
    while (held_ < need && !chunk.empty()) {
      tail_[held_++] = chunk.front();
      chunk.remove_prefix(1);
      if (held_ < need && !can_be_continued(tail_, held_)) return valid_ = false;
    }
    if (held_ < need) return true;
    if (!is_utf8(BytesView(tail_, need))) return valid_ = false;
    held_ = 0;
  }
  const unsigned rest = unfinished(chunk);
  if (!is_utf8(chunk.substr(0, chunk.size() - rest))) return valid_ = false;
  if (rest > 0) {
    std::memcpy(tail_, chunk.data() + chunk.size() - rest, rest);
    held_ = rest;
    valid_ = can_be_continued(tail_, rest);
  }
  return valid_;
}

}  // namespace wsspec
