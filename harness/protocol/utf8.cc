#include "protocol/utf8.h"

#include "protocol/utf8_block.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wsspec {
namespace {

// The automaton of RFC 3629 section 4. A row is what one octet does: for each state, at its shift, the shift
// of the next one. So a step is a look-up that does not wait for the one before, and a shift that does.
enum State : std::uint8_t {
  kWhole = 0,  // At a border between characters.
  kBroken = 6,
  kOneMore = 12,    // A continuation is missing,
  kTwoMore = 18,    // two are,
  kThreeMore = 24,  // three are.
  kAfterE0 = 30,    // The next one is bounded: no overlong form,
  kAfterEd = 36,    // no surrogate,
  kAfterF0 = 42,    // no overlong form,
  kAfterF4 = 48,    // nothing above U+10FFFF.
};

constexpr State after_lead(unsigned c) {
  if (c < 0x80) return kWhole;
  if (c < 0xc2) return kBroken;
  if (c < 0xe0) return kOneMore;
  if (c < 0xf0) return c == 0xe0 ? kAfterE0 : c == 0xed ? kAfterEd : kTwoMore;
  return c == 0xf0 ? kAfterF0 : c < 0xf4 ? kThreeMore : c == 0xf4 ? kAfterF4 : kBroken;
}

constexpr State next(State state, unsigned c) {
  const auto among = [c](unsigned low, unsigned high, State then) {
    return c >= low && c <= high ? then : kBroken;
  };
  switch (state) {
    case kWhole: return after_lead(c);
    case kBroken: return kBroken;
    case kOneMore: return among(0x80, 0xbf, kWhole);
    case kTwoMore: return among(0x80, 0xbf, kOneMore);
    case kThreeMore: return among(0x80, 0xbf, kTwoMore);
    case kAfterE0: return among(0xa0, 0xbf, kOneMore);
    case kAfterEd: return among(0x80, 0x9f, kOneMore);
    case kAfterF0: return among(0x90, 0xbf, kTwoMore);
    case kAfterF4: return among(0x80, 0x8f, kTwoMore);
  }
  return kBroken;
}

constexpr std::array<std::uint64_t, 256> kRows = [] {
  std::array<std::uint64_t, 256> rows{};
  for (unsigned c = 0; c < 256; ++c) {
    for (const State s :
         {kWhole, kBroken, kOneMore, kTwoMore, kThreeMore, kAfterE0, kAfterEd, kAfterF0, kAfterF4})
      rows[c] |= std::uint64_t{next(s, c)} << s;
  }
  return rows;
}();

std::uint8_t walk(std::uint64_t state, BytesView octets) {
  const char* at = octets.data();
  const char* const end = at + octets.size();
  for (; end - at >= 16; at += 16) {
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) state = kRows[octet(at[i])] >> (state & 63);
  }
  for (; at != end; ++at) state = kRows[octet(*at)] >> (state & 63);
  return state & 63;
}

// What has the same continuations as each state, as the lead octet of a character: the blocks know octets
// only.
constexpr std::array<std::uint8_t, 64> kLeads = [] {
  std::array<std::uint8_t, 64> leads{};
  leads[kOneMore] = 0xc2;
  leads[kTwoMore] = 0xe1;
  leads[kThreeMore] = 0xf1;
  leads[kAfterE0] = 0xe0;
  leads[kAfterEd] = 0xed;
  leads[kAfterF0] = 0xf0;
  leads[kAfterF4] = 0xf4;
  return leads;
}();

// The rows of an automaton that is known to read valid text but not from which octet of a character on:
// continuations of what it has not seen leave it at the border.
constexpr std::array<std::uint64_t, 256> kEndRows = [] {
  std::array<std::uint64_t, 256> rows = kRows;
  for (unsigned c = 0x80; c < 0xc0; ++c) rows[c] &= ~std::uint64_t{63};
  return rows;
}();

// The state behind blocks that are right so far, of which three octets tell all: a fourth can only complete a
// character.
std::uint8_t state_behind(BytesView blocks) {
  std::uint64_t state = kWhole;
  for (std::size_t back = 3; back != 0; --back)
    state = kEndRows[octet(blocks[blocks.size() - back])] >> (state & 63);
  return state & 63;
}

// As walk(), whole blocks at once.
std::uint8_t stride(std::uint8_t state, BytesView octets) {
  const std::size_t size = octets.size() & ~(kUtf8Block - 1);
  const BytesView blocks(octets.data(), size);
  if (size == 0 || state == kBroken || !kHasUtf8Blocks) return walk(state, octets);
  if (!are_utf8_blocks(kLeads[state], blocks)) return kBroken;
  state = state_behind(blocks);
  octets.remove_prefix(size);
  return octets.empty() ? state : walk(state, octets);
}

// How many octets at the end may begin a character that the chunk does not complete: 0 to 3.
std::size_t unfinished(BytesView chunk) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, chunk.size()); ++back) {
    if (octet(chunk[chunk.size() - back]) >= 0xc0) return back;
  }
  return 0;
}

// From here on simdjson is the faster one.
constexpr std::size_t kLong = 64;

}  // namespace

bool is_utf8(BytesView bytes) {
  if (bytes.size() >= kLong) return simdjson::validate_utf8(bytes.data(), bytes.size());
  return stride(kWhole, bytes) == kWhole;
}

// The automaton finds the first border between characters; what stands from there to the last one is judged
// at once.
bool Utf8Validator::feed_long(BytesView chunk) {
  std::size_t begin = 0;
  while (begin < 3 && state_ != kWhole) state_ = walk(state_, chunk.substr(begin++, 1));
  chunk.remove_prefix(begin);
  const std::size_t rest = unfinished(chunk);
  if (!is_utf8(chunk.substr(0, chunk.size() - rest))) state_ = kBroken;
  state_ = walk(state_, chunk.substr(chunk.size() - rest));
  return valid();
}

bool Utf8Validator::feed(BytesView chunk) {
  if (chunk.size() >= kLong) return feed_long(chunk);
  state_ = stride(state_, chunk);
  return valid();
}

bool Utf8Validator::complete() const {
  return state_ == kWhole;
}
bool Utf8Validator::valid() const {
  return state_ != kBroken;
}

}  // namespace wsspec
