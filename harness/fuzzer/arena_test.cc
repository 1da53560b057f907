// The arena over sockets: what it plays ends when it is told so, and it connects no faster than it may.
#include "fuzzer/arena.h"

#include <gtest/gtest.h>

#include <chrono>

#include "fuzzer/reproducer.h"
#include "run/selftest.h"
#include "target/testing_server.h"

namespace wsspec::arena_test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class NetworkArenaTest : public ::testing::Test {
 protected:
  std::unique_ptr<FuzzSession> ping(Duration silence = 3s) {
    FuzzTranscript plain;
    plain.steps = {fuzz_frame(FrameKind::ping, "hello")};
    FuzzSessionOptions options;
    options.silence = silence;
    return replay_session(profile_, plain, options);
  }
  static FuzzArena::Group alone(std::unique_ptr<FuzzSession> session) {
    FuzzArena::Group out;
    out.push_back(std::move(session));
    return out;
  }
  static std::unique_ptr<FuzzArena> arena_for(const testkit::Server& server, double rate = 0) {
    return network_arena(Dialer::prepare(server.address(), {}).value(), std::nullopt, rate).value();
  }
  Profile profile_ = peer_profile();
};

TEST_F(NetworkArenaTest, StopsInTheMiddleOfASession) {
  const testkit::Server server([] {
    return std::make_unique<testkit::Hose>("HTTP/1.1 101 Switching Protocols\r\n", Bytes(4096, 'x'));
  });
  const testkit::Server silent(testkit::plays({{.action = Action::wait(10min)}}));
  for (const testkit::Server* one : {&server, &silent}) {
    auto arena = arena_for(*one);
    const auto began = Clock::now();
    arena->stop_when([&] { return Clock::now() > began + 200ms; });
    const auto session = ping(10min);
    if (one == &silent) {
      EXPECT_TRUE(arena->play(*session).stopped);
    } else {
      arena->play(*session);
    }
    arena->rest(10min);
    arena->play_many(
        3, [&] { return alone(ping(10min)); },
        [](FuzzSession&, const FuzzArena::Outcome& outcome) { EXPECT_TRUE(outcome.stopped); }, [] {});
    EXPECT_LT(Clock::now() - began, 20s);
  }
}

TEST_F(NetworkArenaTest, ConnectsNoFasterThanTheRate) {
  const testkit::Server server(testkit::reference_peer());
  auto arena = arena_for(server, 20);
  const auto began = Clock::now();
  int made = 0, played = 0;
  arena->play_many(
      8, [&] { return made++ < 6 ? alone(ping()) : FuzzArena::Group{}; },
      [&](FuzzSession& session, const FuzzArena::Outcome& outcome) {
        EXPECT_TRUE(outcome.connected) << outcome.detail;
        EXPECT_TRUE(session.causes().empty());
        ++played;
      },
      [] {});
  EXPECT_EQ(played, 6);
  const auto last = ping();
  EXPECT_TRUE(arena->play(*last).connected);
  EXPECT_GE(Clock::now() - began, 290ms) << "seven connections, twenty a second";
}

}  // namespace
}  // namespace wsspec::arena_test
