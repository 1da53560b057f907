#include "protocol/bytes.h"

namespace wsspec {

std::string to_hex(BytesView bytes, std::string_view separator) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * (2 + separator.size()));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) out += separator;
    out += kDigits[octet(bytes[i]) >> 4];
    out += kDigits[octet(bytes[i]) & 15];
  }
  return out;
}

void append_big_endian(Bytes& out, std::uint64_t value, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

std::uint64_t read_big_endian(BytesView bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | octet(c);
  return value;
}

}  // namespace wsspec
