// Octet strings: the one type in which wire data, payloads and HTTP heads travel through the program.
//
// What it is not: text. A Bytes may hold any octets, NUL included; whoever shows one to a person escapes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wsspec {

using Bytes = std::string;             ///< Owned octets.
using BytesView = std::string_view;    ///< Borrowed octets.
using MutableBytes = std::span<char>;  ///< Borrowed octets that may be changed in place (unmasking).

inline BytesView view(MutableBytes bytes) {
  return {bytes.data(), bytes.size()};
}
inline std::uint8_t octet(char c) {
  return static_cast<std::uint8_t>(c);
}

/// "81 05 48": lower-case hexadecimal octets joined by `separator`.
std::string to_hex(BytesView bytes, std::string_view separator = " ");

/// Appends `value` in network byte order in `octets` (1 to 8) octets.
void append_big_endian(Bytes& out, std::uint64_t value, int octets);

/// Reads all of `bytes` (1 to 8 octets) as one number in network byte order.
std::uint64_t read_big_endian(BytesView bytes);

}  // namespace wsspec
