// Rooms: what members of them hear of each other, over TCP and in memory, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "play/transcript.h"
#include "run/runner.h"
#include "run/selftest.h"
#include "run/testing_suite.h"
#include "target/testing_server.h"

namespace wsspec::room_test {
namespace {

using ::testing::HasSubstr;
using testkit::all_of, testkit::Server, testkit::suite_of;

Suite suite_with(const std::string& steps) {
  auto suite = suite_of("case t.one\n  covers rfc6455-6.2-1\n" + steps);
  suite.ledger["rfc6455-6.2-1"].level = Level::must;
  return suite;
}

CaseResult heard(const std::string& steps, const std::string& defect = "", const Rooms* rooms = nullptr) {
  const auto suite = suite_with(steps);
  MemoryRunOptions options;
  options.profile = peer_profile();
  options.seed = 7;
  if (rooms != nullptr) options.profile.rooms = *rooms;
  if (!defect.empty()) options.defects = {defect};
  return run_in_memory(suite, all_of(suite), options).value().results.at(0);
}

constexpr const char* kTalk =
    "  m[3]: open\n  m: join\n  repeat 20 as i\n  m[0]: say \"said \" $i\n  end\n"
    "  m[1]: hear series \"said \" $n count=20\n  m[2]: hear series \"said \" $n count=20\n  pause 20ms\n";

TEST(Room, MembersHearEachOther) {
  const auto result = heard(kTalk);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  EXPECT_THAT(result.script, HasSubstr("m: > text \"/join \" \"wsspec-"));
}

TEST(Room, AReasonTellsGapsCopiesAndOrder) {
  EXPECT_EQ(heard(kTalk, "room.loses-one-of-many").reason, "on m[2]: of 20 messages 1 is missing (11)");
  EXPECT_EQ(heard(kTalk, "room.reorders").reason,
            "on m[1]: of 20 messages 2 came behind a later one (5, 13)");
  EXPECT_THAT(heard(kTalk, "room.repeats").reason, HasSubstr("came again (7"));
}

TEST(Room, ACopyOfTheLastMessageIsSeenAtTheEnd) {
  const auto result = heard(
      "  m[2]: open\n  m: join\n  repeat 8 as i\n  m[0]: say \"said \" $i\n  end\n"
      "  m[1]: hear series \"said \" $n count=8\n  pause 20ms\n",
      "room.repeats");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.reason, HasSubstr("1 came again (7)"));
}

TEST(Room, WhatIsDeclaredIsTheMeasure) {
  Rooms rooms = *peer_profile().rooms;
  rooms.delivery = Delivery::at_least_once;
  EXPECT_EQ(heard(kTalk, "room.repeats", &rooms).verdict, Verdict::pass);
  rooms.delivery = Delivery::exactly_once;
  rooms.order = Order::none;
  EXPECT_EQ(heard(kTalk, "room.reorders", &rooms).verdict, Verdict::pass);
  const char* single = "  m[2]: open\n  m: join\n  m[0]: say \"\"\n  m[1]: hear \"\"\n";
  EXPECT_EQ(heard(single, "room.empty-lost", &rooms).verdict, Verdict::fail);
  rooms.delivery = Delivery::at_most_once;
  EXPECT_EQ(heard(single, "room.empty-lost", &rooms).verdict, Verdict::inconclusive);
  rooms.fanout = Fanout::none;
  EXPECT_EQ(heard(kTalk, "", &rooms).verdict, Verdict::skipped);
}

TEST(Room, TheOwnCopyIsHeardWhereThatIsDeclared) {
  Rooms rooms = *peer_profile().rooms;
  EXPECT_EQ(heard(kTalk, "room.echoes-to-sender", &rooms).verdict, Verdict::fail);
  rooms.fanout = Fanout::all;
  EXPECT_EQ(heard(kTalk, "room.echoes-to-sender", &rooms).verdict, Verdict::pass);
}

TEST(Room, OneOrderForAllIsComparedWhereDeclared) {
  // Of two who say one message each there is no order of a sender to be broken.
  const std::string a = "hear series \"a \" $n count=10 reordered=any\n",
                    b = "hear series \"b \" $n count=10 reordered=any\n";
  const std::string steps =
      "  m[4]: open\n  m: join\n  repeat 10 as i\n  burst\n  m[0]: say \"a \" $i\n  m[1]: say \"b \" $i\n"
      "  end\n  end\n  m[2]: " +
      a + "  m[2]: " + b + "  m[3]: " + a + "  m[3]: " + b + "  m[0]: " + b + "  m[1]: " + a;
  Rooms rooms = *peer_profile().rooms;
  EXPECT_THAT(heard(steps, "room.reorders-for-one", &rooms).reason, HasSubstr("all were to hear one order"));
  rooms.order = Order::sender;
  EXPECT_EQ(heard(steps, "room.reorders-for-one", &rooms).verdict, Verdict::pass);
}

TEST(Room, ATranscriptReplaysWithoutADialect) {
  const auto result = heard(kTalk, "room.loses-one-of-many");
  const auto text = print_transcript(result.transcript, "t.again", "");
  EXPECT_THAT(text, HasSubstr("needs fanout\n"));
  EXPECT_THAT(text, HasSubstr("m[0]: > text mask="));
  EXPECT_EQ(text.find("say "), text.npos);
  const Source source{"t", text};
  const auto loaded = load({&source, 1});
  EXPECT_TRUE(loaded.errors.empty()) << text;
}

TEST(Room, ItIsFreshInEachPlayAndTheSameInTheSame) {
  const auto suite = suite_with(kTalk);
  const auto script = [&](std::uint64_t seed) {
    MemoryRunOptions options;
    options.profile = peer_profile();
    options.seed = seed;
    return run_in_memory(suite, all_of(suite), options).value().results.at(0).script;
  };
  EXPECT_EQ(script(1), script(1));
  EXPECT_NE(script(1), script(2));
}

// Where all who are connected are in the one room, over TCP.
TEST(Room, PlainIsPlayedOneCaseAtATime) {
  PeerOptions peer;
  peer.room = PeerOptions::Room::plain;
  auto world = PeerWorld::make(peer).value();
  Server server([world] { return std::make_unique<Peer>(world); });
  auto options = default_run_options(server.address());
  options.profile.rooms = Rooms{};
  options.probe = false;
  options.jobs = 1;
  const auto suite = suite_with(kTalk);
  const auto run = run_cases(suite, all_of(suite), options);
  ASSERT_EQ(run.results.size(), 1u) << run.fatal;
  EXPECT_EQ(run.results[0].verdict, Verdict::pass) << run.results[0].reason;
}

}  // namespace
}  // namespace wsspec::room_test
