#include "target/probe.h"

#include <gtest/gtest.h>

#include "run/runner.h"
#include "target/preamble.h"
#include "target/testing_server.h"

namespace wsspec::probe_test {
namespace {

using namespace std::chrono_literals;
using testkit::act, testkit::Hose, testkit::plays, testkit::reference_peer, testkit::say, testkit::Server,
    testkit::until_end, testkit::until_octets;

Profile hasty(const Address& address) {
  auto profile = default_run_options(address).profile;
  profile.time_scale = 0.3;  // 5 s become 1.5 s.
  return profile;
}

// For servers that answer: a busy machine must not make them look silent.
Profile patient(const Address& address) {
  return default_run_options(address).profile;
}

Liveness look(const Address& address) {
  return check_liveness(Dialer::prepare(address).value(), hasty(address));
}

TEST(Probe, FindsOutWhatTheReferencePeerCanDo) {
  Server server(reference_peer());
  const auto found = probe(Dialer::prepare(server.address()).value(), patient(server.address()));
  EXPECT_EQ(found.liveness.reach, Reach::serves);
  EXPECT_TRUE(found.liveness.answered_ping);
  EXPECT_TRUE(found.fingerprint.echoes);
  EXPECT_FALSE(found.fingerprint.greets);
  EXPECT_FALSE(found.fingerprint.checks_origin);
  EXPECT_FALSE(found.fingerprint.limits_messages);
  EXPECT_NE(found.fingerprint.extensions.find("permessage-deflate"), std::string::npos);
}

TargetFingerprint found_in(const Driver::Welcome& factory, const std::string& preamble = {}) {
  Server server(factory);
  auto profile = patient(server.address());
  if (!preamble.empty()) profile.preamble = read_preamble(preamble).value();
  ProbeOptions options;
  options.sizes = false;
  return probe(Dialer::prepare(server.address()).value(), profile, options).fingerprint;
}

TargetFingerprint found_with(std::string liberty) {
  PeerOptions options;
  options.liberties = {std::move(liberty)};
  return found_in(reference_peer(std::move(options)));
}

TEST(Probe, OneLostEchoDoesNotRuleOutCases) {
  PeerOptions mute;
  mute.liberties = {"never-answers"};
  const auto silent = PeerWorld::make(std::move(mute)).value(), sound = PeerWorld::make({}).value();
  int connection = 0;
  const auto found = found_in([&] { return std::make_unique<Peer>(connection++ == 0 ? silent : sound); });
  EXPECT_TRUE(found.echoes_text);
  EXPECT_TRUE(found.echoes_binary);
  EXPECT_TRUE(found.echoes_empty);
}

TEST(Probe, TellsTheKindsOfMessagesApart) {
  const auto found = found_with("binary-echoed-as-text");
  EXPECT_TRUE(found.echoes && found.echoes_text && found.echoes_empty);
  EXPECT_FALSE(found.echoes_binary);
  Profile profile;
  apply(found, {}, {}, profile);
  EXPECT_TRUE(profile.features.contains("no-binary-echo"));
  EXPECT_NE(in_words(found).find("echoes text"), std::string::npos);
}

TEST(Probe, TellsWordsFromEchoes) {
  const auto found = found_with("answers-in-own-words");
  EXPECT_FALSE(found.echoes);
  EXPECT_TRUE(found.own_words);
  EXPECT_FALSE(found.hears_others);
  EXPECT_FALSE(found.one_at_a_time);
}

TEST(Probe, SaysThatMessagesMakeTheTargetClose) {
  EXPECT_NE(in_words(found_with("closes-unknown-messages")).find("for a message that it does not know"),
            std::string::npos);
}

TEST(Probe, SaysWhatIsWrongEachTime) {
  PeerOptions options;
  options.defects = {"mask.masks-close"};
  EXPECT_TRUE(found_in(reference_peer(std::move(options))).quirks.contains(kMaskedClose));
}

TEST(Probe, PlaysThePreamble) {
  EXPECT_TRUE(found_in(reference_peer(), "> text \"login\"\n< text").remarks.empty());
  const auto unread = found_in(reference_peer(), "> text \"login\"");
  ASSERT_EQ(unread.remarks.size(), 1U);
  EXPECT_NE(unread.remarks[0].find("behind the preamble"), std::string::npos);
  Server server(reference_peer());
  auto profile = hasty(server.address());
  profile.preamble = read_preamble("> text \"login\"\n< text\n< text").value();
  const auto found = probe(Dialer::prepare(server.address()).value(), profile);
  EXPECT_EQ(found.liveness.reach, Reach::preamble);
  EXPECT_NE(found.liveness.message.find("preamble does not go through"), std::string::npos);
}

TEST(Probe, StopsWhenInterrupted) {
  const std::atomic<bool> interrupted = true;
  Server server(plays({until_end()}));
  ProbeOptions options;
  options.interrupted = &interrupted;
  options.patience = 60s;
  const auto began = std::chrono::steady_clock::now();
  probe(Dialer::prepare(server.address()).value(), patient(server.address()), options);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

TEST(Probe, FindsGreetingOriginCheckAndLimit) {
  PeerOptions options;
  options.greeting = "welcome";
  options.origins = {"http://good.example"};
  options.limits = {3U << 20, 3U << 20};
  options.deflate = false;
  Server server(reference_peer(options));
  const auto found = probe(Dialer::prepare(server.address()).value(), patient(server.address()));
  EXPECT_TRUE(found.fingerprint.greets);
  EXPECT_TRUE(found.fingerprint.checks_origin);
  EXPECT_TRUE(found.fingerprint.limits_messages);
  EXPECT_EQ(found.fingerprint.message_limit, 2U << 20);
  EXPECT_EQ(found.fingerprint.extensions, "");
  auto profile = hasty(server.address());
  apply(found.fingerprint, {}, server.address(), profile);
  EXPECT_TRUE(profile.features.contains("greeting"));
  EXPECT_FALSE(profile.features.contains("deflate"));
  EXPECT_TRUE(profile.features.contains("loopback"));
}

struct Row {
  const char* name;
  Driver::Welcome factory;
  Reach reach;
  const char *message, *hint;
};

TEST(Probe, TellsHostileServersApart) {
  const Row rows[] = {
      {"silent", plays({until_end(20s)}), Reach::silent, "does not answer", "wss://"},
      {"hangs up", plays({until_octets(1)}), Reach::hangs_up, "without an answer", ""},
      {"reset", plays({until_octets(1), act(Action::reset())}), Reach::hangs_up, "without an answer", ""},
      {"garbage", [] { return std::make_unique<Hose>("", Bytes(1 << 16, '\x07')); }, Reach::not_http,
       "does not speak HTTP", "port"},
      {"banner", plays({say("SSH-2.0-OpenSSH\r\n"), until_end(20s)}), Reach::not_http, "SSH-2.0-OpenSSH",
       "port"},
      {"tls", plays({until_octets(1), say(Bytes("\x15\x03\x01\x00\x02\x02\x46", 7)), until_end(20s)}),
       Reach::not_http, "speaks TLS", "wss://"},
      {"endless head",
       [] {
         return std::make_unique<Hose>("HTTP/1.1 101 Switching Protocols\r\n",
                                       "X: " + Bytes(1000, 'a') + "\r\n");
       },
       Reach::endless, "without end", ""},
      {"endless line", [] { return std::make_unique<Hose>("HTTP/1.1 ", Bytes(1 << 16, 'a')); },
       Reach::endless, "without end", ""},
      {"404", plays({until_octets(1), say("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")}),
       Reach::declines, "404 Not Found", "path"},
      {"301", plays({until_octets(1), say("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n")}), Reach::declines,
       "301", "points to"},
      {"wrong accept",
       plays({until_octets(1), say("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: "
                                   "Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n")}),
       Reach::wrong, "wrongly", ""},
      {"escape", plays({say("\x1b[31mred\n"), until_end(20s)}), Reach::not_http, "\\x1b", ""},
  };
  for (const auto& row : rows) {
    Server server(row.factory);
    const auto began = std::chrono::steady_clock::now();
    const auto seen = look(server.address());
    EXPECT_EQ(seen.reach, row.reach) << row.name << ": " << seen.message;
    EXPECT_NE(seen.message.find(row.message), std::string::npos) << row.name << ": " << seen.message;
    EXPECT_NE(seen.hint.find(row.hint), std::string::npos) << row.name << ": " << seen.hint;
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s) << row.name;
  }
}

TEST(Probe, AHeadThatDribblesForEverIsGivenUp) {
  struct Dribble : Endpoint {
    Action next(Instant now) override {
      if (over) return Action::close();
      if (now < due) return Action::wait(due);
      due = now + 1ms;
      return Action::send(count++ == 0 ? "HTTP/1.1 101 X\r\n" : "A: b\r\n");
    }
    void received(MutableBytes, Instant) override {}
    void ended(End, Instant) override { over = true; }
    Instant due{};
    int count = 0;
    bool over = false;
  };
  Server server([] { return std::make_unique<Dribble>(); });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_NE(look(server.address()).reach, Reach::serves);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

TEST(Probe, NobodyThere) {
  Address address;
  {
    Server server(plays({}));
    address = server.address();
  }
  const auto seen = look(address);
  EXPECT_EQ(seen.reach, Reach::absent);
  EXPECT_NE(seen.message.find("connection refused"), std::string::npos);
  EXPECT_NE(seen.hint.find("running"), std::string::npos);
}

}  // namespace
}  // namespace wsspec::probe_test
