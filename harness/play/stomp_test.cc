// STOMP in a case: a broker made of a few answers, so that each rule of docs/notation.md "STOMP" stands
// alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "play/player.h"
#include "play/stomp_frames.h"
#include "protocol/frame.h"
#include "protocol/handshake.h"
#include "protocol/message.h"
#include "script/check.h"

namespace wsspec::stomp_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// What a broker says to one frame; "close", "reset" and "fin" end the connection behind it.
struct StompAnswer {
  std::vector<StompFrame> frames;
  std::string end;
};
using StompBroker = std::function<StompAnswer(const StompFrame&)>;

StompAnswer says(StompFrame frame, std::string end = "") {
  return {{std::move(frame)}, std::move(end)};
}
StompFrame connected(const char* version = "1.2", const char* beats = "0,0") {
  return {"CONNECTED", {{"version", version}, {"heart-beat", beats}}, ""};
}
StompFrame receipt_for(const StompFrame& frame) {
  return {"RECEIPT", {{"receipt-id", *frame.find("receipt")}}, ""};
}
StompFrame stomp_error() {
  return {"ERROR", {{"message", "bad"}}, ""};
}

Profile broker_profile() {
  Profile profile;
  profile.features.erase("echo");
  profile.stomp.emplace();
  profile.stomp->queue = "/queue/";
  profile.stomp->topic = "/topic/";
  return profile;
}

/// Our end of a connection to a broker in memory.
class StompPlay {
 public:
  StompPlay(const std::string& steps, StompBroker broker, const std::string& meta)
      : loaded_(load_case(meta + steps)), profile_(broker_profile()), broker_(std::move(broker)) {}

  CaseResult run() {
    Player player(loaded_.cases.at(0), profile_, {});
    Instant now{};
    for (int i = 0; i < 100'000 && !player.done(); ++i) {
      const Action action = player.end().next(now);
      now += 1ms;
      if (action.kind == Action::Kind::send)
        take(player.end(), Bytes(action.bytes), now);
      else if (action.kind == Action::Kind::wait && action.until != kNever)
        now = std::max(now, action.until);
      else if (action.kind != Action::Kind::half_close)
        break;
    }
    EXPECT_TRUE(player.done());
    return player.take_result();
  }

 private:
  static Loaded load_case(const std::string& text) {
    const Source source{"t.wire", "wire 1\ncase t.one\n" + text};
    Loaded loaded = load({&source, 1});
    for (const auto& error : loaded.errors) ADD_FAILURE() << render(error);
    return loaded;
  }
  void take(Endpoint& end, Bytes octets, Instant now) {
    if (!open_) return accept(end, octets, now);
    messages_.feed({octets.data(), octets.size()}, [&](Incoming&& in) {
      reader_.feed(in.payload, [&](StompFrame&& frame) { answer(end, frame, now); });
    });
  }
  void accept(Endpoint& end, BytesView head, Instant now) {
    HeadParser parser;
    parser.feed(head);
    open_ = true;
    const std::string* key = parser.head().find("Sec-WebSocket-Key");
    Bytes reply = render_head(
        "HTTP/1.1 101 Switching Protocols",
        {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept_for(*key)}});
    end.received({reply.data(), reply.size()}, now);
  }
  void answer(Endpoint& end, const StompFrame& frame, Instant now) {
    const StompAnswer said = broker_(frame);
    for (const StompFrame& one : said.frames) {
      Bytes octets = make_frame(Opcode::text, render_stomp(one), std::nullopt);
      end.received({octets.data(), octets.size()}, now);
    }
    if (said.end == "close") {
      Bytes octets = make_frame(Opcode::close, make_close(1000), std::nullopt);
      end.received({octets.data(), octets.size()}, now);
    }
    if (!said.end.empty()) end.ended(said.end == "reset" ? End::reset : End::fin, now);
  }

  Loaded loaded_;
  Profile profile_;
  StompBroker broker_;
  MessageDecoder messages_{Role::server, std::nullopt};
  StompReader reader_;
  bool open_ = false;
};

CaseResult play_stomp(const std::string& steps, StompBroker broker, const std::string& meta = "") {
  return StompPlay("open\n" + steps, std::move(broker), meta).run();
}

/// Logs in; then as told.
StompBroker after_login(StompBroker then) {
  return [then = std::move(then)](const StompFrame& frame) {
    return frame.command == "CONNECT" ? says(connected()) : then(frame);
  };
}

constexpr const char* kRefused = "login\n> stomp SEND body \"to nobody\"\n< error\n";
constexpr const char* kRefusedMust = "login\n> stomp SEND body \"to nobody\"\n< error must\n";

TEST(StompPlay, IsSkippedWhereNothingIsDeclared) {
  const Source source{"t.wire",
                      "wire 1\ncase t.one\nopen\nlogin\n> stomp SEND set destination $queue\n< error\n"};
  const Loaded loaded = load({&source, 1});
  EXPECT_THAT(Player::reason_to_skip(loaded.cases.at(0), Profile{}), HasSubstr("--stomp"));
  Profile without = broker_profile();
  without.stomp->queue.reset();
  EXPECT_THAT(Player::reason_to_skip(loaded.cases.at(0), without), HasSubstr("queue=PREFIX"));
  EXPECT_EQ(Player::reason_to_skip(loaded.cases.at(0), broker_profile()), "");
}

TEST(StompPlay, TakesAnErrorAndTheEndForARefusal) {
  for (const char* end : {"close", "fin", "reset"})
    for (const char* steps : {kRefused, kRefusedMust})
      EXPECT_EQ(
          play_stomp(steps, after_login([&](const StompFrame&) { return says(stomp_error(), end); })).verdict,
          Verdict::pass)
          << end;
}

TEST(StompPlay, TellsAnEndWithoutAnErrorByWhatTheClauseDemands) {
  const auto ends = [](const char* end) {
    return after_login([=](const StompFrame&) { return StompAnswer{{}, end}; });
  };
  EXPECT_EQ(play_stomp(kRefused, ends("close")).verdict, Verdict::pass);
  EXPECT_EQ(play_stomp(kRefusedMust, ends("close")).verdict, Verdict::fail);
  EXPECT_EQ(play_stomp(kRefusedMust, ends("fin")).verdict, Verdict::fail);
  EXPECT_EQ(play_stomp(kRefusedMust, ends("reset")).verdict, Verdict::weak);
}

TEST(StompPlay, FailsASessionThatGoesOnBehindItsError) {
  const auto result =
      play_stomp(kRefused, after_login([](const StompFrame& frame) {
                   return says(frame.command == "SUBSCRIBE" ? receipt_for(frame) : stomp_error());
                 }));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, kErrorEnds);
  EXPECT_THAT(result.reason, HasSubstr("goes on"));
}

TEST(StompPlay, TellsAReceiptForTheFrameThatWasRefused) {
  const auto result =
      play_stomp("login\n> stomp SEND set receipt \"r\"\n< error\n", after_login([](const StompFrame& frame) {
                   return StompAnswer{{{"ERROR", {{"receipt-id", "r"}}, ""}, receipt_for(frame)}, "fin"};
                 }));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, kReceiptOnce);
}

TEST(StompPlay, FailsAConnectionThatStaysOpenBehindItsError) {
  const auto result = play_stomp(kRefused, after_login([](const StompFrame& frame) {
                                   return frame.command == "SEND" ? says(stomp_error()) : StompAnswer{};
                                 }));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, kErrorEnds);
}

TEST(StompPlay, FailsWhatIsLetPassWhereARefusalIsDue) {
  const auto silent =
      play_stomp(kRefused, after_login([](const StompFrame& frame) {
                   return frame.command == "SUBSCRIBE" ? says(receipt_for(frame)) : StompAnswer{};
                 }));
  EXPECT_EQ(silent.verdict, Verdict::fail);
  EXPECT_THAT(silent.reason, HasSubstr("the session goes on"));
  EXPECT_EQ(silent.requirement, "");
  const auto served =
      play_stomp("login\n> stomp SEND set receipt \"r\"\n< error\n",
                 after_login([](const StompFrame& frame) { return says(receipt_for(frame)); }));
  EXPECT_EQ(served.verdict, Verdict::fail);
  EXPECT_THAT(served.reason, HasSubstr("RECEIPT"));
}

TEST(StompPlay, TakesReceiptsAndMessagesInEitherOrder) {
  const auto broker = [](bool receipt_first) {
    return after_login([=](const StompFrame& frame) {
      const StompFrame message{"MESSAGE", {{"subscription", "1"}}, frame.body};
      const StompFrame receipt = receipt_for(frame);
      return receipt_first ? StompAnswer{{receipt, message}, ""} : StompAnswer{{message, receipt}, ""};
    });
  };
  constexpr const char* kSteps =
      "login\n> stomp SEND set receipt \"r\" body \"a\"\n< stomp MESSAGE body \"a\"\n< stomp RECEIPT has "
      "receipt-id "
      "\"r\"\n";
  EXPECT_EQ(play_stomp(kSteps, broker(true)).verdict, Verdict::pass);
  EXPECT_EQ(play_stomp(kSteps, broker(false)).verdict, Verdict::pass);
}

TEST(StompPlay, FailsAReceiptThatComesTwice) {
  const auto result = play_stomp(
      "login\n> stomp SEND set receipt \"r\"\n< stomp RECEIPT has receipt-id \"r\"\n"
      "> stomp SEND set receipt \"q\"\n< stomp RECEIPT has receipt-id \"q\"\n",
      after_login(
          [](const StompFrame& frame) { return StompAnswer{{receipt_for(frame), receipt_for(frame)}, ""}; }));
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, kReceiptOnce);
}

TEST(StompPlay, ReadsAMessageOfTheSubscriptionThatIsNamed) {
  const auto broker = after_login([](const StompFrame& frame) {
    return StompAnswer{{{"MESSAGE", {{"subscription", "two"}}, frame.body},
                        {"MESSAGE", {{"subscription", "one"}}, frame.body}},
                       ""};
  });
  EXPECT_EQ(play_stomp("login\n> stomp SEND body \"a\"\n< stomp MESSAGE has subscription \"one\" body \"a\"\n"
                       "< stomp MESSAGE has subscription \"two\" body \"a\"\n",
                       broker)
                .verdict,
            Verdict::pass);
}

TEST(StompPlay, NamesHeadersOfMessagesThatCame) {
  StompFrame acknowledged;
  const auto result = play_stomp(
      "login\n> stomp SEND body \"a\"\n< stomp MESSAGE\n> stomp ACK set id message(\"ack\", 0)\n"
      "> stomp SEND body \"b\"\n< stomp MESSAGE\n",
      after_login([&](const StompFrame& frame) {
        if (frame.command == "ACK") return acknowledged = frame, StompAnswer{};
        return says({"MESSAGE", {{"ack", "a:" + frame.body}}, ""});
      }));
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  ASSERT_TRUE(acknowledged.find("id"));
  EXPECT_EQ(*acknowledged.find("id"), "a:a");
}

TEST(StompPlay, DoesNotJudgeALoginThatFails) {
  const auto refuses = [](const StompFrame&) { return says(stomp_error(), "fin"); };
  EXPECT_EQ(play_stomp(kRefused, refuses).verdict, Verdict::inconclusive);
  const auto old = [](const StompFrame&) { return says(connected("1.1")); };
  const auto result = play_stomp("login set accept-version \"1.2\"\n> stomp SEND\n< error\n", old);
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.reason, HasSubstr("version 1.1"));
}

TEST(StompPlay, IsInconclusiveWithoutTheBeatsThatACaseIsAbout) {
  constexpr const char* kSteps = "login set heart-beat \"0,1000\"\n< beat by $beat*2\n";
  const auto with = [](const char* beats) {
    return [=](const StompFrame&) { return says(connected("1.2", beats)); };
  };
  EXPECT_EQ(play_stomp(kSteps, with("0,0")).verdict, Verdict::inconclusive);
  EXPECT_EQ(play_stomp(kSteps, with("500,0")).verdict, Verdict::fail);
}

TEST(StompPlay, FaultsAStreamThatIsNoStomp) {
  const auto result = play_stomp(
      "login\n> stomp SEND body \"a\"\n< stomp MESSAGE\n",
      after_login([](const StompFrame&) { return says({"MESSAGE", {{"x", "a\\tb", true}}, ""}); }));
  // Written raw by the broker; the escape is undefined.
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, kEscapes);
}

TEST(StompFrames, AreCorrectForTheTarget) {
  StompTarget target;
  for (const char* word : {"host=h", "login=a", "passcode=b", "subscribe=prefetch-count:10"})
    EXPECT_TRUE(add_to_stomp(target, word)) << word;
  Environment environment;
  SendStomp line;
  line.command = "CONNECT";
  const auto connect = make_stomp(line, target, StompVersion::v1_2, environment);
  ASSERT_TRUE(connect);
  EXPECT_EQ(*connect->frame.find("host"), "h");
  EXPECT_EQ(*connect->frame.find("passcode"), "b");
  line.command = "SUBSCRIBE";
  const auto subscribe = make_stomp(line, target, StompVersion::v1_2, environment);
  ASSERT_TRUE(subscribe);
  EXPECT_EQ(*subscribe->frame.find("prefetch-count"), "10");
}

TEST(StompTarget, MayNotSendBackWhatIsItsOwn) {
  Profile profile;
  profile.features.insert("company");
  profile.stomp = StompTarget{};
  profile.stomp->topic = "/topic/";
  ASSERT_TRUE(add_to_stomp(*profile.stomp, "own=no"));
  const auto script = [](const char* sender) {
    Case one;
    Step send, message;
    SendStomp frame;
    frame.command = "SEND";
    send.statement = frame;
    ExpectStomp awaited;
    awaited.command = "MESSAGE";
    message.statement = awaited;
    send.on.name = sender;
    message.on.name = "a";
    one.steps = {send, message};
    one.needs = {"stomp"};
    return one;
  };
  EXPECT_NE(Player::reason_to_skip(script("a"), profile), "");
  EXPECT_EQ(Player::reason_to_skip(script("b"), profile), "");
}

TEST(StompTarget, SaysWhichWordsThereAre) {
  StompTarget target;
  for (const char* wrong : {"login", "speed=1", "own=perhaps", "kind=octets", "subscribe=nocolon"}) {
    const auto done = add_to_stomp(target, wrong);
    ASSERT_FALSE(done) << wrong;
    EXPECT_NE(done.error().what, "") << wrong;
  }
}

TEST(StompFrames, ReadBeats) {
  EXPECT_EQ(parse_beats("500,1000"), (std::pair<Duration, Duration>(500ms, 1s)));
  for (const char* wrong : {"", "1000", "-1,5", "a,b", "1,2,3", "1, 2"})
    EXPECT_FALSE(parse_beats(wrong)) << wrong;
}

}  // namespace
}  // namespace wsspec::stomp_test
