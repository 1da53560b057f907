// The player against scripted targets: a list of what to answer to what, so that each rule of judgement
// stands alone.
#include "play/player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>

#include "protocol/close.h"
#include "protocol/frame.h"
#include "protocol/handshake.h"
#include "protocol/message.h"
#include "script/check.h"
#include "script/functions.h"

namespace wsspec::player_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

/// A target in memory: collects what is sent, answers by a function, ends when told.
struct Target {
  std::function<Bytes(BytesView head)> handshake;
  /// Called once after each write behind the handshake, with everything received since; returns what to send.
  std::function<Bytes(BytesView octets)> reply = [](BytesView) { return Bytes(); };
  std::function<Bytes()> talk;  ///< If there: said ten times a second once the connection is open.
  bool end_after_reply = false;
  End end_how = End::fin;
};

Bytes accept_head(BytesView head) {
  HeadParser parser;
  parser.feed(head);
  return render_head("HTTP/1.1 101 Switching Protocols",
                     {{"Upgrade", "websocket"},
                      {"Connection", "Upgrade"},
                      {"Sec-WebSocket-Accept", accept_for(parser.head().find("Sec-WebSocket-Key")
                                                              ? *parser.head().find("Sec-WebSocket-Key")
                                                              : std::string())}});
}

struct Played {
  CaseResult result;
  Instant at{};
};

Played play(const std::string& steps, Target target, const std::string& meta = "",
            const Profile& profile = {}) {
  const Source source{"t.wire", "wire 1\ncase t.one\n" + meta + steps};
  Loaded loaded = load({&source, 1});
  for (const auto& error : loaded.errors) ADD_FAILURE() << render(error);
  Player player(loaded.cases.at(0), profile, {});
  Instant now{};
  bool open = false;
  Bytes received;
  for (int i = 0; i < 100000 && !player.done(); ++i) {
    const Action action = player.end().next(now);
    if (action.kind == Action::Kind::send) {
      received += action.bytes;
      continue;
    }
    if (action.kind == Action::Kind::close || action.kind == Action::Kind::reset) break;
    Bytes answer;
    bool end = false;
    if (!received.empty()) {
      if (!open) {
        answer = target.handshake ? target.handshake(received) : accept_head(received);
        open = true;
        const std::size_t end_of_head = received.find("\r\n\r\n");
        received.erase(0, end_of_head == Bytes::npos ? received.size() : end_of_head + 4);
        end = answer.empty();
      }
      if (!received.empty()) {
        answer += target.reply(received);
        received.clear();
        end = target.end_after_reply;
      }
      now += 1ms;
      if (!answer.empty()) player.end().received({answer.data(), answer.size()}, now);
      if (end) player.end().ended(target.end_how, now);
      if (!answer.empty() || end) continue;
    }
    if (action.kind == Action::Kind::half_close) continue;
    if (target.talk && open) {
      now += 100ms;
      Bytes words = target.talk();
      player.end().received({words.data(), words.size()}, now);
      continue;
    }
    if (action.until == kNever) {
      ADD_FAILURE() << "the player waits for ever";
      break;
    }
    now = std::max(now, action.until);
  }
  EXPECT_TRUE(player.done());
  return {player.take_result(), now};
}

Bytes text(BytesView payload) {
  return make_frame(Opcode::text, payload, std::nullopt);
}
Bytes pong(BytesView payload) {
  return make_frame(Opcode::pong, payload, std::nullopt);
}
Bytes close(std::optional<std::uint16_t> code) {
  return make_frame(Opcode::close, make_close(code), std::nullopt);
}

Target answering(Bytes bytes, bool end = false) {
  Target target;
  auto once = std::make_shared<Bytes>(std::move(bytes));
  target.reply = [once](BytesView) { return std::exchange(*once, {}); };
  target.end_after_reply = end;
  return target;
}

TEST(Player, PassesAnEcho) {
  const auto played = play("open\n> text \"hi\"\n< text \"hi\"\n", answering(text("hi")));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
}

TEST(Player, FailsAWrongEchoAndSaysWhere) {
  const auto played = play("open\n> text \"hello\"\n< text \"hello\"\n", answering(text("hellO")));
  EXPECT_EQ(played.result.verdict, Verdict::fail);
  EXPECT_THAT(played.result.reason, HasSubstr("differs from octet 4"));
  EXPECT_EQ(played.result.failing_line, 7) << played.result.script;
  EXPECT_EQ(played.result.expected, "< text \"hello\"");
}

TEST(Player, SilenceIsAFailureAfterTheDeadlineOnly) {
  const auto played = play("open\n> text \"hello\"\n< text \"hello\"\n", {});
  EXPECT_EQ(played.result.verdict, Verdict::fail);
  EXPECT_GE(played.at, 4s);
  EXPECT_LE(played.at, 5s);
}

Bytes ping(BytesView payload) {
  return make_frame(Opcode::ping, payload, std::nullopt);
}

Profile pinging() {
  Profile profile;
  profile.ping_interval = 10s;
  profile.ping_timeout = 30s;
  return profile;
}

// "Nothing" is said by a frame that nobody waits for: the pong to nobody's ping.
Target silent_until(Instant when, Bytes said) {
  Target target;
  auto left = std::make_shared<int>(static_cast<int>(when / 100ms));
  target.talk = [left, said = std::move(said)] { return --*left == 0 ? said : pong("nobody asked"); };
  return target;
}

TEST(PlayerTime, ByIsADeadlineThatNothingMoves) {
  const std::string steps = "open\n< ping by $ping-interval*1.2\n";
  const auto play_at = [&](Instant when) {
    return play(steps, silent_until(when, ping("a")), "needs ping-interval\n", pinging());
  };
  EXPECT_EQ(play_at(11s).result.verdict, Verdict::pass);
  const auto late = play_at(13s);
  EXPECT_EQ(late.result.verdict, Verdict::fail);
  EXPECT_EQ(late.result.reason, "no ping came in 12 s");
  EXPECT_LE(late.at, 12500ms);
}

TEST(PlayerTime, ADeclaredTimeIsTheTargetsOwn) {
  auto profile = pinging();
  profile.time_scale = 3;
  const auto played = play("open\nquiet $ping-interval\nquiet 1s\n", {}, "needs ping-interval\n", profile);
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
  EXPECT_GE(played.at, 13s);
  EXPECT_LE(played.at, 13100ms);
}

TEST(PlayerTime, DeclaredTimesAddToTheLimitOfTheCase) {
  const auto played =
      play("open\nrepeat 5\npause $ping-timeout\nend\nquiet 1s\n", {}, "needs ping-timeout\n", pinging());
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
  EXPECT_GE(played.at, 151s);
}

TEST(Player, ABranchOfPauseIsTakenWhateverCame) {
  const std::string steps =
      "open\n> text \"a\"\neither info\n< fail by 1s\nor\npause 2s\n< text \"b\"\nend\n";
  const auto stays = play(steps, answering(text("b")));
  EXPECT_EQ(stays.result.verdict, Verdict::pass) << stays.result.reason;
  EXPECT_GE(stays.at, 2s);
  const auto silent =
      play("open\neither info\n< fail by 1s\nor\npause 2s\nend\n", silent_until(500ms, ping("a")));
  EXPECT_EQ(silent.result.verdict, Verdict::pass) << silent.result.reason;
}

TEST(Player, PingsAreAnsweredFromAnswerOn) {
  auto sent = std::make_shared<Bytes>();
  Target target;
  target.reply = [sent](BytesView octets) {
    *sent += octets;
    return sent->size() == octets.size() ? ping("one") + ping("two") : pong("there?");
  };
  const auto played = play(
      "open\nmute\n> text \"a\"\n< ping \"one\"\npause 1s\nanswer\n> ping \"there?\"\n< pong \"there?\"\n",
      target);
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
  std::string manners;
  for (const auto& event : played.result.transcript.events) manners += event.line + "\n";
  EXPECT_THAT(manners, HasSubstr("pong"));
}

TEST(Player, NotesWhatWasMeasured) {
  const auto played = play("open\n< ping by 5s\nnote \"after \" $waited \", with \" $taken\n",
                           silent_until(2s, ping("x\ny")));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
  EXPECT_THAT(played.result.notes, testing::Contains("after 2 s, with \"x\\ny\""));
}

TEST(Player, PingsAreNoAnswerToAnotherLine) {
  const auto played = play("open\n> text \"a\"\n< ping \"one\"\n< fail\n",
                           answering(ping("one") + ping("two") + close(4000), true));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
}

// Asks what follows the first of two pieces.
struct Cut {
  explicit Cut(const std::string& step) : loaded(load_one(step)), player(loaded.cases.at(0), profile, {}) {
    EXPECT_EQ(end().next(10ms).bytes, "a");
    EXPECT_TRUE(end().next(11ms).until_read);
  }
  static Loaded load_one(const std::string& step) {
    const Source source{"t.wire", "wire 1\ncase t.one\nconnect\n" + step + "\n< bytes \"c\"\n"};
    return load({&source, 1});
  }
  Endpoint& end() { return player.end(); }
  std::vector<std::string> notes_at(Instant now) {
    end().ended(End::fin, now);
    end().next(now + 1ms);
    return player.take_result().notes;
  }
  const Profile profile;
  Loaded loaded;
  Player player;
};

TEST(Player, TheNextPieceWaitsUntilTheFirstIsRead) {
  Cut cut("> bytes \"ab\" chop=1");
  EXPECT_EQ(cut.end().next(100ms).kind, Action::Kind::wait);
  cut.end().was_read(true, 100ms);
  EXPECT_EQ(cut.end().next(100ms).bytes, "b");
  EXPECT_THAT(cut.notes_at(101ms), ::testing::Not(::testing::Contains(kUnreadPiece)));
}

TEST(Player, APieceThatIsNotSeenToBeReadIsNoted) {
  Cut cut("> bytes \"ab\" chop=1");
  const Instant until = cut.end().next(20ms).until;
  EXPECT_EQ(cut.end().next(until).bytes, "b");
  EXPECT_THAT(cut.notes_at(until + 1ms), ::testing::Contains(kUnreadPiece));
}

TEST(Player, WhereNothingIsSeenTheRoundTripSays) {
  Cut cut("> bytes \"ab\" chop=1");
  cut.end().was_read(false, 20ms);
  EXPECT_EQ(cut.end().next(20ms).bytes, "b") << "no round trip is known";
  EXPECT_THAT(cut.notes_at(30ms), ::testing::Contains(kUnreadPiece));
}

TEST(Player, AnUnaskedMessageBehindTheEchoFailsInFinish) {
  const auto played = play("open\n> text \"a\"\n< text \"a\"\nfinish\n", answering(text("a") + text("a")));
  EXPECT_EQ(played.result.verdict, Verdict::fail);
  EXPECT_THAT(played.result.reason, HasSubstr("nothing asked for"));
}

TEST(Player, AGreetingIsNoAnswer) {
  Target target = answering(text("a"));
  target.handshake = [](BytesView head) { return accept_head(head) + text("welcome"); };
  const auto played = play("open\n> text \"a\"\n< text \"a\"\n", target);
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
}

struct FailRow {
  std::string name;
  Bytes answer;
  bool end;
  Verdict verdict;
};

TEST(Player, WhatCountsAsFailingTheConnection) {
  const FailRow rows[] = {
      {"listed code", close(1002), true, Verdict::pass},
      {"bare end", "", true, Verdict::pass},
      {"another code", close(1011), true, Verdict::weak},
      {"no code", close(std::nullopt), true, Verdict::weak},
      {"echo", text("x"), false, Verdict::fail},
      {"pong to the later ping", pong("later"), false, Verdict::fail},
      {"silence", "", false, Verdict::fail},
      {"forbidden code", close(1006), true, Verdict::fail},
  };
  for (const auto& row : rows) {
    const auto played = play("open\nburst\n> frame op=3 \"x\"\n> ping \"later\"\nend\n< fail 1002\n",
                             answering(row.answer, row.end));
    EXPECT_EQ(played.result.verdict, row.verdict) << row.name << ": " << played.result.reason;
  }
}

TEST(Player, AnEchoOfWhatCameAheadOfTheFaultIsTolerated) {
  const auto played = play("open\nburst\n> text \"good\"\n> frame op=3 \"x\"\nend\n< fail 1002\n",
                           answering(text("good") + close(1002), true));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
}

TEST(Player, OnlyTheNewestPingNeedsAPong) {
  const auto played = play("open\nburst\n> ping \"1\"\n> ping \"2\"\nend\n< pong \"1\"\n< pong \"2\"\n",
                           answering(pong("2")));
  EXPECT_EQ(played.result.verdict, Verdict::pass) << played.result.reason;
}

TEST(Player, AWrongPongFails) {
  const auto played = play("open\n> ping \"12\"\n< pong \"12\"\n", answering(pong("1")));
  EXPECT_EQ(played.result.verdict, Verdict::fail);
  EXPECT_THAT(played.result.reason, HasSubstr("which answers no ping of ours"));
}

TEST(Player, AnHttpAnswerInPlaceOfAFrameIsCalledThat) {
  const auto played = play("open\n> ping \"1\"\n< pong \"1\"\n", answering("HTTP/1.1 404 Not Found\r\n\r\n"));
  EXPECT_EQ(played.result.verdict, Verdict::fail);
  EXPECT_THAT(played.result.reason, HasSubstr("like an HTTP answer"));
}

TEST(Player, EitherCommitsToTheFirstBranchThatAccepts) {
  const std::string steps =
      "open\n> close 1005\neither\n< fail 1002\nor weak\n< close 1000\nor info\n< close 3000\nend\n";
  EXPECT_EQ(play(steps, answering(close(1002), true)).result.verdict, Verdict::pass);
  EXPECT_EQ(play(steps, answering(close(1000), true)).result.verdict, Verdict::weak);
  EXPECT_EQ(play(steps, answering(close(3000), true)).result.verdict, Verdict::info);
  EXPECT_EQ(play(steps, answering(close(4000), true)).result.verdict, Verdict::fail);
}

TEST(Player, QuietBranchIsTakenWhenItsTimeIsOver) {
  const std::string steps =
      "open\n> text fin=0 \"a\"\neither\n< fail 1007 within 1s\nor weak\nquiet 1s\nend\n";
  const auto played = play(steps, {});
  EXPECT_EQ(played.result.verdict, Verdict::weak) << played.result.reason;
  EXPECT_LE(played.at, 1100ms);
}

TEST(Player, AnswersPingsAndCloses) {
  Target target;
  auto seen = std::make_shared<Bytes>();
  auto first = std::make_shared<bool>(true);
  target.reply = [=](BytesView octets) {
    seen->append(octets);
    if (!std::exchange(*first, false)) return Bytes();
    return make_frame(Opcode::ping, "p", std::nullopt) + close(1001);
  };
  play("open\n> ping \"x\"\n< close\npause 10ms\n", target);
  FrameDecoder decoder;
  MutableBytes bytes{seen->data(), seen->size()};
  std::vector<std::uint8_t> opcodes;
  while (auto piece = decoder.next(bytes)) opcodes.push_back(piece->header.opcode);
  EXPECT_THAT(opcodes, ::testing::ElementsAre(9, 8)) << "behind a Close no pong is due, but a Close is";
}

TEST(Player, RefusedTakesAnyAnswerBut101) {
  auto answer = [](Bytes bytes) {
    Target target;
    target.handshake = [bytes](BytesView) { return bytes; };
    return target;
  };
  const std::string plain = "> request drop Host\n< refused\n";
  EXPECT_EQ(play(plain, answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")).result.verdict,
            Verdict::pass);
  EXPECT_EQ(play(plain, answer("HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nabc")).result.verdict,
            Verdict::pass);
  EXPECT_EQ(play(plain, answer("")).result.verdict, Verdict::pass) << "the end of TCP refuses, too";
  EXPECT_EQ(play(plain, {}).result.verdict, Verdict::fail);
}

TEST(Player, UpgradeChecksTheReply) {
  Target target;
  target.handshake = [](BytesView) {
    return render_head(
        "HTTP/1.1 101 Switching Protocols",
        {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", "AAAA"}});
  };
  const auto played = play("> request\n< upgrade\n", target);
  EXPECT_EQ(played.result.verdict, Verdict::fail);
}

TEST(Player, OutputFaultsFailWhereverTheyAppear) {
  const std::pair<Bytes, std::string> rows[] = {
      {make_frame(Opcode::text, "hi", 0x01020304u), "masked"},
      {make_frame(Opcode::text, "hi", std::nullopt, true, 4), "reserved bits"},
      {make_frame(static_cast<Opcode>(3), "hi", std::nullopt), "reserved opcode"},
      {make_frame(Opcode::ping, "hi", std::nullopt, false), "fragmented a control frame"},
      {make_frame(Opcode::cont, "hi", std::nullopt), "continuation"},
      {make_frame(Opcode::text, "\xff", std::nullopt), "not valid UTF-8"},
      {close(1000) + text("late"), "behind its Close"},
  };
  for (const auto& [bytes, word] : rows) {
    const auto played = play("open\n> text \"hi\"\n< text \"hi\"\nfinish\n", answering(bytes));
    EXPECT_EQ(played.result.verdict, Verdict::fail) << word;
    EXPECT_FALSE(played.result.reason.empty());
  }
  const auto masked = play("open\n> text \"hi\"\n< text \"hi\"\n", answering(rows[0].first));
  EXPECT_THAT(masked.result.reason, HasSubstr("masked"));
}

TEST(Player, ALimitIsInconclusive) {
  const auto played = play("open\n> text fill(100000)\n< text fill(100000)\n", answering(close(1009), true));
  EXPECT_EQ(played.result.verdict, Verdict::inconclusive);
  const auto small = play("open\n> text \"a\"\n< text \"a\"\n", answering(close(1009), true));
  EXPECT_EQ(small.result.verdict, Verdict::fail);
}

TEST(Player, ADeclaredLimitIsHeldToTheOctet) {
  Profile profile;
  profile.message_limit = 100000;
  const auto at =
      play("open\n> text fill(100000)\n< text fill(100000)\n", answering(close(1009), true), "", profile);
  EXPECT_EQ(at.result.verdict, Verdict::fail);
  const auto above =
      play("open\n> text fill(100001)\n< text fill(100001)\n", answering(close(1009), true), "", profile);
  EXPECT_EQ(above.result.verdict, Verdict::skipped);
}

TEST(Player, OnlyTheClosingCasesMindASecondClose) {
  const auto helper =
      play("open\n> frame op=3 \"\"\n< fail 1002\n", answering(close(1002) + close(1002), true));
  EXPECT_EQ(helper.result.verdict, Verdict::pass) << helper.result.reason;
  const auto judged =
      play("open\n> frame op=3 \"\"\n< close 1002\n< gone\n", answering(close(1002) + close(1002), true));
  EXPECT_EQ(judged.result.verdict, Verdict::fail);
  EXPECT_THAT(judged.result.reason, HasSubstr("second Close"));
}

TEST(Player, AGoingAwayServerIsNotJudged) {
  const auto played = play("open\n> text \"a\"\n< text \"a\"\n", answering(close(1001), true));
  EXPECT_EQ(played.result.verdict, Verdict::inconclusive);
}

TEST(Player, GoingAwayIsJudgedWhereItIsDeclaredHowLongAConnectionStays) {
  const auto leaving = [](std::uint16_t code) {
    return play("open\n> text \"a\"\n< text \"a\"\n", answering(close(code), true),
                "covers declared-idle_limit-2\n")
        .result.verdict;
  };
  EXPECT_EQ(leaving(1001), Verdict::fail);
  EXPECT_EQ(leaving(1012), Verdict::inconclusive);
  EXPECT_EQ(leaving(1013), Verdict::inconclusive);
}

TEST(Player, ATranscriptReplays) {
  const auto faulty =
      play("open\nrepeat 2 as i\n> text rsv=2 fill(3, $i)\nend\n< fail 1002\n", answering(text("abc")));
  ASSERT_EQ(faulty.result.verdict, Verdict::fail);
  const std::string log = print_transcript(faulty.result.transcript, "t.one", "FAIL");
  const Source source{"log.wire", log};
  const Loaded loaded = load({&source, 1});
  for (const auto& error : loaded.errors) ADD_FAILURE() << render(error) << log;
  EXPECT_THAT(log, HasSubstr("< text \"abc\""));
  EXPECT_THAT(log, HasSubstr("expected: < fail 1002"));
}

TEST(Player, ACaseThatCoversNoMustCannotFail) {
  std::map<std::string, Requirement> ledger;
  ledger["rfc6455-7.1.1-3"] = {
      "rfc6455-7.1.1-3", "rfc6455", "7.1.1", Level::should, false, {}, {}, {}, {}, {}};
  const Source source{"t.wire", "wire 1\ncase t.one\ncovers rfc6455-7.1.1-3\nopen\n< eof\n"};
  Loaded loaded = load({&source, 1});
  ASSERT_FALSE(loaded.cases.empty());
  Profile profile;
  PlayOptions options;
  options.ledger = &ledger;
  Player player(loaded.cases[0], profile, options);
  Bytes head;
  for (Action action = player.end().next({}); action.kind == Action::Kind::send;
       action = player.end().next({}))
    head += action.bytes;
  Bytes answer = accept_head(head);
  player.end().received({answer.data(), answer.size()}, 1ms);
  player.end().next(1ms);
  player.end().next(10s);
  ASSERT_TRUE(player.done());
  const CaseResult result = player.take_result();
  EXPECT_EQ(result.verdict, Verdict::weak);
  EXPECT_EQ(result.clause, "RFC 6455 section 7.1.1");
}

TEST(Player, EndlessTrickleIsBounded) {
  Target target;
  target.reply = [](BytesView) { return Bytes(); };
  const auto played = play("open\n> text \"a\"\npause 20s\n< text \"a\"\n", target, "limit 5s\n");
  EXPECT_EQ(played.result.verdict, Verdict::fail);
  EXPECT_LE(played.at, 6s);
}

TEST(Player, WithoutALimitOfItsOwnALongCaseIsHeldAgainstNobody) {
  const auto played = play("open\nrepeat 100\npause 1s\nend\nfinish\n", {});
  EXPECT_EQ(played.result.verdict, Verdict::inconclusive);
  EXPECT_THAT(played.result.reason, HasSubstr("not over within 60s"));
}

// A loop without input or output gives the word back, so that clock and user are heard.
TEST(Player, ALoopWithoutOctetsCanBeStopped) {
  const Source source{"t.wire",
                      "wire 1\ncase t.one\nopen\nrepeat 3000\nrepeat 3000\nmute\nend\nend\nfinish\n"};
  const Loaded loaded = load({&source, 1});
  ASSERT_FALSE(loaded.cases.empty());
  const Profile profile;
  Player player(loaded.cases[0], profile, {});
  Bytes head;
  Action action = player.end().next({});
  for (; action.kind == Action::Kind::send; action = player.end().next({})) head += action.bytes;
  Bytes answer = accept_head(head);
  player.end().received({answer.data(), answer.size()}, 1ms);
  action = player.end().next(1ms);
  EXPECT_EQ(action.kind, Action::Kind::wait);
  EXPECT_LT(action.until, 2ms);
  EXPECT_FALSE(player.done());
  player.end().next(61s);
  EXPECT_TRUE(player.done());
}

TEST(Player, AnExpressionOfOursThatDoesNotWorkBlamesNobodyWithinEitherToo) {
  const auto echo = [] { return answering(text("abc")); };
  for (const std::string steps :
       {"< text slice(\"abc\", 2, 9)\n", "either\n< text slice(\"abc\", 2, 9)\nor\n< close\nend\n"})
    EXPECT_EQ(play("open\n> text \"abc\"\n" + steps, echo()).result.verdict, Verdict::error) << steps;
}

TEST(Player, TheResetAtTheEndIsShownAndReplays) {
  const auto played = play("open\n> text \"a\"\n< text \"a\"\n", answering(text("b")));
  const std::string log = print_transcript(played.result.transcript, "t.one", "FAIL");
  EXPECT_THAT(log, HasSubstr("> reset   (automatic)"));
  const Source source{"log.wire", log};
  EXPECT_TRUE(load({&source, 1}).errors.empty()) << log;
}

// An octet a second is no progress, however long it goes on.
TEST(Player, ADripDoesNotRenewThePatience) {
  for (const bool in_head : {true, false}) {
    const Source source{"t.wire", "wire 1\ncase t.one\nopen\n> text \"a\"\n< text \"a\"\n"};
    const Loaded loaded = load({&source, 1});
    const Profile profile;
    Player player(loaded.cases[0], profile, {});
    Bytes head;
    for (Action action = player.end().next({}); action.kind == Action::Kind::send;
         action = player.end().next({}))
      head += action.bytes;
    Bytes drip = accept_head(head);
    Instant now = 1ms;
    if (!in_head) {
      player.end().received({drip.data(), drip.size()}, now);
      drip = make_frame(Opcode::text, Bytes(1000, 'a'), std::nullopt);
    }
    for (auto& octet : drip) {
      while (player.end().next(now).kind == Action::Kind::send) {
      }
      if (player.done()) break;
      now += 1s;
      player.end().received({&octet, 1}, now);
    }
    EXPECT_TRUE(player.done());
    EXPECT_LT(now, 12s) << in_head;
  }
}

TEST(Player, TalkWithoutEndIsNoProgress) {
  Target target;
  target.talk = [] { return make_frame(Opcode::text, "tick", std::nullopt); };
  const auto played = play("open\n> frame op=3 \"bad\"\n< fail 1002\n", target);
  EXPECT_EQ(played.result.verdict, Verdict::fail);
  EXPECT_THAT(played.result.reason, HasSubstr("neither closed nor dropped the connection, and talks"));
  EXPECT_LE(played.at, 15s);
}

// More was sent than is remembered: what comes in between is still told from a damaged echo.
TEST(Player, WordsBehindALargeMessageAreNobodysEcho) {
  const std::string steps = "open\n> text fill(400K)\n< text fill(400K)\nfinish\n";
  Bytes echo;
  Target target;
  target.reply = [&](BytesView octets) {
    MessageDecoder decoder(Role::server, std::nullopt);
    Bytes copy(octets), answer;
    decoder.feed({copy.data(), copy.size()}, [&](Incoming&& in) {
      if (in.kind == Incoming::Kind::text)
        answer = text("somebody else says hello") + text(echo.empty() ? in.payload : echo);
      if (in.kind == Incoming::Kind::close) answer = close(1000);
    });
    return answer;
  };
  EXPECT_EQ(play(steps, target).result.verdict, Verdict::pass);
  echo = fill(400 << 10);
  echo[300'000] ^= 1;
  EXPECT_EQ(play(steps, target).result.verdict, Verdict::fail);
  echo = fill(400 << 10).substr(300'000, 50);
  EXPECT_EQ(play(steps, target).result.verdict, Verdict::fail);
}

TEST(Player, AFloodIsCutOff) {
  Target target;
  target.reply = [](BytesView) {
    Bytes flood;
    for (int i = 0; i < 30; ++i) flood += make_frame(Opcode::binary, Bytes(1 << 20, 'x'), std::nullopt);
    return flood;
  };
  const auto played = play("open\n> ping \"a\"\n> text \"b\"\n< pong \"a\"\n", target);
  EXPECT_EQ(played.result.verdict, Verdict::error);
  EXPECT_THAT(played.result.reason, HasSubstr("more than"));
}

// --- TLS

/// Plays `steps` with TLS facts told at the start and the end of TCP at one millisecond.
CaseResult play_secured(const std::string& steps, const TlsFacts& facts,
                        std::optional<End> end = std::nullopt) {
  const Source source{"t.wire", "wire 1\ncase t.one\n" + steps};
  Loaded loaded = load({&source, 1});
  for (const auto& error : loaded.errors) ADD_FAILURE() << render(error);
  const Profile profile;
  Player player(loaded.cases.at(0), profile, {});
  player.end().next({});
  player.secured(facts, {});
  if (end) player.end().ended(*end, 1ms);
  for (Instant now = 1ms; !player.done() && now < Instant(60s);) {
    const auto action = player.end().next(now);
    if (action.kind == Action::Kind::wait) now = std::max(action.until, now + 1ms);
  }
  return player.take_result();
}

TlsFacts facts_of(std::string version, std::string alpn) {
  return {true, std::move(version), std::move(alpn), {}, {}, false};
}

TEST(PlayerTls, JudgesWhatWasAgreedUpon) {
  const std::string wants = "connect\n< secured has version \"1.3\" has alpn \"http/1.1\"\n";
  EXPECT_EQ(play_secured(wants, facts_of("1.3", "http/1.1")).verdict, Verdict::pass);
  const auto other = play_secured(wants, facts_of("1.3", "h2"));
  EXPECT_EQ(other.verdict, Verdict::fail);
  EXPECT_THAT(other.reason, HasSubstr("ALPN \"h2\" was agreed upon"));
  EXPECT_EQ(play_secured("connect\n< secured lacks alpn\n", facts_of("1.2", "")).verdict, Verdict::pass);
  EXPECT_EQ(play_secured("connect\n< gone\n> eof\n< secured\n", facts_of("1.2", "")).verdict, Verdict::fail);
}

TEST(PlayerTls, AFailedHandshakeIsSeenByItsEnd) {
  const TlsFacts refused{false, {}, {}, {}, "alert protocol version", false};
  EXPECT_EQ(play_secured("connect tls=\"1.2\"\n< gone\n", refused, End::fin).verdict, Verdict::pass);
  EXPECT_EQ(play_secured("connect tls=\"1.2\"\n< gone\n", refused).verdict, Verdict::fail)
      << "TCP stays open";
  const TlsFacts broken{false, {}, {}, {}, "bad extension", true};
  const auto fault = play_secured("connect tls=\"1.2\"\n< gone\n", broken, End::fin);
  EXPECT_EQ(fault.verdict, Verdict::fail);
  EXPECT_THAT(fault.reason, HasSubstr("broke TLS: bad extension"));
}

TEST(PlayerTls, SaysNothingToWhomItDoesNotTrust) {
  auto facts = facts_of("1.3", "");
  facts.distrust = "self-signed certificate";
  const auto result = play_secured("connect sni=\"\"\n> request\n< upgrade\n", facts);
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.reason, HasSubstr("self-signed certificate"));
}

TEST(PlayerTls, TellsTheEndsApart) {
  const std::string wants = "connect\n> eof\neither\n< eof has close_notify\nor weak\n< gone\nend\n";
  EXPECT_EQ(play_secured(wants, facts_of("1.3", ""), End::fin).verdict, Verdict::pass);
  EXPECT_EQ(play_secured(wants, facts_of("1.3", ""), End::truncated).verdict, Verdict::weak);
  EXPECT_EQ(
      play_secured("connect\n> eof\n< eof lacks close_notify\n", facts_of("1.3", ""), End::truncated).verdict,
      Verdict::pass);
}

/// What is made of a series of which these messages come, and then silence.
CaseResult series_of(const std::string& line, std::initializer_list<const char*> come, Profile profile = {}) {
  Target target;
  target.reply = [&](BytesView) {
    Bytes out;
    for (const char* one : come) out += text(one);
    return out;
  };
  return play("open\n> text \"go\"\n" + line + "\n", target, "covers rfc6455-6.2-1\n", profile).result;
}

TEST(Series, IsMetByAllInOrder) {
  EXPECT_EQ(series_of("< series \"a \" $n count=3", {"a 0", "a 1", "a 2"}).verdict, Verdict::pass);
}

TEST(Series, TellsGapsCopiesAndOrderInOneReason) {
  const auto result = series_of("< series \"a \" $n count=6", {"a 0", "a 4", "a 1", "a 4"});
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.reason,
            "of 6 messages 3 are missing (2 to 3, 5), 1 came again (4), 1 came behind a later one (1)");
}

TEST(Series, LimitsLiftWhatTheyName) {
  const auto come = {"a 0", "a 2", "a 1", "a 1"};
  EXPECT_EQ(series_of("< series \"a \" $n count=4 lost=1 repeated=1 reordered=1", come).verdict,
            Verdict::pass);
  EXPECT_EQ(series_of("< series \"a \" $n count=4 lost=any repeated=any reordered=0", come).reason,
            "of 4 messages 1 came behind a later one (1)");
}

TEST(Series, SeveralComeByTurns) {
  EXPECT_EQ(series_of("< series \"a \" $n count=2\n< series \"b \" $n count=2", {"b 0", "a 0", "b 1", "a 1"})
                .verdict,
            Verdict::pass);
  EXPECT_EQ(series_of("< series \"a \" $n count=2\n< series \"b \" $n count=2", {"b 0", "a 0", "a 1"}).reason,
            "of 2 messages 1 is missing (1)");
}

TEST(Series, IsEndedByWhatBelongsToNone) {
  const auto result = series_of("< series \"a \" $n count=3", {"a 0", "go"});
  EXPECT_EQ(result.reason,
            "of 3 messages 2 are missing (1 to 2); then a text message of 2 octets, \"go\", came");
}

TEST(Series, AKindIsPartOfIt) {
  EXPECT_EQ(series_of("< series binary \"a \" $n count=1", {"a 0"}).verdict, Verdict::fail);
}

TEST(Series, TakesItsLimitsFromWhatIsDeclared) {
  Profile profile;
  profile.rooms = Rooms{};
  profile.rooms->delivery = Delivery::at_least_once;
  EXPECT_EQ(series_of("< series \"a \" $n count=2", {"a 0", "a 0", "a 1"}, profile).verdict, Verdict::pass);
  profile.rooms->delivery = Delivery::at_most_once;
  EXPECT_EQ(series_of("< series \"a \" $n count=2", {"a 0", "a 0", "a 1"}, profile).verdict, Verdict::fail);
  EXPECT_EQ(series_of("< series \"a \" $n count=2", {"a 1"}, profile).verdict, Verdict::pass);
  profile.rooms->order = Order::none;
  EXPECT_EQ(series_of("< series \"a \" $n count=2", {"a 1", "a 0"}, profile).verdict, Verdict::pass);
}

TEST(Rooms, AreSkippedWithWordsOnWhatToDeclare) {
  Case script;
  script.needs = {"fanout"};
  Profile profile;
  EXPECT_THAT(Player::reason_to_skip(script, profile), HasSubstr("--fanout others or all"));
  profile.rooms = Rooms{};
  EXPECT_EQ(Player::reason_to_skip(script, profile), "");
  script.needs = {"fanout-all"};
  EXPECT_THAT(Player::reason_to_skip(script, profile), HasSubstr("--fanout all"));
  script.needs = {"rooms"};
  EXPECT_THAT(Player::reason_to_skip(script, profile), HasSubstr("--dialect"));
}

}  // namespace
}  // namespace wsspec::player_test
