#include "protocol/mask_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <set>
#include <vector>

namespace wsspec {
namespace {

constexpr std::size_t kFewest = 8;  ///< Below this a pattern of differences is chance.

/// Keys that come again: among n good ones about n*n/2^33 do, so that a second is no chance.
bool repeats(std::span<const MaskKey> keys) {
  std::vector<MaskKey> sorted(keys.begin(), keys.end());
  std::ranges::sort(sorted);
  const auto distinct = static_cast<std::size_t>(std::ranges::unique(sorted).begin() - sorted.begin());
  return keys.size() - distinct >= 2;
}

/// x' = a*x + c modulo 2^32, a counter among them: each difference is the one before it times a.
bool is_congruential(std::span<const MaskKey> keys) {
  std::vector<MaskKey> steps;
  for (std::size_t i = 1; i < keys.size(); ++i) steps.push_back(keys[i] - keys[i - 1]);
  const auto odd = std::find_if(steps.begin(), steps.end() - 1, [](MaskKey step) { return step % 2 == 1; });
  if (odd == steps.end() - 1)  // Of good keys half of the differences are odd.
    return std::ranges::adjacent_find(steps, std::not_equal_to<>()) == steps.end();
  MaskKey inverse = *odd;  // Of an odd number modulo 2^32, by Newton.
  for (int i = 0; i < 5; ++i) inverse *= 2 - *odd * inverse;
  const MaskKey factor = *(odd + 1) * inverse;
  for (std::size_t i = 1; i < steps.size(); ++i)
    if (steps[i] != steps[i - 1] * factor) return false;
  return true;
}

bool has_constant_xor(std::span<const MaskKey> keys) {
  for (std::size_t i = 2; i < keys.size(); ++i)
    if ((keys[i] ^ keys[i - 1]) != (keys[1] ^ keys[0])) return false;
  return true;
}

std::array<std::uint8_t, 4> octets_of(MaskKey key) {
  return {static_cast<std::uint8_t>(key >> 24), static_cast<std::uint8_t>(key >> 16),
          static_cast<std::uint8_t>(key >> 8), static_cast<std::uint8_t>(key)};
}

/// How many values the octet at a place takes. Of 256 good ones it takes 162 in the mean, and fewer than 120
/// less than once in a million rows.
std::size_t values_at(std::span<const MaskKey> keys, std::size_t place) {
  std::set<std::uint8_t> values;
  for (const MaskKey key : keys) values.insert(octets_of(key)[place]);
  return values.size();
}

bool are_equal_at(std::span<const MaskKey> keys, std::size_t a, std::size_t b) {
  return std::ranges::all_of(keys, [&](MaskKey key) { return octets_of(key)[a] == octets_of(key)[b]; });
}

}  // namespace

std::optional<Violation> find_pattern(std::span<const MaskKey> keys) {
  constexpr std::size_t kEnough = 256, kLeastValues = 100;
  if (std::ranges::adjacent_find(keys) != keys.end())
    return Violation{"rfc6455-5.3-2", "two frames in succession have the same masking key"};
  if (repeats(keys)) return Violation{"rfc6455-5.3-2", "masking keys come again"};
  if (keys.size() < kFewest) return std::nullopt;
  std::vector<MaskKey> swapped(keys.begin(), keys.end());
  for (MaskKey& key : swapped) key = std::byteswap(key);
  if (is_congruential(keys) || is_congruential(swapped) || has_constant_xor(keys))
    return Violation{"rfc6455-5.3-4", "each masking key follows from those before it"};
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = a + 1; b < 4; ++b)
      if (are_equal_at(keys, a, b))
        return Violation{"rfc6455-5.3-3",
                         fmt::format("octets {} and {} of the masking keys are always equal", a, b)};
  if (keys.size() < kEnough) return std::nullopt;
  for (std::size_t place = 0; place < 4; ++place)
    if (const auto values = values_at(keys, place); values < kLeastValues)
      return Violation{"rfc6455-5.3-3", fmt::format("octet {} of {} masking keys has {} values only", place,
                                                    keys.size(), values)};
  return std::nullopt;
}

}  // namespace wsspec
