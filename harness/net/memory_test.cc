#include "net/memory.h"

#include <gtest/gtest.h>

#include "net/testing_endpoints.h"

namespace wsspec::memory_test {
namespace {

using namespace std::chrono_literals;
using testkit::act, testkit::say, testkit::Scripted, testkit::until_end, testkit::until_octets;

TEST(Memory, DeliversInOrderAndEnds) {
  for (const std::size_t segment : {0, 1, 3}) {
    Scripted client({say("hello "), say("world"), until_octets(11), act(Action::close())});
    testkit::EchoOctets echo;
    const auto ending = couple(client, echo, {.segment = segment});
    EXPECT_EQ(ending.why, MemoryEnding::Why::finished);
    EXPECT_EQ(client.seen, "hello world");
    EXPECT_EQ(ending.at, Instant{});
  }
}

TEST(Memory, TheClockJumpsAndCountsNoRealTime) {
  Scripted client({act(Action::wait(3600s)), say("x"), until_octets(1, 7200s)});
  testkit::EchoOctets echo;
  const auto before = std::chrono::steady_clock::now();
  const auto ending = couple(client, echo, {.latency = 10ms});
  EXPECT_EQ(ending.why, MemoryEnding::Why::finished);
  EXPECT_EQ(client.last, 3600s + 20ms);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 1s);
}

TEST(Memory, TellsTheKindOfEndOnce) {
  Scripted client({until_end()});
  Scripted server({say("a"), act(Action::half_close()), until_end()});
  couple(client, server);
  EXPECT_EQ(client.seen, "a");
  EXPECT_EQ(client.end, End::fin);
  EXPECT_EQ(server.end, End::fin);

  Scripted second({until_end()});
  Scripted aborting({act(Action::reset())});
  couple(second, aborting);
  EXPECT_EQ(second.end, End::reset);
}

TEST(Memory, AStalledReaderGetsNothingUntilItReadsAgain) {
  Scripted client({act(Action::stall(5s)), until_octets(2, 9s)});
  Scripted server({say("ab"), until_end(20s)});
  couple(client, server);
  EXPECT_EQ(client.seen, "ab");
  EXPECT_EQ(client.last, 5s);
}

TEST(Memory, AWriterWaitsWhereNobodyReads) {
  Scripted client({act(Action::stall(5s)), until_octets(12, 9s)});
  Scripted server({say("abcd"), say("efgh"), say("ijkl"), until_end(20s)});
  couple(client, server, {.room = 5});
  EXPECT_EQ(client.seen, "abcdefghijkl");
  EXPECT_EQ(client.last, 5s);
}

TEST(Memory, TellsWhenTheOtherSideHasEverything) {
  struct Pieces : Endpoint {
    Action next(Instant) override {
      if (waiting) return Action::wait_until_read(9s);
      if (sent == 2) return Action::close();
      waiting = true, ++sent;
      return Action::send("ab");
    }
    void received(MutableBytes, Instant) override {}
    void ended(End, Instant) override {}
    void was_read(bool seen, Instant now) override {
      waiting = !seen;
      told.push_back(now);
    }
    bool waiting = false;
    int sent = 0;
    std::vector<Instant> told;
  } client;
  Scripted server({until_end(20s)});
  couple(client, server, {.latency = 5ms});
  EXPECT_EQ(client.told, (std::vector<Instant>{5ms, 10ms}));
}

TEST(Memory, WhoDoesNotCareIsToldOnceAndWaitsOn) {
  struct Deaf : Endpoint {
    Action next(Instant now) override {
      if (!std::exchange(sent, true)) return Action::send("ab");
      return now < 9s ? Action::wait_until_read(9s) : Action::close();
    }
    void received(MutableBytes, Instant) override {}
    void ended(End, Instant) override {}
    bool sent = false;
  } client;
  Scripted server({until_end(20s)});
  const auto ending = couple(client, server, {});
  EXPECT_EQ(ending.why, MemoryEnding::Why::finished);
  EXPECT_LT(ending.steps, 20U);
}

TEST(Memory, EndsWhenNothingCanHappenOrTooMuchDoes) {
  struct Sleeper : Endpoint {
    Action next(Instant) override { return Action::wait(); }
    void received(MutableBytes, Instant) override {}
    void ended(End, Instant) override {}
  } a, b;
  EXPECT_EQ(couple(a, b).why, MemoryEnding::Why::idle);
  struct Chatter : Sleeper {
    Action next(Instant) override { return Action::send("x"); }
  } chatter;
  const auto ending = couple(chatter, b, {.steps = 1000});
  EXPECT_EQ(ending.why, MemoryEnding::Why::steps);
  struct Patient : Sleeper {
    Action next(Instant now) override { return Action::wait(now + 1s); }
  } patient;
  EXPECT_EQ(couple(patient, b, {.limit = 60s}).why, MemoryEnding::Why::time);
}

TEST(Memory, CanStopWithTheFirstSide) {
  Scripted client({say("x"), act(Action::close())});
  struct Stubborn : testkit::EchoOctets {
    Action next(Instant now) override {
      const auto action = EchoOctets::next(now);
      return action.kind == Action::Kind::close ? Action::wait() : action;
    }
  } server;
  EXPECT_EQ(couple(client, server, {.until_first_done = true}).why, MemoryEnding::Why::finished);

  // What was on its way still arrives, the end included.
  Scripted leaving({say("x"), act(Action::reset())});
  Scripted witness({until_end(60s), act(Action::wait(3600s))});
  const auto ending = couple(leaving, witness, {.until_first_done = true});
  EXPECT_EQ(ending.why, MemoryEnding::Why::finished);
  EXPECT_EQ(ending.at, Instant{});
  EXPECT_EQ(witness.end, End::reset);
}

}  // namespace
}  // namespace wsspec::memory_test
