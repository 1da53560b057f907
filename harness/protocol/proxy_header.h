// ProxyHeader: what the PROXY protocol puts ahead of a connection, by which a hop tells its server who the
// client is: versions 1 (a line) and 2 (binary).
//
// Read leniently and judged strictly: what is wrong is told, and where what belongs to the connection begins
// is found all the same. What it is not: a judge of whether the addresses are those of the client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/bytes.h"

namespace wsspec {

/// One connection as it looks from the side that was connected to: who has come, and where.
struct ConnectionName {
  std::string source, destination;  ///< "127.0.0.1", "2001:db8::1".
  std::uint16_t source_port = 0, destination_port = 0;
  bool operator==(const ConnectionName&) const = default;
};

struct ProxyHeader {
  int version = 1;
  bool names = false;  ///< It tells who the client is: no UNKNOWN or UNSPEC, no LOCAL, no Unix socket.
  ConnectionName name;
  std::string words;  ///< "version 1, TCP4", "version 2, LOCAL", with the types of TLVs.
  struct Fault {
    std::string what, requirement;
  };
  std::vector<Fault> faults;
};

/// What a connection begins with.
struct ProxyRead {
  enum class Kind { none, begun, whole } kind = Kind::none;
  ProxyHeader header;
  std::size_t octets = 0;  ///< Of a whole one.
};
ProxyRead read_proxy_header(BytesView octets);

/// A right one. Addresses without ':' are of IPv4.
Bytes proxy_header_1(const ConnectionName& name);
/// `tlvs`: whole ones, to stand behind the addresses. With `checksum` a CRC32c follows them.
Bytes proxy_header_2(const ConnectionName& name, BytesView tlvs = {}, bool checksum = false);

/// CRC-32 of Castagnoli (RFC 9260 appendix A), as the TLV of that name has it.
std::uint32_t crc32c(BytesView octets);

// Ids of the ledger.
inline constexpr const char *kProxyOnce = "proxy-protocol-2-1", *kProxyName = "proxy-protocol-2-2",
                            *kProxyLine = "proxy-protocol-2.1-1", *kProxyBinary = "proxy-protocol-2.2-1",
                            *kProxyChecksum = "proxy-protocol-2.2.3-1";

}  // namespace wsspec
