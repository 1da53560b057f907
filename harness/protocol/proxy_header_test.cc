#include "protocol/proxy_header.h"

#include <gtest/gtest.h>

namespace wsspec::proxy_header_test {
namespace {

const ConnectionName kName{"192.0.2.1", "192.0.2.2", 50000, 80};
const ConnectionName kSix{"2001:db8::1", "2001:db8::2", 50000, 443};
constexpr const char* kRequest = "GET / HTTP/1.1\r\n";

/// The requirement that is broken; "none" where nothing is wrong.
std::string fault_of(const Bytes& header) {
  const auto read = read_proxy_header(header + kRequest);
  EXPECT_EQ(read.kind, ProxyRead::Kind::whole);
  EXPECT_EQ((header + kRequest).substr(read.octets), kRequest) << "the request is found behind it";
  return read.header.faults.empty() ? "none" : read.header.faults.front().requirement;
}

TEST(ProxyHeader, IsReadAsItIsWritten) {
  for (const auto& name : {kName, kSix}) {
    for (const Bytes& header : {proxy_header_1(name), proxy_header_2(name),
                                proxy_header_2(name, BytesView("\xe0\x00\x01x", 4), true)}) {
      EXPECT_EQ(fault_of(header), "none");
      const auto read = read_proxy_header(header);
      EXPECT_TRUE(read.header.names);
      EXPECT_EQ(read.header.name, name);
      EXPECT_EQ(read.octets, header.size());
    }
  }
  EXPECT_EQ(proxy_header_1(kName), "PROXY TCP4 192.0.2.1 192.0.2.2 50000 80\r\n");
}

TEST(ProxyHeader, IsWaitedForAndNotSeenWhereThereIsNone) {
  for (const Bytes& header : {proxy_header_1(kName), proxy_header_2(kName)})
    for (std::size_t length = 1; length < header.size(); ++length)
      EXPECT_EQ(read_proxy_header(BytesView(header).substr(0, length)).kind, ProxyRead::Kind::begun)
          << length;
  for (const char* other : {"GET / HTTP/1.1\r\n", "POST", "PROXIES", "\r\n\r\nGET", "\x16\x03", ""})
    EXPECT_EQ(read_proxy_header(other).kind, ProxyRead::Kind::none) << other;
}

TEST(ProxyHeader, MayNameNobody) {
  Bytes local = proxy_header_2(kName), unspecified = local;
  local[12] = '\x20';
  unspecified[13] = '\0';
  for (const Bytes& header : {Bytes("PROXY UNKNOWN\r\n"), local, unspecified}) {
    EXPECT_EQ(fault_of(header), "none");
    EXPECT_FALSE(read_proxy_header(header).header.names);
  }
}

TEST(ProxyHeader, FaultsOfALine) {
  for (const char* line :
       {"PROXY TCP4 192.0.2.1 192.0.2.2 50000 80\n", "PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 50000\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 065 80\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 65536 80\r\n", "PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n",
        "PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n"})
    EXPECT_EQ(fault_of(line), kProxyLine) << line;
  EXPECT_EQ(fault_of("PROXY UNKNOWN " + Bytes(100, 'x') + "\r\n"), kProxyLine);
}

TEST(ProxyHeader, FaultsOfABinaryOne) {
  const auto changed = [](std::size_t at, char to) {
    Bytes header = proxy_header_2(kName);
    header[at] = to;
    return header;
  };
  EXPECT_EQ(fault_of(changed(12, '\x11')), kProxyBinary) << "version";
  EXPECT_EQ(fault_of(changed(12, '\x22')), kProxyBinary) << "command";
  EXPECT_EQ(fault_of(changed(13, '\x12')), kProxyBinary) << "a datagram";
  EXPECT_EQ(fault_of(changed(13, '\x41')), kProxyBinary) << "family";
  EXPECT_EQ(fault_of(changed(15, 6)), kProxyBinary) << "too short";
  EXPECT_EQ(fault_of(changed(15, 14)), kProxyBinary) << "too long";
  EXPECT_EQ(fault_of(proxy_header_2(kName, BytesView("\xe0\x00\x09x", 4))), kProxyBinary) << "a TLV";
  Bytes sum = proxy_header_2(kName, {}, true);
  sum.back() = static_cast<char>(sum.back() ^ 1);
  EXPECT_EQ(fault_of(sum), kProxyChecksum);
}

// The check value that is published with the polynomial.
TEST(ProxyHeader, TheChecksumIsThatOfCastagnoli) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
}

}  // namespace
}  // namespace wsspec::proxy_header_test
