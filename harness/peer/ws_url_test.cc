#include "peer/ws_url.h"

#include <gtest/gtest.h>

namespace wsspec::ws_url_test {
namespace {

TEST(WsUrl, IsTakenApart) {
  const auto url = read_ws_url("WS://localhost:9001/a?b=c");
  EXPECT_EQ(url.host, "localhost:9001");
  EXPECT_EQ(url.target, "/a?b=c");
  EXPECT_EQ(url.faults, 0);
  EXPECT_EQ(read_ws_url("ws://[::1]:80").host, "[::1]:80");
  EXPECT_EQ(read_ws_url("ws://[::1]:80").target, "/");
  EXPECT_EQ(read_ws_url("wss://a?b").target, "/?b");
  EXPECT_EQ(read_ws_url("wss://a?b").faults, 0);
}

TEST(WsUrl, HasAPortForAProxyInAnyCase) {
  EXPECT_EQ(read_ws_url("ws://a:81/").destination, "a:81");
  EXPECT_EQ(read_ws_url("ws://a/").destination, "a:80");
  EXPECT_EQ(read_ws_url("wss://[::1]/").destination, "[::1]:443");
  EXPECT_EQ(read_ws_url("wss://a/").host, "a");
}

TEST(WsUrl, HasOneFaultWhereOneThingIsWrong) {
  const auto has = [](const char* text, UrlFault fault) {
    EXPECT_EQ(read_ws_url(text).faults, bit(fault)) << text;
  };
  has("foo://a:1/", UrlFault::scheme);
  has("ws://:1/", UrlFault::no_host);
  has("ws://a b:1/", UrlFault::blank_in_host);
  has("ws://a:1x/", UrlFault::port_letters);
  has("ws://a:x/", UrlFault::port_letters);
  has("ws://a:65536/", UrlFault::port_too_large);
  has("ws://a:99999999999999999999/", UrlFault::port_too_large);
  has("ws://a:1/b#c", UrlFault::fragment);
  EXPECT_EQ(read_ws_url("ws://a:65535/").faults, 0);
  EXPECT_EQ(read_ws_url("ws://a:1/b?c#d").fragment, "#d");
  EXPECT_EQ(read_ws_url("ws://a:1/b?c#d").target, "/b?c");
}

}  // namespace
}  // namespace wsspec::ws_url_test
