// FNV-1a: stable over platforms and versions, for shards, seeds, file names and fingerprints.
//
// What it is not: safe against someone who looks for two texts with the same hash.
#pragma once

#include <cstdint>
#include <string_view>

namespace wsspec {

inline constexpr std::uint64_t kFnvBasis = 0xcbf29ce484222325;

/// Of `text` behind what `begun` is the hash of.
constexpr std::uint64_t fnv1a64(std::string_view text, std::uint64_t begun = kFnvBasis) {
  for (const char c : text) begun = (begun ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return begun;
}

}  // namespace wsspec
