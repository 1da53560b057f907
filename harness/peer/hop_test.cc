#include "peer/hop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peer/edits.h"
#include "peer/hop_play.h"

namespace wsspec::hop_test {
namespace {

using namespace scripted;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const Bytes kAnswer101 =
    "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

/// A client and a server with a tunnel between them; what both were sent so far is taken away.
class Tunnel : public HopPlay {
 public:
  explicit Tunnel(const HopOptions& options = {}) : HopPlay(options) {
    say(C0, request());
    say(S0, kAnswer101);
    front_ = octets(C0).size();
    back_ = octets(S0).size();
  }
  Bytes down() { return octets(C0).substr(front_); }
  Bytes up() { return octets(S0).substr(back_); }

 private:
  std::size_t front_ = 0, back_ = 0;
};

Bytes get(const std::string& more = {}, const std::string& start = "GET / HTTP/1.1") {
  return start + "\r\nHost: h\r\n" + more + "\r\n";
}
/// What the server is sent for one request.
Bytes forwarded(const Bytes& head) {
  HopPlay play;
  play.say(C0, head);
  return play.octets(S0);
}
/// What the client is sent for an upgrade that is answered so.
Bytes returned(const Bytes& answer) {
  HopPlay play;
  play.say(C0, request());
  play.say(S0, answer);
  return play.octets(C0);
}

TEST(HopRequest, KeepsLineAndFieldsAndWritesTheHopsOwnAnew) {
  EXPECT_EQ(
      forwarded("GET /a%2fb//c?d= HTTP/1.1\r\nhost: h\r\nConnection: keep-alive, UPGRADE, X-Hop\r\n"
                "X-A: 1\r\nx-hop: 2\r\nUpgrade: h2c, WebSocket\r\nKeep-Alive: 5\r\nX-B:\t3 \r\nX-A: 4\r\n"
                "Via: 1.1 a\r\nTE: gzip\r\nProxy-Connection: x\r\n\r\n"),
      "GET /a%2fb//c?d= HTTP/1.1\r\nhost: h\r\nX-A: 1\r\nX-B: 3\r\nX-A: 4\r\nVia: 1.1 a\r\n"
      "Connection: Upgrade\r\nUpgrade: WebSocket\r\nVia: 1.1 hop\r\n\r\n");
}

TEST(HopRequest, PassesNoUpgradeThatDoesNotCount) {
  for (const Bytes& head : {get("Upgrade: websocket\r\n"), get("Connection: Upgrade\r\n"),
                            get("Connection: Upgrade\r\nUpgrade: h2c\r\n"),
                            get("Connection: Upgrade\r\nUpgrade: websocket\r\n", "GET / HTTP/1.0")}) {
    EXPECT_THAT(forwarded(head), AllOf(StartsWith("GET / HTTP/1.1\r\n"), Not(HasSubstr("Upgrade")),
                                       HasSubstr("Connection: close\r\n")));
  }
}

TEST(HopRequest, TakesTheHostOfAnAbsoluteTarget) {
  EXPECT_THAT(forwarded(get({}, "GET http://other:8080/a?b HTTP/1.1")),
              StartsWith("GET http://other:8080/a?b HTTP/1.1\r\nHost: other:8080\r\n"));
  EXPECT_THAT(forwarded(get({}, "GET /?u=http://other/ HTTP/1.1")), HasSubstr("Host: h\r\n"));
}

TEST(HopRequest, RefusesWhatIsNoHttp) {
  const auto status = [](const Bytes& head) {
    HopPlay play;
    play.say(C0, head);
    EXPECT_EQ(play.dialed(), 0u);
    EXPECT_EQ(play.ending(C0), "half-close@0");
    return play.octets(C0).substr(0, 12);
  };
  for (const char* bad : {"\x16\x03\x01\x02", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
                          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"})
    EXPECT_EQ(status(bad), "HTTP/1.1 400");
  for (const char* field : {"A : b\r\n", "A: b\r\n c\r\n", "A: b\rc\r\n", "A: b\n", "nonsense\r\n",
                            "Content-Length: 1\r\nContent-Length: 2\r\n",
                            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Content-Length: x\r\n"})
    EXPECT_EQ(status(get(field)), "HTTP/1.1 400") << field;
  EXPECT_EQ(status(get(std::string("A: b\0c\r\n", 8))), "HTTP/1.1 400");
  EXPECT_EQ(status(get({}, "GET / HTTP/2.0")), "HTTP/1.1 505");
  EXPECT_EQ(status(get({}, "CONNECT h:1 HTTP/1.1")), "HTTP/1.1 501");
  EXPECT_EQ(status(get("Transfer-Encoding: gzip\r\n")), "HTTP/1.1 501");
  EXPECT_EQ(status(get("A: " + Bytes(70'000, 'a'))), "HTTP/1.1 431");
}

TEST(HopRequest, PassesABodyOnExactly) {
  HopPlay counted;
  counted.say(C0, get("Content-Length: 5\r\n", "POST / HTTP/1.1") + "ab");
  counted.say(C0, "cdeGET");
  EXPECT_THAT(counted.octets(S0), AllOf(HasSubstr("Content-Length: 5\r\n"), EndsWith("\r\n\r\nabcde")));
  HopPlay chunked;
  chunked.say(C0, get("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.1") + "3;x\r\nabc\r\n0\r\n");
  chunked.say(C0, "\r\nGET");
  EXPECT_THAT(chunked.octets(S0), AllOf(HasSubstr("Transfer-Encoding: chunked\r\n"),
                                        EndsWith("\r\n\r\n3;x\r\nabc\r\n0\r\n\r\n")));
}

TEST(HopRequest, ComesInAnyPieces) {
  for (const std::size_t count : {1, 2, 7}) {
    HopPlay play;
    play.say_in_pieces(C0, request() + "early", count);
    play.say_in_pieces(S0, kAnswer101 + "behind", count);
    HopPlay whole;
    whole.say(C0, request() + "early");
    whole.say(S0, kAnswer101 + "behind");
    EXPECT_EQ(play.log(), whole.log());
    EXPECT_THAT(play.octets(S0), EndsWith("\r\n\r\nearly"));
    EXPECT_THAT(play.octets(C0), EndsWith("\r\n\r\nbehind"));
  }
}

TEST(HopRequest, OctetsBehindItWaitForTheAnswer) {
  HopPlay play;
  play.say(C0, request() + get({}, "GET /second HTTP/1.1"));
  EXPECT_THAT(play.octets(S0), Not(HasSubstr("second")));
  play.say(S0, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno");
  EXPECT_THAT(play.octets(C0), EndsWith("\r\n\r\nno"));
  EXPECT_EQ(play.ending(S0), "half-close@0");
  EXPECT_THAT(play.octets(S1), StartsWith("GET /second HTTP/1.1\r\n"));
  play.say(S1, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
  EXPECT_THAT(play.octets(C0), EndsWith("\r\n\r\nyes"));
  EXPECT_EQ(play.ending(C0), "");
}

TEST(HopRequest, EarlyFramesOfARefusedUpgradeAreARequestThatIsNone) {
  HopPlay play;
  play.say(C0, request() + text("early"));
  play.say(S0, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(play.octets(C0), AllOf(StartsWith("HTTP/1.1 403 "), HasSubstr("HTTP/1.1 400 ")));
  EXPECT_EQ(play.dialed(), 1u);
}

TEST(HopAnswer, ReturnsThe101AsItIs) {
  EXPECT_EQ(
      returned("HTTP/1.1 101 Now\r\nSet-Cookie: a=1\r\nUPGRADE: websocket\r\nConnection: upgrade, X\r\n"
               "Set-Cookie: b=2\r\nSec-WebSocket-Accept: wrong\r\nX: y\r\nContent-Length: 7\r\n\r\nframes"),
      "HTTP/1.1 101 Now\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nSec-WebSocket-Accept: wrong\r\n"
      "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\nframes");
}

TEST(HopAnswer, LosesABlankBeforeAColon) {
  EXPECT_EQ(returned("HTTP/1.1 204 No Content\r\nA : b\r\n\r\n"), "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n");
}

TEST(HopAnswer, PassesInterimOnesOn) {
  const Bytes early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  EXPECT_THAT(returned(early + early + kAnswer101 + "x"),
              AllOf(StartsWith(early + early + "HTTP/1.1 101 "), EndsWith("\r\n\r\nx")));
  HopPlay old;
  old.say(C0, get({}, "GET / HTTP/1.0"));
  old.say(S0, early + "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(old.octets(C0), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(HopAnswer, RefusesWhatItCannotPassOn) {
  for (const char* bad : {"noise", "HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n",
                          "HTTP/1.0 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                          "HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                          "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"})
    EXPECT_EQ(returned(bad),
              "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: 16\r\n\r\n502 Bad "
              "Gateway\n");
  HopPlay unasked;
  unasked.say(C0, get());
  unasked.say(S0, kAnswer101 + "frames");
  EXPECT_THAT(unasked.octets(C0), AllOf(StartsWith("HTTP/1.1 502 "), Not(HasSubstr("frames"))));
}

TEST(HopAnswer, ReturnsARefusalWithAllItsFieldsAndItsBody) {
  EXPECT_EQ(returned("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Version: 8\r\nContent-Length: 3\r\n\r\nold"),
            "HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n"
            "Content-Length: 3\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nold");
  const Bytes chunked =
      "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Digest a=\"b, c\"\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n";
  EXPECT_EQ(returned(chunked), chunked);
}

TEST(HopAnswer, ABodyUntilTheEndEndsTheClientsConnection) {
  HopPlay play;
  play.say(C0, request());
  play.say(S0, "HTTP/1.1 403 Forbidden\r\n\r\nno");
  play.say(S0, "ne");
  EXPECT_EQ(play.ending(C0), "");
  play.end(S0);
  EXPECT_EQ(play.octets(C0), "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\nnone");
  EXPECT_EQ(play.ending(C0), "half-close@0");
  EXPECT_EQ(play.ending(S0), "close@0");
}

TEST(HopAnswer, ABodyCutShortEndsTheClientsConnection) {
  for (const End::Way how : {End::fin, End::reset}) {
    HopPlay play;
    play.say(C0, request());
    play.say(S0, "HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nno");
    play.end(S0, how);
    EXPECT_THAT(play.octets(C0), EndsWith("\r\n\r\nno"));
    EXPECT_EQ(play.ending(C0), how == End::fin ? "half-close@0" : "reset@0");
  }
}

TEST(HopAnswer, OneOfItsOwnForWhatTheServerFailsToGive) {
  HopPlay refused;
  refused.refuse();
  refused.say(C0, request());
  EXPECT_THAT(refused.octets(C0), AllOf(StartsWith("HTTP/1.1 502 "), HasSubstr("Content-Length: 16\r\n")));
  for (const End::Way how : {End::fin, End::reset}) {
    HopPlay lost;
    lost.say(C0, request());
    lost.say(S0, kAnswer101.substr(0, 40));
    lost.end(S0, how);
    EXPECT_THAT(lost.octets(C0), StartsWith("HTTP/1.1 502 "));
    lost.say(C0, request());
    EXPECT_EQ(lost.dialed(), 2u);
  }
  HopPlay late;
  late.say(C0, request());
  late.pass(seconds(59));
  EXPECT_EQ(late.octets(C0), "");
  late.pass(seconds(1));
  EXPECT_THAT(late.octets(C0), StartsWith("HTTP/1.1 504 "));
  EXPECT_EQ(late.ending(S0), "half-close@60000");
}

TEST(HopAnswer, TellsOfARequestThatDoesNotCome) {
  HopPlay play;
  play.pass(seconds(100));
  EXPECT_EQ(play.log(), "");
  play.say(C0, "GET / HTTP/1.1\r\n");
  play.pass(seconds(60));
  EXPECT_THAT(play.octets(C0), StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(play.ending(C0), "half-close@160000");
}

TEST(HopAnswer, ToAHeadRequestHasNoBody) {
  HopPlay play;
  play.say(C0, get({}, "HEAD / HTTP/1.1") + get());
  play.say(S0, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(play.octets(C0), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(play.dialed(), 2u);
}

TEST(HopAnswer, IsTheLastOneForWhoAsksForThat) {
  for (const Bytes& head : {get("Connection: close\r\n"), get({}, "GET / HTTP/1.0")}) {
    HopPlay play;
    play.say(C0, head);
    play.say(S0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    EXPECT_EQ(play.octets(C0), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    EXPECT_EQ(play.ending(C0), "half-close@0");
    play.end(C0);
    EXPECT_EQ(play.ending(C0), "half-close@0 close@0");
  }
}

TEST(HopEnds, InTheHeadPhaseReachTheOtherSide) {
  HopPlay idle;
  idle.say(C0, "GET / HT");
  idle.end(C0);
  EXPECT_EQ(idle.ending(C0), "close@0");
  HopPlay reset;
  reset.say(C0, request());
  reset.end(C0, End::reset);
  EXPECT_EQ(reset.ending(S0), "reset@0");
  HopPlay fin;
  fin.say(C0, request());
  fin.end(C0);
  EXPECT_EQ(fin.ending(S0), "");
  fin.pass(seconds(10));
  EXPECT_EQ(fin.ending(S0), "half-close@10000");
  EXPECT_THAT(fin.octets(C0), StartsWith("HTTP/1.1 504 "));
  EXPECT_EQ(fin.ending(C0), "close@10000");
}

TEST(HopEnds, AClientThatHasEndedItsSideStillGetsItsTunnel) {
  HopPlay play;
  play.say(C0, request() + "early");
  play.end(C0);
  play.say(S0, kAnswer101 + "behind");
  EXPECT_THAT(play.octets(S0), EndsWith("early"));
  EXPECT_EQ(play.ending(S0), "half-close@0");
  EXPECT_THAT(play.octets(C0), EndsWith("behind"));
  play.end(S0);
  EXPECT_EQ(play.ending(S0), "half-close@0 close@0");
  EXPECT_EQ(play.ending(C0), "close@0");
}

TEST(HopTunnel, PassesEveryOctetAtOnce) {
  Tunnel play;
  Bytes all;
  for (int i = 0; i < 256; ++i) {
    play.say(C0, Bytes(1, static_cast<char>(i)));
    play.say(S0, Bytes(1, static_cast<char>(255 - i)));
    all += static_cast<char>(i);
    EXPECT_EQ(play.up(), all);
    EXPECT_EQ(play.down().size(), all.size());
  }
  const Bytes much(3 << 20, 'm');
  play.say(S0, much);
  EXPECT_EQ(play.down().substr(256), much);
}

TEST(HopTunnel, PassesEachSidesEndBehindItsOctets) {
  for (const auto& [ends, hears] : {std::pair{C0, S0}, std::pair{S0, C0}}) {
    Tunnel play;
    play.deafen(hears);
    play.say(ends, "last words");
    play.end(ends);
    EXPECT_EQ(play.ending(hears), "");
    play.deafen(hears, false);
    EXPECT_THAT(play.octets(hears), EndsWith("last words"));
    EXPECT_EQ(play.ending(hears), "half-close@0");
    play.say(hears, "answer");
    EXPECT_THAT(play.octets(ends), EndsWith("answer"));
    EXPECT_EQ(play.ending(ends), "");
    play.end(hears);
    EXPECT_EQ(play.ending(hears), "half-close@0 close@0");
    EXPECT_EQ(play.ending(ends), "close@0");
  }
}

TEST(HopTunnel, PassesAResetOnAtOnce) {
  for (const auto& [ends, hears] : {std::pair{C0, S0}, std::pair{S0, C0}}) {
    Tunnel play;
    play.end(ends, End::reset);
    EXPECT_EQ(play.ending(hears), "reset@0");
    EXPECT_EQ(play.ending(ends), "close@0");
  }
}

TEST(HopTunnel, DoesNotReadWhatTheOtherSideDoesNotFetch) {
  for (const auto& [says, hears] : {std::pair{C0, S0}, std::pair{S0, C0}}) {
    Tunnel play;
    play.deafen(hears);
    play.say(says, Bytes(64 * 1024, 'a'));
    EXPECT_TRUE(play.reads(says));
    play.say(says, "b");
    EXPECT_FALSE(play.reads(says));
    play.say(hears, "the other way is free");
    EXPECT_THAT(play.octets(says), EndsWith("the other way is free"));
    play.deafen(hears, false);
    EXPECT_TRUE(play.reads(says));
    EXPECT_THAT(play.octets(hears), EndsWith("aab"));
  }
}

TEST(HopTunnel, ReadsNoMoreThanItKeepsAheadOfTheAnswer) {
  HopPlay play;
  play.say(C0, request() + Bytes(64 * 1024 + 1, 'e'));
  EXPECT_FALSE(play.reads(C0));
  play.say(S0, kAnswer101);
  EXPECT_TRUE(play.reads(C0));
  EXPECT_THAT(play.octets(S0), EndsWith(Bytes(64 * 1024 + 1, 'e')));
}

TEST(HopTunnel, EachClientHasItsOwn) {
  HopPlay play;
  for (const Place client : {C0, C1, C2}) play.say(client, request());
  for (const Place server : {S2, S0, S1})
    play.say(server, kAnswer101 + "to " + std::to_string(server.number));
  for (const auto& [client, server] : {std::pair{C0, S0}, std::pair{C1, S1}, std::pair{C2, S2}}) {
    EXPECT_THAT(play.octets(client), EndsWith("to " + std::to_string(client.number)));
    play.say(client, "from " + std::to_string(client.number));
    EXPECT_THAT(play.octets(server), EndsWith("from " + std::to_string(client.number)));
  }
  play.end(C1, End::reset);
  play.say(C2, "still here");
  EXPECT_THAT(play.octets(S2), EndsWith("still here"));
}

TEST(HopPool, AConnectionAtRestServesWhoeverAsksNextAndOnlyHim) {
  HopPlay play(HopOptions{{}, {"hop-pools-back"}});
  const std::string refusal = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n";
  play.say(C0, request());
  play.say(S0, refusal);
  play.say(C1, request());
  EXPECT_EQ(play.dialed(), 1u);
  play.say(C0, request());  // Nothing is at rest now.
  EXPECT_EQ(play.dialed(), 2u);
  play.say(S0, kAnswer101 + "to 1");
  play.say(S1, kAnswer101 + "to 0");
  EXPECT_THAT(play.octets(C1), EndsWith("to 1"));
  EXPECT_THAT(play.octets(C0), EndsWith("to 0"));
}

TEST(HopPool, AConnectionThatTheServerEndedServesNobody) {
  HopPlay play(HopOptions{{}, {"hop-pools-back"}});
  play.say(C0, request());
  play.say(S0, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
  play.end(S0);
  play.say(C1, request());
  EXPECT_EQ(play.dialed(), 2u);
  EXPECT_THAT(play.ending(S0), EndsWith("close@0"));
}

TEST(HopMake, NamesTheNearestNameForAnUnknownOne) {
  EXPECT_EQ(Hop::make({{"no-such"}, {}}).error().what, "unknown defect 'no-such'");
  EXPECT_EQ(Hop::make({{}, {"no-such"}}).error().what, "unknown liberty 'no-such'");
}

}  // namespace
}  // namespace wsspec::hop_test
