// How fast the core is, beside what others use for the same work: Boost.Beast, memcpy, zlib.
//
// Frames are masked binary messages of a client. Our decoder is measured behind a copy into a 64 KiB buffer,
// because Beast's reads copy too; `in-place` is without that copy.
#include <zlib.h>

#include <cstring>
#include <string>

#include "beast_reader.h"
#include "model/rules_judge.h"
#include "protocol/deflate.h"
#include "protocol/frame.h"
#include "protocol/mask.h"
#include "protocol/message.h"
#include "protocol/utf8.h"
#include "ratio_reporter.h"

namespace {

using namespace wsspec;

constexpr std::size_t kBatch = 8u << 20;

Bytes stream_of(Opcode opcode, std::size_t payload, std::optional<MaskKey> mask,
                std::size_t octets = kBatch) {
  const Bytes frame = make_frame(opcode, Bytes(payload, 'x'), mask);
  Bytes stream;
  while (stream.size() < octets) stream += frame;
  return stream;
}

void count(benchmark::State& state, const Bytes& stream, std::size_t payload) {
  const auto frames =
      static_cast<std::int64_t>(stream.size() / make_frame(Opcode::binary, Bytes(payload, 'x'), 0u).size());
  state.SetItemsProcessed(state.iterations() * frames);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}

std::uint64_t decode(FrameDecoder& decoder, MutableBytes bytes) {
  std::uint64_t octets = 0;
  while (auto piece = decoder.next(bytes)) octets += piece->payload.size();
  return octets;
}

void frames_wsspec(benchmark::State& state, std::size_t payload) {
  const Bytes stream = stream_of(Opcode::binary, payload, 0x9c01aa40);
  Bytes buffer(64u << 10, '\0');
  for (auto _ : state) {
    FrameDecoder decoder;
    for (std::size_t at = 0; at < stream.size(); at += buffer.size()) {
      const std::size_t n = std::min(buffer.size(), stream.size() - at);
      std::memcpy(buffer.data(), stream.data() + at, n);
      benchmark::DoNotOptimize(decode(decoder, MutableBytes(buffer).first(n)));
    }
  }
  count(state, stream, payload);
}

void frames_in_place(benchmark::State& state, std::size_t payload) {
  Bytes stream = stream_of(Opcode::binary, payload, 0x9c01aa40);
  for (auto _ : state) {
    FrameDecoder decoder;
    benchmark::DoNotOptimize(decode(decoder, stream));
  }
  count(state, stream, payload);
}

void read_by_beast(benchmark::State& state, Opcode opcode, std::size_t payload) {
  const Bytes stream = stream_of(opcode, payload, 0x9c01aa40);
  for (auto _ : state) {
    if (read_with_beast(stream) < payload) state.SkipWithError("nothing was read");
  }
  count(state, stream, payload);
}

void messages(benchmark::State& state, std::size_t payload) {
  const Bytes stream = stream_of(Opcode::text, payload, 0x9c01aa40);
  Bytes buffer;
  for (auto _ : state) {
    buffer = stream;
    MessageDecoder decoder(Role::server, {});
    std::uint64_t octets = 0;
    decoder.feed(buffer, [&](Incoming&& in) { octets += in.payload.size(); });
    benchmark::DoNotOptimize(octets);
  }
  count(state, stream, payload);
}

// A text and its echo, a ping and its pong: four frames.
void judge(benchmark::State& state) {
  const Bytes out = make_frame(Opcode::text, "sixteen octets..", 0x9c01aa40u) +
                    make_frame(Opcode::ping, "ping", 0x9c01aa40u);
  const Bytes in = make_frame(Opcode::text, "sixteen octets..", {}) + make_frame(Opcode::pong, "ping", {});
  Judge judge({});
  Bytes scratch;
  for (auto _ : state) {
    judge.sent(out);
    scratch = in;
    judge.received(scratch);
    if (!judge.settled()) state.SkipWithError("something is missing");
  }
  state.SetItemsProcessed(state.iterations() * 4);
}

void mask_wsspec(benchmark::State& state, std::size_t size) {
  Bytes bytes(size, 'x');
  for (auto _ : state) {
    apply_mask(bytes, 0x9c01aa40, 1);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void mask_memcpy(benchmark::State& state, std::size_t size) {
  Bytes from(size, 'x'), to(size, 'y');
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), size);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

Bytes mixed_text(std::size_t size) {
  static const Bytes kCharacters[] = {"plain ascii ", "\xc3\xa9\xc3\xa8", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                      "more "};
  Bytes text;
  for (std::size_t i = 0; text.size() < size; ++i) text += kCharacters[i * i % 5];
  return text;
}

void utf8_whole(benchmark::State& state) {
  const Bytes text = mixed_text(64u << 10);
  for (auto _ : state) benchmark::DoNotOptimize(is_utf8(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void utf8_chunks(benchmark::State& state, std::size_t chunk) {
  const Bytes text = mixed_text(64u << 10);
  for (auto _ : state) {
    Utf8Validator validator;
    for (std::size_t at = 0; at < text.size(); at += chunk) validator.feed(BytesView(text).substr(at, chunk));
    benchmark::DoNotOptimize(validator.complete());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

Bytes compressible(std::size_t size) {
  Bytes text;
  std::uint32_t x = 1;
  while (text.size() < size) {
    x = x * 1664525 + 1013904223;
    text += "{\"id\": " + std::to_string(x >> 16) + ", \"name\": \"item " + std::to_string(x >> 28) + "\"}\n";
  }
  return text;
}

void inflate_wsspec(benchmark::State& state) {
  const Bytes text = compressible(1u << 20), payload = Compressor().compress(text);
  Decompressor decompressor;
  Bytes out;
  for (auto _ : state) {
    out.clear();
    if (!decompressor.feed(payload, out, 1u << 30) || !decompressor.finish(out, 1u << 30))
      state.SkipWithError("broken");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void inflate_zlib(benchmark::State& state) {
  const Bytes text = compressible(1u << 20);
  Bytes payload = Compressor().compress(text) + Bytes("\0\0\xff\xff", 4), out(text.size() + 64, '\0');
  z_stream z{};
  inflateInit2(&z, -15);
  for (auto _ : state) {
    z.next_in = reinterpret_cast<Bytef*>(payload.data());
    z.avail_in = static_cast<uInt>(payload.size());
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = static_cast<uInt>(out.size());
    inflate(&z, Z_SYNC_FLUSH);
    if (z.avail_in != 0) state.SkipWithError("not inflated");
  }
  inflateEnd(&z);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void register_all() {
  for (const std::size_t payload :
       {std::size_t{16}, std::size_t{125}, std::size_t{1400}, std::size_t{64} << 10, std::size_t{1} << 20}) {
    const std::string work = "frames/" + std::to_string(payload);
    benchmark::RegisterBenchmark((work + "/wsspec").c_str(), frames_wsspec, payload);
    benchmark::RegisterBenchmark((work + "/in-place").c_str(), frames_in_place, payload);
    benchmark::RegisterBenchmark((work + "/beast").c_str(), read_by_beast, Opcode::binary, payload);
    const std::string texts = "messages/" + std::to_string(payload);
    benchmark::RegisterBenchmark((texts + "/wsspec").c_str(), messages, payload);
    benchmark::RegisterBenchmark((texts + "/beast").c_str(), read_by_beast, Opcode::text, payload);
  }
  benchmark::RegisterBenchmark("judge/16/echo-and-pong", judge);
  for (const std::size_t size : {std::size_t{125}, std::size_t{16} << 10, std::size_t{8} << 20}) {
    const std::string work = "mask/" + std::to_string(size);
    benchmark::RegisterBenchmark((work + "/wsspec").c_str(), mask_wsspec, size);
    benchmark::RegisterBenchmark((work + "/memcpy").c_str(), mask_memcpy, size);
  }
  benchmark::RegisterBenchmark("utf8/whole", utf8_whole);
  for (const std::size_t chunk : {std::size_t{16}, std::size_t{1400}}) {
    benchmark::RegisterBenchmark(("utf8/chunks-of-" + std::to_string(chunk)).c_str(), utf8_chunks, chunk);
  }
  benchmark::RegisterBenchmark("inflate/wsspec", inflate_wsspec);
  benchmark::RegisterBenchmark("inflate/zlib", inflate_zlib);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  register_all();
  RatioReporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
}
