#include "protocol/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <cassert>
#include <unordered_map>

#include "protocol/deflate_blocks.h"
#include "protocol/inflate.h"

namespace wsspec {
namespace {

constexpr BytesView kTail("\x00\x00\xff\xff", 4);
constexpr std::size_t kKnownMost = 2U << 20;  ///< Octets of messages whose compressed form is remembered.

z_const Bytef* zlib_input(BytesView bytes) {
  return const_cast<z_const Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

}  // namespace

struct Compressor::State {
  z_stream zlib{};
  bool context_takeover;
  std::uint32_t window;
  // Without context takeover equal messages have equal forms, and bulk cases send the same ones again and
  // again.
  std::unordered_map<Bytes, Bytes> known;
  std::size_t known_octets = 0;

  State(int window_bits, bool takeover, int level) : context_takeover(takeover), window(1u << window_bits) {
    // zlib never matches further back than its window less 262 octets (deflate.h, MAX_DIST), so a window of
    // 512 stays within 250 octets, which serves as the 256 that raw zlib refuses.
    [[maybe_unused]] const int ok =
        deflateInit2(&zlib, level, Z_DEFLATED, -std::max(window_bits, 9), 8, Z_DEFAULT_STRATEGY);
    assert(ok == Z_OK);
  }
  ~State() { deflateEnd(&zlib); }

  void run(BytesView input, int flush, Bytes& out) {
    zlib.next_in = zlib_input(input);
    zlib.avail_in = static_cast<uInt>(input.size());
    std::size_t used = out.size();
    do {
      out.resize(used + std::max<std::size_t>(256, input.size() / 2));
      zlib.next_out = reinterpret_cast<Bytef*>(out.data() + used);
      zlib.avail_out = static_cast<uInt>(out.size() - used);
      ::deflate(&zlib, flush);
      used = out.size() - zlib.avail_out;
    } while (zlib.avail_out == 0);
    out.resize(used);
  }

  Bytes usual(BytesView message, std::size_t block, bool keep_tail) {
    Bytes out;
    for (; block != 0 && message.size() > block; message.remove_prefix(block))
      run(message.substr(0, block), Z_BLOCK, out);
    run(message, Z_SYNC_FLUSH, out);
    // zlib answers a second flush without input with nothing; an empty message is one empty stored block.
    if (out.empty()) out = Bytes(1, '\0').append(kTail);
    if (!keep_tail) out.resize(out.size() - kTail.size());
    return out;
  }

  Bytes usual_of_its_own(BytesView message) {
    Bytes key(message);
    if (const auto found = known.find(key); found != known.end()) return found->second;
    Bytes out = usual(message, 0, false);
    deflateReset(&zlib);
    if (known_octets + message.size() > kKnownMost) return out;
    known_octets += message.size();
    return known.emplace(std::move(key), std::move(out)).first->second;
  }

  Bytes final(BytesView message) {
    Bytes out;
    run(message, Z_FINISH, out);
    deflateReset(&zlib);
    return out += '\0';
  }

  // Blocks that are written by hand; afterwards zlib learns what the other side's window now holds.
  template <typename Put>
  Bytes by_hand(BytesView message, Put put) {
    BitWriter bits;
    if (!message.empty()) put(bits);
    put_removed_tail(bits);
    remember(message);
    return bits.take();
  }

  void remember(BytesView message) {
    if (message.empty()) return;
    const BytesView recent = message.substr(message.size() - std::min<std::size_t>(message.size(), 32768));
    deflateSetDictionary(&zlib, zlib_input(recent), static_cast<uInt>(recent.size()));
  }
};

Compressor::Compressor(int window_bits, bool context_takeover, int level)
    : state_(std::make_unique<State>(window_bits, context_takeover, level)) {}
Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

Bytes Compressor::compress(BytesView message, DeflateForm form, std::size_t block) {
  State& s = *state_;
  if (form == DeflateForm::usual && !s.context_takeover) return s.usual_of_its_own(message);
  const auto tokens = [&] { return tokenize(message, s.window); };
  Bytes out;
  switch (form) {
    case DeflateForm::usual: out = s.usual(message, 0, false); break;
    case DeflateForm::keep_tail: out = s.usual(message, 0, true); break;
    case DeflateForm::blocks: out = s.usual(message, block != 0 ? block : message.size() / 2, false); break;
    case DeflateForm::final: out = s.final(message); break;
    case DeflateForm::stored:
      out = s.by_hand(message, [&](BitWriter& b) { put_stored_blocks(b, message); });
      break;
    case DeflateForm::fixed:
      out = s.by_hand(message, [&](BitWriter& b) { put_fixed_block(b, tokens()); });
      break;
    case DeflateForm::dynamic:
      out = s.by_hand(message, [&](BitWriter& b) { put_dynamic_block(b, tokens()); });
      break;
  }
  if (!s.context_takeover) reset();
  return out;
}

void Compressor::remember(BytesView message) {
  if (state_->context_takeover) state_->remember(message);
}

void Compressor::reset() {
  deflateReset(&state_->zlib);
}

Bytes deflate_exact_window(BytesView message, int window_bits) {
  BitWriter bits;
  if (!message.empty()) put_fixed_block(bits, tokenize_at(message, 1u << window_bits));
  put_removed_tail(bits);
  return bits.take();
}

Bytes deflate_bomb(std::uint64_t octets) {
  // In a block of such references one bit says "258 octets" and one says "distance 1", so an octet stands for
  // 1032.
  constexpr std::uint64_t kRuns = 4096, kUnit = 1 + kRuns * 258;
  const auto block = [](BitWriter& bits, std::uint64_t zeros) {
    std::vector<DeflateToken> tokens{{0, 0}};
    tokens.insert(tokens.end(), static_cast<std::size_t>((zeros - 1) / 258), {258, 1});
    tokens.insert(tokens.end(), static_cast<std::size_t>((zeros - 1) % 258), {0, 0});
    put_dynamic_block(bits, tokens);
    put_removed_tail(bits);
  };
  BitWriter bits;
  if (octets == 0) {
    put_removed_tail(bits);
    return bits.take();
  }
  const std::uint64_t units = (octets - 1) / kUnit;
  Bytes out;
  if (units > 0) {
    BitWriter repeated;
    block(repeated, kUnit);
    const Bytes unit = repeated.take().append(kTail);
    out.reserve(static_cast<std::size_t>((units + 1) * unit.size()));
    for (std::uint64_t i = 0; i < units; ++i) out += unit;
  }
  block(bits, octets - units * kUnit);
  return out += bits.take();
}

struct Decompressor::State {
  Inflater inflater;
  bool context_takeover;
  bool begun = false;  // Some octet of the current message has come.

  Result<void> run(BytesView input, Bytes& out, std::uint64_t limit) {
    const InflateFault fault = inflater.feed(input, [&](BytesView piece) {
      // Up to the limit all comes out, however the input was cut.
      const std::uint64_t room = limit - std::min<std::uint64_t>(limit, out.size());
      out += piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, piece.size())));
      return piece.size() <= room;
    });
    return fault == InflateFault::none ? Result<void>{} : explain(fault);
  }

  Result<void> explain(InflateFault fault) const {
    switch (fault) {
      case InflateFault::none: break;
      case InflateFault::block_type:
        return fail_with("rfc7692-7.2.2-1", "a DEFLATE block has the reserved type 3");
      case InflateFault::stored_length:
        return fail_with("rfc7692-7.2.2-1", "the two lengths of a stored block differ");
      case InflateFault::code:
        return fail_with("rfc7692-7.2.2-1", "a DEFLATE block has an impossible set of code lengths");
      case InflateFault::symbol:
        return fail_with("rfc7692-7.2.2-1", "a DEFLATE block holds a code that stands for nothing");
      case InflateFault::window:
        return fail_with("rfc7692-7.2.1-13", "a back-reference goes beyond the agreed window");
      case InflateFault::history:
        return fail_with(context_takeover ? "rfc7692-7.2.2-1" : "rfc7692-7.2.1-8",
                         "a back-reference goes before the first octet");
      case InflateFault::refused:
        return fail_with("limit", "the message inflates to more octets than the limit");
    }
    return {};
  }
};

Decompressor::Decompressor(int window_bits, bool context_takeover)
    : state_(new State{Inflater(1u << window_bits), context_takeover}) {}
Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

Result<void> Decompressor::feed(BytesView piece, Bytes& out, std::uint64_t limit) {
  if (piece.empty()) return {};
  state_->begun = true;
  return state_->run(piece, out, limit);
}

Result<void> Decompressor::finish(Bytes& out, std::uint64_t limit) {
  State& s = *state_;
  if (!s.begun)
    return fail_with("rfc7692-7.2.3.6-1", "a compressed message has no octets, not even an empty block");
  s.begun = false;
  if (auto done = s.run(kTail, out, limit); !done) return done;
  if (!s.inflater.at_block_boundary()) {
    return fail_with("rfc7692-7.2.1-1",
                     "the message does not end with the empty stored block less its last four octets");
  }
  if (!s.context_takeover) s.inflater.reset();
  return {};
}

std::uint32_t Decompressor::largest_distance() const {
  return state_->inflater.largest_distance();
}

void Decompressor::reset() {
  state_->inflater.reset();
  state_->begun = false;
}

}  // namespace wsspec
