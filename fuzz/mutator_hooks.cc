// Lends the frame mutator (mutator.h) to libFuzzer and what calls its two hooks; for AFL++ see
// mutator_afl.cc. WSSPEC_STREAM_CHOICES: how many octets of choices precede the frames in this target's
// input.
#include <cstring>

#include "fuzz/mutator.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

std::size_t put(const wsspec::Bytes& octets, std::uint8_t* out) {
  std::memcpy(out, octets.data(), octets.size());
  return octets.size();
}
wsspec::BytesView octets_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most,
                                               unsigned int seed) {
  static const wsspec::ByteMutator bytes = LLVMFuzzerMutate;
  return put(wsspec::mutate_stream(octets_of(data, size), WSSPEC_STREAM_CHOICES, most, seed, bytes), data);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size,
                                                 const std::uint8_t* b, std::size_t b_size, std::uint8_t* out,
                                                 std::size_t most, unsigned int seed) {
  return put(
      wsspec::cross_streams(octets_of(a, a_size), octets_of(b, b_size), WSSPEC_STREAM_CHOICES, most, seed),
      out);
}
