// However a stream is cut into chunks, the frame decoder hands out the same frames, and they are those that a
// second reading of RFC 6455 5.2, octet by octet, finds.
#include "fuzz/stream.h"
#include "protocol/frame.h"

namespace {

using namespace wsspec;

// One line per frame: the header as octets, then the payload as received, unmasked.
void note(Bytes& frames, const FrameHeader& header) {
  char head[kMaxHeader];
  frames.append(head, encode_header(header, head));
}

Bytes decode(BytesView octets, ChunkCutter cutter) {
  static Bytes wire;  // Kept for its capacity only.
  wire.assign(octets);
  Bytes frames;
  FrameDecoder decoder;
  MutableBytes rest(wire);
  while (!rest.empty()) {
    const std::size_t size = cutter.next(rest.size());
    MutableBytes chunk = rest.first(size);
    rest = rest.subspan(size);
    while (const auto piece = decoder.next(chunk)) {
      if (piece->first) note(frames, piece->header);
      frames += view(piece->payload);
      if (piece->last) require(decoder.at_boundary(), "behind the last piece the decoder is between frames");
    }
    require(chunk.empty(), "the decoder takes all of a chunk");
  }
  return frames;
}

Bytes decode_naively(BytesView octets) {
  Bytes frames;
  for (std::size_t at = 0; at < octets.size();) {
    const auto get = [&](std::size_t i) -> std::uint64_t { return octet(octets[at + i]); };
    const std::size_t left = octets.size() - at;
    if (left < 2) break;
    const std::uint64_t short_length = get(1) % 128;
    const std::size_t extra = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
    const bool masked = get(1) >= 128;
    const std::size_t head = 2 + extra + (masked ? 4 : 0);
    if (left < head) break;
    std::uint64_t length = extra == 0 ? short_length : 0;
    for (std::size_t i = 0; i < extra; ++i) length = length * 256 + get(2 + i);
    frames.append(octets.substr(at, head));
    const std::uint64_t here = std::min<std::uint64_t>(length, left - head);
    for (std::size_t i = 0; i < here; ++i)
      frames += static_cast<char>(get(head + i) ^ (masked ? get(2 + extra + i % 4) : 0));
    at += head + static_cast<std::size_t>(here);
  }
  return frames;
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  const StreamInput stream(input);
  const Bytes chunked = decode(stream.octets, stream.cutter());
  require(decode(stream.octets, ChunkCutter(0)) == chunked, "frames do not depend on how the stream is cut");
  require(decode_naively(stream.octets) == chunked, "frames are what RFC 6455 5.2 says");
}
