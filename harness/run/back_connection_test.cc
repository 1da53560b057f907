// Whose turn it is on a connection that a hop has made, and when a turn may end.
#include "run/back_connection.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace wsspec::back_connection_test {
namespace {

constexpr const char *kAsk = "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                     *kPost = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
constexpr const char* kRefuse = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";

bool rests(const std::string& asked, const std::string& answered) {
  Exchange exchange;
  for (const char one : asked) exchange.asked({&one, 1});
  EXPECT_FALSE(exchange.at_rest());
  for (const char one : answered) exchange.answered({&one, 1});
  return exchange.at_rest();
}

TEST(Exchange, IsAtRestOnceBothAreWhole) {
  EXPECT_TRUE(Exchange().at_rest());
  EXPECT_TRUE(rests(kAsk, kRefuse));
  EXPECT_TRUE(rests(kPost + std::string("abc"), kRefuse));
  EXPECT_TRUE(rests(kAsk, "HTTP/1.1 103 Early Hints\r\n\r\n" + std::string(kRefuse)));
  EXPECT_TRUE(rests("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
  EXPECT_FALSE(rests(kAsk, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nn"));
  EXPECT_FALSE(rests(kPost + std::string("ab"), kRefuse));
}

TEST(Exchange, NothingCanFollowATunnelALastAnswerOrWhatIsNoHttp) {
  EXPECT_FALSE(rests(kAsk, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"));
  EXPECT_FALSE(rests(kAsk, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(rests(kAsk, "HTTP/1.1 403 Forbidden\r\n\r\nuntil the end"));
  EXPECT_FALSE(rests("GET / HTTP/1.0\r\n\r\n", kRefuse));
  EXPECT_FALSE(rests(kAsk + std::string("\x81\x85"), kRefuse));
  EXPECT_FALSE(rests(kAsk, kRefuse + std::string("more")));
  EXPECT_FALSE(rests(kAsk, "\x16\x03\x01 is this HTTP?\r\n\r\n"));
}

/// Answers what it is told to, and notes what it hears.
struct Scripted final : Endpoint {
  explicit Scripted(std::string reply_) : reply(std::move(reply_)) {}
  Action next(Instant) override {
    if (heard.empty()) return Action::wait();
    if (!std::exchange(said, true)) return Action::send(reply);
    return closes ? Action::close() : Action::wait();
  }
  void received(MutableBytes bytes, Instant) override { heard += view(bytes); }
  void ended(End, Instant) override { has_ended = true; }
  std::string reply, heard;
  bool said = false, closes = true, has_ended = false;
};

/// A connection on which the n-th request is for the n-th player.
struct Kept {
  explicit Kept(std::vector<Scripted*> players_) : players(std::move(players_)) {}
  void say(std::string octets) {
    back.received({octets.data(), octets.size()}, {});
    while ((last = back.next({})).kind == Action::Kind::send) sent += last.bytes;
  }
  void turn() {
    if (!back.holds_request()) return;
    if (turns == players.size()) return back.go_on();
    if (back.is_played()) back.part();
    back.play(*players[turns++], {}, {}, [this] { ++left; });
  }
  std::vector<Scripted*> players;
  BackConnection back{[this](BackConnection&) { turn(); }};
  std::string sent;
  Action last;
  std::size_t turns = 0;
  int left = 0;
};

TEST(BackConnection, OutlivesAPlayerThatIsAtItsEndBetweenTwoRequests) {
  Scripted one(kRefuse), two("HTTP/1.1 101 Switching Protocols\r\n\r\n");
  Kept kept({&one, &two});
  kept.say(kAsk);
  EXPECT_EQ(kept.last.kind, Action::Kind::wait);
  EXPECT_EQ(kept.left, 1);
  EXPECT_FALSE(kept.back.is_played());
  kept.say(kAsk);
  EXPECT_EQ(two.heard, kAsk);
  EXPECT_EQ(one.heard, kAsk);
  EXPECT_EQ(kept.last.kind, Action::Kind::close);  // Behind a 101 nothing can follow.
  EXPECT_EQ(kept.left, 1);
}

TEST(BackConnection, ARequestIsForOneAloneHoweverItIsCut) {
  Scripted one(kRefuse), two(kRefuse);
  one.closes = two.closes = false;
  Kept kept({&one, &two});
  for (const char octet : std::string(kAsk) + kAsk) kept.say({octet});
  EXPECT_EQ(one.heard, kAsk);
  EXPECT_EQ(two.heard, kAsk);
  EXPECT_EQ(kept.sent, kRefuse + std::string(kRefuse));
  kept.back.ended(End::fin, {});
  EXPECT_TRUE(two.has_ended);
  EXPECT_FALSE(one.has_ended);
}

TEST(BackConnection, EndsWithItsPlayerWhenARequestIsNotAnswered) {
  Scripted one("HTTP/1.1 403 Forbidden\r\n");
  Kept kept({&one});
  kept.say(kAsk);
  EXPECT_EQ(kept.last.kind, Action::Kind::close);
  EXPECT_EQ(kept.left, 0);
}

TEST(BackConnection, WhatNobodyAskedForIsAnsweredByItself) {
  Kept kept({});
  kept.back.answer("yes", false);
  kept.say("");
  EXPECT_EQ(kept.sent, "yes");
  EXPECT_EQ(kept.last.kind, Action::Kind::wait);
  kept.back.answer("no", true);
  kept.say("");
  EXPECT_EQ(kept.sent, "yesno");
  EXPECT_EQ(kept.last.kind, Action::Kind::close);
}

}  // namespace
}  // namespace wsspec::back_connection_test
