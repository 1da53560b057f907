// Both roles of the player, against each other: a case that plays the client talks with one that plays the
// server, so that each rule of one end is seen by the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "play/opening.h"
#include "play/player.h"
#include "protocol/http.h"
#include "script/check.h"

namespace wsspec::roles_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

Case one_case(const std::string& text) {
  const Source source{"t.wire", "wire 1\ncase t.one\n" + text};
  Loaded loaded = load({&source, 1});
  for (const auto& error : loaded.errors) ADD_FAILURE() << render(error);
  return loaded.cases.at(0);
}

enum class Wire { octets, fields };

/// What one end still has to be told.
struct Side {
  Endpoint& end;
  std::vector<Head> heads;
  Bytes octets;
  bool ends = false, told = false, over = false;
  Instant until{};
};

// Moves what `from` sends to `to`, until it waits.
void drain(Side& from, Side& to, Wire wire, Instant now) {
  while (!from.over) {
    const Action action = from.end.next(now);
    from.until = action.until;
    if (action.kind == Action::Kind::wait) return;
    if (action.kind == Action::Kind::send) {
      BytesView rest = action.bytes;
      if (wire == Wire::fields && action.head) {
        to.heads.push_back(*action.head);
        rest.remove_prefix(action.head_octets);
      }
      to.octets += rest;
      continue;
    }
    to.ends = true;
    from.over = action.kind != Action::Kind::half_close;
  }
}

void hand_over(Side& side, Instant now) {
  for (const Head& head : std::exchange(side.heads, {})) side.end.received_head(head, now);
  Bytes octets = std::exchange(side.octets, {});
  if (!octets.empty()) side.end.received({octets.data(), octets.size()}, now);
  if (side.ends && !std::exchange(side.told, true)) side.end.ended(End::fin, now);
}

struct Results {
  CaseResult client, server;  ///< Of the case that plays the client, the server.
};

Results play_both(const std::string& as_client, const std::string& as_server, Wire wire = Wire::octets) {
  const Case client_case = one_case(as_client), server_case = one_case("  target client\n" + as_server);
  const Profile server_profile;
  Profile client_profile;
  client_profile.tested = Target::client;
  Player client(client_case, server_profile, {}), server(server_case, client_profile, {});
  Side a{client.end(), {}, {}}, b{server.end(), {}, {}};
  Instant now{};
  for (int i = 0; i < 10'000 && !(client.done() && server.done()); ++i) {
    drain(a, b, wire, now);
    drain(b, a, wire, now);
    const bool moved = !a.octets.empty() || !a.heads.empty() || (a.ends && !a.told) || !b.octets.empty() ||
                       !b.heads.empty() || (b.ends && !b.told);
    now = moved ? now + 1ms : std::max(now + 1ms, std::min(a.until, b.until));
    hand_over(a, now);
    hand_over(b, now);
  }
  EXPECT_TRUE(client.done() && server.done());
  return {client.take_result(), server.take_result()};
}

void expect_pass(const Results& results) {
  EXPECT_EQ(results.client.verdict, Verdict::pass) << results.client.reason;
  EXPECT_EQ(results.server.verdict, Verdict::pass) << results.server.reason;
}

class BothWires : public testing::TestWithParam<Wire> {};
INSTANTIATE_TEST_SUITE_P(Roles, BothWires, testing::Values(Wire::octets, Wire::fields));

TEST_P(BothWires, ServerEchoesAndClientEnds) {
  expect_pass(play_both("  open\n  > text \"hello\"\n  < text \"hello\"\n  finish\n",
                        "  open\n  < text \"hello\"\n  > text \"hello\"\n  < close 1000\n  > close 1000\n",
                        GetParam()));
}

TEST_P(BothWires, TheServerMayEndFirst) {
  expect_pass(
      play_both("  open\n  < close 1000\n  > close 1000\n  < eof\n", "  open\n  finish\n", GetParam()));
}

TEST_P(BothWires, RequestAndUpgradeArePlayedAndJudged) {
  expect_pass(play_both("  > request set Origin \"http://a\"\n  < upgrade has X-Own \"yes\"\n  finish\n",
                        "  < request has Origin \"http://a\" lacks Cookie\n  > upgrade set X-Own \"yes\"\n"
                        "  < close 1000\n  > close 1000\n",
                        GetParam()));
}

TEST_P(BothWires, FramesBehindTheReplyInOneWrite) {
  expect_pass(play_both("  open\n  < ping \"early\"\n  > pong \"early\"\n  finish\n",
                        "  < request\n  burst\n    > upgrade\n    > ping \"early\"\n  end\n"
                        "  < pong \"early\"\n  < close 1000\n  > close 1000\n",
                        GetParam()));
}

TEST_P(BothWires, CompressionIsAgreedUponByBoth) {
  const std::string offer = "\"permessage-deflate; client_no_context_takeover\"";
  expect_pass(play_both(
      "  open offer=" + offer + "\n  > text rsv=4 deflate(\"aaaaaaaa\")\n  < text \"bbbbbbbb\"\n  finish\n",
      "  < request\n  > upgrade set Sec-WebSocket-Extensions " + offer +
          "\n  < text \"aaaaaaaa\"\n  > text rsv=4 deflate(\"bbbbbbbb\")\n  < close 1000\n"
          "  > close 1000\n",
      GetParam()));
}

TEST_P(BothWires, ARefusalThenAnotherRequestOnTheConnection) {
  expect_pass(play_both("  > request\n  < refused 401\n  > request\n  < upgrade\n  finish\n",
                        "  < request\n  > response 401 set WWW-Authenticate \"Basic\"\n  < request\n"
                        "  > upgrade\n  < close 1000\n  > close 1000\n",
                        GetParam()));
}

TEST(Roles, AServersFramesAreNotMaskedAndAClientsAre) {
  const auto results = play_both("  open\n  < fail 1002\n", "  open\n  > text mask=bad \"x\"\n  < gone\n");
  EXPECT_EQ(results.client.requirement, "rfc6455-5.1-4");
  const auto other = play_both("  open\n  > text mask=bad \"x\"\n  < gone\n", "  open\n  < text \"x\"\n");
  EXPECT_EQ(other.server.requirement, "rfc6455-5.1-1");
  EXPECT_THAT(other.server.reason, HasSubstr("an unmasked frame"));
}

TEST(Roles, AWrongRequestFailsTheClient) {
  const auto results = play_both("  > request set Sec-WebSocket-Version \"12\"\n  < upgrade\n  finish\n",
                                 "  < request\n  > upgrade\n  < close\n");
  EXPECT_EQ(results.server.verdict, Verdict::fail);
  EXPECT_THAT(results.server.reason, HasSubstr("its opening request is wrong"));
  EXPECT_FALSE(results.server.requirement.empty());
}

TEST(Roles, AConditionOnTheRequestIsJudged) {
  const auto results =
      play_both("  open\n  finish\n", "  < request has Origin\n  > upgrade\n  < close\n  > close 1000\n");
  EXPECT_EQ(results.server.verdict, Verdict::fail);
  EXPECT_EQ(results.server.reason, "the request lacks a Origin field");
}

TEST(Roles, AReplyWrittenOctetByOctetIsUnderstood) {
  expect_pass(play_both("  > request\n  < refused 403\n",
                        "  < request\n  > head \"HTTP/1.1 403 Forbidden\" \"Content-Length: 0\"\n  < eof\n"));
}

// A client that takes what it should not take is played by one that gets the right answer.
const char* const kTaken = "  < request\n  > upgrade\n  > ping \"probe\"\n  < refused\n";

TEST(Roles, AClientThatEndsTcpHasRefused) {
  expect_pass(play_both("  > request\n  < refused 404\n", "  < request\n  > response 404\n  < refused\n"));
}

TEST(Roles, AClientThatUsesTheConnectionHasNotRefused) {
  for (const char* use : {"  < close\n", "  mute\n  > text \"own words\"\n  < close\n",
                          "  mute\n  > ping \"x\"\n  < close\n"}) {
    const auto taken = play_both(std::string("  > request\n  < upgrade\n") + use, kTaken).server;
    EXPECT_EQ(taken.verdict, Verdict::fail) << use;
    EXPECT_THAT(taken.reason, HasSubstr("it took our answer for a success")) << use;
  }
}

TEST(Roles, ACloseInPlaceOfTheEndIsPoorer) {
  const auto results = play_both("  mute\n  > request\n  < upgrade\n  > close 1002\n  < close\n",
                                 "  < request\n  > upgrade\n  < refused\n");
  EXPECT_EQ(results.server.verdict, Verdict::weak) << results.server.reason;
}

TEST(Roles, WhatAClientSendsAheadOfTheAnswerIsAFault) {
  const auto early = play_both("  > request\n  > text \"x\"\n  < gone\n", "  < request\n  quiet 1s\n").server;
  EXPECT_EQ(early.requirement, "rfc6455-4.1-37") << early.reason;
  const auto refused = play_both("  > request\n  < refused 404\n  > ping \"x\"\n  < gone\n",
                                 "  < request\n  > response 404\n  quiet 1s\n")
                           .server;
  EXPECT_EQ(refused.requirement, "rfc6455-4.1-39") << refused.reason;
}

TEST(Roles, TheAcceptOfARequestCanBeComputed) {
  expect_pass(
      play_both("  let guid = \"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\"\n  > request\n"
                "  < upgrade has Sec-WebSocket-Accept base64(sha1($key $guid))\n  finish\n",
                "  let guid = \"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\"\n  < request\n"
                "  > upgrade set Sec-WebSocket-Accept base64(sha1($key $guid))\n  < close 1000\n"
                "  > close 1000\n"));
}

TEST(Roles, TheLastOfTheSubprotocolsAskedForCanBeChosen) {
  expect_pass(
      play_both("  > request set Sec-WebSocket-Protocol \"a, b , last\"\n"
                "  < upgrade has Sec-WebSocket-Protocol \"last\"\n  finish\n",
                "  < request\n  > upgrade set Sec-WebSocket-Protocol $asked-protocol\n  < close 1000\n"
                "  > close 1000\n"));
}

TEST(Roles, AnAnswerWrittenByHandChoosesASubprotocolWhereOneIsAskedFor) {
  const std::string answer =
      "  < request\n  > head \"HTTP/1.1 101 a\" \"Upgrade: websocket\" \"Connection: Upgrade\" "
      "($protocol-field "
      "\"Sec-WebSocket-Accept: \" base64(sha1($key \"258EAFA5-E914-47DA-95CA-C5AB0DC85B11\")))\n"
      "  < close 1000\n  > close 1000\n";
  expect_pass(
      play_both("  > request set Sec-WebSocket-Protocol \"a, b\"\n"
                "  < upgrade has Sec-WebSocket-Protocol \"a\"\n  finish\n",
                answer));
  expect_pass(play_both("  > request\n  < upgrade lacks Sec-WebSocket-Protocol\n  finish\n", answer));
}

TEST(Roles, AConditionMayBeAboutTheLineOfARequest) {
  const auto form = [](const std::string& path, const std::string& method, const std::string& wanted) {
    expect_pass(play_both("  > request method \"" + method + "\" path \"" + path + "\"\n  < refused 403\n",
                          "  < request has request-method \"" + method + "\" has request-form \"" + wanted +
                              "\" lacks request-method \"OTHER\"\n  > response 403\n"));
  };
  form("a.example:80", "CONNECT", "authority");
  form("/a", "GET", "origin");
  form("http://a.example/a", "GET", "absolute");
}

TEST(Roles, AClientCanBeSentToAnotherOriginOfOurs) {
  expect_pass(
      play_both("  > request set Host \"127.0.0.1:9001\"\n"
                "  < refused 302 has Location \"ws://localhost:9001\" has X-Host \"127.0.0.1:9001\"\n",
                "  < request\n  > response 302 set Location $elsewhere set X-Host $asked-host\n"));
  expect_pass(
      play_both("  > request set Host \"localhost\"\n  < refused 302 has Location \"ws://127.0.0.1\"\n",
                "  < request\n  > response 302 set Location $elsewhere\n"));
}

TEST(Roles, ParametersOfAnOfferAreConditions) {
  const std::string ask =
      "  > request set Sec-WebSocket-Extensions \"permessage-deflate; client_max_window_bits=10\"\n"
      "  < upgrade\n  finish\n";
  const std::string answer = "  > upgrade\n  < close 1000\n  > close 1000\n";
  expect_pass(
      play_both(ask, "  < request has Sec-WebSocket-Extensions \"client_max_window_bits\"\n" + answer));
  expect_pass(
      play_both(ask, "  < request lacks Sec-WebSocket-Extensions \"server_max_window_bits\"\n" + answer));
}

TEST(Roles, ARequestIsJudgedWhereTheCaseIsAboutIt) {
  const std::string ask = "  > request set Sec-WebSocket-Version \"12\"\n  < upgrade\n  finish\n";
  const std::string answer = "  < request\n  > upgrade\n  < close\n  > close 1000\n";
  const auto other = play_both(ask, "  covers rfc6455-5.1-5\n" + answer).server;
  EXPECT_EQ(other.verdict, Verdict::pass) << other.reason;
  EXPECT_THAT(other.notes, ::testing::Contains(HasSubstr("Sec-WebSocket-Version is not 13")));
  EXPECT_EQ(play_both(ask, "  covers rfc6455-4.1-31\n" + answer).server.requirement, "rfc6455-4.1-31");
}

TEST(Roles, MaskingKeysAreJudgedWhereTheCaseIsAboutThem) {
  const std::string ask =
      "  open\n  repeat 9\n    > ping mask=9c01aa40 \"x\"\n  end\n  < pong \"x\"\n  finish\n";
  const std::string answer = "  open\n  < close 1000\n  > close 1000\n";
  EXPECT_EQ(play_both(ask, answer).server.verdict, Verdict::pass);
  EXPECT_EQ(play_both(ask, "  covers rfc6455-5.3-2\n" + answer).server.requirement, "rfc6455-5.3-2");
  const std::string fresh = "  open\n  repeat 9\n    > ping \"x\"\n  end\n  < pong \"x\"\n  finish\n";
  EXPECT_EQ(play_both(fresh, "  covers rfc6455-5.3-2\n" + answer).server.verdict, Verdict::pass);
}

/// A case that plays a server, against one that plays a client and is no subject of the test.
CaseResult judge_client(const std::string& as_server, const std::string& as_client) {
  return play_both(as_client, as_server).server;
}

TEST(Roles, AClientThatInsistsOnASubprotocolIsNotBlamed) {
  const std::string no_choice =
      "  < request\n  > head \"HTTP/1.1 101 x\" \"Upgrade: websocket\" \"Connection: Upgrade\"\n"
      "  > ping \"probe\"\n  < pong \"probe\"\n";
  const auto result =
      judge_client(no_choice, "  > request set Sec-WebSocket-Protocol \"chat\"\n  > eof\n  < gone\n");
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_THAT(result.reason, HasSubstr("insist on one of its subprotocols"));
  EXPECT_EQ(judge_client(no_choice, "  > request\n  > eof\n  < gone\n").verdict, Verdict::fail);
}

TEST(Roles, AnAnswerThatTheOfferDoesNotAllowIsNotPlayed) {
  const auto result = judge_client(
      "  < request\n  > upgrade set Sec-WebSocket-Extensions \"permessage-deflate\"\n  > ping \"p\"\n  < "
      "pong \"p\"\n",
      "  open offer=\"permessage-deflate; server_no_context_takeover\"\n  < ping\n  finish\n");
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_THAT(result.reason, HasSubstr("does not allow the answer"));
}

TEST(Roles, LeavingBehindALegalGrantIsPoorOnly) {
  const auto result = judge_client(
      "  covers rfc6455-5.5.2-2\n  < request\n  > upgrade set Sec-WebSocket-Extensions "
      "\"permessage-deflate\"\n"
      "  > ping \"p\"\n  < pong \"p\"\n",
      "  > request set Sec-WebSocket-Extensions \"permessage-deflate\"\n  > eof\n  < gone\n");
  EXPECT_EQ(result.verdict, Verdict::weak);
}

TEST(Roles, AnotherRequestOnTheConnectionEndsTheHandshakeThatWasRefused) {
  const auto result =
      judge_client("  < request\n  > upgrade set Sec-WebSocket-Accept \"wrong\"\n  < refused\n",
                   "  > request\n  pause 20ms\n  > request\n  < gone\n");
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
}

TEST(Roles, ACaseForEitherRoleIsPlayedWithTheRolesTurned) {
  // As a client it would ask the server to compress without context: so the client has to.
  const auto source =
      Source{"t.wire",
             "wire 1\ncase t.one\n  open offer=\"permessage-deflate; server_no_context_takeover\"\n"
             "  > ping \"p\"\n  < pong \"p\"\n  finish\n"};
  const Case neutral = load({&source, 1}).cases.at(0);
  EXPECT_FALSE(neutral.target);
  Head request;
  request.start = "GET / HTTP/1.1";
  request.fields = {{"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"}};
  EXPECT_EQ(turned_grant("permessage-deflate; server_no_context_takeover", request).value(),
            "permessage-deflate; client_no_context_takeover");
  EXPECT_EQ(turned_grant("permessage-deflate; client_no_context_takeover", request).value(),
            "permessage-deflate; server_no_context_takeover");
  EXPECT_EQ(turned_grant("permessage-deflate; server_max_window_bits=9", request).value(),
            "permessage-deflate; client_max_window_bits=9");
  request.fields = {{"Sec-WebSocket-Extensions",
                     "permessage-deflate; server_no_context_takeover; server_max_window_bits=10"}};
  EXPECT_EQ(turned_grant("permessage-deflate; client_max_window_bits=12", request).value(),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=10");
  EXPECT_FALSE(turned_grant("permessage-deflate; server_max_window_bits=9", request));
  request.fields.clear();
  EXPECT_FALSE(turned_grant("permessage-deflate", request));
}

TEST(Roles, EachTargetGetsItsOwnCases) {
  const Case server_case = one_case("  > request\n  < upgrade\n  finish\n"),
             client_case = one_case("  < request\n  > upgrade\n  finish\n"),
             neutral = one_case("  open\n  finish\n");
  Profile server, client;
  client.tested = Target::client;
  EXPECT_EQ(Player::reason_to_skip(server_case, server), "");
  EXPECT_EQ(Player::reason_to_skip(client_case, client), "");
  EXPECT_EQ(Player::reason_to_skip(server_case, client), "it tests servers");
  EXPECT_EQ(Player::reason_to_skip(client_case, server), "it tests clients");
  EXPECT_EQ(Player::reason_to_skip(neutral, server), "");
  EXPECT_EQ(Player::reason_to_skip(neutral, client), "");
}

}  // namespace
}  // namespace wsspec::roles_test
