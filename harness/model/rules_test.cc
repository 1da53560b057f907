#include "model/rules.h"

#include <gtest/gtest.h>

#include <random>

#include "protocol/deflate.h"
#include "protocol/deflate_blocks.h"

namespace wsspec::rules_test {
namespace {

constexpr MaskKey kKey = 0x9c01aa40;

Bytes frame(int opcode, BytesView payload, bool fin = true, int rsv = 0, std::optional<MaskKey> mask = kKey) {
  return make_frame(static_cast<Opcode>(opcode), payload, mask, fin, static_cast<std::uint8_t>(rsv));
}
Bytes text(BytesView payload, bool fin = true) {
  return frame(1, payload, fin);
}
Bytes cont(BytesView payload, bool fin = true) {
  return frame(0, payload, fin);
}
Bytes ping(BytesView payload) {
  return frame(9, payload);
}
Bytes close_frame(int code, BytesView reason = "") {
  return frame(8, make_close(static_cast<std::uint16_t>(code), reason));
}
Bytes formed(int opcode, BytesView payload, LengthForm form, std::optional<std::uint64_t> length = {}) {
  FrameHeader h;
  h.opcode = static_cast<std::uint8_t>(opcode);
  h.mask = kKey;
  h.length = length.value_or(payload.size());
  h.form = form;
  Bytes out;
  append_frame(out, h, payload);
  return out;
}

std::string offset(std::uint64_t at) {
  return at == kNoOffset ? "-" : std::to_string(at);
}

// One line that says all of an expectation but the bulk of its payloads.
std::string describe(const Model& model) {
  const Expectation& e = model.now();
  std::string out(ruling_name(e.ruling));
  out += " " + offset(e.may_fail_from) + ".." + offset(e.must_fail_by) + " " + e.requirement;
  for (const Stimulus& s : e.echoes)
    out += " echo:" + std::to_string(s.opcode) + ":" + s.payload.substr(0, 20);
  for (const Stimulus& s : e.pings) out += " ping:" + s.payload.substr(0, 20);
  for (const Stimulus& s : e.forbidden) {
    out += " not:" + std::to_string(s.opcode) + ":" + s.payload.substr(0, 20) + ":" + s.requirement;
  }
  return out + " " + std::string(model.state());
}

std::string rule(const Bytes& stream, const Agreement& agreement = {}) {
  Model whole(agreement);
  whole.sent(stream);
  const std::string told = describe(whole);
  for (const std::size_t size : {1u, 2u, 7u}) {
    Model pieces(agreement);
    for (std::size_t at = 0; at < stream.size(); at += size) pieces.sent(BytesView(stream).substr(at, size));
    EXPECT_EQ(describe(pieces), told) << to_hex(stream) << " in pieces of " << size;
  }
  return told;
}

struct Row {
  const char* name;
  Bytes stream;
  std::string expected;
};

TEST(Rules, LegalStreamsMustBeAccepted) {
  const Row rows[] = {
      {"nothing", "", "must-accept -..-  idle"},
      {"text", text("Hi"), "must-accept -..-  echo:1:Hi idle"},
      {"two messages", text("a") + frame(2, "\xff"), "must-accept -..-  echo:1:a echo:2:\xff idle"},
      {"fragments and ping", text("a", false) + ping("p") + cont("b"),
       "must-accept -..-  echo:1:ab ping:p idle"},
      {"pong", frame(10, "x"), "must-accept -..-  idle"},
      {"pings", ping("1") + ping("2"), "must-accept -..-  ping:1 ping:2 idle"},
      {"unfinished header", text("Hi").substr(0, 3), "must-accept -..-  header"},
      {"unfinished message", text("Hi", false), "must-accept -..-  in-text"},
      {"unfinished ping", text("H", false) + ping("xy").substr(0, 7), "must-accept -..-  control-in-message"},
      {"a character cut by a fragment", text("\xe2\x82", false), "must-accept -..-  in-text"},
  };
  for (const Row& row : rows) EXPECT_EQ(rule(row.stream), row.expected) << row.name;
}

TEST(Rules, FaultsHaveAWindow) {
  // Offsets: failing allowed from .. required by. A masked frame of 2 octets of payload has 8 octets.
  const Row rows[] = {
      {"opcode", frame(3, "ab"), "must-fail 1..8 rfc6455-5.2-4 not:3:ab:rfc6455-5.2-4 failed"},
      {"opcode of a control frame", frame(11, "ab"), "must-fail 1..8 rfc6455-5.2-4 failed"},
      {"rsv", frame(1, "ab", true, 2), "must-fail 1..8 rfc6455-5.2-3 not:1:ab:rfc6455-5.2-3 failed"},
      {"rsv1 without deflate", frame(9, "ab", true, 4),
       "must-fail 1..8 rfc6455-5.2-3 not:9:ab:rfc6455-5.2-3 failed"},
      {"fragmented ping", frame(9, "ab", false),
       "must-fail 1..8 rfc6455-5.5-2 not:9:ab:rfc6455-5.5-2 failed"},
      {"continuation of nothing", cont("ab"), "must-fail 1..8 rfc6455-5.4-1 not:1:ab:rfc6455-5.4-1 failed"},
      {"unmasked", frame(1, "ab", true, 0, {}), "must-fail 2..4 rfc6455-5.1-2 not:1:ab:rfc6455-5.1-2 failed"},
      {"second frame", text("ab") + frame(3, ""),
       "must-fail 9..14 rfc6455-5.2-4 echo:1:ab not:3::rfc6455-5.2-4 failed"},
      {"message in message", text("ab", false) + text("cd"),
       "must-fail 9..16 rfc6455-5.4-7 not:1:ab:rfc6455-5.4-7 not:1:cd:rfc6455-7.1.7-7 failed"},
      {"long ping", ping(Bytes(126, 'x')),
       "must-fail 2..134 rfc6455-5.5-1 not:9:" + Bytes(20, 'x') + ":rfc6455-5.5-1 failed"},
      {"top bit", formed(2, "", LengthForm::bits64, 1ull << 63), "must-fail 3..14 rfc6455-5.2-5 failed"},
      {"fault, ping, text", frame(3, "") + ping("p") + text("t"),
       "must-fail 1..6 rfc6455-5.2-4 not:3::rfc6455-5.2-4 not:9:p:rfc6455-7.1.7-7 not:1:t:rfc6455-7.1.7-7 "
       "failed"},
      {"not UTF-8",
       text("a\xff"
            "b"),
       "must-fail 8..9 rfc6455-8.1-1 not:1:a\xff"
       "b:rfc6455-8.1-1 failed"},
      {"cut at the end", text("a\xc3"), "must-fail 8..8 rfc6455-8.1-1 not:1:a\xc3:rfc6455-8.1-1 failed"},
      {"not UTF-8, fragmented", text("\xf4", false) + cont("\x90", false) + cont("z"),
       "must-fail 14..21 rfc6455-8.1-1 not:1:\xf4\x90z:rfc6455-8.1-1 failed"},
  };
  for (const Row& row : rows) EXPECT_EQ(rule(row.stream), row.expected) << row.name;
}

TEST(Rules, FailingIsAllowedBeforeItIsRequired) {
  const Row rows[] = {
      {"first octet of a bad header", frame(3, "").substr(0, 1), "may-fail 1..- rfc6455-5.2-4 header"},
      {"second octet", frame(1, "ab", true, 0, {}).substr(0, 2), "must-fail 2..4 rfc6455-5.1-2 failed"},
      {"second octet of a long form", frame(1, Bytes(200, 'a'), true, 0, {}).substr(0, 2),
       "may-fail 2..- rfc6455-5.1-2 header"},
      {"long ping", ping(Bytes(126, 'x')).substr(0, 2), "may-fail 2..- rfc6455-5.2-6 header"},
      {"third octet of a top bit", formed(2, "", LengthForm::bits64, 1ull << 63).substr(0, 3),
       "may-fail 3..- rfc6455-5.2-5 header"},
      {"roundabout length", formed(1, "", LengthForm::bits16, 5).substr(0, 4),
       "may-fail 4..- rfc6455-5.2-6 header"},
      {"beyond the limit", formed(1, "", LengthForm::bits64, 1ull << 40).substr(0, 10),
       "may-fail 2..- rfc6455-10.4-1 header"},
      {"bad text, unfinished", text("\xff", false) + ping("p"), "may-fail 7..- rfc6455-8.1-1 ping:p in-text"},
      {"bad frame, unfinished", frame(3, Bytes(100, 'x')).substr(0, 20),
       "must-fail 1..106 rfc6455-5.2-4 failed"},
  };
  for (const Row& row : rows) EXPECT_EQ(rule(row.stream), row.expected) << row.name;
  Model model({});
  model.sent(frame(3, Bytes(100, 'x')).substr(0, 20));
  EXPECT_TRUE(model.now().may_fail());
  EXPECT_FALSE(model.now().must_fail());
}

TEST(Rules, WhatIsOpenIsNeverRequired) {
  const Agreement small{.limits = {.message = 10, .frame = 8}};
  EXPECT_EQ(rule(formed(1, "Hi", LengthForm::bits16)), "may-fail 4..- rfc6455-5.2-6 echo:1:Hi idle");
  EXPECT_EQ(rule(formed(9, "Hi", LengthForm::bits64)), "may-fail 2..- rfc6455-5.2-6 ping:Hi idle");
  EXPECT_EQ(rule(formed(2, "", LengthForm::bits64, 1ull << 62)), "may-fail 2..- rfc6455-10.4-1 in-binary");
  EXPECT_EQ(rule(frame(2, "123456789"), small), "may-fail 2..- rfc6455-10.4-1 echo:2:123456789 idle");
  EXPECT_EQ(rule(frame(2, "12345678901"), small), "unknown 2..- rfc6455-10.4-1 unknown");
}

TEST(Rules, ClosesAreAnsweredAsTheirBodyDemands) {
  struct CloseRow {
    Bytes body;
    SentClose::Demand demand;
    Ruling ruling;
    const char* requirement;
  };
  using enum SentClose::Demand;
  const auto code = [](int c) { return make_close(static_cast<std::uint16_t>(c)); };
  const CloseRow rows[] = {
      {"", orderly, Ruling::must_close, ""},
      {"x", refuse, Ruling::must_fail, "rfc6455-5.5.1-2"},
      {code(0), refuse, Ruling::must_fail, "rfc6455-7.4.2-1"},
      {code(999), refuse, Ruling::must_fail, "rfc6455-7.4.2-1"},
      {code(1000), orderly, Ruling::must_close, ""},
      {code(1004), reserved, Ruling::must_close, "rfc6455-7.4.2-2"},
      {code(1005), refuse, Ruling::must_fail, "rfc6455-7.4.1-3"},
      {code(1006), refuse, Ruling::must_fail, "rfc6455-7.4.1-4"},
      {code(1010), orderly, Ruling::must_close, ""},
      {code(1013), registered, Ruling::must_close, "rfc6455-7.4.2-2"},
      {code(1015), refuse, Ruling::must_fail, "rfc6455-7.4.1-8"},
      {code(2999), open, Ruling::must_close, "rfc6455-7.4.2-2"},
      {code(3000), orderly, Ruling::must_close, ""},
      {code(4999), orderly, Ruling::must_close, ""},
      {code(5000), open, Ruling::must_close, "rfc6455-11.7-1"},
      {code(65535), open, Ruling::must_close, "rfc6455-11.7-1"},
      {code(1000) + "\xff", refuse_text, Ruling::must_fail, "rfc6455-8.1-1"},
  };
  for (const CloseRow& row : rows) {
    Model model({});
    model.sent(frame(8, row.body));
    ASSERT_TRUE(model.now().close);
    EXPECT_EQ(model.now().close->demand, row.demand) << to_hex(row.body);
    EXPECT_EQ(model.now().ruling, row.ruling) << to_hex(row.body);
    EXPECT_EQ(model.now().requirement, row.requirement) << to_hex(row.body);
  }
  Model client({.tested = Role::client});
  client.sent(frame(8, code(1010), true, 0, std::nullopt));
  ASSERT_TRUE(client.now().close);
  EXPECT_EQ(client.now().close->demand, open) << "no server uses 1010";
  EXPECT_EQ(client.now().requirement, "rfc6455-7.4.1-7");
  EXPECT_EQ(rule(close_frame(1000) + text("t") + ping("p")),
            "must-close -..-  not:1:t:rfc6455-5.5.1-17 not:9:p:rfc6455-5.5.1-17 closing");
  Model inside({});
  inside.sent(text("a", false) + close_frame(1000));
  EXPECT_TRUE(inside.now().close->inside_message);
}

TEST(Rules, CompressedMessages) {
  const Agreement deflate{.deflate = DeflateSettings{}};
  const Agreement narrow{.deflate = DeflateSettings{false, false, 15, 8}};
  const Agreement fresh{.deflate = DeflateSettings{false, true, 15, 15}};
  Compressor c;
  const Bytes first = c.compress("Hello"), second = c.compress("Hello");
  const auto z = [](BytesView payload, bool fin = true) { return frame(1, payload, fin, 4); };
  const Bytes final_block = Compressor().compress("Hello", DeflateForm::final);
  Bytes noise(600, '\0');
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>('!' + i * i * 7 % 90);
  const Bytes beyond = deflate_exact_window(noise.substr(0, 512) + noise.substr(0, 88), 9);
  BitWriter bits;
  put_fixed_block(bits, {{0, 'a'}, {3, 2}});
  const Bytes before_start = bits.take();

  EXPECT_EQ(rule(z(first) + text("x") + z(second), deflate),
            "must-accept -..-  echo:1:Hello echo:1:x echo:1:Hello idle");
  EXPECT_EQ(rule(z(first.substr(0, 2), false) + ping("p") + cont(first.substr(2)), deflate),
            "must-accept -..-  echo:1:Hello ping:p idle");
  EXPECT_EQ(rule(z(final_block), deflate), "must-accept -..-  echo:1:Hello idle");
  EXPECT_EQ(rule(z(final_block) + z(second), deflate), "unknown 20..- rfc7692-7.2.1-8 echo:1:Hello unknown");
  EXPECT_EQ(rule(z("\x06"), deflate), "must-fail 6..7 rfc7692-7.2.2-1 not:1::rfc7692-7.2.2-1 failed");
  EXPECT_EQ(rule(z(before_start), deflate), "must-fail 6..10 rfc7692-7.2.2-1 not:1:a:rfc7692-7.2.2-1 failed");
  EXPECT_EQ(rule(z(first) + z(second), fresh), "unknown 19..- rfc7692-7.2.1-8 echo:1:Hello unknown");
  EXPECT_EQ(rule(z(""), deflate), "unknown 6..- rfc7692-7.2.3.6-1 unknown");
  EXPECT_EQ(rule(z(Compressor().compress("Hello", DeflateForm::keep_tail)), deflate),
            "unknown 6..- rfc7692-7.2.1-1 unknown");
  EXPECT_TRUE(rule(frame(2, beyond, true, 4), narrow).starts_with("unknown 8..- rfc7692-7.2.1-13"));
  EXPECT_TRUE(rule(frame(2, beyond, true, 4), deflate).starts_with("must-accept"));
  EXPECT_EQ(rule(frame(9, "p", true, 4), deflate),
            "must-fail 1..7 rfc7692-6.1-4 not:9:p:rfc7692-6.1-4 failed");
  EXPECT_EQ(rule(z(first.substr(0, 2), false) + frame(0, first.substr(2), true, 4), deflate),
            "must-fail 9..19 rfc7692-6.1-4 not:1:Hello:rfc7692-6.1-4 failed");
  EXPECT_EQ(
      rule(z(c.compress("\xff"), false) + cont(""), Agreement{.deflate = DeflateSettings{}}).substr(0, 9),
      "must-fail");
}

TEST(Rules, HalfCloseAndResetAreNoted) {
  Model model({});
  model.sent(text("part", false));
  model.sent_fin();
  EXPECT_TRUE(model.now().half_closed);
  ASSERT_EQ(model.now().forbidden.size(), 1u);
  EXPECT_EQ(model.now().forbidden[0].payload, "part");
  EXPECT_EQ(model.now().forbidden[0].requirement, "rfc6455-5.4-1");
  model.sent_reset();
  EXPECT_TRUE(model.now().reset);
}

TEST(Rules, AClientIsHeldToTheOppositeMask) {
  const Agreement client{.tested = Role::client};
  EXPECT_EQ(rule(frame(1, "a", true, 0, {}), client), "must-accept -..-  echo:1:a idle");
  EXPECT_EQ(rule(text("a"), client), "must-fail 2..7 rfc6455-5.1-5 not:1:a:rfc6455-5.1-5 failed");
}

// The receiver of message.h was written apart from the model: what the one must fail the other fails, and
// what the one accepts, with the same messages, the other accepts.
TEST(Rules, AgreesWithTheReceiverOnRandomStreams) {
  std::mt19937 random(20);
  static constexpr int kOpcodes[] = {0, 0, 1, 1, 2, 9, 10, 1, 8, 3};
  int verdicts[5] = {};
  for (int round = 0; round < 30000; ++round) {
    Agreement agreement;
    if (random() % 2 == 0) agreement.deflate = DeflateSettings{false, random() % 2 == 0, 15, 15};
    Compressor compressor(15, !(agreement.deflate && agreement.deflate->client_no_context_takeover));
    static const Bytes kPayloads[] = {"",         "a",          "\xe2\x82", "\xac",         "\x03\xe8",
                                      "\x03\xed", "\x0b\xb8ok", "\xff",     Bytes(126, 'z')};
    Bytes stream;
    for (unsigned n = 1 + random() % 5; n > 0; --n) {
      Bytes payload = kPayloads[random() % std::size(kPayloads)];
      int rsv = random() % 40 == 0 ? static_cast<int>(random() % 8) : 0;
      if (agreement.deflate && random() % 2 == 0) {
        payload = compressor.compress(payload);
        if (random() % 4 == 0) payload[random() % payload.size()] = static_cast<char>(random());
        rsv = 4;
      }
      stream += frame(kOpcodes[random() % std::size(kOpcodes)], payload, random() % 4 != 0, rsv,
                      random() % 40 == 0 ? std::nullopt : std::optional<MaskKey>(random()));
    }
    if (random() % 4 == 0) stream.resize(random() % (stream.size() + 1));
    Model model(agreement);
    model.sent(stream);
    MessageDecoder decoder(Role::server, agreement.deflate, agreement.limits);
    std::vector<Bytes> messages;
    bool failed = false;
    Bytes copy = stream;
    decoder.feed(copy, [&](Incoming&& in) {
      failed = failed || in.kind == Incoming::Kind::fault;
      if (in.kind == Incoming::Kind::text || in.kind == Incoming::Kind::binary)
        messages.push_back(in.payload);
    });
    const Expectation& now = model.now();
    ++verdicts[static_cast<int>(now.ruling)];
    if (now.must_fail()) {
      ASSERT_TRUE(failed) << describe(model) << "\n" << to_hex(stream);
    }
    if (failed && now.ruling != Ruling::must_close) {
      ASSERT_TRUE(now.may_fail()) << describe(model) << "\n" << to_hex(stream);
    }
    if (now.ruling == Ruling::must_accept) {
      ASSERT_FALSE(failed) << to_hex(stream);
      ASSERT_EQ(messages.size(), now.echoes.size());
      for (std::size_t i = 0; i < messages.size(); ++i) ASSERT_EQ(messages[i], now.echoes[i].payload);
    }
  }
  for (const Ruling r :
       {Ruling::must_accept, Ruling::may_fail, Ruling::must_fail, Ruling::must_close, Ruling::unknown}) {
    EXPECT_GT(verdicts[static_cast<int>(r)], 100) << ruling_name(r);
  }
}

TEST(Rules, KeepsLittleOfWhatIsForbidden) {
  Model model({});
  model.sent(frame(3, ""));
  for (int i = 0; i < 2000; ++i) model.sent(ping("x"));
  EXPECT_LE(model.now().forbidden.size(), 256u);
  Model large({});
  large.sent(frame(3, ""));
  for (int i = 0; i < 20; ++i) large.sent(frame(2, Bytes(1 << 20, 'x')));
  std::size_t octets = 0;
  for (const Stimulus& s : large.now().forbidden) octets += s.payload.size();
  EXPECT_LE(octets, 4u << 20);
}

}  // namespace
}  // namespace wsspec::rules_test
