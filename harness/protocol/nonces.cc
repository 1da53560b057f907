#include "protocol/nonces.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace wsspec {
namespace {

constexpr std::size_t kNonce = 16;
constexpr std::size_t kFewestOfARow = 8;  ///< Below this a constant octet is chance.

}  // namespace

std::optional<std::string> find_pattern_of_nonces(std::span<const Bytes> nonces) {
  constexpr std::size_t kEnough = 256, kLeastValues = 100;  // Of octets, as for masking keys.
  std::set<BytesView> distinct;
  std::array<std::set<char>, kNonce> at_place;
  std::set<char> values;
  std::size_t count = 0;
  for (const Bytes& nonce : nonces) {
    if (nonce.size() != kNonce) continue;
    ++count;
    distinct.insert(nonce);
    values.insert(nonce.begin(), nonce.end());
    for (std::size_t place = 0; place < kNonce; ++place) at_place[place].insert(nonce[place]);
  }
  const auto found = [&](const char* what) {
    return fmt::format("of the nonces of {} handshakes {}", count, what);
  };
  if (distinct.size() < count) return found("two are the same");
  if (count < kFewestOfARow) return std::nullopt;
  if (std::ranges::any_of(at_place, [](const auto& seen) { return seen.size() == 1; }))
    return found("an octet is always the same");
  if (count * kNonce >= kEnough && values.size() < kLeastValues)
    return found("the octets are drawn from few values");
  return std::nullopt;
}

std::optional<std::string> find_pattern_of_first_keys(std::span<const MaskKey> keys) {
  const std::set<MaskKey> distinct(keys.begin(), keys.end());
  if (keys.size() < kFewestOfARow || keys.size() - distinct.size() < 2) return std::nullopt;
  return fmt::format("of the first masking keys of {} connections only {} differ", keys.size(),
                     distinct.size());
}

}  // namespace wsspec
