#include "peer/defects.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "peer/exchanges.h"
#include "peer/liberties.h"
#include "protocol/message.h"

namespace wsspec::defects_test {
namespace {

using namespace scripted;

// The ids of cases/requirements.json, read as text: this module may not link the one that parses it.
std::set<std::string> ledger() {
  std::ifstream file(std::string(WSSPEC_SOURCE_DIR) + "/cases/requirements.json");
  std::stringstream all;
  all << file.rdbuf();
  const std::string text = all.str();
  std::set<std::string> ids;
  for (std::size_t at = 0; (at = text.find("\"id\": \"", at)) != text.npos;) {
    at += 7;
    ids.insert(text.substr(at, text.find('"', at) - at));
  }
  return ids;
}

TEST(Defects, AreManyAndAThirdIsSubtle) {
  EXPECT_GE(defects().size(), 140u);
  EXPECT_GE(3 * std::ranges::count_if(defects(), &Defect::subtle),
            static_cast<std::ptrdiff_t>(defects().size()));
}

TEST(Defects, HaveUniqueNamesTextsAndRequirements) {
  const auto known = ledger();
  ASSERT_GT(known.size(), 300u);
  std::set<std::string_view> names, abouts;
  for (const Defect& d : defects()) {
    EXPECT_TRUE(names.insert(d.name).second) << d.name;
    EXPECT_TRUE(abouts.insert(d.about).second) << d.name << ": " << d.about;
    EXPECT_TRUE(known.contains(std::string(d.requirement))) << d.name << " breaks " << d.requirement;
    EXPECT_EQ(d.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-."), d.name.npos) << d.name;
    EXPECT_NE(d.topic(), d.name) << d.name;
  }
}

/// Underneath the peer: it shows over TLS only (net/tls_server_test.cc, and each in the self-test).
bool is_about_tls(void (*apply)(Conduct&)) {
  Conduct conduct;
  if (apply != nullptr) apply(conduct);
  return conduct.tls != TlsConduct{};
}

/// Towards many clients, or one that does not read: shows in the cases of several connections only.
bool is_about_company(void (*apply)(Conduct&)) {
  Conduct conduct;
  if (apply != nullptr) apply(conduct);
  return conduct.most_open != 0 || conduct.reads_up_to != 0 || conduct.most_unread != 0;
}

TEST(Defects, EachShowsInSomeExchange) {
  const auto all = exchanges();
  std::map<std::size_t, std::vector<Trace>> conforming;
  for (const Defect* each : defects_of(Role::server)) {  // Those of clients: each in the self-test.
    const Defect& d = *each;
    // What connections do to each other takes two (run/several_test.cc, run/room_test.cc, and each in the
    // self-test).
    // Those of a broker show in a dialogue of theirs (broker_test.cc).
    if (is_about_tls(d.apply) || d.topic() == "company" || d.topic() == "room" || d.topic() == "stomp" ||
        is_in<Defect>(cluster_defects(), d))
      continue;
    bool shows = false;
    for (std::size_t i = 0; i < all.size() && !shows; ++i) {
      PeerOptions options = declared_options(all[i]);
      if (!conforming.contains(i)) conforming[i] = play_exchange(all[i], options);
      options.defects = {std::string(d.name)};
      shows = play_exchange(all[i], options) != conforming[i];
    }
    EXPECT_TRUE(shows) << d.name << " changes nothing";
  }
}

TEST(Liberties, HaveUniqueNamesAndClauses) {
  const auto known = ledger();
  EXPECT_GE(liberties().size(), 18u);
  std::set<std::string_view> names;
  for (const Liberty& l : liberties()) {
    EXPECT_TRUE(names.insert(l.name).second) << l.name;
    EXPECT_TRUE(known.contains(std::string(l.clause)) || l.clause.starts_with("RFC "))
        << l.name << ": " << l.clause;
  }
}

TEST(Liberties, EachShowsInSomeExchange) {
  const auto all = exchanges();
  for (const Liberty* each : liberties_of(Role::server)) {
    const Liberty& l = *each;
    if (is_about_tls(l.apply) || is_about_company(l.apply) || l.name.starts_with("room-")) continue;
    if (is_in<Liberty>(stomp_liberties(), l) || is_in<Liberty>(cluster_liberties(), l)) continue;
    const bool shows = std::ranges::any_of(all, [&](const Exchange& e) {
      const bool blocks = e.name.starts_with("bulk, blocked");
      if ((e.name.starts_with("bulk") && !blocks) || e.name == "16 MiB") return false;
      PeerOptions options = declared_options(e);
      const auto conforming = play_exchange(e, options);
      options.liberties = {std::string(l.name)};
      return play_exchange(e, options) != conforming;
    });
    EXPECT_TRUE(shows) << l.name << " changes nothing";
  }
}

/// What a strict client reads from `output`: messages, or the rule that was broken.
std::string read_as_client(BytesView output, BytesView request) {
  HeadParser parser;
  BytesView rest = output;
  HeadParser asked;
  asked.feed(request);
  if (output.starts_with("HTTP/1.1 100 ")) parser.feed(rest), parser = HeadParser();
  if (!parser.feed(rest)) return output.empty() ? "" : "no head";
  if (!parse_status_line(parser.head().start) || parse_status_line(parser.head().start)->status != 101)
    return "";
  Reply reply;
  for (const Violation& v : check_reply(parser.head(), asked.head(), reply)) return v.what;
  std::optional<DeflateSettings> deflate;
  if (!reply.extensions.empty()) {
    const auto offers = parse_extensions(asked.head().joined("Sec-WebSocket-Extensions").value_or(""));
    deflate = *read_deflate_reply(reply.extensions.front(), *offers);
  }
  MessageDecoder decoder(Role::client, deflate);
  std::string fault;
  Bytes frames(rest);
  decoder.feed(frames, [&](Incoming&& in) {
    if (in.kind == Incoming::Kind::fault) fault = in.requirement + ": " + in.what;
  });
  return decoder.in_message() ? "unfinished message" : fault;
}

TEST(Liberties, SendNothingThatAStrictClientRefuses) {
  for (const Exchange& e : exchanges()) {
    if (e.name.starts_with("bulk") || e.name == "16 MiB" || e.steps[0].kind != Step::Kind::octets) continue;
    for (const Liberty& l : liberties()) {
      PeerOptions options = declared_options(e);
      options.liberties = {std::string(l.name)};
      const Trace trace = play(world(options), e.steps, e.chunk);
      Bytes input;
      for (const Step& step : e.steps) input += step.octets;
      EXPECT_EQ(read_as_client(trace.output, input), "") << l.name << " in " << e.name;
    }
  }
}

TEST(Conforming, SendsTheSameHoweverInputIsCut) {
  for (const Exchange& e : exchanges()) {
    if (e.name.starts_with("bulk") || e.name == "16 MiB") continue;
    const auto whole = play(world(declared_options(e)), e.steps, 0);
    for (const std::size_t chunk : {1, 2, 3, 5, 64, 1000}) {
      const auto cut = play(world(declared_options(e)), e.steps, chunk);
      EXPECT_EQ(cut.output, whole.output) << e.name << " in chunks of " << chunk;
      EXPECT_EQ(cut.ending, whole.ending) << e.name << " in chunks of " << chunk;
    }
  }
}

class Noise {
 public:
  explicit Noise(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  std::uint32_t operator()(std::uint32_t below) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<std::uint32_t>((state_ >> 33) % below);
  }
  Bytes octets(std::size_t count) {
    Bytes out(count, '\0');
    for (char& c : out) c = static_cast<char>((*this)(256));
    return out;
  }

 private:
  std::uint64_t state_;
};

/// Frames that are mostly well-formed, so that what follows a handshake gets somewhere.
Bytes random_frames(Noise& noise) {
  static constexpr std::uint8_t kOpcodes[] = {0, 0, 1, 1, 2, 8, 9, 9, 10, 3};
  Bytes out;
  for (std::uint32_t i = noise(8); i-- > 0;) {
    FrameHeader header;
    header.opcode = kOpcodes[noise(10)];
    header.fin = noise(3) != 0;
    header.rsv = noise(4) == 0 ? static_cast<std::uint8_t>(noise(8)) : 0;
    if (noise(20) != 0) header.mask = noise(0xffffffff);
    const Bytes payload = noise(2) == 0 ? Bytes(noise(200), 'a') : noise.octets(noise(140));
    header.length = payload.size();
    header.form = minimal_form(header.length);
    append_frame(out, header, payload);
  }
  return out;
}

TEST(Defects, SurviveAnything) {
  Noise noise(1);
  const Bytes head = request_with("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits");
  for (const Defect& d : defects()) {
    for (int i = 0; i < 6; ++i) {
      const Bytes input = i % 2 == 0 ? random_frames(noise) : noise.octets(noise(400));
      play(world_with(d.name), {send(i == 5 ? input : head), send(input), fin()}, noise(40));
    }
  }
}

TEST(Conforming, AgreesWithTheSharedDecoder) {
  Noise noise(2);
  const Bytes head = request_with("Sec-WebSocket-Extensions", "permessage-deflate");
  for (int i = 0; i < 20'000; ++i) {
    const Bytes frames = random_frames(noise);
    Bytes copy = frames;
    std::string expected, seen;
    MessageDecoder server(Role::server, DeflateSettings{});
    server.feed(copy, [&](Incoming&& in) {
      using Kind = Incoming::Kind;
      if (in.kind == Kind::fault)
        expected += "close " + std::to_string(in.code);
      else if (in.kind == Kind::close)
        expected += "close " + std::to_string(parse_close(in.payload).code.value_or(0));
      else if (in.kind == Kind::ping)
        expected += "pong " + in.payload + "\n";
      else if (in.kind != Kind::pong)
        expected += in.payload + "\n";
    });
    Bytes answer = behind_head(play(world(), {send(head), send(frames)}, noise(30)).output);
    MessageDecoder client(Role::client, DeflateSettings{});
    client.feed(answer, [&](Incoming&& in) {
      using Kind = Incoming::Kind;
      if (in.kind == Kind::close)
        seen += "close " + std::to_string(parse_close(in.payload).code.value_or(0));
      else if (in.kind == Kind::pong)
        seen += "pong " + in.payload + "\n";
      else
        seen += in.payload + in.what + "\n";
    });
    ASSERT_EQ(seen, expected) << to_hex(frames);
  }
}

TEST(TextCheckTest, DefaultRulesAgreeWithTheSharedValidator) {
  Noise noise(3);
  Utf8Rules scalar;
  scalar.misjudges = [](std::uint32_t) { return false; };  // Forces the scalar validator.
  static constexpr std::uint8_t kInteresting[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                                  0xe0, 0xed, 0x9f, 0xa0, 0xef, 0xf0, 0x8f, 0x90,
                                                  0xf4, 0xf5, 0xf7, 0xf8, 0xfe, 0xff};
  for (int i = 0; i < 200'000; ++i) {
    Bytes octets(noise(6), '\0');
    for (char& c : octets) c = static_cast<char>(kInteresting[noise(sizeof kInteresting)]);
    TextCheck check(scalar);
    const bool valid = check.feed(octets) && check.complete();
    ASSERT_EQ(valid, is_utf8(octets)) << to_hex(octets);
  }
}

}  // namespace
}  // namespace wsspec::defects_test
