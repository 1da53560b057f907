// A session on a wire of the test's own: what it sends besides its inputs.
#include "fuzzer/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "protocol/close.h"
#include "protocol/frame.h"
#include "run/selftest.h"

namespace wsspec::session_test {
namespace {

using namespace std::chrono_literals;

/// A target that does what the test says.
class Wire {
 public:
  explicit Wire(FuzzSession& session, const Bytes& field = {}) : session_(session) {
    Bytes request = sent();
    HeadParser head;
    BytesView rest = request;
    EXPECT_TRUE(head.feed(rest));
    say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_for(head.head().joined("Sec-WebSocket-Key").value_or("")) + "\r\n" + field + "\r\n");
  }
  void say(Bytes octets) { session_.received(octets, 1ms); }
  /// All that the session sends now.
  Bytes sent() {
    Bytes out;
    for (;;) {
      const Action action = session_.next(1ms);
      if (action.kind != Action::Kind::send) return out;
      out += action.bytes;
    }
  }
  /// The frames among it, as "opcode:payload".
  std::vector<Bytes> frames() {
    Bytes octets = sent();
    std::vector<Bytes> out;
    FrameDecoder decoder;
    MutableBytes rest(octets);
    while (const auto piece = decoder.next(rest))
      out.push_back(opcode_name(piece->header.opcode) + ":" + Bytes(view(piece->payload)));
    return out;
  }

 private:
  FuzzSession& session_;
};

class FuzzSessionTest : public testing::Test {
 protected:
  Profile profile_ = peer_profile();
  FuzzSession session_{profile_, {}, {}, [](const FuzzContext&) {
                         return FuzzInput{{fuzz_frame(FrameKind::text, "input")}, false};
                       }};
};

TEST_F(FuzzSessionTest, AnswersThePingOfItsTarget) {
  Wire wire(session_);
  const auto first = wire.frames();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0], "text:input");
  EXPECT_TRUE(first[1].starts_with("ping:wsspec "));
  wire.say(make_frame(Opcode::ping, "one", std::nullopt) + make_frame(Opcode::ping, "two", std::nullopt));
  EXPECT_EQ(wire.frames(), std::vector<Bytes>{"pong:two"}) << "the latest answers for all (5.5.3)";
  EXPECT_EQ(wire.frames(), std::vector<Bytes>{});
}

TEST_F(FuzzSessionTest, AnswersACloseWithACloseAndNothingElse) {
  Wire wire(session_);
  wire.frames();
  wire.say(make_frame(Opcode::ping, "late", std::nullopt) +
           make_frame(Opcode::close, make_close(1001), std::nullopt));
  EXPECT_EQ(wire.frames(), std::vector<Bytes>{"close:" + make_close(1000)});
}

// --- Inputs that wait, or do not read ---

class TimedSession {
 public:
  explicit TimedSession(std::vector<Step> steps) {
    session_.emplace(profile_, FuzzOpening{}, FuzzSessionOptions{},
                     [this, given = std::move(steps)](const FuzzContext&) -> std::optional<FuzzInput> {
                       if (std::exchange(asked_, true)) return std::nullopt;
                       return FuzzInput{given, false};
                     });
  }
  FuzzSession& session() { return *session_; }
  /// What it does at `now`, when it has sent all that it wants to.
  Action idle(Instant now, Bytes* sent = nullptr) {
    for (;;) {
      const Action action = session_->next(now);
      if (action.kind != Action::Kind::send) return action;
      if (sent != nullptr) *sent += action.bytes;
    }
  }

 private:
  Profile profile_ = peer_profile();
  bool asked_ = false;
  std::optional<FuzzSession> session_;
};

TEST(FuzzSessionTiming, APauseBeginsWhenTheTargetHasAnsweredWhatItOwes) {
  const Bytes frame = make_frame(Opcode::text, "cut", 0x01020304);
  TimedSession timed(
      {fuzz_frame(FrameKind::ping, "read?"), step_of(SendBytes{plain_payload(frame.substr(0, 3), false), {}}),
       step_of(Pause{Duration(5ms)}), step_of(SendBytes{plain_payload(frame.substr(3), false), {}})});
  Wire wire(timed.session());
  Bytes sent;
  timed.idle(1ms, &sent);
  EXPECT_TRUE(sent.ends_with(frame.substr(0, 3))) << "the rest waits";
  sent.clear();
  timed.idle(100ms, &sent);
  EXPECT_EQ(sent, "") << "for the pong, however long it takes";
  timed.session().received(
      MutableBytes(*std::make_unique<Bytes>(make_frame(Opcode::pong, "read?", std::nullopt))), 100ms);
  EXPECT_EQ(timed.idle(100ms, &sent).until, 105ms);
  EXPECT_EQ(sent, "");
  timed.idle(105ms, &sent);
  EXPECT_TRUE(sent.starts_with(frame.substr(3)));
}

TEST(FuzzSessionTiming, DoesNotReadWhileItStalls) {
  TimedSession timed({step_of(Stall{}), fuzz_frame(FrameKind::text, "owed"), step_of(Pause{Duration(20ms)})});
  Wire wire(timed.session());
  Bytes sent;
  const Action action = timed.idle(1ms, &sent);
  EXPECT_NE(sent, "");
  EXPECT_FALSE(action.reading);
  EXPECT_FALSE(timed.session().reading());
  timed.idle(30ms);
  EXPECT_TRUE(timed.session().reading()) << "also where `read` was left out";
}

TEST(FuzzSessionTiming, PausesBetweenTheWritesOfALayout) {
  Step step = fuzz_frame(FrameKind::text, "in three");
  auto& layout = std::get<SendFrame>(step.statement).layout;
  layout.chop = fuzz_number(5), layout.gap = 2ms;
  TimedSession timed({step});
  Wire wire(timed.session());
  for (const Instant now : {1ms, 3ms}) {
    Bytes sent;
    EXPECT_EQ(timed.idle(now, &sent).until, now + 2ms);
    EXPECT_EQ(sent.size(), 5u);
  }
}

/// What is said of a target that serves a reader who stalled: nothing, when it only leaves out or ends.
std::vector<FuzzCause> after_stall(const std::vector<Bytes>& echoes, bool ends) {
  TimedSession timed({step_of(Stall{}), fuzz_frame(FrameKind::text, "first message"),
                      fuzz_frame(FrameKind::text, "second message"), step_of(ReadOn{})});
  Wire wire(timed.session());
  timed.idle(1ms);
  for (const Bytes& echo : echoes) wire.say(make_frame(Opcode::text, echo, std::nullopt));
  if (ends) timed.session().ended(End::reset, 2ms);
  for (Instant now = 2ms; !timed.session().done() && now < 10s; now += 100ms) timed.idle(now);
  auto causes = timed.session().causes();
  std::erase_if(causes, [](const FuzzCause& cause) {
    return cause.severity != Severity::fail || cause.kind == "missing-pong";
  });
  return causes;
}

TEST(FuzzSessionTiming, ATargetMayLeaveASlowReaderButNotGiveItOtherOctets) {
  EXPECT_TRUE(after_stall({}, true).empty());
  EXPECT_TRUE(after_stall({"second message"}, false).empty());
  EXPECT_FALSE(after_stall({"first message", "sec0nd message"}, false).empty());
}

// --- Bounds ---

/// A target that says `words` every so often, whatever it hears, until the session ends: when that is.
Instant talk(FuzzSession& session, bool answers_handshake, const Bytes& words, Duration every) {
  const Instant most = std::chrono::minutes(10);
  std::optional<Wire> wire;
  if (answers_handshake) wire.emplace(session);
  for (Instant now = 2ms; now < most; now += every) {
    while (!session.done() && session.next(now).kind == Action::Kind::send) continue;
    if (session.done()) return now;
    Bytes octets = words;
    session.received(octets, now);
  }
  return most;
}

bool has_fail(const FuzzSession& session) {
  return std::ranges::any_of(session.causes(),
                             [](const FuzzCause& cause) { return cause.severity == Severity::fail; });
}

FuzzSession session_that_sends(const Profile& profile, FrameKind kind, const FuzzSessionOptions& options = {},
                               bool joined = false) {
  return FuzzSession(profile, {}, options, [kind, joined](const FuzzContext&) {
    return FuzzInput{{fuzz_frame(kind, "input")}, joined};
  });
}

TEST_F(FuzzSessionTest, EndsWhenAHeadDoesNot) {
  session_.next(0ms);
  Bytes lines;
  for (int i = 0; i < 500; ++i) lines += "X-Field: value\r\n";
  EXPECT_LT(talk(session_, false, "HTTP/1.1 101 Switching Protocols\r\n" + lines, 1ms), 3s);
  EXPECT_TRUE(session_.endless());
  EXPECT_FALSE(session_.unanswered());
  EXPECT_FALSE(has_fail(session_)) << "no clause says how long a head may be";
}

TEST_F(FuzzSessionTest, EndsWhenAHeadDrips) {
  session_.next(0ms);
  EXPECT_LT(talk(session_, false, "a", 100ms), 15s) << "each octet renews the patience of 3 s";
  EXPECT_TRUE(session_.endless());
  EXPECT_FALSE(has_fail(session_));
}

TEST_F(FuzzSessionTest, EndsWhenFramesDoNot) {
  const Bytes huge("\x82\x7f\x40\0\0\0\0\0\0\0", 10), text = make_frame(Opcode::text, "news", std::nullopt);
  profile_.features.erase("echo");
  for (const Bytes& words : {text, huge, make_frame(Opcode::ping, "", std::nullopt)}) {
    FuzzSession session = session_that_sends(profile_, FrameKind::text);
    EXPECT_LT(talk(session, true, words, 10ms), 60s);
    EXPECT_TRUE(session.endless());
  }
}

TEST_F(FuzzSessionTest, EndsWhenFramesFollowAFaultWithoutEnd) {
  FuzzSession session = session_that_sends(profile_, FrameKind::cont);
  EXPECT_LT(talk(session, true, make_frame(Opcode::text, "news", std::nullopt), 10ms), 60s);
  EXPECT_TRUE(has_fail(session)) << "it had to close";
}

TEST_F(FuzzSessionTest, TakesOnlySoManyOctets) {
  FuzzSessionOptions options;
  options.most_octets = 1 << 20;
  FuzzSession session = session_that_sends(profile_, FrameKind::text, options);
  EXPECT_LT(talk(session, true, make_frame(Opcode::text, Bytes(100'000, 'x'), std::nullopt), 1ms), 50ms)
      << "eleven times the octets, not a deadline";
}

TEST_F(FuzzSessionTest, BeginsNoInputBehindItsTime) {
  FuzzSessionOptions options;
  options.most_time = 0ms;
  FuzzSession session = session_that_sends(profile_, FrameKind::text, options);
  Wire wire(session);
  session.next(1ms);
  EXPECT_TRUE(session.done());
  EXPECT_EQ(session.inputs(), 0u);
}

// --- What is held against a target ---

TEST_F(FuzzSessionTest, WaitsForTheCloseBehindAPongThatWasOnItsWay) {
  for (const bool closes : {true, false}) {
    FuzzSession session = session_that_sends(profile_, FrameKind::cont, {}, true);
    Wire wire(session);
    const auto sent = wire.frames();
    ASSERT_EQ(sent.size(), 2u);
    wire.say(make_frame(Opcode::pong, BytesView(sent[1]).substr(5), std::nullopt));
    EXPECT_EQ(session.next(2ms).kind, Action::Kind::wait) << "a Close may follow";
    if (closes) wire.say(make_frame(Opcode::close, make_close(1002), std::nullopt));
    while (!session.done() && session.next(10s).kind == Action::Kind::send) continue;
    EXPECT_TRUE(session.done());
    EXPECT_EQ(has_fail(session), !closes);
  }
}

TEST_F(FuzzSessionTest, LeavesMessagesToATargetThatDoesNotEcho) {
  profile_.features.erase("echo");
  Wire wire(session_);
  wire.frames();
  wire.say(make_frame(Opcode::text, "unknown command", std::nullopt) +
           make_frame(Opcode::close, make_close(1008), std::nullopt));
  wire.frames();
  session_.ended(End::fin, 2ms);
  session_.next(2ms);
  EXPECT_TRUE(session_.done());
  EXPECT_FALSE(has_fail(session_));
}

TEST_F(FuzzSessionTest, LetsATargetChooseAmongTheExtensionsThatWereOffered) {
  FuzzOpening opening;
  opening.offer = "x-webkit-deflate-frame, permessage-deflate";
  FuzzSession session(profile_, opening, {}, [](const FuzzContext&) { return std::nullopt; });
  Wire wire(session, "Sec-WebSocket-Extensions: x-webkit-deflate-frame\r\n");
  session.next(1ms);
  EXPECT_TRUE(session.done());
  EXPECT_TRUE(session.causes().empty());
}

TEST_F(FuzzSessionTest, LogsInFirstAndTellsNobodyHow) {
  SendFrame password = std::get<SendFrame>(fuzz_frame(FrameKind::text, "password").statement);
  ExpectFrame welcome;
  welcome.fields.kind = FrameKind::text;
  profile_.preamble = {step_of(password), step_of(welcome)};
  for (const bool answered : {true, false}) {
    FuzzOpening opening;
    opening.offer = "permessage-deflate";
    FuzzSession session(profile_, opening, {}, [](const FuzzContext&) {
      return FuzzInput{{fuzz_frame(FrameKind::text, "input")}, false};
    });
    Wire wire(session);
    EXPECT_EQ(wire.frames(), std::vector<Bytes>{"text:password"});
    if (answered) wire.say(make_frame(Opcode::text, "welcome", std::nullopt));
    const auto frames = wire.frames();
    EXPECT_EQ(frames.empty(), !answered) << "no input before its answer";
    if (answered) {
      EXPECT_EQ(frames.at(0), "text:input");
    }
    session.next(10min);
    EXPECT_EQ(session.locked_out(), !answered);
    for (const Step& step : session.transcript().steps)
      EXPECT_NE(std::get<SendFrame>(step.statement).payload->parts.at(0).bytes, "password");
    EXPECT_EQ(session.transcript().opening.offer, "");
  }
}

// --- Refusals ---

std::vector<std::string> rules_broken_by_refusing(const FuzzOpening& opening, const Profile& profile) {
  FuzzSession session(profile, opening, {}, [](const FuzzContext&) { return std::nullopt; });
  while (!session.done() && session.next(1ms).kind == Action::Kind::send) continue;
  Bytes reply = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
  session.received(reply, 1ms);
  std::vector<std::string> out;
  for (const FuzzCause& cause : session.causes())
    if (cause.severity == Severity::fail) out.push_back(cause.requirement);
  return out;
}

TEST_F(FuzzSessionTest, AsksForTheVersionsOnlyWhereNothingElseIsOdd) {
  FuzzOpening opening;
  opening.edits = {{Edit::Kind::set, "Sec-WebSocket-Version", plain_payload("255", true)}};
  EXPECT_EQ(rules_broken_by_refusing(opening, profile_), std::vector<std::string>{"rfc6455-4.4-1"});
  opening.edits.push_back({Edit::Kind::version, "", plain_payload("HTTP/1.2", true)});
  EXPECT_TRUE(rules_broken_by_refusing(opening, profile_).empty()) << "400 may be for HTTP/1.2";
}

}  // namespace
}  // namespace wsspec::session_test
