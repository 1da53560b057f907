#include "script/assemble.h"

#include <gtest/gtest.h>

#include "protocol/mix.h"
#include "script/parse.h"
#include "script/print.h"

namespace wsspec::assemble_test {
namespace {

Statement statement(std::string_view text) {
  auto parsed = parse_steps(text);
  EXPECT_TRUE(parsed.errors.empty()) << (parsed.errors.empty() ? "" : render(parsed.errors[0]));
  return parsed.steps.at(0).statement;
}

Assembled made(std::string_view text, Role role) {
  Environment environment;
  auto out = assemble(statement(text), environment, role);
  EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().what);
  return out.value_or(Assembled{});
}

std::string hex(std::string_view text, Role role = Role::server) {
  return to_hex(made(text, role).bytes);
}

std::string refusal(std::string_view text) {
  Environment environment;
  const auto out = assemble(statement(text), environment, Role::server);
  return out ? std::string() : out.error().what;
}

TEST(Assemble, FramesOfRfc6455Section57) {
  EXPECT_EQ(hex("> text \"Hello\""), "81 05 48 65 6c 6c 6f");
  EXPECT_EQ(hex("> text mask=37fa213d \"Hello\""), "81 85 37 fa 21 3d 7f 9f 4d 51 58");
  EXPECT_EQ(hex("> text fin=0 \"Hel\""), "01 03 48 65 6c");
  EXPECT_EQ(hex("> cont \"lo\""), "80 02 6c 6f");
  EXPECT_EQ(hex("> ping \"Hello\""), "89 05 48 65 6c 6c 6f");
  EXPECT_EQ(hex("> binary x\"00\"*256").substr(0, 11), "82 7e 01 00");
  EXPECT_EQ(hex("> binary x\"00\"*64K").substr(0, 29), "82 7f 00 00 00 00 00 01 00 00");
}

TEST(Assemble, FieldsOverride) {
  EXPECT_EQ(hex("> frame op=11 fin=0 rsv=5 \"?\""), "5b 01 3f");
  EXPECT_EQ(hex("> text len=200 \"a\""), "81 7e 00 c8 61");
  EXPECT_EQ(hex("> text lenbits=64 \"a\""), "81 7f 00 00 00 00 00 00 00 01 61");
  EXPECT_EQ(hex("> text len=0x8000000000000000 \"\""), "81 7f 80 00 00 00 00 00 00 00");
  EXPECT_EQ(hex("> close"), "88 00");
  EXPECT_EQ(hex("> close 1000 \"ok\""), "88 04 03 e8 6f 6b");
  EXPECT_EQ(hex("> close x\"03\""), "88 01 03");
}

TEST(Assemble, MaskFollowsTheRole) {
  const auto masked = [](std::string_view text, Role role) {
    return made(text, role).frames.at(0).header.mask.has_value();
  };
  EXPECT_TRUE(masked("> text \"a\"", Role::client));
  EXPECT_FALSE(masked("> text \"a\"", Role::server));
  EXPECT_TRUE(masked("> text mask=bad \"a\"", Role::server));
  EXPECT_FALSE(masked("> text mask=bad \"a\"", Role::client));
  EXPECT_FALSE(masked("> text mask=none \"a\"", Role::client));
  EXPECT_TRUE(masked("> text mask=01020304 \"a\"", Role::server));
}

TEST(Assemble, KeysDifferButRepeatForTheSameSeed) {
  Environment a, b, other;
  other.seed = 2;
  const auto ping = statement("> ping");
  const auto first = assemble(ping, a, Role::client)->bytes, second = assemble(ping, a, Role::client)->bytes;
  EXPECT_NE(first, second);
  EXPECT_EQ(first, assemble(ping, b, Role::client)->bytes);
  EXPECT_NE(first, assemble(ping, other, Role::client)->bytes);
}

TEST(Assemble, SplitMakesOneMessage) {
  EXPECT_EQ(hex("> text split=2 \"abcde\""), "01 02 61 62 00 02 63 64 80 01 65");
  EXPECT_EQ(hex("> text split=5 \"abcde\""), "81 05 61 62 63 64 65");
  EXPECT_EQ(hex("> text split=1 \"\""), "81 00");
  EXPECT_EQ(hex("> binary fin=0 rsv=4 split=1 \"ab\""), "42 01 61 00 01 62");
}

TEST(Assemble, LayoutCutsWrites) {
  using Cuts = std::vector<std::size_t>;
  EXPECT_EQ(made("> text \"abc\"", Role::server).cuts, Cuts({5}));
  EXPECT_EQ(made("> text chop=2 gap=3ms \"abc\"", Role::server).cuts, Cuts({2, 4, 5}));
  EXPECT_EQ(made("> text chop=2 gap=3ms \"abc\"", Role::server).gap, Duration(3'000'000));
  EXPECT_EQ(made("> text split=1 \"abc\"", Role::server).cuts, Cuts({9}));
  EXPECT_EQ(made("> text split=1 gap=1ms \"abc\"", Role::server).cuts, Cuts({3, 6, 9}));
  EXPECT_EQ(made("> bytes \"abcdef\" chop=4", Role::server).cuts, Cuts({4, 6}));
  EXPECT_TRUE(made("> bytes \"\"", Role::server).cuts.empty());
}

TEST(Assemble, BurstIsOneWrite) {
  const auto burst = made("burst\n> text \"a\"\n> bytes \"x\"\n> ping \"bc\"\nend", Role::server);
  EXPECT_EQ(to_hex(burst.bytes), "81 01 61 78 89 02 62 63");
  EXPECT_EQ(burst.cuts, std::vector<std::size_t>({8}));
  ASSERT_EQ(burst.frames.size(), 2U);
  EXPECT_EQ(burst.frames[1].offset, 4U);
  EXPECT_EQ(burst.frames[1].payload, 6U);
  EXPECT_EQ(burst.frames[1].end, 8U);
  EXPECT_EQ(made("burst chop=3\n> text \"a\"\n> ping \"bc\"\nend", Role::server).cuts,
            std::vector<std::size_t>({3, 6, 7}));
}

TEST(Assemble, HeadEndsItsLines) {
  Environment environment;
  environment.texts["p"] = "/chat";
  const auto out = assemble(statement("> head (\"GET \" $p) \"Host: a\""), environment, Role::client);
  ASSERT_TRUE(out.has_value());
  EXPECT_EQ(out->bytes, "GET /chat\r\nHost: a\r\n\r\n");
}

TEST(Assemble, HandshakesComeFromTheEnvironment) {
  Environment environment;
  EXPECT_FALSE(assemble(statement("> request"), environment, Role::client).has_value());
  environment.make_head = [](const Statement& s) -> Result<Head> {
    Head head;
    head.start = std::get<SendRequest>(s).edits.empty() ? "plain" : "edited";
    return head;
  };
  EXPECT_EQ(assemble(statement("> request drop Host"), environment, Role::client)->bytes, "edited\r\n\r\n");
  const auto burst = assemble(statement("burst\n> request\n> bytes \"!\"\nend"), environment, Role::client);
  ASSERT_TRUE(burst);
  EXPECT_EQ(burst->bytes, "plain\r\n\r\n!");
  ASSERT_TRUE(burst->head);
  EXPECT_EQ(burst->head->start, "plain");
  EXPECT_EQ(burst->head_octets, burst->bytes.size() - 1);
}

TEST(Assemble, ContradictionsAreErrors) {
  EXPECT_EQ(refusal("> text rsv=8 \"a\""), "rsv=8 is more than 7");
  EXPECT_EQ(refusal("> text lenbits=8 \"a\""), "lenbits=8 is none of 7, 16, 64");
  EXPECT_EQ(refusal("> text split=1 len=3 \"a\""), "'split=' and 'len=' contradict each other");
  EXPECT_EQ(refusal("> text chop=0 \"a\""), "chop=0 cuts nothing");
  EXPECT_EQ(refusal("> text split=1 \"a\"*100M"), "split=1 makes too many pieces");
  EXPECT_EQ(refusal("> close 65536"), "the code=65536 is more than 65535");
  EXPECT_EQ(refusal("> bytes \"a\" split=1"), "only frames can be split");
  EXPECT_EQ(refusal("> text \"ab\"*0xffffffffffffffff"), "a payload of more than 256 MiB");
  EXPECT_EQ(refusal("> text $x"), "'$x' has no value here");
  EXPECT_EQ(refusal("> eof"), "only '>' statements with octets can be assembled");
}

// Reversibility

Bytes assembled(const std::vector<Step>& steps, Role role) {
  Environment environment;
  Bytes out;
  for (const auto& step : steps) {
    const auto one = assemble(step.statement, environment, role);
    EXPECT_TRUE(one.has_value());
    if (one) out += one->bytes;
  }
  return out;
}

/// Octets that are frames, nearly frames, or nothing of the kind.
Bytes random_stream(std::uint64_t seed) {
  SplitMix random(seed);
  Bytes out;
  for (auto n = random.below(6); n > 0; --n) {
    FrameHeader header;
    header.fin = random.below(2);
    header.rsv = random.below(4) == 0 ? static_cast<std::uint8_t>(random.below(8)) : 0;
    header.opcode = static_cast<std::uint8_t>(random.below(16));
    if (random.below(2)) header.mask = static_cast<MaskKey>(random.next());
    const auto payload = noise(random.below(8) == 0 ? random.below(70000) : random.below(130), random.next());
    header.length = payload.size();
    header.form = minimal_form(header.length);
    if (random.below(4) == 0) header.form = LengthForm::bits64;
    if (random.below(10) == 0) header.length = random.next(), header.form = LengthForm::bits64;
    append_frame(out, header, payload);
    if (random.below(10) == 0) out.resize(out.size() - random.below(static_cast<std::uint32_t>(out.size())));
    if (random.below(10) == 0) out += noise(random.below(30), random.next());
  }
  return out;
}

TEST(Disassemble, AssemblingGivesTheOctetsBack) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const auto bytes = random_stream(seed);
    for (auto role : {Role::client, Role::server}) {
      const auto steps = disassemble(bytes, role);
      ASSERT_EQ(assembled(steps, role), bytes) << "seed " << seed;
      std::string text;
      for (const auto& step : steps) text += print(step) + '\n';
      const auto read = parse_steps(text);
      ASSERT_TRUE(read.errors.empty()) << render(read.errors[0]);
      ASSERT_EQ(assembled(read.steps, role), bytes) << "seed " << seed << "\n" << text;
    }
  }
}

std::string lines(BytesView bytes, Role role) {
  std::string out;
  for (const auto& step : disassemble(bytes, role)) out += print(step, 0) + '\n';
  return out;
}

TEST(Disassemble, LeavesOutWhatTheRoleMakesCorrect) {
  EXPECT_EQ(lines("\x81\x05Hello", Role::server), "> text \"Hello\"\n");
  EXPECT_EQ(lines("\x81\x05Hello", Role::client), "> text mask=none \"Hello\"\n");
  EXPECT_EQ(lines("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", Role::client),
            "> text mask=37fa213d \"Hello\"\n");
  EXPECT_EQ(lines("\x88\x04\x03\xe8ok\x83\x7e", Role::server), "> close 1000 \"ok\"\n> bytes x\"83 7e\"\n");
  EXPECT_EQ(lines(BytesView("\x0b\x7e\x00\x01?", 5), Role::server), "> frame fin=0 op=11 lenbits=16 \"?\"\n");
  EXPECT_EQ(lines("GET /", Role::client), "> bytes \"GET /\"\n");
}

}  // namespace
}  // namespace wsspec::assemble_test
