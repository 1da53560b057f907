// Deterministic pseudo-randomness for payloads and masking keys: SplitMix64 (Steele, Lea, Flood 2014).
//
// What it is not: a source of secrets, nor of randomness; the same seed gives the same values on every
// machine.
#pragma once

#include <cstdint>

namespace wsspec {

/// The finaliser: a bijection of 64 bits in which every input bit reaches every output bit.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

class SplitMix {
 public:
  explicit constexpr SplitMix(std::uint64_t seed) : state_(mix(seed)) {}
  constexpr std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15); }
  /// 0 to bound - 1; the bias is below 2^-32 for the bounds used here.
  constexpr std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>((next() >> 32) * bound >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace wsspec
