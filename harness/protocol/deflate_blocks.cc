#include "protocol/deflate_blocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <queue>
#include <utility>

#include "protocol/deflate_format.h"

namespace wsspec {
namespace {

// A symbol with the extra bits behind it.
struct Symbol {
  unsigned code, extra_bits, extra;
};

// RFC 1951 3.2.5, computed instead of tabulated (inflate.cc has the tables): four codes per doubling.
Symbol length_symbol(unsigned length) {
  if (length == 258) return {285, 0, 0};
  const unsigned n = length - 3;
  if (n < 8) return {257 + n, 0, 0};
  const unsigned bits = static_cast<unsigned>(std::bit_width(n)) - 3;
  return {257 + 4 * bits + (n >> bits), bits, n & ((1u << bits) - 1)};
}

// Two codes per doubling.
Symbol distance_symbol(unsigned distance) {
  const unsigned n = distance - 1;
  if (n < 4) return {n, 0, 0};
  const unsigned bits = static_cast<unsigned>(std::bit_width(n)) - 2;
  return {2 * bits + (n >> bits), bits, n & ((1u << bits) - 1)};
}

using Lengths = std::vector<std::uint8_t>;

// Code lengths after Huffman, none above `limit`: frequencies are evened out until that holds.
Lengths huffman_lengths(std::vector<std::uint32_t> frequencies, unsigned limit) {
  for (;;) {
    const std::size_t n = frequencies.size();
    Lengths lengths(n, 0);
    using Node = std::pair<std::uint64_t, std::size_t>;
    std::priority_queue<Node, std::vector<Node>, std::greater<>> heap;
    std::vector<std::size_t> parent(n, 0);
    for (std::size_t i = 0; i < n; ++i) {
      if (frequencies[i] > 0) heap.emplace(frequencies[i], i);
    }
    while (heap.size() > 1) {
      const Node a = heap.top();
      heap.pop();
      const Node b = heap.top();
      heap.pop();
      parent[a.second] = parent[b.second] = parent.size();
      heap.emplace(a.first + b.first, parent.size());
      parent.push_back(0);
    }
    unsigned longest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (frequencies[i] == 0) continue;
      for (std::size_t node = i; parent[node] != 0; node = parent[node]) ++lengths[i];
      longest = std::max<unsigned>(longest, lengths[i]);
    }
    if (longest <= limit) return lengths;
    for (std::uint32_t& f : frequencies) f = (f + 1) / 2;
  }
}

// A canonical code (RFC 1951 3.2.2), bit-reversed for writing.
class Code {
 public:
  explicit Code(const Lengths& lengths) : lengths_(lengths), codes_(lengths.size()) {
    std::uint32_t code = 0;
    for (unsigned bits = 1; bits <= 15; ++bits, code <<= 1) {
      for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] != bits) continue;
        for (unsigned b = 0; b < bits; ++b) codes_[i] |= (code >> b & 1) << (bits - 1 - b);
        ++code;
      }
    }
  }
  void put(BitWriter& out, unsigned symbol) const { out.put(codes_[symbol], lengths_[symbol]); }

 private:
  Lengths lengths_;
  std::vector<std::uint32_t> codes_;
};

void put_tokens(BitWriter& out, const std::vector<DeflateToken>& tokens, const Code& literals,
                const Code& distances) {
  for (const DeflateToken& token : tokens) {
    if (token.length == 0) {
      literals.put(out, token.value);
      continue;
    }
    const Symbol length = length_symbol(token.length), distance = distance_symbol(token.value);
    literals.put(out, length.code);
    out.put(length.extra, length.extra_bits);
    distances.put(out, distance.code);
    out.put(distance.extra, distance.extra_bits);
  }
  literals.put(out, kEndOfBlock);
}

// The lengths with runs abbreviated by the symbols 16, 17 and 18 (RFC 1951 3.2.7).
std::vector<Symbol> run_lengths(const Lengths& lengths) {
  std::vector<Symbol> out;
  for (std::size_t at = 0; at < lengths.size();) {
    const std::uint8_t value = lengths[at];
    std::size_t run = 1;
    while (at + run < lengths.size() && lengths[at + run] == value) ++run;
    at += run;
    if (value != 0) {
      out.push_back({value, 0, 0});
      --run;
    }
    const std::size_t most = value != 0 ? 6 : 138;
    while (run >= 3) {
      const unsigned n = static_cast<unsigned>(std::min(run, most));
      if (value != 0) {
        out.push_back({16, 2, n - 3});
      } else {
        out.push_back(n < 11 ? Symbol{17, 3, n - 3} : Symbol{18, 7, n - 11});
      }
      run -= n;
    }
    for (; run > 0; --run) out.push_back({value, 0, 0});
  }
  return out;
}

// Without trailing zeros, but at least `least` of them.
void trim(Lengths& lengths, std::size_t least) {
  while (lengths.size() > least && lengths.back() == 0) lengths.pop_back();
}

}  // namespace

void BitWriter::put(std::uint64_t bits, unsigned count) {
  pending_ |= bits << count_;
  count_ += count;
  for (; count_ >= 8; count_ -= 8, pending_ >>= 8) out_ += static_cast<char>(pending_);
}

void BitWriter::align() {
  if (count_ > 0) put(0, 8 - count_);
}

std::vector<DeflateToken> tokenize(BytesView message, std::uint32_t window) {
  std::vector<DeflateToken> tokens;
  std::vector<std::size_t> last(4096, 0);  // Position + 1 of the latest three octets with that hash.
  for (std::size_t at = 0; at < message.size();) {
    std::size_t length = 0, distance = 0;
    if (at + 3 <= message.size()) {
      const std::uint64_t hash = read_big_endian(message.substr(at, 3)) * 0x9e3779b1u >> 7 & 4095;
      const std::size_t before = std::exchange(last[hash], at + 1);
      if (before != 0 && at - (before - 1) <= window) {
        distance = at - (before - 1);
        while (length < 258 && at + length < message.size() &&
               message[at + length] == message[at + length - distance])
          ++length;
      }
    }
    if (length >= 3) {
      tokens.push_back({static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance)});
      at += length;
    } else {
      tokens.push_back({0, octet(message[at++])});
    }
  }
  return tokens;
}

std::vector<DeflateToken> tokenize_at(BytesView message, std::uint32_t distance) {
  std::vector<DeflateToken> tokens;
  for (std::size_t at = 0; at < message.size();) {
    std::size_t length = 0;
    if (at >= distance) {
      while (length < 258 && at + length < message.size() &&
             message[at + length] == message[at + length - distance])
        ++length;
    }
    if (length >= 3) {
      tokens.push_back({static_cast<std::uint16_t>(length), static_cast<std::uint16_t>(distance)});
      at += length;
    } else {
      tokens.push_back({0, octet(message[at++])});
    }
  }
  return tokens;
}

void put_stored_blocks(BitWriter& out, BytesView message) {
  do {
    const BytesView piece = message.substr(0, 65535);
    message.remove_prefix(piece.size());
    out.put(0, 3);
    out.align();
    out.put(piece.size(), 16);
    out.put(~piece.size() & 0xffff, 16);
    out.append(piece);
  } while (!message.empty());
}

void put_fixed_block(BitWriter& out, const std::vector<DeflateToken>& tokens, bool final) {
  static const auto [literals, distances] = [] {
    Lengths lengths(288, 8);
    std::fill(lengths.begin() + 144, lengths.begin() + 256, std::uint8_t{9});
    std::fill(lengths.begin() + 256, lengths.begin() + 280, std::uint8_t{7});
    return std::pair{Code(lengths), Code(Lengths(30, 5))};
  }();
  out.put(final ? 1 : 0, 1);
  out.put(1, 2);
  put_tokens(out, tokens, literals, distances);
}

void put_dynamic_block(BitWriter& out, const std::vector<DeflateToken>& tokens, bool final) {
  std::vector<std::uint32_t> literal_use(286, 0), distance_use(30, 0);
  for (const DeflateToken& token : tokens) {
    ++literal_use[token.length == 0 ? token.value : length_symbol(token.length).code];
    if (token.length != 0) ++distance_use[distance_symbol(token.value).code];
  }
  ++literal_use[kEndOfBlock];
  // Complete codes of at least two symbols each, because some inflaters refuse others.
  for (auto* use : {&literal_use, &distance_use}) {
    for (std::size_t i = 0; std::ranges::count_if(*use, [](auto f) { return f > 0; }) < 2; ++i)
      (*use)[i] += (*use)[i] == 0;
  }
  Lengths literals = huffman_lengths(literal_use, 15), distances = huffman_lengths(distance_use, 15);
  trim(literals, 257);
  trim(distances, 1);
  Lengths all = literals;
  all.insert(all.end(), distances.begin(), distances.end());
  const std::vector<Symbol> runs = run_lengths(all);
  std::vector<std::uint32_t> run_use(19, 0);
  for (const Symbol& run : runs) ++run_use[run.code];
  const Lengths run_lengths_of = huffman_lengths(run_use, 7);
  std::size_t shown = 19;
  while (shown > 4 && run_lengths_of[kLengthOrder[shown - 1]] == 0) --shown;

  out.put(final ? 1 : 0, 1);
  out.put(2, 2);
  out.put(literals.size() - 257, 5);
  out.put(distances.size() - 1, 5);
  out.put(shown - 4, 4);
  for (std::size_t i = 0; i < shown; ++i) out.put(run_lengths_of[kLengthOrder[i]], 3);
  const Code run_code(run_lengths_of);
  for (const Symbol& run : runs) {
    run_code.put(out, run.code);
    out.put(run.extra, run.extra_bits);
  }
  put_tokens(out, tokens, Code(literals), Code(distances));
}

}  // namespace wsspec
