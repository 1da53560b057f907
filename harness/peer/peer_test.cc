#include "peer/peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "peer/scripted.h"

namespace wsspec::peer_test {
namespace {

using namespace scripted;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::StartsWith;

Bytes unmasked(Opcode opcode, BytesView payload) {
  return make_frame(opcode, payload, std::nullopt);
}

/// What a conforming peer answers to frames behind a plain handshake.
Bytes answer_to(const Bytes& frames, PeerOptions options = {}) {
  return behind_head(play(world(std::move(options)), {send(request()), send(frames)}).output);
}
std::uint16_t close_code(const Bytes& answer) {
  FrameHeader header;
  const std::size_t at = answer.rfind('\x88');
  if (at == answer.npos) return 0;
  const std::size_t size = decode_header(BytesView(answer).substr(at), header);
  return parse_close(BytesView(answer).substr(at + size)).code.value_or(0);
}

TEST(PeerHandshake, AcceptsThePlainRequest) {
  const Trace trace = play(world(), {send(request())});
  EXPECT_EQ(trace.output,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  EXPECT_EQ(trace.ending, "");
}

TEST(PeerHandshake, SelectsTheClientsFirstSupportedSubprotocol) {
  const auto chosen = [](const std::string& offered) {
    return play(world(), {send(request_with("Sec-WebSocket-Protocol", offered))}).output;
  };
  EXPECT_THAT(chosen("soap, superchat, chat"), HasSubstr("Sec-WebSocket-Protocol: superchat\r\n"));
  EXPECT_THAT(chosen(", ,chat"), HasSubstr("Sec-WebSocket-Protocol: chat\r\n"));
  EXPECT_THAT(chosen("Chat"), Not(HasSubstr("Protocol:")));
  EXPECT_THAT(chosen("a b"), StartsWith("HTTP/1.1 400 "));
}

TEST(PeerHandshake, NegotiatesEveryParameter) {
  const auto reply = [](const std::string& offer) {
    const Bytes out = play(world(), {send(request_with("Sec-WebSocket-Extensions", offer))}).output;
    const std::size_t at = out.find("Extensions: ");
    return at == out.npos ? std::string() : out.substr(at + 12, out.find('\r', at) - at - 12);
  };
  EXPECT_EQ(reply("permessage-deflate"), "permessage-deflate");
  EXPECT_EQ(reply("permessage-deflate; client_max_window_bits"), "permessage-deflate");
  EXPECT_EQ(reply("permessage-deflate; client_max_window_bits=10; server_max_window_bits=9; "
                  "client_no_context_takeover; server_no_context_takeover"),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
            "server_max_window_bits=9; client_max_window_bits=10");
  EXPECT_EQ(reply("permessage-deflate; server_max_window_bits=16, permessage-deflate"), "permessage-deflate");
  EXPECT_EQ(reply("permessage-deflate; wat"), "");
  EXPECT_EQ(reply("x-other, permessage-deflate"), "permessage-deflate");
}

struct Refusal {
  std::string what;
  Bytes head;
  std::string status;
};
class PeerRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(PeerRefuses, WithACompleteAnswerAndFin) {
  PeerOptions options;
  options.origins = {"http://good.example"};
  options.paths = {"/", "/echo"};
  const Trace trace = play(world(options), {send(GetParam().head)});
  EXPECT_THAT(trace.output, StartsWith("HTTP/1.1 " + GetParam().status + " "));
  EXPECT_EQ(trace.ending, "half-close@0 close@1000");
  BytesView rest = trace.output;
  HeadParser parser;
  ASSERT_TRUE(parser.feed(rest));
  EXPECT_EQ(*parser.head().find("Content-Length"), std::to_string(rest.size()));
  EXPECT_TRUE(parser.head().has_token("Connection", "close"));
  if (GetParam().status == "426") {
    EXPECT_EQ(*parser.head().find("Sec-WebSocket-Version"), "13");
    EXPECT_EQ(*parser.head().find("Upgrade"), "websocket");
  }
}

std::vector<Field> fields_with(const std::string& name, const std::string& value) {
  auto fields = usual_fields();
  std::erase_if(fields, [&](const Field& f) { return f.name == name; });
  if (value != "-") fields.push_back({name, value});
  return fields;
}

INSTANTIATE_TEST_SUITE_P(
    All, PeerRefuses,
    testing::Values(Refusal{"post", request(usual_fields(), "POST / HTTP/1.1"), "405"},
                    Refusal{"http10", request(usual_fields(), "GET / HTTP/1.0"), "505"},
                    Refusal{"no_host", request(fields_with("Host", "-")), "400"},
                    Refusal{"host_with_path", request(fields_with("Host", "localhost/x")), "400"},
                    Refusal{"host_with_blank", request(fields_with("Host", "local host")), "400"},
                    Refusal{"h2c", request(fields_with("Upgrade", "h2c")), "426"},
                    Refusal{"browser", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "426"},
                    Refusal{"no_key", request(fields_with("Sec-WebSocket-Key", "-")), "400"},
                    Refusal{"short_key", request(fields_with("Sec-WebSocket-Key", "AAAA")), "400"},
                    Refusal{"version_8", request(fields_with("Sec-WebSocket-Version", "8")), "426"},
                    Refusal{"version_013", request(fields_with("Sec-WebSocket-Version", "013")), "426"},
                    Refusal{"body", request_with("Content-Length", "5") + "hello", "400"},
                    Refusal{"origin", request_with("Origin", "http://evil.example"), "403"},
                    Refusal{"path", request(usual_fields(), "GET /missing HTTP/1.1"), "404"},
                    Refusal{"tls", "\x16\x03\x01\x02", "400"}, Refusal{"http09", "GET /\r\n", "400"},
                    Refusal{"h2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "405"},
                    Refusal{"long", "GET / HTTP/1.1\r\nX: " + Bytes(100'000, 'x'), "431"}),
    [](const auto& p) { return p.param.what; });

TEST(PeerHandshake, WelcomesAServedPathInEveryForm) {
  PeerOptions options;
  options.origins = {"http://good.example"};
  options.paths = {"/echo"};
  for (const std::string target : {"/echo", "/echo?a=b", "http://host/echo", "http://host:1/echo?x"}) {
    const auto with_origin = fields_with("Origin", "http://good.example");
    EXPECT_THAT(play(world(options), {send(request(with_origin, "GET " + target + " HTTP/1.1"))}).output,
                StartsWith("HTTP/1.1 101 "))
        << target;
  }
}

TEST(PeerHandshake, AnswersExpectationFirst) {
  EXPECT_THAT(play(world(), {send(request_with("Expect", "100-continue"))}).output,
              StartsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 "));
}

TEST(PeerHandshake, TimesOutASilentClient) {
  const Trace trace = play(world(), {wait(milliseconds(9999)), wait(milliseconds(1))});
  EXPECT_EQ(trace.answered, 0u);
  EXPECT_THAT(trace.output, StartsWith("HTTP/1.1 408 "));
  EXPECT_EQ(trace.ending, "half-close@10000 close@11000");
}

TEST(PeerHandshake, DropsAClientThatLeavesEarly) {
  EXPECT_EQ(play(world(), {send("GET / HT"), fin()}).ending, "close@0");
  EXPECT_EQ(play(world(), {send("GET / HT"), scripted::reset()}).ending, "close@0");
}

TEST(PeerHandshake, ServesFramesInTheSameSegment) {
  EXPECT_EQ(behind_head(play(world(), {send(request() + text("hi"))}).output), unmasked(Opcode::text, "hi"));
}

TEST(PeerEcho, TextAndBinaryOfEverySizeForm) {
  for (const std::size_t size : {0, 1, 125, 126, 127, 65535, 65536, 70000}) {
    const Bytes payload(size, 'x');
    EXPECT_EQ(answer_to(frame(Opcode::text, payload)), unmasked(Opcode::text, payload)) << size;
    EXPECT_EQ(answer_to(frame(Opcode::binary, payload)), unmasked(Opcode::binary, payload)) << size;
  }
}

TEST(PeerEcho, JoinsFragmentsWithControlFramesBetween) {
  EXPECT_EQ(answer_to(frame(Opcode::text, "he", false) + frame(Opcode::ping, "p") +
                      frame(Opcode::cont, "", false) + frame(Opcode::pong, "q") + frame(Opcode::cont, "llo")),
            unmasked(Opcode::pong, "p") + unmasked(Opcode::text, "hello"));
}

TEST(PeerEcho, SixteenMebibytesWithoutAnotherCopy) {
  const Bytes payload(16u << 20, 'y');
  EXPECT_EQ(answer_to(frame(Opcode::binary, payload)), unmasked(Opcode::binary, payload));
}

TEST(PeerEcho, CompressesWhatIsWorthIt) {
  const auto offer = request_with("Sec-WebSocket-Extensions", "permessage-deflate");
  const Bytes payload(1000, 'z');
  const Bytes answer = behind_head(play(world(), {send(offer), send(text(payload) + text("short"))}).output);
  Bytes copy = answer;
  MessageDecoder decoder(Role::client, DeflateSettings{});
  std::vector<Incoming> got;
  decoder.feed(copy, [&](Incoming&& in) { got.push_back(std::move(in)); });
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].payload, payload);
  EXPECT_TRUE(got[0].compressed);
  EXPECT_EQ(got[1].payload, "short");
  EXPECT_FALSE(got[1].compressed);
  EXPECT_LT(answer.size(), 100u);
}

TEST(PeerEcho, Greets) {
  PeerOptions options;
  options.greeting = "hello";
  EXPECT_EQ(answer_to(text("x"), options), unmasked(Opcode::text, "hello") + unmasked(Opcode::text, "x"));
}

TEST(PeerClose, IsAnsweredThenTcpEnds) {
  for (const Bytes& body :
       {make_close(std::nullopt), make_close(1000), make_close(4999, "later"), make_close(1014)}) {
    const Trace trace =
        play(world(), {send(request()), send(frame(Opcode::close, body)), wait(milliseconds(5)), fin()});
    EXPECT_EQ(behind_head(trace.output), unmasked(Opcode::close, body.substr(0, 2)));
    EXPECT_EQ(trace.ending, "half-close@0 close@5");
  }
}

TEST(PeerClose, LingersForASecondAndIgnoresTheRest) {
  const Trace trace =
      play(world(), {send(request()), send(frame(Opcode::close, make_close(1000)) + text("late")),
                     wait(milliseconds(999)), send(frame(Opcode::ping, "late"))});
  EXPECT_EQ(behind_head(trace.output), unmasked(Opcode::close, make_close(1000)));
  EXPECT_EQ(trace.ending, "half-close@0 close@1000");
}

TEST(PeerClose, FinAloneEndsTheConnection) {
  EXPECT_EQ(play(world(), {send(request()), send(text("a")), fin()}).ending, "close@0");
  EXPECT_EQ(play(world(), {send(request()), send(text("abc").substr(0, 7)), fin()}).ending, "close@0");
}

struct Fault {
  std::string what;
  Bytes frames;
  std::uint16_t code;
};
class PeerFails : public testing::TestWithParam<Fault> {};

TEST_P(PeerFails, WithTheFittingCode) {
  const Trace trace =
      play(world(), {send(request()), send(text("before") + GetParam().frames + text("behind"))});
  const Bytes answer = behind_head(trace.output);
  EXPECT_THAT(answer, StartsWith(unmasked(Opcode::text, "before")));
  EXPECT_EQ(close_code(answer), GetParam().code);
  EXPECT_THAT(answer, Not(HasSubstr("behind")));
  EXPECT_EQ(trace.ending, "half-close@0 close@1000");
}

Bytes with_length(std::uint64_t length, LengthForm form) {
  FrameHeader header;
  header.mask = 0, header.length = length, header.form = form;
  char octets[kMaxHeader];
  return {octets, encode_header(header, octets)};
}

INSTANTIATE_TEST_SUITE_P(
    All, PeerFails,
    testing::Values(Fault{"unmasked", unmasked(Opcode::text, "x"), 1002},
                    Fault{"rsv", frame(Opcode::text, "x", true, 4), 1002},
                    Fault{"opcode", frame(static_cast<Opcode>(3), "x"), 1002},
                    Fault{"control_opcode", frame(static_cast<Opcode>(11), ""), 1002},
                    Fault{"long_ping", frame(Opcode::ping, Bytes(126, 'x')), 1002},
                    Fault{"fragmented_ping", frame(Opcode::ping, "x", false), 1002},
                    Fault{"orphan", frame(Opcode::cont, "x"), 1002},
                    Fault{"interleaving", frame(Opcode::text, "x", false) + frame(Opcode::text, "y"), 1002},
                    Fault{"top_bit", with_length(1ull << 63, LengthForm::bits64), 1002},
                    Fault{"too_big", with_length(1ull << 40, LengthForm::bits64), 1009},
                    Fault{"bad_text", text("\xff"), 1007}, Fault{"cut_text", text("\xc3"), 1007},
                    Fault{"cut_over_fragments", frame(Opcode::text, "\xc3", false) + frame(Opcode::cont, "x"),
                          1007},
                    Fault{"close_one_octet", frame(Opcode::close, "x"), 1002},
                    Fault{"close_1005", frame(Opcode::close, make_close(1005)), 1002},
                    Fault{"close_999", frame(Opcode::close, make_close(999)), 1002},
                    Fault{"close_5000", frame(Opcode::close, make_close(5000)), 1002},
                    Fault{"close_bad_reason", frame(Opcode::close, make_close(1000, "\xff")), 1007}),
    [](const auto& p) { return p.param.what; });

TEST(PeerLimits, HoldOverFragmentsAndInflation) {
  PeerOptions options;
  options.limits = {1000, 1000};
  EXPECT_EQ(close_code(answer_to(text(Bytes(1001, 'x')), options)), 1009);
  EXPECT_EQ(close_code(answer_to(
                frame(Opcode::text, Bytes(600, 'x'), false) + frame(Opcode::cont, Bytes(401, 'x')), options)),
            1009);
  EXPECT_EQ(answer_to(text(Bytes(1000, 'x')), options), unmasked(Opcode::text, Bytes(1000, 'x')));
  const Bytes bomb = frame(Opcode::binary, Compressor().compress(Bytes(1001, 'x')), true, 4);
  const auto offer = request_with("Sec-WebSocket-Extensions", "permessage-deflate");
  EXPECT_EQ(close_code(behind_head(play(world(options), {send(offer), send(bomb)}).output)), 1009);
}

TEST(PeerWorldTest, NamesTheNearestUnknown) {
  PeerOptions options;
  options.defects = {"mask.accepts-unmaskd-ping"};
  const auto made = PeerWorld::make(options);
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().what, HasSubstr("mask.accepts-unmaskd-ping"));
  EXPECT_THAT(made.error().hint, HasSubstr("'mask.accepts-unmasked-ping'"));
  options.defects = {};
  options.liberties = {"slo"};
  EXPECT_THAT(PeerWorld::make(options).error().hint, HasSubstr("'slow'"));
}

TEST(PeerWorldTest, ADeadServerResetsEverybodyUntilRestarted) {
  const auto dead = world_with("server.dies-of-fault");
  Play bystander(dead);
  bystander.feed(request(), 0);
  EXPECT_EQ(play(dead, {send(request()), send(unmasked(Opcode::text, "x"))}).ending, "reset@0");
  EXPECT_TRUE(dead->crashed());
  bystander.pump();
  EXPECT_EQ(bystander.trace().ending, "reset@0");
  EXPECT_EQ(play(dead, {send(request())}).ending, "reset@0");
  dead->restart();
  EXPECT_THAT(play(dead, {send(request())}).output, StartsWith("HTTP/1.1 101 "));
}

TEST(PeerWorldTest, AHungServerAnswersNobody) {
  const auto hung = world_with("server.hangs-after-fault");
  play(hung, {send(request()), send(unmasked(Opcode::text, "x"))});
  EXPECT_TRUE(hung->hung());
  EXPECT_EQ(play(hung, {send(request())}), Trace());
}

}  // namespace
}  // namespace wsspec::peer_test
