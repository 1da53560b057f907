// Fuzzing clients: no finding where all is well, findings for planted defects, reproducers that stay and read
// back, in memory and over sockets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "fuzzer/hosted_arena.h"
#include "fuzzer/loop.h"
#include "peer/defects.h"
#include "peer/liberties.h"
#include "protocol/close.h"
#include "protocol/frame.h"
#include "protocol/handshake.h"
#include "run/selftest.h"
#include "run/testing_client.h"
#include "script/check.h"
#include "script/print.h"

namespace wsspec::client_test {
namespace {

using namespace std::chrono_literals;

PeerOptions client_with(std::vector<std::string> defects, std::vector<std::string> allowed = {}) {
  PeerOptions options;
  options.role = Role::client;
  options.defects = std::move(defects);
  options.liberties = std::move(allowed);
  return tested_peer(std::move(options));
}

struct Hunt {
  std::uint64_t inputs = 3000, seed = 1;
  bool weak = false;
  std::string declared{};
};

FuzzOptions options_for(const Hunt& hunt) {
  FuzzOptions options;
  options.profile = peer_profile(Target::client);
  declare(hunt.declared, options.profile);
  options.seed = hunt.seed;
  options.most_inputs = hunt.inputs;
  options.weak = hunt.weak;
  return options;
}

FuzzCampaign fuzz_client(const PeerOptions& peer, const Hunt& hunt, std::size_t most_findings = 0) {
  auto arena = memory_arena(peer).value();
  FuzzOptions options = options_for(hunt);
  options.most_findings = most_findings;
  FuzzKeeper keeper;
  return FuzzLoop(options, *arena, keeper).run();
}

void expect_no_finding(const FuzzCampaign& campaign, std::string_view peer) {
  EXPECT_EQ(campaign.fatal, "") << peer;
  EXPECT_GT(campaign.inputs, 0u) << peer;
  for (const FuzzFinding& finding : campaign.findings)
    ADD_FAILURE() << peer << ": " << finding.signature << ": " << finding.message << "\n"
                  << finding.reproducer;
}

TEST(FuzzClient, FindsNothingWrongWithTheConformingClient) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    expect_no_finding(fuzz_client(client_with({}), {.seed = seed, .weak = true}), "conforming");
}

TEST(FuzzClient, FindsNothingWrongWithLegalLiberties) {
  for (const Liberty* liberty : liberties_of(Role::client)) {
    const auto peer = client_with({}, {std::string(liberty->name)});
    expect_no_finding(
        fuzz_client(peer, {.inputs = 400, .seed = 7, .declared = std::string(liberty->declare)}),
        liberty->name);
  }
}

/// One finding, its reproducer read back, and what it shows then.
struct Shown {
  FuzzFinding finding;
  std::vector<FuzzCause> again, mended;
};

std::optional<Shown> shown(const std::string& defect, const Hunt& hunt) {
  const auto campaign = fuzz_client(client_with({defect}), hunt, 1);
  if (campaign.findings.empty()) return std::nullopt;
  Shown out{campaign.findings.front(), {}, {}};
  const Source source{"reproducer.wire", out.finding.reproducer};
  const Loaded loaded = load({&source, 1});
  EXPECT_TRUE(loaded.errors.empty()) << out.finding.reproducer;
  const auto transcripts = transcripts_of(loaded.cases, Target::client);
  if (transcripts.size() != 1) return out;
  FuzzKeeper keeper;
  const auto causes = [&](const PeerOptions& peer) {
    auto arena = memory_arena(peer).value();
    return FuzzLoop(options_for(hunt), *arena, keeper).causes_of(transcripts.front());
  };
  out.again = causes(client_with({defect}));
  out.mended = causes(client_with({}));
  return out;
}

TEST(FuzzClient, ReproducersOfPlantedDefectsReadBackAndShowThemUntilTheyAreMended) {
  const char* kDefects[] = {"request.no-host",
                            "request.early",
                            "reply.any-accept",
                            "reply.upgrade-missing",
                            "reply.takes-200",
                            "reply.extension-unasked",
                            "reply.protocol-list",
                            "reply.pieces-lost",
                            "reply.first-frame-lost",
                            "reply.refused-and-stays",
                            "reply.dies",
                            "reply.lower-case-refused",
                            "deflate-reply.any-window",
                            "mask-key.no-mask-on-pong",
                            "client-frame.masked-ping",
                            "client-close.unanswered",
                            "fragment.ping-inside-lost"};
  for (const char* name : kDefects) {
    const auto seen = shown(name, {.inputs = 30'000, .seed = 3});
    ASSERT_TRUE(seen) << name << " is not found";
    EXPECT_TRUE(seen->finding.stable) << name << ": " << seen->finding.message;
    EXPECT_EQ(seen->finding.verdict, Verdict::fail) << name;
    EXPECT_NE(seen->finding.reproducer.find("target client"), std::string::npos) << seen->finding.reproducer;
    EXPECT_TRUE(std::ranges::any_of(seen->again,
                                    [&](const FuzzCause& cause) {
                                      return cause.kind == seen->finding.cause &&
                                             cause.requirement == seen->finding.requirement;
                                    }))
        << name << "\n"
        << seen->finding.reproducer;
    EXPECT_TRUE(seen->mended.empty()) << name << ": " << seen->mended.front().text << "\n"
                                      << seen->finding.reproducer;
  }
}

TEST(FuzzClient, TellsWhatIsPoorWhenAskedTo) {
  const auto seen = shown("client-close.never-ends", {.inputs = 20'000, .weak = true});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->finding.verdict, Verdict::weak);
}

// What is drawn is what a file says of it.
TEST(FuzzClient, OpeningsAreTheSameWhenReadBack) {
  const Profile profile = peer_profile(Target::client);
  std::size_t plain = 0, joined = 0;
  for (std::uint64_t number = 0; number < 1500; ++number) {
    FuzzTranscript drawn;
    drawn.tested = Target::client;
    drawn.opening = InputMaker(11, number, Role::server).opening(profile);
    drawn.steps = {fuzz_frame(FrameKind::text, "first"), fuzz_frame(FrameKind::ping, "last")};
    if (!drawn.opening.cut.empty()) drawn.steps.clear();
    plain += drawn.opening.plain();
    joined += drawn.opening.joined;
    Case one;
    one.id = "fuzz.read-back";
    one.target = Target::client;
    one.steps = reply_steps(drawn.opening, drawn.steps);
    if (!drawn.opening.resets) one.steps.push_back(step_of(ExpectGone{}));
    const Source source{"drawn.wire", print(File{{}, {one}})};
    const Loaded loaded = load({&source, 1});
    ASSERT_TRUE(loaded.errors.empty()) << render(loaded.errors.front()) << source.text;
    const auto read = transcripts_of(loaded.cases, Target::client);
    ASSERT_EQ(read.size(), 1u) << source.text;
    Case again = one;
    again.steps = reply_steps(read[0].opening, read[0].steps);
    if (!drawn.opening.resets) again.steps.push_back(step_of(ExpectGone{}));
    EXPECT_EQ(print(File{{}, {again}}), source.text);
  }
  EXPECT_GT(plain, 1000u);
  EXPECT_GT(joined, 100u);
}

/// A session that plays the server, and what a client says to it.
class ServerSession : public ::testing::Test {
 protected:
  explicit ServerSession(FuzzOpening opening = {})
      : session_(profile_, std::move(opening), {}, [](const FuzzContext&) { return std::nullopt; }) {}
  void say(Bytes octets) { session_.received(octets, 1ms); }
  void ask(const Bytes& behind = {}) {
    say(render_head("GET / HTTP/1.1", request_fields({"127.0.0.1", "/", "dGhlIHNhbXBsZSBub25jZQ=="})) +
        behind);
  }
  /// All that is sent now; `last_` is what it does then.
  Bytes sent() {
    Bytes out;
    for (last_ = session_.next(1ms); last_.kind == Action::Kind::send; last_ = session_.next(1ms))
      out += last_.bytes;
    return out;
  }
  const Profile profile_ = peer_profile(Target::client);
  FuzzSession session_;
  Action last_ = Action::wait();
};

TEST_F(ServerSession, ClosesInTheEndAndEndsTcpItself) {
  EXPECT_EQ(sent(), "");
  ask();
  const Bytes reply = sent();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 101 ")) << reply;
  const auto ping = reply.find("\r\n\r\n") + 4;
  ASSERT_EQ(octet(reply[ping]), 0x89) << "a ping, which asks whether the reply is taken";
  EXPECT_FALSE(session_.opened());
  say(make_frame(Opcode::pong, BytesView(reply).substr(ping + 2), MaskKey{7}));
  EXPECT_TRUE(session_.opened());
  EXPECT_EQ(sent(), make_frame(Opcode::close, make_close(1000), std::nullopt));
  say(make_frame(Opcode::close, make_close(1000), MaskKey{7}));
  EXPECT_EQ(sent(), "");
  EXPECT_EQ(last_.kind, Action::Kind::half_close);
  session_.ended(End::fin, 2ms);
  EXPECT_EQ(session_.next(2ms).kind, Action::Kind::close);
  EXPECT_TRUE(session_.causes().empty());
}

TEST_F(ServerSession, HoldsOctetsAheadOfTheReplyAgainstTheClient) {
  ask(make_frame(Opcode::text, "early", MaskKey{7}));
  sent();
  ASSERT_FALSE(session_.causes().empty());
  EXPECT_EQ(session_.causes()[0].requirement, "rfc6455-4.1-37");
}

TEST_F(ServerSession, ACorrectReplyThatIsRefusedIsAFinding) {
  ask();
  sent();
  session_.ended(End::fin, 2ms);
  ASSERT_EQ(session_.causes().size(), 1u);
  EXPECT_EQ(session_.causes()[0].kind, "rejects-legal");
  EXPECT_EQ(session_.causes()[0].requirement, "rfc6455-4.1-38");
}

TEST(FuzzClient, MeetsOneThatComesAgainAndAgain) {
  std::unique_ptr<testkit::Client> client;
  Serving serving;
  serving.patience = 5s;
  PeerOptions peer;
  peer.defects = {"reply.any-accept"};
  serving.listening = [&](const std::string& url) {
    client = std::make_unique<testkit::Client>(
        static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))), peer);
  };
  auto arena = hosted_arena(serving, 1).value();
  const Probed met = arena->meet(peer_profile(Target::client), {});
  EXPECT_EQ(met.liveness.reach, Reach::serves) << met.liveness.message;
  EXPECT_TRUE(met.fingerprint.echoes);
  FuzzOptions options = options_for({.inputs = 2000});
  options.jobs = 1;
  options.most_findings = 1;
  options.time = 60s;
  FuzzKeeper keeper;
  const FuzzCampaign campaign = FuzzLoop(options, *arena, keeper).run();
  EXPECT_EQ(campaign.fatal, "");
  ASSERT_FALSE(campaign.findings.empty());
  EXPECT_EQ(campaign.findings[0].requirement, "rfc6455-4.1-42");
}

TEST(FuzzClient, MeetsOneOverTls) {
  std::unique_ptr<testkit::Client> client;
  Serving serving;
  const auto tls = std::make_shared<const TlsHost>(TlsHost::found({"127.0.0.1"}).value());
  serving.tls = tls;
  serving.listening = [&](const std::string& url) {
    ASSERT_TRUE(url.starts_with("wss://")) << url;
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    client = std::make_unique<testkit::Client>(port, PeerOptions{}, tls->authority());
  };
  auto arena = hosted_arena(serving, 1).value();
  FuzzOptions options = options_for({.inputs = 100});
  options.jobs = 1;
  options.time = 60s;
  FuzzKeeper keeper;
  expect_no_finding(FuzzLoop(options, *arena, keeper).run(), "over TLS");
}

TEST(FuzzClient, SaysWhenNobodyComes) {
  Serving serving;
  serving.exec = "exit 3";
  auto arena = hosted_arena(serving, 1).value();
  FuzzOptions options = options_for({.inputs = 10});
  options.time = 30s;
  FuzzKeeper keeper;
  const FuzzCampaign campaign = FuzzLoop(options, *arena, keeper).run();
  EXPECT_NE(campaign.fatal.find("cannot be reached: the command ended before it connected"),
            std::string::npos)
      << campaign.fatal;
}

/// Asks once, and never says or does anything again.
constexpr const char* kHangs =
    R"(exec bash -c 'port=${0##*:}; port=${port%/}; exec 3<>/dev/tcp/127.0.0.1/$port
printf "%s\\r\\n" "GET / HTTP/1.1" "Host: 127.0.0.1:$port" "Upgrade: websocket" "Connection: Upgrade" \
  "Sec-WebSocket-Version: 13" "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==" "" >&3
sleep 60' {url})";

/// What is found out about a client that runs, and does not come back.
std::vector<FuzzCause> causes_of_absence(const char* command, bool& comes_again) {
  Serving serving;
  serving.start = command;
  serving.patience = 1s;
  auto arena = hosted_arena(serving, 1).value();
  FuzzKeeper keeper;
  const FuzzOptions options = options_for({});
  FuzzTranscript plain;
  plain.tested = Target::client;
  plain.steps = {fuzz_frame(FrameKind::text, "x")};
  auto causes = FuzzLoop(options, *arena, keeper).causes_of(plain);
  FuzzSession session(options.profile, {}, {}, {});
  comes_again = arena->restart() && arena->play(session).connected;
  return causes;
}

TEST(FuzzClient, OneThatRunsAndAnswersNothingHangs) {
  bool comes_again = false;
  const auto causes = causes_of_absence(kHangs, comes_again);
  ASSERT_FALSE(causes.empty());
  EXPECT_EQ(causes[0].kind, "hang") << causes[0].text;
  EXPECT_EQ(causes[0].severity, Severity::fail);
  EXPECT_TRUE(comes_again) << "the one that hangs is started anew";
}

TEST(FuzzClient, OneThatRunsOwesNothingAndStaysAwayIsAbsent) {
  bool comes_again = true;
  const auto causes = causes_of_absence("exec sleep 60", comes_again);
  ASSERT_FALSE(causes.empty());
  EXPECT_EQ(causes[0].kind, "absent") << causes[0].text;
  EXPECT_EQ(causes[0].severity, Severity::weak);
  EXPECT_FALSE(comes_again);
}

TEST(FuzzClient, BlamesTheInputThatAProcessDiesOf) {
  Serving serving;
  serving.exec = "kill -SEGV $$";
  auto arena = hosted_arena(serving, 1).value();
  const Profile profile = peer_profile(Target::client);
  FuzzSession session(profile, {}, {}, {});
  EXPECT_FALSE(arena->play(session).connected);
  ASSERT_TRUE(arena->death());
  EXPECT_EQ(arena->death()->signal, 11);
  EXPECT_TRUE(arena->restart());
  EXPECT_FALSE(arena->death());
}

}  // namespace
}  // namespace wsspec::client_test
