#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "peer/broker_session.h"
#include "peer/defects.h"
#include "peer/liberties.h"
#include "peer/scripted.h"

namespace wsspec::broker_test {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A broker and its clients, by name; what each was sent is a stream that is read strictly.
class BrokerTest : public testing::Test {
 protected:
  struct Client {
    std::unique_ptr<BrokerSession> session;
    StompReader reader;
    std::vector<StompFrame> frames;
    Bytes octets;
  };

  Client& client(const std::string& name) {
    Client& one = clients_[name];
    if (!one.session)
      one.session = std::make_unique<BrokerSession>(broker_, shared_, conduct_, access_, ++numbers_);
    return one;
  }
  /// One message of WebSocket; `frames` has NUL as '^'.
  void say(const std::string& name, std::string frames) {
    std::ranges::replace(frames, '^', '\0');
    client(name).session->take(frames, now_);
  }
  void say_whole(const std::string& name, const Bytes& octets) { client(name).session->take(octets, now_); }
  /// Connects and forgets what came.
  void connect(const std::string& name, const std::string& version = "1.2") {
    say(name, "CONNECT\naccept-version:" + version + "\nhost:x\n\n^");
    hear(name);
  }
  /// What has come since, a frame each.
  std::vector<StompFrame> frames(const std::string& name) {
    Client& one = client(name);
    while (const auto out = one.session->next(now_)) {
      one.octets += out->octets;
      EXPECT_FALSE(out->octets.empty());
      one.reader.feed(out->octets, [&](StompFrame&& frame) {
        if (const auto* version = frame.find("version"); version != nullptr && frame.command == "CONNECTED")
          one.reader.set_version(*parse_stomp_version(*version));
        one.frames.push_back(std::move(frame));
      });
    }
    EXPECT_FALSE(one.reader.fault()) << one.reader.fault()->what;
    return std::exchange(one.frames, {});
  }
  /// The same in short: "RECEIPT r", "MESSAGE body", "ERROR why", "CONNECTED 1.2".
  std::vector<std::string> hear(const std::string& name) {
    std::vector<std::string> out;
    for (const StompFrame& frame : frames(name)) {
      const auto value = [&](const char* header) {
        const auto* found = frame.find(header);
        return found != nullptr ? *found : "-"s;
      };
      const std::string what = frame.command == "RECEIPT"     ? value("receipt-id")
                               : frame.command == "MESSAGE"   ? frame.body
                               : frame.command == "CONNECTED" ? value("version")
                                                              : value("message");
      out.push_back(frame.command + " " + what);
    }
    return out;
  }
  /// The session has ended behind an ERROR with this text.
  void expect_refused(const std::string& name, const std::string& why) {
    EXPECT_THAT(hear(name), ElementsAre("ERROR " + why));
    EXPECT_TRUE(client(name).session->over(now_));
    EXPECT_TRUE(client(name).session->failed());
  }
  void cut(const std::string& name) {
    client(name).session->end();
    clients_.erase(name);
  }

  BrokerConduct conduct_;
  BrokerAccess access_;
  Broker broker_{conduct_};
  BrokerTransactions shared_;
  Instant now_ = Instant(std::chrono::seconds(100));
  std::uint64_t numbers_ = 0;
  std::map<std::string, Client> clients_;
};

TEST_F(BrokerTest, PicksTheHighestCommonVersion) {
  const std::pair<const char*, const char*> offers[] = {
      {"1.2", "1.2"}, {"1.0,1.1,1.2", "1.2"}, {"1.2,1.0", "1.2"}, {"9.9,1.1", "1.1"}, {"1.0,2.0", "1.0"}};
  int number = 0;
  for (const auto& [offer, version] : offers) {
    const std::string name = std::to_string(++number);
    say(name, "CONNECT\naccept-version:"s + offer + "\nhost:x\n\n^");
    EXPECT_THAT(hear(name), ElementsAre("CONNECTED "s + version)) << offer;
  }
  say("old", "CONNECT\n\n^");
  EXPECT_THAT(hear("old"), ElementsAre("CONNECTED 1.0"));
  say("stomp", "STOMP\r\naccept-version:1.2\r\nhost:x\r\n\r\n^");
  EXPECT_THAT(hear("stomp"), ElementsAre("CONNECTED 1.2"));
}

TEST_F(BrokerTest, RefusesAConnectWithoutACommonVersionAndTellsItsOwn) {
  say("a", "CONNECT\naccept-version:2.1\nhost:x\n\n^");
  const auto out = frames("a");
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(out[0].command, "ERROR");
  EXPECT_EQ(*out[0].find("version"), "1.0,1.1,1.2");
  EXPECT_TRUE(client("a").session->over(now_));
}

TEST_F(BrokerTest, WantsToBeConnectedFirstAndOnce) {
  say("a", "SEND\ndestination:/topic/a\n\n^");
  expect_refused("a", "the first frame has to be CONNECT");
  connect("b");
  say("b", "CONNECT\naccept-version:1.2\nhost:x\n\n^");
  expect_refused("b", "connected already");
}

TEST_F(BrokerTest, AsksForLoginAndPasscode) {
  access_ = {"me", "a\\tb"};
  say("a", "CONNECT\naccept-version:1.2\nlogin:me\npasscode:a\\tb\n\n^");
  EXPECT_THAT(hear("a"), ElementsAre("CONNECTED 1.2"));
  say("b", "CONNECT\naccept-version:1.2\nlogin:me\npasscode:other\n\n^");
  expect_refused("b", "wrong login or passcode");
  say("c", "CONNECT\naccept-version:1.2\n\n^");
  expect_refused("c", "wrong login or passcode");
}

TEST_F(BrokerTest, PassesHeadersAndBodyOn) {
  connect("a");
  say("a",
      "SUBSCRIBE\nid:s\ndestination:/topic/a\n\n^SEND\ndestination:/topic/a\nx\\cy: 1\\n2\\c3\\\\4\\r5 "
      "\nx:1\nx:2"
      "\nsubscription:mine\ncontent-length:5\n\na^b^c^");
  const auto out = frames("a");
  ASSERT_THAT(out, SizeIs(1));
  const StompFrame& message = out[0];
  EXPECT_EQ(message.command, "MESSAGE");
  EXPECT_EQ(*message.find("subscription"), "s");
  EXPECT_EQ(*message.find("destination"), "/topic/a");
  EXPECT_EQ(*message.find("x:y"), " 1\n2:3\\4\r5 ");
  EXPECT_EQ(*message.find("x"), "1");
  EXPECT_EQ(*message.find("content-length"), "5");
  EXPECT_EQ(message.find("ack"), nullptr);
  EXPECT_EQ(message.body, "a\0b\0c"s);
}

TEST_F(BrokerTest, HowTheStreamIsCutNeverMatters) {
  connect("a");
  const std::string all =
      "SUBSCRIBE\r\nid:1\r\ndestination:/topic/a\r\n\r\n^\n\r\nSEND\ndestination:/topic/"
      "a\ncontent-length:3\n\n"
      "x^y^\nSEND\ndestination:/topic/a\nreceipt:a\\cb\n\nlast^";
  for (const char c : all) say("a", std::string(1, c));
  EXPECT_THAT(hear("a"), ElementsAre("MESSAGE x\0y"s, "MESSAGE last", "RECEIPT a:b"));
}

TEST_F(BrokerTest, RefusesWhatDoesNotBelong) {
  const std::pair<const char*, const char*> wrong[] = {
      {"SEND\n\nx^", "SEND without destination"},
      {"SUBSCRIBE\nid:1\n\n^", "SUBSCRIBE without destination"},
      {"SUBSCRIBE\ndestination:/topic/a\n\n^", "SUBSCRIBE without id"},
      {"SUBSCRIBE\nid:1\ndestination:/topic/a\nack:sometimes\n\n^",
       "ack is auto, client or client-individual"},
      {"UNSUBSCRIBE\nid:1\n\n^", "there is no such subscription"},
      {"JUMP\n\n^", "unknown command"},
      {"send\ndestination:/topic/a\n\n^", "unknown command"},
      {"BEGIN\ntransaction:t\n\nbody^", "BEGIN with a body"},
      {"COMMIT\ntransaction:t\n\n^", "there is no such transaction"},
      {"ABORT\ntransaction:t\n\n^", "there is no such transaction"},
      {"SEND\ndestination:/topic/a\ntransaction:t\n\nx^", "there is no such transaction"},
      {"ACK\nid:7\n\n^", "nothing awaits that acknowledgement"},
      {"SEND\ndestination:/topic/a\nx:\\t\n\n^", "an escape in header x that STOMP 1.2 does not define"},
      {"SEND\ndestination:/topic/a\ncontent-length:2\n\nabcd^", "no NUL behind the 2 octets of the body"},
  };
  int number = 0;
  for (const auto& [frame, why] : wrong) {
    const std::string name = std::to_string(++number);
    connect(name);
    say(name, frame);
    expect_refused(name, why);
    say(name, "SUBSCRIBE\nid:1\ndestination:/topic/a\nreceipt:r\n\n^");
    EXPECT_THAT(hear(name), IsEmpty()) << frame;
  }
}

TEST_F(BrokerTest, AnErrorNamesTheFrameAndIsNoReceipt) {
  connect("a");
  say("a", "SEND\nreceipt:17\n\nx^");
  const auto out = frames("a");
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(*out[0].find("receipt-id"), "17");
}

TEST_F(BrokerTest, ATopicIsForAllAndAQueueForOne) {
  for (const std::string name : {"a", "b"}) {
    connect(name);
    say(name, "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^SUBSCRIBE\nid:2\ndestination:/queue/q\n\n^");
  }
  connect("c");
  say("c", "SEND\ndestination:/topic/t\n\nall^");
  EXPECT_THAT(hear("a"), ElementsAre("MESSAGE all"));
  EXPECT_THAT(hear("b"), ElementsAre("MESSAGE all"));
  say("c", "SEND\ndestination:/queue/q\n\n1^SEND\ndestination:/queue/q\n\n2^");
  EXPECT_THAT(hear("a"), ElementsAre("MESSAGE 1"));
  EXPECT_THAT(hear("b"), ElementsAre("MESSAGE 2"));
  say("b", "UNSUBSCRIBE\nid:2\nreceipt:u\n\n^SUBSCRIBE\nid:2\ndestination:/topic/t\n\n^");
  say("c", "SEND\ndestination:/queue/q\n\n3^SEND\ndestination:/topic/t\n\nall^");
  EXPECT_THAT(hear("a"), ElementsAre("MESSAGE 3", "MESSAGE all"));
  EXPECT_THAT(hear("b"), ElementsAre("RECEIPT u", "MESSAGE all", "MESSAGE all"));
}

TEST_F(BrokerTest, AQueueKeepsWhatNobodyTakes) {
  connect("a");
  say("a", "SEND\ndestination:/queue/q\n\n1^SEND\ndestination:/topic/t\n\nlost^");
  say("a", "SUBSCRIBE\nid:1\ndestination:/queue/q\n\n^SUBSCRIBE\nid:2\ndestination:/topic/t\n\n^");
  EXPECT_THAT(hear("a"), ElementsAre("MESSAGE 1"));
}

/// The ack headers of three messages of a queue that were sent to "a".
class Acknowledging : public BrokerTest {
 protected:
  std::vector<std::string> three(const std::string& mode) {
    connect("a");
    say("a", "SUBSCRIBE\nid:1\ndestination:/queue/q\nack:" + mode + "\n\n^");
    for (const char* body : {"0", "1", "2"}) say("a", "SEND\ndestination:/queue/q\n\n"s + body + "^");
    std::vector<std::string> acks;
    for (const StompFrame& frame : frames("a")) acks.push_back(*frame.find("ack"));
    return acks;
  }
  /// What comes again to somebody else once "a" is gone.
  std::vector<std::string> again() {
    cut("a");
    connect("b");
    say("b", "SUBSCRIBE\nid:1\ndestination:/queue/q\n\n^");
    return hear("b");
  }
};

TEST_F(Acknowledging, IsForAllBeforeInModeClient) {
  const auto acks = three("client");
  ASSERT_THAT(acks, SizeIs(3));
  say("a", "ACK\nid:" + acks[1] + "\n\n^");
  EXPECT_THAT(again(), ElementsAre("MESSAGE 2"));
}

TEST_F(Acknowledging, IsForOneInModeClientIndividual) {
  const auto acks = three("client-individual");
  ASSERT_THAT(acks, SizeIs(3));
  say("a", "ACK\nid:" + acks[1] + "\n\n^");
  EXPECT_THAT(again(), ElementsAre("MESSAGE 0", "MESSAGE 2"));
}

TEST_F(Acknowledging, NackDiscards) {
  const auto acks = three("client-individual");
  ASSERT_THAT(acks, SizeIs(3));
  say("a", "NACK\nid:" + acks[0] + "\n\n^");
  EXPECT_THAT(again(), ElementsAre("MESSAGE 1", "MESSAGE 2"));
}

TEST_F(Acknowledging, CountsInATransactionWithItsCommit) {
  const auto acks = three("client-individual");
  ASSERT_THAT(acks, SizeIs(3));
  say("a", "BEGIN\ntransaction:t\n\n^ACK\nid:" + acks[0] + "\ntransaction:t\n\n^COMMIT\ntransaction:t\n\n^");
  say("a", "BEGIN\ntransaction:u\n\n^ACK\nid:" + acks[1] + "\ntransaction:u\n\n^ABORT\ntransaction:u\n\n^");
  EXPECT_THAT(hear("a"), IsEmpty());
  EXPECT_THAT(again(), ElementsAre("MESSAGE 1", "MESSAGE 2"));
}

TEST_F(Acknowledging, NamesMessagesBefore12) {
  connect("a", "1.1");
  say("a", "SUBSCRIBE\nid:1\ndestination:/queue/q\nack:client-individual\n\n^");
  say("a", "SEND\ndestination:/queue/q\n\n0^SEND\ndestination:/queue/q\n\n1^");
  const auto out = frames("a");
  ASSERT_THAT(out, SizeIs(2));
  say("a", "ACK\nsubscription:1\nmessage-id:" + *out[0].find("message-id") + "\n\n^");
  EXPECT_THAT(again(), ElementsAre("MESSAGE 1"));
}

TEST_F(BrokerTest, ATransactionIsSentWithItsCommit) {
  connect("a");
  say("a", "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^BEGIN\ntransaction:t\n\n^");
  say("a",
      "SEND\ndestination:/topic/t\ntransaction:t\nreceipt:r\n\n1^SEND\ndestination:/topic/"
      "t\ntransaction:t\n\n2^");
  EXPECT_THAT(hear("a"), ElementsAre("RECEIPT r"));
  say("a", "COMMIT\ntransaction:t\nreceipt:c\n\n^");
  EXPECT_THAT(hear("a"), ElementsAre("MESSAGE 1", "MESSAGE 2", "RECEIPT c"));
}

TEST_F(BrokerTest, ATransactionIsAbortedByAbortAndByTheEnd) {
  connect("b");
  say("b", "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^BEGIN\ntransaction:t\n\n^");
  for (const char* how : {"ABORT\ntransaction:t\n\n^", "DISCONNECT\n\n^", ""}) {
    connect("a");
    say("a", "BEGIN\ntransaction:t\n\n^SEND\ndestination:/topic/t\ntransaction:t\n\nx^");
    say("a", how);
    cut("a");
    EXPECT_THAT(hear("b"), IsEmpty()) << how;
  }
  say("b", "COMMIT\ntransaction:t\nreceipt:c\n\n^");
  EXPECT_THAT(hear("b"), ElementsAre("RECEIPT c"));
}

TEST_F(BrokerTest, DisconnectGetsItsReceiptAndEndsAll) {
  connect("a");
  connect("b");
  say("b", "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^");
  say("a", "DISCONNECT\nreceipt:77\n\n^SEND\ndestination:/topic/t\n\nx^");
  EXPECT_THAT(hear("a"), ElementsAre("RECEIPT 77"));
  EXPECT_TRUE(client("a").session->over(now_));
  EXPECT_FALSE(client("a").session->failed());
  EXPECT_THAT(hear("b"), IsEmpty());
}

TEST_F(BrokerTest, BeatsAsOftenAsWasAgreedUpon) {
  say("a", "CONNECT\naccept-version:1.2\nheart-beat:0,1000\n\n^");
  const auto out = frames("a");
  ASSERT_THAT(out, SizeIs(1));
  EXPECT_EQ(*out[0].find("heart-beat"), "100,100");
  Client& a = client("a");
  a.octets.clear();
  for (int i = 0; i < 100; ++i) {
    now_ += milliseconds(50);
    hear("a");
  }
  EXPECT_EQ(a.octets, "\n\n\n\n\n\n");  // 5 s, each 750 ms.
  EXPECT_FALSE(a.session->over(now_));
}

TEST_F(BrokerTest, GivesUpASilentClientThatPromisedBeats) {
  for (const std::string name : {"silent", "beating", "free"})
    say(name, "CONNECT\naccept-version:1.2\nheart-beat:" + (name == "free" ? "0,0"s : "500,0"s) + "\n\n^");
  for (int i = 0; i < 9; ++i) {
    now_ += milliseconds(100);
    say("beating", i % 2 == 0 ? "\n" : "\r\n");
    hear("silent");
    EXPECT_FALSE(client("silent").session->over(now_)) << i;
  }
  now_ += milliseconds(100);
  for (const auto& [name, gone] : {std::pair{"silent", true}, {"beating", false}, {"free", false}}) {
    hear(name);
    EXPECT_EQ(client(name).session->over(now_), gone) << name;
  }
}

TEST_F(BrokerTest, RefusesHeartBeatsThatAreNoNumbers) {
  for (const char* given : {"abc", "1000", "-1,5", "1,2,3", "1, 2", ","}) {
    say(given, "CONNECT\naccept-version:1.2\nheart-beat:"s + given + "\n\n^");
    expect_refused(given, "heart-beat has to be two numbers");
  }
}

TEST_F(BrokerTest, KeepsNoMoreThanItsLimit) {
  connect("a");
  const Bytes mebibyte = "SEND\ndestination:/queue/q\n\n" + Bytes(1u << 20, 'x') + "\0"s;
  for (std::size_t i = 0; i < Broker::kMostKept >> 20; ++i) say_whole("a", mebibyte);
  EXPECT_THAT(hear("a"), IsEmpty());
  say_whole("a", mebibyte);
  expect_refused("a", "more waits than this broker keeps");
}

TEST_F(BrokerTest, SaysWhatIsNoTextInBinaryMessages) {
  connect("a");
  say("a", "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^SEND\ndestination:/topic/t\n\n\xff\xfe^");
  const auto out = client("a").session->next(now_);
  ASSERT_TRUE(out);
  EXPECT_FALSE(out->text);
}

// ---- as a peer, over WebSocket ----

using namespace scripted;

PeerOptions broker_options() {
  PeerOptions options;
  options.stomp = BrokerAccess{};
  options.deflate = false;
  return options;
}
Bytes text_frame(std::string frames) {
  std::ranges::replace(frames, '^', '\0');
  return make_frame(Opcode::text, frames, 0x01020304u);
}

TEST(PeerAsBroker, EndsBehindAnErrorWithClose1002) {
  const Trace trace = play(world(broker_options()), {send(request()), send(text_frame("SEND\n\nx^"))});
  EXPECT_THAT(trace.output, HasSubstr("ERROR\n"));
  EXPECT_THAT(trace.output, HasSubstr("\x88\x02\x03\xea"s));
  EXPECT_EQ(trace.ending, "half-close@0 close@1000");
}

TEST(PeerAsBroker, SelectsASubprotocolOfStomp) {
  const Trace trace =
      play(world(broker_options()), {send(request_with("Sec-WebSocket-Protocol", "v11.stomp, v12.stomp"))});
  EXPECT_THAT(trace.output, HasSubstr("Sec-WebSocket-Protocol: v11.stomp\r\n"));
}

// What a session answers to a dialogue with much of STOMP in it, for each defect and liberty of its own.
std::vector<std::string> dialogue(const BrokerConduct& conduct) {
  const BrokerAccess access{"me", "secret"};
  Broker broker(conduct);
  BrokerTransactions shared;
  std::vector<std::string> told;
  std::uint64_t number = 0;
  Instant now(std::chrono::seconds(100));
  const auto talk = [&](const std::vector<std::string>& messages, Duration pause = {}, bool ends = true) {
    BrokerSession session(broker, shared, conduct, access, ++number);
    std::string all;
    const auto pump = [&] {
      while (const auto out = session.next(now)) all += (out->text ? "t:" : "b:") + out->octets + "|";
      if (session.over(now)) all += session.failed() ? "!" : ".";
    };
    for (std::string message : messages) {
      std::ranges::replace(message, '^', '\0');
      // "@ACK" is the ack header of the last MESSAGE but one.
      if (const auto at = message.find('@'); at != message.npos) {
        auto ack = all.rfind("\nack:", all.rfind("\nack:") - 1);
        message.replace(at, 1,
                        ack == all.npos ? "0" : all.substr(ack + 5, all.find('\n', ack + 1) - ack - 5));
      }
      session.take(message, now);
      pump();
      now += pause;
      pump();
    }
    if (ends) session.end();
    told.push_back(all);
  };
  const std::string login = "CONNECT\naccept-version:1.0,1.1,1.2\nhost:x\nlogin:me\npasscode:secret\n";
  const std::string in = login + "\n^", sub = "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^";
  const auto send = [](const std::string& rest) { return "SEND\ndestination:/topic/t\n" + rest; };
  for (const char* offer : {"1.1,1.2,1.0", "1.0,1.1,2.0", "3.0"})
    talk({"CONNECT\naccept-version:"s + offer + "\nlogin:me\npasscode:secret\n\n^"});
  talk({"CONNECT\nlogin:me\npasscode:secret\n\n^"});
  talk({"CONNECT\nlogin:me\npasscode:wrong\n\n^"});
  talk({"CONNECT\nlogin:me\npasscode:secret\nx:\\t\n\n^"});
  talk({"CONNECT\r\nlogin:me\r\npasscode:secret\r\naccept-version:1.2\r\n\r\n^",
        "SUBSCRIBE\r\nid:1\r\ndestination:/topic/t\r\nreceipt:r\r\n\r\n^"});
  talk({"STOMP\naccept-version:1.2\nlogin:me\npasscode:secret\n\n^"});
  talk({send("receipt:r\n\nx^")});
  talk({in, in});
  talk({login + "heart-beat:0,200\n\n^", "", "", "", "", "", "", ""}, milliseconds(200));
  talk({login + "heart-beat:0,2000\n\n^", "", "", "", "", "", "", "", "", ""}, milliseconds(700));
  talk({login + "heart-beat:2000,0\n\n^", "", "\n", "\n", "\n", "\n", "\n", sub}, milliseconds(900));
  talk({login + "heart-beat:2000,0\n\n^", "S", "E", "N", "D", "\n", "d", "e"}, milliseconds(900));
  talk({login + "heart-beat:2000,0\n\n^", sub, send("\nx^"), send("\nx^"), send("\nx^"), send("\nx^"),
        send("\nx^")},
       milliseconds(900));
  talk({login + "heart-beat:2000,0\n\n^", "", "", ""}, milliseconds(900));
  talk({login + "heart-beat:2000,0\n\n^", "", "", "", "", "", "", ""}, milliseconds(900));
  talk({in, "\r\n", sub, "\n"});
  talk({in, "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^\n\n", send("\nx^\n\n")});
  talk({in, sub, "send\ndestination:/topic/t\n\nx^"});
  talk({in, "SEND\nDestination:/topic/t\n\nx^"});
  std::string many;
  for (int i = 0; i < 60; ++i) many += send("receipt:r" + std::to_string(i) + "\n\nx^");
  talk({in, sub, many});
  talk({in, sub, send("\nab"), "c", "d^"});
  talk({in, "SUBSCRIBE\nid:1\ndestination:/queue/x\n\n^", "SEND\ndestination:/queue/y\n\nunfinished"});
  talk({in, "SUBSCRIBE\nid:1\ndestination:/queue/y\n\n^"});
  talk({in, sub,
        send("a\\cb: 1\\n2\\c3\\\\n\\r5 \nx : "
             "y\nfoo:1\nfoo:2\nü:ü\ncontent-type:text/plain\nsubscription:mine\nreceipt:a\\cb\n\nbody\n^")});
  talk({in, sub, send("x:\\t\n\n^")});
  talk({in, sub, send("x:\\\n\n^")});
  talk({in, sub, send("content-length:3\n\na^b^"), send("\n^"), send("\n\xff^")});
  talk({in, sub, send("content-length:2\n\nabcd^")});
  talk({in, sub, send("\n" + std::string(70000, 'x') + "^")});
  talk({in, "SEND\nreceipt:r\n\nx^", sub});
  talk({in, "SUBSCRIBE\nid:1\n\n^"});
  talk({in, "SUBSCRIBE\nid:1\ndestination:/topic/t\n\n^SUBSCRIBE\nid:2\ndestination:/topic/t\n\n^",
        send("\nx^"), "UNSUBSCRIBE\nid:1\nreceipt:u\n\n^", send("\ny^")});
  for (const std::string mode : {"client", "client-individual"}) {
    const std::string queue = "/queue/" + mode;
    const std::string take = "SUBSCRIBE\nid:1\ndestination:" + queue + "\nack:" + mode + "\n\n^";
    const auto put = [&](const std::string& body) {
      return "SEND\ndestination:" + queue + "\n\n" + body + "^";
    };
    talk({in, take, put("0"), put("1"), put("2"), "ACK\nid:@\nreceipt:k\n\n^"});
    talk({in, take, "BEGIN\ntransaction:t\nreceipt:b\n\n^", put("3"), put("4"),
          "ACK\nid:@\ntransaction:t\nreceipt:k\n\n^", "ABORT\ntransaction:t\nreceipt:c\n\n^"});
    talk({in, take, put("5"), "BEGIN\ntransaction:t\n\n^", "ACK\nid:@\ntransaction:t\n\n^",
          "COMMIT\ntransaction:t\n\n^"});
    talk({in, take, put("6"), put("7"), "NACK\nid:@\nreceipt:k\n\n^"});
    talk({in, take});
  }
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "SEND\ndestination:/queue/many\n\nx^";
  talk({in, "SUBSCRIBE\nid:1\ndestination:/queue/many\n\n^", hundred});
  const std::string begin = "BEGIN\ntransaction:t\n\n^",
                    inside = send("transaction:t\nreceipt:i\n\n1^") + send("transaction:t\n\n2^");
  talk({in, sub, begin, inside, "COMMIT\ntransaction:t\n\n^"});
  talk({in, sub, begin, inside, "ABORT\ntransaction:t\nreceipt:a\n\n^", begin, "COMMIT\ntransaction:t\n\n^"});
  talk({in, begin, "SEND\ndestination:/queue/end\ntransaction:t\n\nx^"});
  talk({in, "SUBSCRIBE\nid:1\ndestination:/queue/end\n\n^"});
  talk({in, "COMMIT\ntransaction:none\nreceipt:r\n\n^"});
  talk({in, sub, send("transaction:none\nreceipt:r\n\nx^")});
  talk({in, "JUMP\n\n^"});
  talk({in, sub + "DISCONNECT\nreceipt:77\n\n^SEND\ndestination:/queue/behind\n\nx^"});
  talk({in, "SUBSCRIBE\nid:1\ndestination:/queue/behind\n\n^"});
  BrokerSession other(broker, shared, conduct, access, ++number);
  other.take(Bytes("CONNECT\nlogin:me\npasscode:secret\n\n\0BEGIN\ntransaction:t\n\n\0"s), now);
  talk({in, sub, "COMMIT\ntransaction:t\nreceipt:r\n\n^"});
  return told;
}

TEST(DefectsOfBrokers, EachShowsInTheDialogue) {
  const auto conforming = dialogue({});
  ASSERT_GE(stomp_defects().size(), 40u);
  EXPECT_GE(3 * std::ranges::count_if(stomp_defects(), &Defect::subtle),
            static_cast<std::ptrdiff_t>(stomp_defects().size()));
  for (const Defect& defect : stomp_defects()) {
    Conduct conduct;
    defect.apply(conduct);
    EXPECT_FALSE(dialogue(conduct.broker) == conforming) << defect.name << " changes nothing";
  }
}

TEST(LibertiesOfBrokers, EachShowsInTheDialogue) {
  const auto conforming = dialogue({});
  ASSERT_GE(stomp_liberties().size(), 12u);
  for (const Liberty& liberty : stomp_liberties()) {
    Conduct conduct;
    liberty.apply(conduct);
    EXPECT_FALSE(dialogue(conduct.broker) == conforming) << liberty.name << " changes nothing";
  }
}

}  // namespace
}  // namespace wsspec::broker_test
