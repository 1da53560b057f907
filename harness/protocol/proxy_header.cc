#include "protocol/proxy_header.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace wsspec {
namespace {

constexpr std::string_view kLineMark = "PROXY ";
constexpr std::string_view kSignature("\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a", 12);
constexpr std::size_t kLongestLine = 107, kFixed = 16;
constexpr std::uint8_t kChecksumType = 0x03;

bool begins(BytesView octets, std::string_view mark) {
  return mark.substr(0, octets.size()) == octets.substr(0, mark.size());
}

// --- Version 1

bool is_address(const std::string& text, int family) {
  unsigned char binary[16];
  return ::inet_pton(family, text.c_str(), binary) == 1;
}

std::optional<std::uint16_t> port_in(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  const bool canonical = !text.empty() && (text.size() == 1 || text[0] != '0');
  return whole && canonical ? std::optional(port) : std::nullopt;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ' ')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

/// What stands between "PROXY " and the end of the line.
void take_line(ProxyHeader& header, std::string_view line) {
  const auto fault = [&](std::string what) { header.faults.push_back({std::move(what), kProxyLine}); };
  const auto words = words_of(line);
  header.words = "version 1, " + words[0];
  if (words[0] == "UNKNOWN") return;
  const int family = words[0] == "TCP4" ? AF_INET : words[0] == "TCP6" ? AF_INET6 : AF_UNSPEC;
  if (family == AF_UNSPEC) return fault("the family is none of TCP4, TCP6 and UNKNOWN");
  if (words.size() != 5) return fault(fmt::format("{} words stand in place of five", words.size()));
  for (const auto& address : {words[1], words[2]})
    if (!is_address(address, family)) return fault(fmt::format("an address is none of {}", words[0]));
  const auto source = port_in(words[3]), destination = port_in(words[4]);
  if (!source || !destination) return fault("a port is no decimal of 0 to 65535");
  header.names = true;
  header.name = {words[1], words[2], *source, *destination};
}

ProxyRead read_line(BytesView octets) {
  ProxyRead out;
  const auto end = octets.substr(0, 2 * kLongestLine).find('\n');
  out.kind = ProxyRead::Kind::begun;
  if (end == octets.npos && octets.size() < 2 * kLongestLine) return out;
  out.kind = ProxyRead::Kind::whole;
  out.octets = end == octets.npos ? octets.size() : end + 1;
  std::string_view line = octets.substr(kLineMark.size(), out.octets - kLineMark.size());
  const bool ends = line.ends_with("\r\n");
  if (!ends) out.header.faults.push_back({"the line does not end with CR LF", kProxyLine});
  if (out.octets > kLongestLine)
    out.header.faults.push_back(
        {fmt::format("the line has {} octets, and 107 is most", out.octets), kProxyLine});
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  take_line(out.header, line);
  return out;
}

// --- Version 2

std::uint16_t number_at(BytesView octets, std::size_t at) {
  const auto high = static_cast<unsigned char>(octets[at]), low = static_cast<unsigned char>(octets[at + 1]);
  return static_cast<std::uint16_t>(high << 8 | low);
}

std::string address_at(BytesView octets, std::size_t at, int family) {
  char text[INET6_ADDRSTRLEN] = {};
  ::inet_ntop(family, octets.data() + at, text, sizeof text);
  return text;
}

/// How long the addresses of a family are; 0: it has none.
std::size_t addresses_of(unsigned family) {
  return family == 1 ? 12 : family == 2 ? 36 : family == 3 ? 216 : 0;
}

/// `all`: the header; `at`: where its TLVs begin.
void take_tlvs(ProxyHeader& header, BytesView all, std::size_t at) {
  const auto fault = [&](std::string what, const char* requirement) {
    header.faults.push_back({std::move(what), requirement});
  };
  while (at < all.size()) {
    const std::size_t left = all.size() - at;
    if (left < 3 || left - 3 < number_at(all, at + 1))
      return fault("a TLV is longer than what the length of the header leaves", kProxyBinary);
    const auto type = static_cast<std::uint8_t>(all[at]);
    const std::size_t length = number_at(all, at + 1);
    header.words += fmt::format(", TLV 0x{:02x}", type);
    if (type == kChecksumType) {
      if (length != 4) return fault("the checksum has not four octets", kProxyChecksum);
      Bytes zeroed(all);
      std::fill_n(zeroed.begin() + static_cast<std::ptrdiff_t>(at) + 3, 4, '\0');
      const std::uint32_t stated =
          static_cast<std::uint32_t>(number_at(all, at + 3)) << 16 | number_at(all, at + 5);
      if (stated != crc32c(zeroed)) fault("the CRC32c is not that of the header", kProxyChecksum);
    }
    at += 3 + length;
  }
}

void take_binary(ProxyHeader& header, BytesView all) {
  const auto fault = [&](std::string what) { header.faults.push_back({std::move(what), kProxyBinary}); };
  const auto first = static_cast<unsigned char>(all[12]), second = static_cast<unsigned char>(all[13]);
  const unsigned command = first & 15, family = second >> 4, transport = second & 15;
  header.version = 2;
  header.words = fmt::format("version 2, {}, {}", command == 0 ? "LOCAL" : "PROXY",
                             family == 1   ? "IPv4"
                             : family == 2 ? "IPv6"
                             : family == 3 ? "Unix"
                                           : "UNSPEC");
  if (first >> 4 != 2) fault(fmt::format("the version is {}", first >> 4));
  if (command > 1) fault(fmt::format("the command is {}", command));
  if (family > 3 || transport > 2) fault(fmt::format("family and transport are 0x{:02x}", second));
  if (command != 1) return;  // Nobody looks at the rest of a LOCAL one.
  const std::size_t needed = addresses_of(family);
  if (all.size() - kFixed < needed)
    return fault(fmt::format("the length, {}, leaves no room for the addresses", all.size() - kFixed));
  if ((family == 1 || family == 2) && transport != 1)
    fault("the transport of a TCP connection is not STREAM");
  if (family == 1 || family == 2) {
    const int kind = family == 1 ? AF_INET : AF_INET6;
    const std::size_t one = family == 1 ? 4 : 16;
    header.names = true;
    header.name = {address_at(all, kFixed, kind), address_at(all, kFixed + one, kind),
                   number_at(all, kFixed + 2 * one), number_at(all, kFixed + 2 * one + 2)};
  }
  if (family != 0) take_tlvs(header, all, kFixed + needed);
}

/// A length that swallows the request, or leaves a part of the header in front of it, is found by the
/// request.
std::size_t whole_length(BytesView octets, std::size_t stated, ProxyHeader& header) {
  const auto family = static_cast<unsigned char>(octets[13]) >> 4;
  const std::size_t natural = kFixed + addresses_of(family);
  const auto begins_request = [&](std::size_t at) {
    return at < octets.size() && octets.substr(at).starts_with("GET ");
  };
  if (natural == kFixed || stated == natural || !begins_request(natural) || begins_request(stated))
    return stated;
  header.faults.push_back(
      {fmt::format("the length is {} where {} octets follow", stated - kFixed, natural - kFixed),
       kProxyBinary});
  return natural;
}

ProxyRead read_binary(BytesView octets) {
  ProxyRead out;
  out.kind = ProxyRead::Kind::begun;
  if (octets.size() < kFixed) return out;
  out.octets = whole_length(octets, kFixed + number_at(octets, 14), out.header);
  if (octets.size() < out.octets) return out.header = {}, out;
  out.kind = ProxyRead::Kind::whole;
  take_binary(out.header, octets.substr(0, out.octets));
  return out;
}

void put_number(Bytes& out, std::uint32_t number, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

bool is_ipv6(const ConnectionName& name) {
  return name.source.find(':') != std::string::npos;
}

}  // namespace

ProxyRead read_proxy_header(BytesView octets) {
  if (octets.empty() || (!begins(octets, kLineMark) && !begins(octets, kSignature))) return {};
  if (octets.size() < kLineMark.size()) return {ProxyRead::Kind::begun, {}, 0};
  if (begins(octets, kLineMark)) return read_line(octets);
  return octets.size() < kSignature.size() ? ProxyRead{ProxyRead::Kind::begun, {}, 0} : read_binary(octets);
}

Bytes proxy_header_1(const ConnectionName& name) {
  return fmt::format("PROXY {} {} {} {} {}\r\n", is_ipv6(name) ? "TCP6" : "TCP4", name.source,
                     name.destination, name.source_port, name.destination_port);
}

Bytes proxy_header_2(const ConnectionName& name, BytesView tlvs, bool checksum) {
  const bool six = is_ipv6(name);
  const std::size_t length = (six ? 36 : 12) + tlvs.size() + (checksum ? 7 : 0);
  Bytes out(kSignature);
  out += '\x21';
  out += six ? '\x21' : '\x11';
  put_number(out, static_cast<std::uint32_t>(length), 2);
  for (const auto& address : {name.source, name.destination}) {
    char binary[16] = {};
    ::inet_pton(six ? AF_INET6 : AF_INET, address.c_str(), binary);
    out.append(binary, six ? 16 : 4);
  }
  put_number(out, name.source_port, 2);
  put_number(out, name.destination_port, 2);
  out += tlvs;
  if (!checksum) return out;
  out.append("\x03\x00\x04\x00\x00\x00\x00", 7);
  const std::uint32_t sum = crc32c(out);
  out.resize(out.size() - 4);
  put_number(out, sum, 4);
  return out;
}

std::uint32_t crc32c(BytesView octets) {
  constexpr std::uint32_t kPolynomial = 0x82f63b78;
  std::uint32_t sum = ~std::uint32_t{0};
  for (const char c : octets) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? kPolynomial : 0);
  }
  return ~sum;
}

}  // namespace wsspec
