// What every fuzz target (targets/) is made of: a property that must hold for any octets, and a cursor over
// them.
//
// What it is not: a test framework. A property that does not hold aborts, which libFuzzer, AFL++ and the
// plain replay (main.cc) all notice. Invariants: a target keeps nothing from one input to the next, reads no
// clock and no file; any octets are a valid input.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "protocol/bytes.h"

// Of a function that is no part of what is tested: engines are not to look for new code in it.
#ifdef __clang__
#define WSSPEC_NOT_COVERED __attribute__((no_sanitize("coverage")))
#else
#define WSSPEC_NOT_COVERED
#endif

namespace wsspec {

/// Not inlined, so that the caller, and with it the property, is the frame that engines group crashes by.
[[noreturn, gnu::noinline]] inline void property_broken(const char* property, std::string_view detail) {
  std::fprintf(stderr, "property broken: %s\n", property);
  if (!detail.empty()) std::fprintf(stderr, "%.*s\n", static_cast<int>(detail.size()), detail.data());
  std::abort();
}
/// `detail` must be printable as it is: escaped or hexadecimal where it comes from the input.
inline void require(bool holds, const char* property, std::string_view detail = {}) {
  if (!holds) [[unlikely]]
    property_broken(property, detail);
}

/// Takes choices off the front of an input; zeros when it is used up.
class InputCursor {
 public:
  explicit InputCursor(BytesView input) : rest_(input) {}
  std::uint8_t octet() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = wsspec::octet(rest_.front());
    rest_.remove_prefix(1);
    return first;
  }
  std::uint64_t number(int octets) {
    std::uint64_t value = 0;
    while (octets-- > 0) value = value << 8 | octet();
    return value;
  }
  BytesView rest() const { return rest_; }

 private:
  BytesView rest_;
};

/// How a stream is cut into chunks, chosen by one octet of the input: 0 not at all, 1 into single octets, 2
/// to 15 into chunks of so many, otherwise into chunks of ever new sizes, mostly small.
class ChunkCutter {
 public:
  explicit ChunkCutter(std::uint8_t choice) : choice_(choice), state_(choice * 0x9e3779b1u + 1) {}
  /// Octets of the next chunk: 1 to `left`; 0 only when nothing is left.
  std::size_t next(std::size_t left) {
    if (choice_ == 0) return left;
    if (choice_ < 16) return std::min<std::size_t>(left, choice_);
    state_ = state_ * 1664525u + 1013904223u;
    const std::uint32_t size = 1 + (state_ >> 20) % (1u << (state_ >> 28) % 12);
    return std::min<std::size_t>(left, size);
  }

 private:
  std::uint8_t choice_;
  std::uint32_t state_;
};

}  // namespace wsspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Defines the entry of a target: `WSSPEC_FUZZ_TARGET(input) { ... }` with `BytesView input`.
#define WSSPEC_FUZZ_TARGET(input)                                                 \
  static void test_one_input(wsspec::BytesView input);                            \
  int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {        \
    test_one_input({size == 0 ? "" : reinterpret_cast<const char*>(data), size}); \
    return 0;                                                                     \
  }                                                                               \
  static void test_one_input(wsspec::BytesView input)
