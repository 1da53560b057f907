// Lends the frame mutator (mutator.h) to AFL++ through its custom mutator API, as a library of its own that
// afl-fuzz loads beside the target (fuzz/run-afl.sh). AFL++ keeps its own stages as well.
// WSSPEC_STREAM_CHOICES: how many octets of choices precede the frames in this target's input.
#include <algorithm>
#include <cstring>

#include "fuzz/mutator.h"
#include "protocol/mix.h"

namespace {

using wsspec::Bytes;
using wsspec::BytesView;

// AFL++ lends no byte mutator, so here is one, for payloads and for whole inputs.
std::size_t mutate_bytes(wsspec::SplitMix& random, std::uint8_t* data, std::size_t size, std::size_t most) {
  constexpr std::uint8_t kEdges[] = {0, 1, 0x7d, 0x7e, 0x7f, 0x80, 0xbf, 0xc0, 0xed, 0xf4, 0xff};
  for (std::uint32_t rounds = 1 + random.below(4); rounds > 0; --rounds) {
    const auto at = random.below(static_cast<std::uint32_t>(size + 1));
    const std::uint32_t kind = random.below(5);
    if (kind == 0 && size < most) {
      std::memmove(data + at + 1, data + at, size - at);
      data[at] = static_cast<std::uint8_t>(random.next());
      ++size;
    } else if (at < size && kind == 1) {
      std::memmove(data + at, data + at + 1, size - at - 1);
      --size;
    } else if (at < size && kind == 2) {
      data[at] = kEdges[random.below(std::size(kEdges))];
    } else if (at < size) {
      data[at] = static_cast<std::uint8_t>(data[at] ^ 1u << random.below(8));
    }
  }
  return size;
}

struct Mutator {
  explicit Mutator(unsigned int seed) : random(seed) {}

  // The first input with frames of the second now and then, as libFuzzer crosses over.
  Bytes make(BytesView input, BytesView other, std::size_t most) {
    const auto seed = static_cast<std::uint32_t>(random.next());
    if (!other.empty() && random.below(8) == 0)
      return wsspec::cross_streams(input, other, WSSPEC_STREAM_CHOICES, most, seed);
    return wsspec::mutate_stream(input, WSSPEC_STREAM_CHOICES, most, seed, bytes);
  }

  wsspec::SplitMix random;
  const wsspec::ByteMutator bytes = [this](std::uint8_t* data, std::size_t size, std::size_t most) {
    return mutate_bytes(random, data, size, most);
  };
  Bytes made;  ///< What AFL++ reads until the next call.
};

BytesView octets_of(const unsigned char* data, std::size_t size) {
  return data == nullptr ? BytesView() : BytesView(reinterpret_cast<const char*>(data), size);
}

}  // namespace

extern "C" void* afl_custom_init(void* /*afl*/, unsigned int seed) {
  return new Mutator(seed);
}

extern "C" std::size_t afl_custom_fuzz(void* handle, unsigned char* data, std::size_t size,
                                       unsigned char** out, unsigned char* add, std::size_t add_size,
                                       std::size_t most) {
  // AFL++ allows a megabyte; whole inputs of that size would be copied for each call.
  constexpr std::size_t kMost = 4096;
  Mutator& mutator = *static_cast<Mutator*>(handle);
  mutator.made =
      mutator.make(octets_of(data, size), octets_of(add, add_size), std::min(most, std::max(size, kMost)));
  *out = reinterpret_cast<unsigned char*>(mutator.made.data());
  return mutator.made.size();
}

extern "C" void afl_custom_deinit(void* handle) {
  delete static_cast<Mutator*>(handle);
}
