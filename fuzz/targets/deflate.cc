// Inflating is bounded, does not depend on the cuts and agrees with zlib; and what our compressor makes in
// any of its forms inflates to the message within the agreed window.
//
// Input: one octet of choices, one for the cuts, then compressed data, which are a message, too.
#include <zlib.h>

#include "fuzz/property.h"
#include "protocol/deflate.h"
#include "protocol/inflate.h"

namespace {

using namespace wsspec;

constexpr std::size_t kMost = 1u << 16;

struct Outcome {
  InflateFault fault = InflateFault::none;
  Bytes out;
  bool final = false;
};

Outcome inflate_ours(BytesView octets, ChunkCutter cutter) {
  Inflater inflater(32768);
  Outcome o;
  while (!octets.empty() && o.fault == InflateFault::none && !inflater.final_seen()) {
    const std::size_t size = cutter.next(octets.size());
    o.fault = inflater.feed(octets.substr(0, size), [&](BytesView piece) {
      if (o.out.size() + piece.size() > kMost) return false;
      o.out += piece;
      return true;
    });
    octets.remove_prefix(size);
  }
  o.final = inflater.final_seen();
  return o;
}

// zlib's verdict on the first stream of `octets`: 1 it ended, 0 it wants more, -1 broken.
int inflate_zlib(BytesView octets, Bytes& out) {
  z_stream z{};
  require(inflateInit2(&z, -15) == Z_OK, "zlib starts");
  out.assign(kMost + 1, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
  z.avail_in = static_cast<uInt>(octets.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&z, Z_SYNC_FLUSH);
  out.resize(out.size() - z.avail_out);
  inflateEnd(&z);
  return status == Z_STREAM_END ? 1 : status == Z_OK || status == Z_BUF_ERROR ? 0 : -1;
}

void check_octets(BytesView octets, ChunkCutter cutter) {
  const Outcome whole = inflate_ours(octets, ChunkCutter(0));
  require(whole.out.size() <= kMost, "no more is inflated than was allowed");
  const Outcome chunked = inflate_ours(octets, cutter);
  Bytes theirs;
  const int verdict = inflate_zlib(octets, theirs);
  if (whole.fault == InflateFault::refused || theirs.size() > kMost) {
    require(whole.fault != InflateFault::none || verdict == 1 || whole.final, "what is too much is refused");
    return;
  }
  // Behind a final block the inflater begins a new stream, which zlib's call does not; compare up to there.
  if (verdict == 1) {
    require(whole.final && whole.out.starts_with(theirs), "what zlib inflates, we do");
    return;
  }
  require(!whole.final, "we end no stream that zlib does not end");
  require(whole.fault == chunked.fault && whole.out == chunked.out, "inflating does not depend on the cuts");
  if (whole.fault != InflateFault::none) {
    // zlib notices a set of code lengths without any code late: when all lengths are read.
    require(verdict < 0 || inflate_zlib(Bytes(octets).append(64, '\0'), theirs) < 0,
            "we refuse only what zlib refuses");
    return;
  }
  require(verdict == 0, "we refuse what zlib refuses");
  require(whole.out == theirs, "what zlib inflates so far, we do");
}

void check_message(std::uint8_t choices, BytesView message, ChunkCutter cutter) {
  constexpr DeflateForm kForms[] = {DeflateForm::usual,   DeflateForm::stored, DeflateForm::fixed,
                                    DeflateForm::dynamic, DeflateForm::final,  DeflateForm::blocks};
  const DeflateForm form = kForms[(choices & 15) % std::size(kForms)];
  const int bits = 8 + (choices >> 4 & 7);
  const bool takeover = (choices & 128) == 0;
  Compressor compressor(bits, takeover);
  Decompressor decompressor(bits, takeover);
  for (int round = 0; round < 2; ++round) {
    Bytes out;
    const Bytes compressed = compressor.compress(message, form, message.size() / 3);
    for (std::size_t at = 0; at < compressed.size();) {
      const std::size_t size = cutter.next(compressed.size() - at);
      require(decompressor.feed(BytesView(compressed).substr(at, size), out, message.size()).has_value(),
              "what we compress inflates");
      at += size;
    }
    require(decompressor.finish(out, message.size()).has_value(), "what we compress ends as it should");
    require(out == message, "what we compress inflates to the message");
    require(decompressor.largest_distance() <= 1u << bits, "what we compress keeps to the window");
  }
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  InputCursor in(input);
  const std::uint8_t choices = in.octet();
  const ChunkCutter cutter(in.octet());
  check_octets(in.rest(), cutter);
  check_message(choices, in.rest(), cutter);
}
