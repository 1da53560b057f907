// Every defect and every liberty of a hop shows in one of these exchanges.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/hop_play.h"
#include "peer/liberties.h"
#include "protocol/close.h"
#include "protocol/mix.h"
#include "protocol/spec.h"

namespace wsspec::hop_exchanges_test {
namespace {

using namespace scripted;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Bytes kSwitch =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
const Bytes kDeflateField = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

Bytes down_frame(Opcode opcode, BytesView payload, std::uint8_t rsv = 0) {
  return make_frame(opcode, payload, std::nullopt, true, rsv);
}
Bytes up_close(std::uint16_t code, const std::string& reason = {}) {
  return frame(Opcode::close, make_close(code, reason));
}
Bytes down_close(std::uint16_t code) {
  return down_frame(Opcode::close, make_close(code));
}
Bytes upgrade(const std::string& more, const std::string& start = "GET / HTTP/1.1") {
  Bytes head = request(usual_fields(), start);
  return head.insert(head.size() - 2, more);
}

struct HopExchange {
  std::string name;
  std::function<void(HopPlay& play)> play;
  bool names = false;  ///< The server is told of the client.
};
class HopExchanges {
 public:
  /// One request and its answer.
  void answered(const std::string& name, Bytes asked, Bytes answer) {
    add(name, [=](HopPlay& play) {
      play.say(C0, asked);
      if (play.dialed() != 0) play.say(S0, answer);
    });
  }
  /// A request which is answered by 101.
  void asked(const std::string& name, Bytes asked) { answered(name, asked, kSwitch + "\r\n"); }
  void refused(const std::string& name, const Bytes& answer) {
    answered(name, upgrade(""), answer);
    add(name + ", then another", [=](HopPlay& play) {
      play.say(C0, upgrade(""));
      play.say(S0, answer);
      play.say(C0, upgrade(""));
      if (play.dialed() == 2)
        play.say(S1, kSwitch + kDeflateField + "\r\n" + down_frame(Opcode::text, "hello"));
    });
  }
  /// What happens in a tunnel, with an extension and without one.
  void tunnel(const std::string& name, std::function<void(HopPlay& play)> what) {
    for (const bool extension : {false, true}) {
      add(name + (extension ? " with an extension" : ""), [=](HopPlay& play) {
        play.say(C0, upgrade(kDeflateField));
        play.say(S0, kSwitch + (extension ? kDeflateField : "") + "\r\n");
        what(play);
      });
    }
  }
  void up(const std::string& name, const Bytes& octets) {
    tunnel("up: " + name, [=](HopPlay& play) { play.say(C0, octets); });
  }
  void down(const std::string& name, const Bytes& octets) {
    tunnel("down: " + name, [=](HopPlay& play) { play.say(S0, octets); });
  }
  void add(const std::string& name, std::function<void(HopPlay& play)> what) {
    list_.push_back({name, what});
  }
  void named(const std::string& name, std::function<void(HopPlay& play)> what) {
    list_.push_back({name, what, true});
  }
  std::vector<HopExchange> take() { return std::move(list_); }

 private:
  std::vector<HopExchange> list_;
};

void add_requests(HopExchanges& add) {
  add.asked(
      "all fields",
      upgrade("Origin: http://o\r\nCookie: a=b\r\nAuthorization: Basic YTpi\r\nUser_Agent: x\r\n"
              "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: c\r\n" +
              kDeflateField + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n"));
  add.asked("fields that tell of the client",
            upgrade("User-Agent: a/1\r\nAccept-Language: de, en\r\nKeep-Alive: timeout=5\r\n"
                    "Proxy-Connection: keep-alive\r\nTE: gzip\r\nSec-WebSocket-Version: 8\r\n"));
  for (const char* target : {"/a%2fb", "/a//b", "/a/../b", "/a?b=c", "/a?", "/%7Ea", "/a/", "/a;b=c/d"})
    add.asked(target, upgrade("", "GET " + std::string(target) + " HTTP/1.1"));
  add.asked("long target", upgrade("", "GET /" + std::string(3000, 't') + " HTTP/1.1"));
  add.asked("hop fields",
            upgrade("Connection: X-One, X-Two, X-Three\r\nX-One: 1\r\nX-Two: 2\r\nX-Three: 3\r\n"));
  add.asked("two keys", upgrade("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"));
  add.asked("NUL", upgrade(std::string("X-A: b\0c\r\n", 10)));
  add.asked("blank before a colon", upgrade("X-A : b\r\n"));
  add.asked("two hosts", upgrade("Host: other\r\n"));
  add.asked("two lengths", upgrade("Content-Length: 1\r\nContent-Length: 2\r\n"));
  add.asked("no host", "GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  add.asked("20 KiB", upgrade("X-Long: " + std::string(20 << 10, 'x') + "\r\n"));
  add.asked("HTTP/1.0", upgrade("", "GET / HTTP/1.0"));
  add.asked("POST", upgrade("Content-Length: 5\r\n", "POST / HTTP/1.1") + "abcde" + text("early"));
  add.asked("early frames", upgrade("") + text(Bytes(5000, 'e')));
  const Bytes other = "Connection: Upgrade\r\nUpgrade: foo/1\r\n";
  add.answered("other protocol", "GET / HTTP/1.1\r\nHost: h\r\n" + other + "\r\n",
               "HTTP/1.1 101 Now\r\n" + other + "\r\nfoo");
  add.asked("no upgrade", "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
}

void add_second_requests(HopExchanges& add) {
  add.add("a second request", [](HopPlay& play) {
    play.say(C0, upgrade(""));
    play.say(S0, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    play.say(C0, upgrade("Origin: http://o\r\n"));
  });
  add.add("another client's request", [](HopPlay& play) {
    play.say(C0, upgrade(""));
    play.say(S0, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    play.say(C1, upgrade(""));
  });
}

void add_answers(HopExchanges& add) {
  add.answered("full 101", upgrade("Sec-WebSocket-Protocol: a\r\n"),
               kSwitch + "Set-Cookie: a=1\r\nX: y\r\nSet-Cookie: b=2\r\nSec-WebSocket-Protocol: a\r\n" +
                   kDeflateField + "\r\n" + down_frame(Opcode::text, Bytes(120, 'd')));
  const auto broken = [&](const std::string& fields) {
    add.answered(fields, upgrade(""), "HTTP/1.1 101 x\r\n" + fields + "\r\nmore");
  };
  broken("Connection: Upgrade\r\n");
  broken("Connection: Upgrade\r\nUpgrade: foo/1\r\n");
  broken("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n");
  const Bytes hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  const Bytes behind = kSwitch + "\r\n" + down_frame(Opcode::text, "behind");
  add.answered("103", upgrade(""), hint + behind);
  add.answered("103 twice", upgrade(""), hint + hint + behind);
  const Bytes counted = "Content-Length: 6\r\n\r\nnot so";
  add.refused("426",
              "HTTP/1.1 426 No\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n"
              "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
                  counted);
  add.refused("401",
              "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\nWWW-Authenticate: Digest a=\"b\"\r\n" + counted);
  add.refused("302", "HTTP/1.1 302 No\r\nLocation: ws://elsewhere/\r\n" + counted);
  add.refused("503", "HTTP/1.1 503 No\r\nRetry-After: 5\r\n" + counted);
  add.refused("200", "HTTP/1.1 200 OK\r\n" + counted);
  add.refused("chunks", "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  add.refused("long body", "HTTP/1.1 403 No\r\nContent-Length: 5000\r\n\r\n" + Bytes(5000, 'b'));
  add.add("until the end", [](HopPlay& play) {
    play.say(C0, upgrade(""));
    play.say(S0, "HTTP/1.1 403 No\r\n\r\nbody");
    play.end(S0);
  });
  for (const char* method : {"GET", "POST"}) {
    add.add(std::string("lost ") + method, [=](HopPlay& play) {
      play.say(C0, upgrade("", method + std::string(" / HTTP/1.1")));
      play.end(S0);
    });
  }
  add.add("no server", [](HopPlay& play) {
    play.refuse();
    play.say(C0, upgrade(""));
  });
  add.add("silent server", [](HopPlay& play) {
    play.say(C0, upgrade(""));
    play.pass(seconds(70));
  });
}

void add_octets(HopExchanges& add) {
  for (const char* octets : {"a", "line\nline", "two pieces"}) {
    add.up(octets, octets);
    add.down(octets, octets);
  }
  add.up("NUL", std::string("a\0b", 3));
  add.tunnel("pieces", [](HopPlay& play) {
    for (const Place from : {C0, S0}) play.say(from, "one"), play.say(from, "second");
  });
  const Bytes much((1 << 20) + 100, 'm');
  add.up("1 MiB", much);
  add.down("1 MiB", much);
  for (const auto& [says, hears] : {std::pair{C0, S0}, std::pair{S0, C0}}) {
    add.tunnel("not fetched", [=](HopPlay& play) {
      play.deafen(hears);
      play.say(says, Bytes(70'000, 'a'));
    });
  }
  add.add("three clients", [](HopPlay& play) {
    for (const Place client : {C0, C1, C2}) play.say(client, upgrade(""));
    for (const Place server : {S0, S1, S2}) play.say(server, kSwitch + "\r\n");
    for (const Place client : {C0, C1, C2}) play.say(client, text("from " + std::to_string(client.number)));
    for (const Place server : {S0, S1, S2})
      play.say(server, down_frame(Opcode::text, "to " + std::to_string(server.number)));
  });
  add.tunnel("silence", [](HopPlay& play) { play.pass(seconds(70)); });
}

void add_frames(HopExchanges& add) {
  for (const std::size_t size : {0, 5, 125, 300}) {
    const Bytes payload(size, 'p');
    add.up("text", frame(Opcode::text, payload));
    add.down("text", down_frame(Opcode::text, payload));
    if (size > 125) continue;
    for (const Opcode opcode : {Opcode::ping, Opcode::pong}) {
      add.up(opcode_name(static_cast<std::uint8_t>(opcode)), frame(opcode, payload));
      add.down(opcode_name(static_cast<std::uint8_t>(opcode)), down_frame(opcode, payload));
    }
  }
  add.up("unmasked", down_frame(Opcode::text, "u"));
  add.down("masked", text("m"));
  add.up("reserved bits", frame(Opcode::text, "r", true, 3));
  add.down("RSV1", down_frame(Opcode::text, "r", kRsv1));
  add.up("bad text", text("\xff"));
  FrameHeader roundabout{.length = 3, .form = LengthForm::bits64};
  Bytes octets;
  append_frame(octets, roundabout, "abc");
  add.down("roundabout length", octets);
  add.down("behind a ping", down_frame(Opcode::ping, "p") + down_frame(Opcode::text, "t"));
  for (const std::uint16_t code : {1000, 1001, 4999}) {
    add.up("close", up_close(code, "reason"));
    add.down("close", down_close(code));
  }
}

void add_ends(HopExchanges& add) {
  for (const Place place : {C0, S0}) {
    const Bytes words = place.client ? text("last") : down_frame(Opcode::text, "last");
    for (const End::Way how : {End::fin, End::reset}) {
      add.tunnel("end", [=](HopPlay& play) {
        play.say(place, words);
        play.end(place, how);
        play.pass(seconds(1));
      });
    }
    add.tunnel("end behind close", [=](HopPlay& play) {
      play.say(place, place.client ? up_close(1000) : down_close(1000));
      play.end(place);
    });
  }
}

void add_drains(HopExchanges& add) {
  for (const bool stop : {false, true}) {
    add.tunnel(stop ? "stop" : "reload", [=](HopPlay& play) {
      play.operate(stop);
      play.say(C0, text("still here?"));
      play.say(C0, text("and now?"));
      play.say(C1, upgrade(""));
      play.pass(seconds(3));
    });
  }
}

void add_names(HopExchanges& add) {
  add.named("who the clients are", [](HopPlay& play) {
    play.say(C0, upgrade(""));
    play.say(C1, upgrade(""));
  });
}

std::vector<HopExchange> hop_exchanges() {
  HopExchanges add;
  add_requests(add);
  add_second_requests(add);
  add_answers(add);
  add_octets(add);
  add_frames(add);
  add_ends(add);
  add_drains(add);
  add_names(add);
  return add.take();
}

std::string play_hop(const HopExchange& exchange, HopOptions options = {}) {
  options.tells_clients = exchange.names;
  HopPlay play(options);
  exchange.play(play);
  return play.log();
}

class HopTables : public testing::Test {
 protected:
  bool shows(const HopOptions& options) {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (play_hop(all_[i], options) != conforming_[i]) return true;
    }
    return false;
  }
  void SetUp() override {
    for (const HopExchange& exchange : all_) conforming_.push_back(play_hop(exchange));
  }

  const std::vector<HopExchange> all_ = hop_exchanges();
  std::vector<std::string> conforming_;
};

TEST_F(HopTables, EachDefectShowsInSomeExchange) {
  for (const Defect& d : hop_defects())
    EXPECT_TRUE(shows({{std::string(d.name)}, {}})) << d.name << " changes nothing";
}

TEST_F(HopTables, EachLibertyShowsInSomeExchange) {
  for (const Liberty& l : hop_liberties())
    EXPECT_TRUE(shows({{}, {std::string(l.name)}})) << l.name << " changes nothing";
}

TEST_F(HopTables, TheSameSeedGivesTheSameOctets) {
  const HopOptions remasks{{}, {"hop-remasks"}, 7};
  for (const HopExchange& exchange : all_)
    EXPECT_EQ(play_hop(exchange, remasks), play_hop(exchange, remasks));
}

TEST(HopDefects, AreManyAndAThirdIsSubtle) {
  EXPECT_GE(hop_defects().size(), 45u);
  EXPECT_GE(3 * std::ranges::count_if(hop_defects(), &Defect::subtle),
            static_cast<std::ptrdiff_t>(hop_defects().size()));
  EXPECT_GE(hop_liberties().size(), 22u);
}

TEST(HopDefects, HaveUniqueNamesTextsAndRequirements) {
  std::set<std::string_view> names, abouts;
  for (const Defect& d : hop_defects()) {
    EXPECT_TRUE(names.insert(d.name).second) << d.name;
    EXPECT_TRUE(abouts.insert(d.about).second) << d.name << ": " << d.about;
    EXPECT_TRUE(parse_requirement_id(d.requirement)) << d.name << " breaks " << d.requirement;
    EXPECT_TRUE(d.topic() == "up" || d.topic() == "down" || d.topic() == "hop") << d.name;
  }
  for (const Liberty& l : hop_liberties()) {
    EXPECT_TRUE(names.insert(l.name).second) << l.name;
    EXPECT_TRUE(parse_requirement_id(l.clause) || l.clause.starts_with("RFC ")) << l.name << ": " << l.clause;
  }
}

TEST(HopDefects, AreNotThoseOfServersAndClients) {
  for (const Defect& d : hop_defects()) EXPECT_FALSE(is_in(defects(), d)) << d.name;
  for (const Liberty& l : hop_liberties()) EXPECT_FALSE(is_in(liberties(), l)) << l.name;
}

/// What a decent end makes of what it was sent: the messages, control frames apart, and the hop's own pings
/// left out.
std::string meaning(BytesView octets) {
  Bytes copy = behind_head(octets);
  MutableBytes rest(copy);
  FrameDecoder decoder;
  std::string data, control;
  while (const auto piece = decoder.next(rest)) {
    const FrameHeader& h = piece->header;
    std::string& out = is_control(h.opcode) ? control : data;
    if (piece->first && h.opcode != 0) out += "\n" + opcode_name(h.opcode) + " ";
    out += view(piece->payload);
    if (piece->last && h.fin) out += ".";
  }
  for (const std::string own = "\nping hop."; control.find(own) != control.npos;)
    control.erase(control.find(own), own.size());
  return data + control;
}

TEST(HopLiberties, KeepEveryMessageInATunnel) {
  const auto talk = [](const HopOptions& options) {
    HopPlay play(options);
    play.say(C0, upgrade(""));
    play.say(S0, kSwitch + "\r\n" + down_frame(Opcode::text, "welcome"));
    Bytes up, down;
    for (const std::size_t size : {0, 1, 125, 126, 300, 70'000}) {
      const Bytes payload(size, static_cast<char>('a' + size % 26));
      up += frame(Opcode::text, payload) + frame(Opcode::ping, payload.substr(0, 125));
      down += down_frame(Opcode::binary, payload) + down_frame(Opcode::pong, payload.substr(0, 125));
      up += frame(Opcode::text, payload, false) + frame(Opcode::cont, payload);
    }
    for (const std::size_t count : {50, 1000, 100'000}) {
      play.say_in_pieces(C0, up, count);
      play.say_in_pieces(S0, down, count);
      play.pass(seconds(20));
    }
    play.say(C0, up_close(1000, "bye"));
    play.say(S0, down_close(1000));
    play.end(S0);
    play.end(C0);
    return meaning(play.octets(S0)) + "\n--" + meaning(play.octets(C0));
  };
  const std::string conforming = talk({});
  EXPECT_GT(conforming.size(), 800'000u);
  for (const Liberty& l : hop_liberties()) EXPECT_EQ(talk({{}, {std::string(l.name)}}), conforming) << l.name;
}

Bytes noise(SplitMix& random) {
  switch (random.below(6)) {
    case 0: return upgrade(random.below(2) == 0 ? "" : kDeflateField);
    case 1: return kSwitch + (random.below(2) == 0 ? "" : kDeflateField) + "\r\n";
    case 2: return text(Bytes(random.below(400), 'n'));
    case 3: return frame(static_cast<Opcode>(random.below(16)), Bytes(random.below(130), 'c'));
    case 4: return "HTTP/1.1 " + std::to_string(100 + random.below(500)) + " x\r\nContent-Length: 3\r\n\r\n";
    default: break;
  }
  Bytes octets(random.below(60), '\0');
  for (char& c : octets) c = static_cast<char>(random.below(256));
  return octets;
}

void play_noise(const HopOptions& options, std::uint64_t seed) {
  SplitMix random(seed);
  HopPlay play(options);
  constexpr Place kPlaces[] = {C0, C0, S0, S0, C1, S1};
  if (random.below(3) != 0) play.say(C0, upgrade(kDeflateField));
  if (random.below(3) != 0 && play.dialed() == 1) play.say(S0, kSwitch + "\r\n");
  for (int i = 0; i < 20; ++i) {
    const Place place = kPlaces[random.below(6)];
    if (!place.client && play.dialed() <= place.number) continue;
    switch (random.below(12)) {
      case 0: play.end(place, random.below(2) == 0 ? End::fin : End::reset); break;
      case 1: play.pass(seconds(random.below(70))); break;
      case 2: play.deafen(place, random.below(2) == 0); break;
      case 3: play.refuse(random.below(3) == 0); break;
      case 4: play.operate(random.below(2) == 0); break;
      default: play.say(place, noise(random));
    }
  }
}

TEST(HopDefects, SurviveAnything) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) play_noise({}, seed);
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    for (const Defect& d : hop_defects()) play_noise({{std::string(d.name)}, {}}, seed);
    for (const Liberty& l : hop_liberties()) play_noise({{}, {std::string(l.name)}}, seed);
  }
}

}  // namespace
}  // namespace wsspec::hop_exchanges_test
