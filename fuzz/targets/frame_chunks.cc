// However a stream is cut into chunks, the frame decoder hands out the same frames, and they are those that a
// second reading of RFC 6455 5.2, octet by octet, finds.
#include "fuzz/stream.h"
#include "protocol/frame.h"

namespace {

using namespace wsspec;

// Frames as one string: of each the header as octets, then the payload as received, unmasked. Read octet by
// octet; how it gets there says nothing about the decoder, so no engine need look.
[[gnu::noinline]] WSSPEC_NOT_COVERED void read_naively(BytesView octets, Bytes& frames) {
  frames.assign(octets);
  std::size_t at = 0;
  const auto get = [&](std::size_t i) -> std::uint64_t { return octet(octets[at + i]); };
  while (octets.size() - at >= 2) {
    const std::size_t left = octets.size() - at;
    const std::uint64_t short_length = get(1) & 0x7f;
    const std::size_t extra = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    const bool masked = (get(1) & 0x80) != 0;
    const std::size_t head = 2 + extra + (masked ? 4 : 0);
    if (left < head) break;
    std::uint64_t length = extra == 0 ? short_length : 0;
    for (std::size_t i = 0; i < extra; ++i) length = length * 256 + get(2 + i);
    const auto here = static_cast<std::size_t>(std::min<std::uint64_t>(length, left - head));
    for (std::size_t i = 0; masked && i < here; ++i)
      frames[at + head + i] = static_cast<char>(get(head + i) ^ get(2 + extra + i % 4));
    at += head + here;
  }
  frames.resize(at);
}

// Decodes the octets in chunks and holds each piece against the frames that are known.
void decode(BytesView octets, ChunkCutter cutter, BytesView frames, const char* property) {
  static Bytes wire;  // Kept for its capacity only.
  wire.assign(octets);
  FrameDecoder decoder;
  MutableBytes rest(wire);
  const auto same = [&](BytesView seen) {
    require(frames.starts_with(seen), property);
    frames.remove_prefix(seen.size());
  };
  while (!rest.empty()) {
    const std::size_t size = cutter.next(rest.size());
    MutableBytes chunk = rest.first(size);
    rest = rest.subspan(size);
    while (const auto piece = decoder.next(chunk)) {
      if (piece->first) {
        char head[kMaxHeader];
        same({head, encode_header(piece->header, head)});
      }
      same(view(piece->payload));
      if (piece->last) require(decoder.at_boundary(), "behind the last piece the decoder is between frames");
    }
    require(chunk.empty(), "the decoder takes all of a chunk");
  }
  require(frames.empty(), property);
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  const StreamInput stream(input);
  static Bytes frames;
  read_naively(stream.octets, frames);
  decode(stream.octets, ChunkCutter(0), frames, "frames are what RFC 6455 5.2 says");
  if (stream.cut != 0)
    decode(stream.octets, stream.cutter(), frames, "frames do not depend on how the stream is cut");
}
