// TLS within the tunnel of a proxy, both of its ends in memory.
#include "net/tunnel.h"

#include <gtest/gtest.h>

#include "net/memory.h"
#include "net/testing_endpoints.h"
#include "net/tls_client.h"
#include "net/tls_host.h"

namespace wsspec::tunnel_test {
namespace {

using namespace std::chrono_literals;
using testkit::act, testkit::say, testkit::Scripted, testkit::until_end, testkit::until_octets;

constexpr std::string_view kConnect = "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n";

/// What the proxy and the client have read in clear, and how often the proxy was told of TLS.
struct Passage {
  Bytes at_proxy, at_client;
  std::size_t secured = 0;
};

Passage pass(std::vector<Scripted::Line> answers, std::vector<Scripted::Line> questions, bool minds = true) {
  static const auto host = TlsHost::found({"localhost"}).value();
  static const auto trusting = TlsClient::trusting(host.authority(), "localhost").value();
  Passage out;
  Scripted proxy(std::move(answers)), client(std::move(questions));
  Tunnel served(Tunnel::Side::proxy, borrowed(proxy),
                host.wrap({}, borrowed(proxy),
                          [&](const TlsFacts& facts, Instant) { out.secured += facts.established ? 1 : 0; }));
  std::shared_ptr<Endpoint> asking = trusting.wrap(TlsClientConduct{}, client);
  if (minds) asking = std::make_shared<Tunnel>(Tunnel::Side::client, borrowed(client), asking);
  couple(*asking, served, MemoryOptions{});
  out.at_proxy = proxy.seen;
  out.at_client = client.seen;
  return out;
}

std::vector<Scripted::Line> asked_then(std::string_view last) {
  return {say(Bytes(kConnect)), until_octets(19), say(Bytes(last)), until_end()};
}

TEST(Tunnel, IsUnderTlsBehindTheFirst2xx) {
  const auto out = pass({until_octets(kConnect.size()), say("HTTP/1.1 200 OK\r\n\r\n"),
                         until_octets(kConnect.size() + 5), act(Action::half_close()), until_end()},
                        asked_then("hello"));
  EXPECT_EQ(out.secured, 1U);
  EXPECT_EQ(out.at_proxy, Bytes(kConnect) + "hello");
  EXPECT_EQ(out.at_client, "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(Tunnel, OpensHoweverTheAnswerIsCutAndWhateverStandsAheadOfIt) {
  const auto out =
      pass({until_octets(kConnect.size()), say("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 2"), say("00 OK\r"),
            say("\n\r\n"), until_octets(kConnect.size() + 5), act(Action::half_close()), until_end()},
           {say(Bytes(kConnect)), until_octets(47), say("hello"), until_end()});
  EXPECT_EQ(out.secured, 1U);
  EXPECT_EQ(out.at_proxy, Bytes(kConnect) + "hello");
}

TEST(Tunnel, StaysInClearBehindARefusal) {
  const auto out = pass({until_octets(kConnect.size()), say("HTTP/1.1 403 No\r\n\r\n"),
                         until_octets(kConnect.size() + 5), act(Action::half_close()), until_end()},
                        asked_then("hello"));
  EXPECT_EQ(out.secured, 0U);
  EXPECT_EQ(out.at_proxy, Bytes(kConnect) + "hello") << "in clear on both sides";
}

TEST(Tunnel, ServesWhoMindsNoProxyUnderTlsAtOnce) {
  const auto out =
      pass({until_octets(5), act(Action::half_close()), until_end()}, {say("hello"), until_end()}, false);
  EXPECT_EQ(out.secured, 1U);
  EXPECT_EQ(out.at_proxy, "hello");
}

}  // namespace
}  // namespace wsspec::tunnel_test
