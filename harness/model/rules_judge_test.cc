#include "model/rules_judge.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <random>

#include "protocol/deflate.h"

namespace wsspec::rules_judge_test {
namespace {

constexpr MaskKey kKey = 0x9c01aa40;

Bytes mine(int opcode, BytesView payload, bool fin = true, int rsv = 0, std::optional<MaskKey> mask = kKey) {
  return make_frame(static_cast<Opcode>(opcode), payload, mask, fin, static_cast<std::uint8_t>(rsv));
}
Bytes theirs(int opcode, BytesView payload, bool fin = true, int rsv = 0) {
  return mine(opcode, payload, fin, rsv, {});
}
Bytes code(int c, BytesView reason = "") {
  return make_close(static_cast<std::uint16_t>(c), reason);
}

// One step of a dialogue.
struct Step {
  enum class Kind { sent, received, fin, reset, end, ended_by_reset, silence } kind;
  Bytes bytes{};
};
Step out(Bytes b) {
  return {Step::Kind::sent, std::move(b)};
}
Step in(Bytes b) {
  return {Step::Kind::received, std::move(b)};
}
const Step kFin{Step::Kind::fin}, kReset{Step::Kind::reset}, kEnd{Step::Kind::end},
    kTheirReset{Step::Kind::ended_by_reset}, kSilence{Step::Kind::silence};

Judge play(const std::vector<Step>& steps, const Agreement& agreement, std::size_t cut) {
  Judge judge(agreement);
  for (const Step& step : steps) {
    switch (step.kind) {
      case Step::Kind::sent:
        for (std::size_t at = 0; at < step.bytes.size(); at += cut)
          judge.sent(BytesView(step.bytes).substr(at, cut));
        break;
      case Step::Kind::received:
        for (std::size_t at = 0; at < step.bytes.size(); at += cut) {
          Bytes piece = step.bytes.substr(at, cut);
          judge.received(piece);
        }
        break;
      case Step::Kind::fin: judge.sent_fin(); break;
      case Step::Kind::reset: judge.sent_reset(); break;
      case Step::Kind::end: judge.ended(End::fin); break;
      case Step::Kind::ended_by_reset: judge.ended(End::reset); break;
      case Step::Kind::silence: judge.silence(); break;
    }
  }
  return judge;
}

std::string list(const Judge& judge) {
  std::string all;
  for (const Breach& f : judge.breaches()) {
    if (!all.empty()) all += ", ";
    all +=
        std::string(breach_name(f.kind)) + (f.severity == Severity::weak ? " (weak) " : " ") + f.requirement;
  }
  return all;
}

std::string findings(const std::vector<Step>& steps, const Agreement& agreement = {}) {
  const std::string whole = list(play(steps, agreement, 1u << 20));
  EXPECT_EQ(list(play(steps, agreement, 1)), whole) << "octet by octet";
  return whole;
}

struct Row {
  const char* name;
  std::vector<Step> steps;
  const char* expected;
};
void check(const std::vector<Row>& rows, const Agreement& agreement = {}) {
  for (const Row& row : rows) EXPECT_EQ(findings(row.steps, agreement), row.expected) << row.name;
}

const Bytes kText = mine(1, "Hello"), kPing = mine(9, "ping"), kFault = mine(3, "?"),
            kClose = mine(8, code(1000));
const Bytes kEcho = theirs(1, "Hello"), kPong = theirs(10, "ping");
Bytes their_close(int c) {
  return theirs(8, code(c));
}

TEST(Judge, GoodServersGetNoFinding) {
  check({
      {"echo", {out(kText), in(kEcho), kSilence}, ""},
      {"echo in fragments",
       {out(kText), in(theirs(1, "He", false) + theirs(9, "") + theirs(0, "llo")), kSilence},
       ""},
      {"pong before the echo", {out(kText + kPing), in(kPong + kEcho), kSilence}, ""},
      {"only the newest of three pings",
       {out(mine(9, "1") + mine(9, "2") + mine(9, "3")), in(theirs(10, "3")), kSilence},
       ""},
      {"late pong to an older ping",
       {out(mine(9, "1") + mine(9, "2")), in(theirs(10, "2") + theirs(10, "1")), kSilence},
       ""},
      {"two equal pings", {out(kPing + kPing), in(kPong + kPong), kSilence}, ""},
      {"heartbeat", {in(theirs(10, "") + theirs(9, "x")), kSilence}, ""},
      {"close handshake", {out(kClose), in(their_close(1000)), kEnd}, ""},
      {"close answered without a code", {out(kClose), in(theirs(8, "")), kEnd}, ""},
      {"echo lost by a Close right behind", {out(kText + kClose), in(their_close(1000)), kEnd}, ""},
      {"fails with 1002", {out(kFault), in(their_close(1002)), kEnd}, ""},
      {"drops at a fault", {out(kFault), kEnd}, ""},
      {"resets at a fault", {out(kFault), kTheirReset}, ""},
      {"echo before the fault", {out(kText + kFault), in(kEcho + their_close(1002)), kEnd}, ""},
      {"echo lost by the fault", {out(kText + kFault), in(their_close(1002)), kEnd}, ""},
      {"fails at the first octet", {out(kFault.substr(0, 1)), in(their_close(1002)), kEnd}, ""},
      {"pong before bad text is finished", {out(mine(1, "\xff", false) + kPing), in(kPong), kSilence}, ""},
      {"fails before bad text is finished", {out(mine(1, "\xff", false)), in(their_close(1007)), kEnd}, ""},
      {"half-close, no echo", {out(kText), kFin, kEnd}, ""},
      {"half-close, echo and Close", {out(kText), kFin, in(kEcho + theirs(8, "")), kEnd}, ""},
      {"our reset", {out(kText), kReset, kTheirReset}, ""},
      {"Close inside a message refused",
       {out(mine(1, "a", false) + kClose), in(their_close(1002)), kEnd},
       ""},
      {"waits for a frame begun", {out(kText.substr(0, 7)), kSilence}, ""},
  });
}

TEST(Judge, WhatIsOpenIsNoFinding) {
  FrameHeader h;
  h.mask = kKey;
  h.length = 1;
  h.form = LengthForm::bits16;
  Bytes roundabout;
  append_frame(roundabout, h, "x");
  check({
      {"roundabout length served", {out(roundabout), in(theirs(1, "x")), kSilence}, ""},
      {"roundabout length refused", {out(roundabout), in(their_close(1002)), kEnd}, ""},
      {"roundabout length dropped", {out(roundabout), kEnd}, ""},
      {"1004 refused", {out(mine(8, code(1004))), in(their_close(1002)), kEnd}, ""},
      {"1004 dropped", {out(mine(8, code(1004))), kEnd}, ""},
      {"2999 sent back", {out(mine(8, code(2999))), in(their_close(2999)), kEnd}, ""},
      {"2999 refused", {out(mine(8, code(2999))), in(their_close(1002)), kEnd}, ""},
      {"5000 sent back", {out(mine(8, code(5000))), in(their_close(5000)), kEnd}, ""},
      {"5000 dropped", {out(mine(8, code(5000))), kEnd}, ""},
      {"1 octet dropped", {out(mine(8, "x")), kEnd}, ""},
      {"1 octet, empty Close", {out(mine(8, "x")), in(theirs(8, "")), kEnd}, ""},
  });
}

TEST(Judge, FindsWhatIsWrong) {
  check({
      {"answers a ping behind the fault",
       {out(kFault + kPing), in(kPong), kSilence},
       "accepts-illegal rfc6455-7.1.7-7"},
      {"returns what is unmasked",
       {out(mine(1, "Hello", true, 0, {})), in(kEcho), kSilence},
       "accepts-illegal rfc6455-5.1-2"},
      {"answers an unmasked ping",
       {out(mine(9, "ping", true, 0, {})), in(kPong), kSilence},
       "accepts-illegal rfc6455-5.1-2"},
      {"returns bad text",
       {out(mine(1, "a\xff")), in(theirs(1, "a\xff")), kSilence},
       "accepts-illegal rfc6455-8.1-1"},
      {"returns mended text",
       {out(mine(1, "a\xff")), in(theirs(1, "a\xef\xbf\xbd")), kSilence},
       "accepts-illegal rfc6455-8.1-1"},
      {"delivers an unfinished message",
       {out(mine(1, "part", false)), kFin, in(theirs(1, "part")), kEnd},
       "accepts-illegal rfc6455-5.4-1"},
      {"silent at a fault", {out(kFault), kSilence}, "stalled rfc6455-5.2-4"},
      {"1000 at a fault", {out(kFault), in(their_close(1000)), kEnd}, "wrong-code (weak) rfc6455-7.4.1-5"},
      {"1002 for legal text", {out(kText), in(their_close(1002)), kEnd}, "rejects-legal rfc6455-6.2-1"},
      {"1007 for legal text", {out(kText), in(their_close(1007)), kEnd}, "rejects-legal rfc6455-5.6-1"},
      {"drops at legal text", {out(kText), kEnd}, "rejects-legal rfc6455-7.3-3"},
      {"goes away", {out(kText), in(their_close(1001)), kEnd}, "rejects-legal (weak) rfc6455-7.3-1"},
      {"text only", {out(mine(2, "x")), in(their_close(1003)), kEnd}, "rejects-legal (weak) rfc6455-7.4.1-2"},
      {"no echo at all", {out(kText), kSilence}, "stalled rfc6455-6.2-1"},
      {"no echo, but a pong", {out(kText + kPing), in(kPong), kSilence}, "wrong-echo rfc6455-6.2-1"},
      {"changed echo", {out(kText), in(theirs(1, "hello")), kSilence}, "wrong-echo rfc6455-6.2-1"},
      {"changed echo, next one right",
       {out(kText + mine(1, "b")), in(theirs(1, "hello") + theirs(1, "b")), kSilence},
       "wrong-echo rfc6455-6.2-1"},
      {"echo as the other type", {out(kText), in(theirs(2, "Hello")), kSilence}, "wrong-echo rfc6455-6.2-1"},
      {"swapped echoes",
       {out(mine(1, "a") + mine(1, "b")), in(theirs(1, "b")), kSilence},
       "wrong-echo rfc6455-5.4-6"},
      {"fragments fall apart",
       {out(mine(1, "a", false) + mine(0, "b")), in(theirs(1, "a")), kSilence},
       "wrong-echo rfc6455-5.4-2"},
      {"own message", {in(theirs(1, "greeting")), kSilence}, "wrong-echo (weak) rfc6455-6.2-1"},
      {"no pong", {out(kPing), kSilence}, "missing-pong rfc6455-5.5.2-2"},
      {"cut pong",
       {out(mine(9, "123456")), in(theirs(10, "12345")), kSilence},
       "wrong-pong rfc6455-5.5.3-1, missing-pong rfc6455-5.5.2-2"},
      {"empty pong", {out(kPing), in(theirs(10, "")), kSilence}, "wrong-pong rfc6455-5.5.3-1"},
      {"only the oldest ping",
       {out(mine(9, "1") + mine(9, "2")), in(theirs(10, "1")), kSilence},
       "missing-pong (weak) rfc6455-5.5.2-2"},
      {"no Close", {out(kClose), kEnd}, "no-close-reply rfc6455-5.5.1-7"},
      {"no Close, reset", {out(kClose), kTheirReset}, "no-close-reply (weak) rfc6455-5.5.1-7"},
      {"no Close, silence", {out(kClose), kSilence}, "no-close-reply rfc6455-5.5.1-7"},
      {"stays open", {out(kClose), in(their_close(1000)), kSilence}, "stalled (weak) rfc6455-5.5.1-12"},
      {"data behind its Close",
       {out(kText + kFault), in(their_close(1002) + kEcho), kEnd},
       "data-after-close rfc6455-5.5.1-6"},
      {"text behind our Close",
       {out(kClose + kText), in(kEcho), in(their_close(1000)), kEnd},
       "accepts-illegal rfc6455-5.5.1-17"},
      {"ping behind our Close",
       {out(kClose + kPing), in(kPong), in(their_close(1000)), kEnd},
       "accepts-illegal rfc6455-5.5.1-17"},
      {"second Close",
       {out(kClose), in(their_close(1000) + their_close(1000)), kEnd},
       "data-after-close (weak) rfc6455-5.5.1-16"},
      {"3000 refused",
       {out(mine(8, code(3000))), in(their_close(1002)), kEnd},
       "rejects-legal rfc6455-7.4.2-3"},
      {"4999 refused",
       {out(mine(8, code(4999))), in(their_close(1002)), kEnd},
       "rejects-legal rfc6455-7.4.2-4"},
      {"1000 answered by 1001",
       {out(kClose), in(their_close(1001)), kEnd},
       "wrong-code (weak) rfc6455-5.5.1-8"},
      {"1013 refused",
       {out(mine(8, code(1013))), in(their_close(1002)), kEnd},
       "wrong-code (weak) rfc6455-7.4.2-2"},
      {"999 sent back",
       {out(mine(8, code(999))), in(their_close(999)), kEnd},
       "malformed-output rfc6455-7.4.2-1"},
      {"1005 sent back",
       {out(mine(8, code(1005))), in(their_close(1005)), kEnd},
       "malformed-output rfc6455-7.4.1-3"},
      {"1005 answered by 1000",
       {out(mine(8, code(1005))), in(their_close(1000)), kEnd},
       "wrong-code (weak) rfc6455-7.4.1-5"},
      {"1004 sent back",
       {out(mine(8, code(1004))), in(their_close(1004)), kEnd},
       "wrong-code (weak) rfc6455-7.4.2-2"},
      {"bad reason answered by 1000",
       {out(mine(8, code(1000, "\xff"))), in(their_close(1000)), kEnd},
       "accepts-illegal rfc6455-8.1-1"},
      {"stray octet sent back",
       {out(mine(8, "x")), in(theirs(8, "x")), kEnd},
       "malformed-output rfc6455-5.5.1-2"},
      {"half-close, stays open", {kFin, kSilence}, "stalled (weak) rfc6455-7.1.1-5"},
  });
}

TEST(Judge, FindsMalformedOutput) {
  FrameHeader h;
  h.length = 5;
  h.form = LengthForm::bits64;
  Bytes roundabout;
  append_frame(roundabout, h, "Hello");
  check({
      {"masked", {out(kText), in(kText), kSilence}, "malformed-output rfc6455-5.1-4"},
      {"rsv2", {out(kText), in(theirs(1, "Hello", true, 2)), kSilence}, "malformed-output rfc6455-5.2-2"},
      {"rsv1", {out(kText), in(theirs(1, "Hello", true, 4)), kSilence}, "malformed-output rfc6455-5.2-2"},
      {"reserved opcode", {in(theirs(3, "x")), kSilence}, "malformed-output rfc6455-5.2-4"},
      {"roundabout length", {out(kText), in(roundabout), kSilence}, "malformed-output rfc6455-5.2-6"},
      {"fragmented ping", {in(theirs(9, "x", false)), kSilence}, "malformed-output rfc6455-5.5-2"},
      {"long ping", {in(theirs(9, Bytes(126, 'x'))), kSilence}, "malformed-output rfc6455-5.5-1"},
      {"continuation of nothing",
       {out(mine(2, "x")), in(theirs(0, "x")), kSilence},
       "malformed-output rfc6455-5.4-1"},
      {"message in message",
       {out(kText), in(theirs(1, "x", false) + kEcho), kSilence},
       "malformed-output rfc6455-5.4-7"},
      {"text is none",
       {in(theirs(1, "\xff")), kSilence},
       "wrong-echo (weak) rfc6455-6.2-1, malformed-output rfc6455-5.6-1"},
      {"close 1006", {out(kFault), in(their_close(1006)), kEnd}, "malformed-output rfc6455-7.4.1-4"},
      {"close 1015", {out(kFault), in(their_close(1015)), kEnd}, "malformed-output rfc6455-7.4.1-8"},
      {"close 5000", {out(kFault), in(their_close(5000)), kEnd}, "malformed-output rfc6455-11.7-1"},
      {"close 2000", {out(kFault), in(their_close(2000)), kEnd}, "malformed-output (weak) rfc6455-7.4.2-2"},
      {"close 1010", {out(kFault), in(their_close(1010)), kEnd}, "malformed-output (weak) rfc6455-7.4.1-7"},
      {"reason", {out(kFault), in(theirs(8, code(1002, "\xff"))), kEnd}, "malformed-output rfc6455-8.1-1"},
  });
}

TEST(Judge, Compression) {
  const Agreement deflate{.deflate = DeflateSettings{}};
  const Agreement small{.deflate = DeflateSettings{true, false, 9, 15}};
  Compressor ours, server;
  const Bytes sent = mine(1, ours.compress("Hello"), true, 4), back = server.compress("Hello"),
              again = server.compress("Hello");
  Bytes noise(1100, '\0');
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>('!' + i * i * 7 % 90);
  const Bytes far = noise.substr(0, 1024) + noise.substr(0, 76);
  check(
      {
          {"inflated", {out(sent), in(theirs(1, back, true, 4)), kSilence}, ""},
          {"sent as it is", {out(sent), in(kEcho), kSilence}, ""},
          {"RSV1 on a pong",
           {out(kPing), in(theirs(10, "ping", true, 4)), kSilence},
           "malformed-output rfc7692-6.1-3"},
          {"broken", {in(theirs(1, "\x06", true, 4)), kSilence}, "malformed-output rfc7692-7.2.2-1"},
          {"raw octets come back",
           {out(sent), in(theirs(1, back)), kSilence},
           "malformed-output rfc6455-5.6-1, wrong-echo rfc7692-6.2-1"},
          {"garbage served",
           {out(mine(2, "\x06", true, 4) + kPing), in(kPong), kSilence},
           "accepts-illegal rfc6455-7.1.7-7"},
      },
      deflate);
  EXPECT_EQ(
      findings({out(mine(2, far)), in(theirs(2, deflate_exact_window(far, 10), true, 4)), kSilence}, small),
      "malformed-output rfc7692-7.2.1-15");
  EXPECT_EQ(findings({out(sent + sent), in(theirs(1, back, true, 4) + theirs(1, again, true, 4))}, small),
            "malformed-output rfc7692-7.2.1-11");
}

TEST(Judge, RespectsWhatIsDeclared) {
  const Agreement pushes{.pushes = true}, silent{.echoes = false};
  EXPECT_EQ(findings({in(theirs(1, "hi")), out(kText), in(theirs(1, "x") + kEcho), kSilence}, pushes), "");
  EXPECT_EQ(findings({out(kText + kPing), in(kPong), kSilence}, silent), "");
  EXPECT_EQ(findings({out(kText), in(theirs(1, "other")), kSilence}, silent), "");
  const Agreement small{.limits = {.message = 100, .frame = 10}};
  EXPECT_EQ(findings({out(mine(1, "longer than ten")), in(their_close(1009)), kEnd}, small), "");
  EXPECT_EQ(findings({out(mine(1, "short")), in(their_close(1009)), kEnd}, small),
            "rejects-legal (weak) rfc6455-10.4-1");
}

TEST(Judge, LetsAnApplicationSpeakBeforeItsClose) {
  const Bytes broken = mine(1, "Hello, wor\xff"), words = theirs(1, R"({"type":"error"})");
  check({
      {"words, then the right Close",
       {out(kFault), in(words + their_close(1002)), kEnd},
       "accepts-illegal (weak) rfc6455-5.2-4"},
      {"words, then the end", {out(kFault), in(words), kEnd}, "accepts-illegal (weak) rfc6455-5.2-4"},
      {"words, and it goes on", {out(kFault), in(words), kSilence}, "accepts-illegal rfc6455-5.2-4"},
      {"a pong that was on its way",
       {out(kFault + kPing), in(kPong), in(their_close(1002)), kEnd},
       "accepts-illegal (weak) rfc6455-7.1.7-7"},
      {"a pong that was on its way, then the end",
       {out(kFault + kPing), in(kPong), kEnd},
       "accepts-illegal (weak) rfc6455-7.1.7-7"},
      {"a copy of the broken text",
       {out(broken), in(theirs(1, "Hello, wor") + their_close(1007)), kEnd},
       "accepts-illegal rfc6455-8.1-1"},
  });
  Judge judge({});
  judge.sent(kFault + kPing);
  EXPECT_FALSE(judge.in_doubt());
  Bytes pong = kPong;
  judge.received(pong);
  EXPECT_TRUE(judge.in_doubt());
}

TEST(Judge, LeavesMessagesToAnApplicationThatDoesNotEcho) {
  const Agreement words{.echoes = false};
  for (const int c : {1000, 1003, 1007, 1008, 1011, 3000, 4401})
    EXPECT_TRUE(findings({out(kText), in(their_close(c)), kEnd}, words).find("rejects-legal 6") ==
                Bytes::npos)
        << c;
  check(
      {
          {"its own protocol error",
           {out(kText), in(their_close(1002)), kEnd},
           "rejects-legal (weak) rfc6455-6.2-1"},
          {"drops at text", {out(kText), kEnd}, "rejects-legal (weak) rfc6455-7.3-3"},
          {"its Close meets ours", {out(kText + kClose), in(their_close(1007)), kEnd}, ""},
          {"its Close meets a bad one",
           {out(kText + mine(8, code(1000, "\xff"))), in(their_close(4000)), kEnd},
           ""},
          {"drops before it reads our Close",
           {out(kText + kClose), kEnd},
           "no-close-reply (weak) rfc6455-5.5.1-7"},
          {"a ping is no message", {out(kPing), in(their_close(1002)), kEnd}, "rejects-legal rfc6455-6.2-1"},
          {"drops at a ping", {out(kPing), kEnd}, "rejects-legal rfc6455-7.3-3"},
          {"no pong", {out(kText + kPing), kSilence}, "missing-pong rfc6455-5.5.2-2"},
          {"goes on behind a fault", {out(kFault), kSilence}, "stalled rfc6455-5.2-4"},
          {"words that are no text", {in(theirs(1, "\xff"))}, "malformed-output rfc6455-5.6-1"},
      },
      words);
}

TEST(Judge, KnowsWhichKindsComeBack) {
  const Agreement texts{.echoes_binary = false}, full{.echoes_empty = false};
  check(
      {
          {"no binary", {out(mine(2, "x") + kPing), in(kPong), kSilence}, ""},
          {"binary as text", {out(mine(2, "x") + kText), in(theirs(1, "x") + kEcho), kSilence}, ""},
          {"text is due", {out(kText), kSilence}, "stalled rfc6455-6.2-1"},
      },
      texts);
  check(
      {
          {"no empty one", {out(mine(1, "") + kText), in(kEcho), kSilence}, ""},
          {"text is due", {out(kText), kSilence}, "stalled rfc6455-6.2-1"},
      },
      full);
}

TEST(Judge, HoldsNoQueueAgainstAnEndpointThatTalksOn) {
  const auto found = [](const Bytes& sent) {
    Judge judge({});
    judge.sent(sent);
    judge.silence(true);
    return list(judge);
  };
  EXPECT_EQ(found(kPing), "missing-pong (weak) rfc6455-5.5.2-2");
  EXPECT_EQ(found(kText), "stalled (weak) rfc6455-6.2-1");
  EXPECT_EQ(found(kFault), "stalled rfc6455-5.2-4") << "it had to stop";
}

TEST(Judge, KnowsWhenNothingMoreIsDue) {
  Judge judge({});
  EXPECT_TRUE(judge.settled());
  judge.sent(kText + kPing);
  EXPECT_FALSE(judge.settled());
  Bytes echo = kEcho, pong = kPong;
  judge.received(echo);
  EXPECT_FALSE(judge.settled());
  judge.received(pong);
  EXPECT_TRUE(judge.settled());
  EXPECT_EQ(judge.digested(), kText.size() + kPing.size());
  EXPECT_EQ(judge.reaction(), "pong");
  judge.sent(kFault);
  EXPECT_FALSE(judge.settled());
  Bytes close = their_close(1002);
  judge.received(close);
  EXPECT_FALSE(judge.settled()) << "the end of the connection is still due";
  EXPECT_EQ(judge.reaction(), "close-1002");
  judge.ended(End::fin);
  EXPECT_TRUE(judge.settled());
}

TEST(Judge, FindingsAreBoundedWhateverComes) {
  std::mt19937 random(21);
  for (int round = 0; round < 300; ++round) {
    Agreement agreement;
    if (random() % 2 == 0) agreement.deflate = DeflateSettings{};
    Judge judge(agreement);
    for (int i = 0; i < 50; ++i) {
      Bytes octets(random() % 200, '\0');
      for (char& c : octets) c = static_cast<char>(random() % 4 == 0 ? 0x81 + random() % 9 : random());
      if (random() % 2 == 0) {
        judge.sent(octets);
      } else {
        judge.received(octets);
      }
    }
    judge.silence();
    judge.ended(End::fin);
    EXPECT_LE(judge.breaches().size(), 64u);
  }
}

}  // namespace
}  // namespace wsspec::rules_judge_test
