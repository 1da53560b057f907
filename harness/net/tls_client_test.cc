// TlsClient and TlsServer against each other in memory: what goes over the wire is real TLS, the clock is
// made up.
#include "net/tls_client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "net/memory.h"
#include "net/testing_endpoints.h"
#include "net/tls_server.h"

namespace wsspec::tls_client_test {
namespace {

using namespace std::chrono_literals;
using testkit::act, testkit::EchoOctets, testkit::say, testkit::Scripted, testkit::until_end,
    testkit::until_octets;

/// Counts what goes through: how the octets of a side were cut.
class Tap final : public Endpoint {
 public:
  explicit Tap(Endpoint& inner) : inner_(inner) {}
  Action next(Instant now) override {
    const auto action = inner_.next(now);
    if (action.kind == Action::Kind::send) sends.emplace_back(action.bytes);
    return action;
  }
  void received(MutableBytes bytes, Instant now) override { inner_.received(bytes, now); }
  void ended(End how, Instant now) override { inner_.ended(how, now); }
  std::vector<Bytes> sends;

 private:
  Endpoint& inner_;
};

struct Outcome {
  std::vector<TlsFacts> facts;
  Bytes seen;
  std::optional<End> end;
  Instant at{};
  std::vector<Bytes> sends;  ///< Of the client, as they went out.
};

Outcome meet(TlsTerms terms, const TlsConduct& conduct, std::vector<Scripted::Line> lines) {
  static const auto server = TlsServer::self_signed().value();
  static const auto trusting = TlsClient::credulous().value();
  Outcome out;
  Scripted inner(std::move(lines));
  const auto client = trusting.wrap(std::move(terms), inner,
                                    [&](const TlsFacts& facts, Instant) { out.facts.push_back(facts); });
  const auto other = server.wrap(conduct, std::make_unique<EchoOctets>());
  Tap tap(*client);
  MemoryOptions memory;
  memory.until_first_done = true;
  out.at = couple(tap, *other, memory).at;
  out.seen = inner.seen;
  out.end = inner.end;
  out.sends = std::move(tap.sends);
  return out;
}

std::vector<Scripted::Line> one_echo() {
  return {say("hello"), until_octets(5), act(Action::half_close()), until_end()};
}

TEST(TlsClient, SpeaksTheVersionAsked) {
  for (const auto* version : {"1.2", "1.3"}) {
    TlsTerms terms;
    terms.version = version;
    const auto out = meet(terms, {}, one_echo());
    ASSERT_EQ(out.facts.size(), 1U);
    EXPECT_TRUE(out.facts[0].established) << out.facts[0].failure;
    EXPECT_EQ(out.facts[0].version, version);
    EXPECT_EQ(out.facts[0].alpn, "http/1.1");
    EXPECT_EQ(out.seen, "hello");
    EXPECT_EQ(out.end, End::fin);
  }
}

TEST(TlsClient, AFailedHandshakeIsToldAndEndsWithTcp) {
  for (const auto* version : {"1.0", "1.1"}) {
    TlsTerms terms;
    terms.version = version;
    const auto out = meet(terms, {}, one_echo());
    ASSERT_EQ(out.facts.size(), 1U);
    EXPECT_FALSE(out.facts[0].established);
    EXPECT_FALSE(out.facts[0].fault);
    EXPECT_NE(out.facts[0].failure.find("alert"), std::string::npos) << out.facts[0].failure;
    EXPECT_EQ(out.seen, "");
    EXPECT_EQ(out.end, End::fin);
  }
}

TEST(TlsClient, OldVersionsCanBeSpokenWhenTheServerDoes) {
  TlsConduct old;
  old.least = "1.0";
  TlsTerms terms;
  terms.version = "1.0";
  const auto out = meet(terms, old, one_echo());
  ASSERT_EQ(out.facts.size(), 1U);
  EXPECT_EQ(out.facts[0].version, "1.0") << out.facts[0].failure;
  EXPECT_EQ(out.seen, "hello");
}

TEST(TlsClient, OffersByAlpnWhatItIsTold) {
  TlsTerms terms;
  terms.alpn = {};
  EXPECT_EQ(meet(terms, {}, one_echo()).facts.at(0).alpn, "");
  terms.alpn = {"h2", "http/1.1"};
  EXPECT_EQ(meet(terms, {}, one_echo()).facts.at(0).alpn, "http/1.1");
  terms.alpn = {"h2"};
  EXPECT_EQ(meet(terms, {}, one_echo()).facts.at(0).alpn, "");
  TlsConduct strict;
  strict.strict_alpn = true;
  EXPECT_FALSE(meet(terms, strict, one_echo()).facts.at(0).established);
}

TEST(TlsClient, AnUnofferedProtocolIsTheServersFault) {
  TlsConduct wrong;
  wrong.selects = "h2";
  const auto out = meet({}, wrong, one_echo());
  ASSERT_EQ(out.facts.size(), 1U);
  // Whoever checks: OpenSSL refuses by itself, an older one tells what was selected.
  EXPECT_TRUE(out.facts[0].fault || out.facts[0].alpn == "h2") << out.facts[0].failure;
}

TEST(TlsClient, NamesTheServer) {
  TlsConduct picky;
  picky.refuses_foreign_names = true;
  TlsTerms terms;
  EXPECT_TRUE(meet(terms, picky, one_echo()).facts.at(0).established);
  terms.server_name = "unknown.wsspec.invalid";
  EXPECT_FALSE(meet(terms, picky, one_echo()).facts.at(0).established);
  terms.server_name = "";
  EXPECT_TRUE(meet(terms, picky, one_echo()).facts.at(0).established);
}

TEST(TlsClient, CutsRecordsAndTheClientHello) {
  TlsTerms terms;
  terms.record = 1;
  auto out = meet(terms, {}, one_echo());
  EXPECT_EQ(out.seen, "hello");
  const auto records =
      std::ranges::count_if(out.sends, [](const Bytes& send) { return send.size() >= 5 * 23; });
  EXPECT_GE(records, 1) << "five records of one octet in one write";
  terms.hello_chop = 50;
  terms.hello_gap = 10ms;
  out = meet(terms, {}, one_echo());
  EXPECT_EQ(out.seen, "hello");
  EXPECT_EQ(out.sends.at(0).size(), 50U);
  EXPECT_GE(out.at, Instant(10ms));
  TlsConduct hasty;
  hasty.hello_in_one_read = true;
  EXPECT_FALSE(meet(terms, hasty, one_echo()).facts.at(0).established);
}

TEST(TlsClient, TellsTheEndsApart) {
  TlsConduct bare;
  bare.ends_bare = true;
  EXPECT_EQ(meet({}, bare, one_echo()).end, End::truncated);
  TlsTerms terms;
  terms.notifies = false;
  TlsConduct deaf;
  deaf.ignores_bare_end = true;
  EXPECT_EQ(meet(terms, {}, one_echo()).end, End::fin);
  EXPECT_EQ(meet(terms, deaf, {say("hello"), until_octets(5), act(Action::half_close()), until_end(2s)}).end,
            std::nullopt);
  EXPECT_EQ(meet({}, deaf, one_echo()).end, End::fin);
}

TEST(TlsClient, NothingIsSaidInClear) {
  TlsConduct newer;
  newer.least = "1.3";
  TlsTerms terms;
  terms.version = "1.2";
  for (const auto& conduct : {TlsConduct{}, newer})
    for (const auto& send : meet(terms, conduct, one_echo()).sends)
      EXPECT_EQ(send.find("hello"), Bytes::npos);
}

TEST(TlsClient, SaysNothingToWhomItDoesNotTrust) {
  Address address;
  address.host = "localhost";
  address.port = 1;
  address.tls = true;
  const auto dialer = Dialer::prepare(address);
  ASSERT_TRUE(dialer) << dialer.error().what;
  const auto server = TlsServer::self_signed().value();
  const TlsConduct conduct;
  Scripted inner({say("secret"), until_octets(1, 2s)});
  TlsFacts facts;
  const auto client =
      TlsClient::make(*dialer).value().wrap({}, inner, [&](const TlsFacts& told, Instant) { facts = told; });
  const auto other = server.wrap(conduct, std::make_unique<EchoOctets>());
  couple(*client, *other, {});
  EXPECT_TRUE(facts.established);
  EXPECT_NE(facts.distrust, "");
  EXPECT_EQ(inner.seen, "");
  EXPECT_FALSE(TlsClient::make(dialer->without_tls()));
}

TEST(TlsClient, ForgetsWhatComesBehindCloseNotify) {
  // The server half-closes and goes on sending what no one may read any more.
  Scripted inner({say("hello"), until_end(2s), act(Action::wait(3s))});
  const auto trusting = TlsClient::credulous().value();
  const auto server = TlsServer::self_signed().value();
  const TlsConduct conduct;
  const auto client = trusting.wrap({}, inner, {});
  const auto other = server.wrap(conduct, std::make_unique<Scripted>(std::vector<Scripted::Line>{
                                              until_octets(5), act(Action::half_close()), until_end(1s)}));
  couple(*client, *other, {});
  EXPECT_EQ(inner.end, End::fin);
  Bytes late(1000, 'x');
  for (int i = 0; i < 100; ++i) client->received(late, 4s);
  EXPECT_EQ(inner.seen, "");
}

TEST(TlsServer, EndsWhatIsNoTls) {
  const auto server = TlsServer::self_signed().value();
  const TlsConduct conduct;
  for (const auto& octets :
       {Bytes("GET / HTTP/1.1\r\n\r\n"), Bytes("\x17\x03\x03\x00\x05hello", 10), Bytes(20, '\0')}) {
    const auto other = server.wrap(conduct, std::make_unique<EchoOctets>());
    Scripted client({say(octets), until_end(5s)});
    couple(client, *other, {});
    EXPECT_EQ(client.end, End::fin);
    EXPECT_EQ(client.seen.find("HTTP"), Bytes::npos);
  }
}

}  // namespace
}  // namespace wsspec::tls_client_test
