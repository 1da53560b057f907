#include "net/address.h"

#include <gtest/gtest.h>

namespace wsspec::address_test {
namespace {

TEST(Address, ReadsTheSchemesAndTheirPorts) {
  const auto plain = parse_address("ws://Example.COM/chat?x=1").value();
  EXPECT_EQ(plain.host, "example.com");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.resource, "/chat?x=1");
  EXPECT_EQ(plain.host_field(), "example.com");
  EXPECT_EQ(plain.transport(), "tcp");
  const auto secure = parse_address("WSS://h:8443").value();
  EXPECT_TRUE(secure.tls);
  EXPECT_EQ(secure.resource, "/");
  EXPECT_EQ(secure.host_field(), "h:8443");
  EXPECT_EQ(parse_address("ws://h?x").value().resource, "/?x");
}

TEST(Address, Ipv6KeepsItsBracketsOutsideOnly) {
  const auto address = parse_address("ws://[::1]:9001/").value();
  EXPECT_EQ(address.host, "::1");
  EXPECT_EQ(address.port, 9001);
  EXPECT_EQ(address.host_field(), "[::1]:9001");
  EXPECT_TRUE(address.is_loopback());
}

TEST(Address, UnixSocket) {
  const auto address = parse_address("ws+unix:///run/echo.sock:/chat?x=1").value();
  EXPECT_EQ(address.unix_path, "/run/echo.sock");
  EXPECT_EQ(address.resource, "/chat?x=1");
  EXPECT_EQ(address.host_field(), "localhost");
  EXPECT_TRUE(address.is_loopback());
  EXPECT_EQ(parse_address("ws+unix:///s").value().resource, "/");
}

TEST(Address, UrlReadsBackToTheSame) {
  for (const auto* url : {"ws://h/", "wss://h/", "ws://h:9001/a?b", "wss://[::1]:1/x", "ws+unix:///s.sock:/r",
                          "wss+unix:///s.sock", "ws://h:443/"}) {
    const auto address = parse_address(url).value();
    EXPECT_EQ(address.url(), url);
    EXPECT_EQ(parse_address(address.url()).value(), address);
  }
}

TEST(Address, LoopbackIsToldByText) {
  EXPECT_TRUE(parse_address("ws://127.8.9.10:1/").value().is_loopback());
  EXPECT_TRUE(parse_address("ws://localhost/").value().is_loopback());
  EXPECT_TRUE(parse_address("ws://a.localhost/").value().is_loopback());
  EXPECT_FALSE(parse_address("ws://127.evil.example/").value().is_loopback());
  EXPECT_FALSE(parse_address("ws://localhost.example/").value().is_loopback());
  EXPECT_FALSE(parse_address("ws://10.0.0.1/").value().is_loopback());
}

struct Bad {
  const char *url, *what, *hint;
};
TEST(Address, EachMistakeHasItsMessageAndHint) {
  const Bad cases[] = {
      {"127.0.0.1:9001", "not a WebSocket URL", "ws://127.0.0.1:9001"},
      {"", "not a WebSocket URL", "ws://host"},
      {"http://h/x", "no scheme for WebSocket", "ws://h/x"},
      {"https://h/x", "no scheme", "wss://h/x"},
      {"ws://h/#top", "no fragment", "%23"},
      {"ws://h/a b", "blank", "percent-encode"},
      {"ws://h/\r\nX: y", "control character", "percent-encode"},
      {"ws://user:pw@h/", "no user name", "--header"},
      {"ws://:80/", "host is missing", "ws://"},
      {"ws:///x", "host is missing", "ws://"},
      {"ws://h:0/", "'0' is no port", "65535"},
      {"ws://h:70000/", "'70000' is no port", "65535"},
      {"ws://h:/", "'' is no port", "65535"},
      {"ws://::1/", "needs brackets", "[::1]"},
      {"ws://[::1/", "not closed", "[::1]"},
      {"ws://[g::1]/", "not an IPv6", "[::1]"},
      {"ws://b\xc3\xbc.example/", "no host name has", "xn--"},
      {"ws+unix://run/x.sock", "absolute", "ws+unix:///"},
  };
  for (const auto& bad : cases) {
    const auto address = parse_address(bad.url);
    ASSERT_FALSE(address) << bad.url;
    EXPECT_NE(address.error().what.find(bad.what), std::string::npos)
        << bad.url << ": " << address.error().what;
    EXPECT_NE(address.error().hint.find(bad.hint), std::string::npos)
        << bad.url << ": " << address.error().hint;
  }
}

TEST(Proxy, CredentialsAreDecodedAndNeverShown) {
  const auto proxy = parse_proxy("http://me:p%40ss@proxy.example:3128/").value();
  EXPECT_EQ(proxy, (Proxy{"proxy.example", 3128, "me", "p@ss"}));
  EXPECT_EQ(parse_proxy("h:1").value(), (Proxy{"h", 1, "", ""}));
  const auto bad = parse_proxy("http://me:secret@proxy.example");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().where.find("secret"), std::string::npos);
  EXPECT_FALSE(parse_proxy("socks5://h:1"));
  EXPECT_FALSE(parse_proxy("http://u%4@h:1"));
}

}  // namespace
}  // namespace wsspec::address_test
