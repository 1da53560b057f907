#include "fuzz/mutator.h"

#include <gtest/gtest.h>

#include <set>

#include "protocol/frame.h"
#include "protocol/message.h"
#include "protocol/mix.h"

// mutator_afl.cc, as afl-fuzz finds it in the library.
extern "C" void* afl_custom_init(void* afl, unsigned int seed);
extern "C" std::size_t afl_custom_fuzz(void* handle, unsigned char* data, std::size_t size,
                                       unsigned char** out, unsigned char* add, std::size_t add_size,
                                       std::size_t most);
extern "C" void afl_custom_deinit(void* handle);

namespace wsspec {
namespace {

// Stands in for the engine's: changes one octet, or appends one.
std::size_t flip(std::uint8_t* data, std::size_t size, std::size_t most) {
  if (size > 0) data[size / 2] = static_cast<std::uint8_t>(data[size / 2] ^ 0x41);
  if (size < most) data[size++] = 0x7f;
  return size;
}

TEST(Mutator, IsAFunctionOfItsSeedAndKeepsToTheSize) {
  Bytes stream(2, '\0');
  for (std::uint32_t seed = 0; seed < 20'000; ++seed) {
    const std::size_t most = 2 + seed % 700;
    const Bytes next = mutate_stream(stream, 2, most, seed, flip);
    ASSERT_EQ(next, mutate_stream(stream, 2, most, seed, flip));
    ASSERT_LE(next.size(), most);
    stream = next;
  }
}

TEST(Mutator, CrossesAtFrames) {
  const Bytes a = Bytes(2, '\0') + make_frame(Opcode::text, "one", 7) + make_frame(Opcode::text, "two", 7);
  const Bytes b = Bytes(2, '\1') + make_frame(Opcode::ping, "three", 7);
  std::set<Bytes> seen;
  for (std::uint32_t seed = 0; seed < 200; ++seed) seen.insert(cross_streams(a, b, 2, 1000, seed));
  EXPECT_EQ(seen.size(), 6u);  // Nought to two frames of `a`, then the frame of `b` or nothing.
}

// The bug of docs/fuzzing.md: a ping of 125 octets behind the third fragment of a text message. The mutator
// finds it from nothing, keeping a stream that reached a new depth of the chain, as coverage would.
int depth(BytesView stream) {
  Bytes wire(stream.substr(std::min<std::size_t>(2, stream.size())));
  MutableBytes rest(wire);
  FrameDecoder frames;
  int fragments = 0;
  while (const auto piece = frames.next(rest)) {
    if (!piece->last) continue;
    const FrameHeader& h = piece->header;
    if (h.is(Opcode::text) && !h.fin) {
      fragments = 1;
    } else if (h.is(Opcode::cont) && !h.fin && fragments > 0) {
      ++fragments;
    } else if (h.is(Opcode::ping) && h.length == 125 && fragments >= 3) {
      return 4;
    } else if (!is_control(h.opcode)) {
      fragments = 0;
    }
  }
  return std::min(fragments, 3);
}

TEST(Mutator, ReachesABugBehindASequence) {
  for (std::uint32_t run = 0; run < 3; ++run) {
    Bytes best(2, '\0');
    std::uint32_t tries = 0;
    for (; depth(best) < 4 && tries < 100'000; ++tries) {
      const Bytes next = mutate_stream(best, 2, 1000, run * 1'000'003 + tries, flip);
      if (depth(next) >= depth(best)) best = next;
    }
    EXPECT_EQ(depth(best), 4) << "seed " << run << " after " << tries;
  }
}

// The same through AFL++'s interface, which also brings a second input to cross with.
TEST(AflMutator, ReachesTheBugKeepsToTheSizeAndIsAFunctionOfItsSeed) {
  void* one = afl_custom_init(nullptr, 7);
  void* other = afl_custom_init(nullptr, 7);
  Bytes best(2, '\0'), add = best + make_frame(Opcode::text, "x", 7, false);
  std::uint32_t tries = 0;
  const auto made = [&](void* handle, std::size_t most) {
    unsigned char* out = nullptr;
    const std::size_t size =
        afl_custom_fuzz(handle, reinterpret_cast<unsigned char*>(best.data()), best.size(), &out,
                        reinterpret_cast<unsigned char*>(add.data()), add.size(), most);
    return Bytes(reinterpret_cast<const char*>(out), size);
  };
  for (; tries < 2'000 || (depth(best) < 4 && tries < 300'000); ++tries) {
    const std::size_t most = 100 + tries % 900;
    const Bytes next = made(one, most);
    ASSERT_LE(next.size(), most);
    if (tries < 1000) {
      ASSERT_EQ(next, made(other, most));
    }
    if (depth(next) >= depth(best)) best = next;
  }
  EXPECT_EQ(depth(best), 4) << "after " << tries;
  afl_custom_deinit(one);
  afl_custom_deinit(other);
}

}  // namespace
}  // namespace wsspec
