#include "protocol/frame.h"

#include <gtest/gtest.h>

#include <random>

namespace wsspec::frame_test {
namespace {

struct Decoded {
  FrameHeader header;
  Bytes payload;
  bool complete = false;
  bool operator==(const Decoded&) const = default;
};

// A second decoder, written from the picture in RFC 6455 5.2, bit by bit and without state.
std::vector<Decoded> decode_by_definition(BytesView bytes) {
  std::vector<Decoded> frames;
  std::size_t bit = 0;
  const auto left = [&] { return bytes.size() * 8 - bit; };
  const auto take = [&](int n) {
    std::uint64_t value = 0;
    for (; n > 0; --n, ++bit) value = value * 2 + (octet(bytes[bit / 8]) >> (7 - bit % 8) & 1);
    return value;
  };
  while (left() >= 16) {
    Decoded f;
    f.header.fin = take(1) == 1;
    f.header.rsv = static_cast<std::uint8_t>(take(3));
    f.header.opcode = static_cast<std::uint8_t>(take(4));
    const bool masked = take(1) == 1;
    f.header.length = take(7);
    const int extra = f.header.length == 126 ? 16 : f.header.length == 127 ? 64 : 0;
    if (left() < static_cast<std::size_t>(extra + (masked ? 32 : 0))) break;
    if (extra != 0) f.header.length = take(extra);
    f.header.form = extra == 0 ? LengthForm::bits7 : extra == 16 ? LengthForm::bits16 : LengthForm::bits64;
    if (masked) f.header.mask = static_cast<MaskKey>(take(32));
    std::uint64_t i = 0;
    for (; i < f.header.length && left() >= 8; ++i) {
      const int shift = static_cast<int>(24 - 8 * (i % 4));
      f.payload += static_cast<char>(take(8) ^ (masked ? *f.header.mask >> shift & 0xff : 0));
    }
    f.complete = i == f.header.length;
    frames.push_back(f);
  }
  return frames;
}

// Runs the decoder over `bytes` cut as `cut(left)` says, and joins the pieces.
template <typename Cut>
std::vector<Decoded> decode(Bytes bytes, Cut cut) {
  std::vector<Decoded> frames;
  FrameDecoder decoder;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t n = cut(bytes.size() - at);
    MutableBytes chunk = MutableBytes(bytes).subspan(at, n);
    at += n;
    while (auto piece = decoder.next(chunk)) {
      if (piece->first) frames.push_back({piece->header, {}, false});
      EXPECT_FALSE(frames.back().complete);
      frames.back().payload += view(piece->payload);
      frames.back().complete = piece->last;
      EXPECT_EQ(decoder.pending() == nullptr, piece->last);
    }
    EXPECT_TRUE(chunk.empty());
  }
  return frames;
}

Bytes random_stream(std::mt19937& random) {
  Bytes stream;
  for (int frames = 1 + static_cast<int>(random() % 4); frames > 0; --frames) {
    static constexpr std::uint64_t kLengths[] = {0, 1, 2, 5, 125, 126, 127, 130, 300};
    static constexpr LengthForm kForms[] = {LengthForm::bits7, LengthForm::bits16, LengthForm::bits64};
    FrameHeader h;
    h.fin = random() % 2 == 0;
    h.rsv = random() % 8;
    h.opcode = random() % 16;
    if (random() % 2 == 0) h.mask = static_cast<MaskKey>(random());
    h.length = kLengths[random() % std::size(kLengths)];
    h.form = random() % 2 == 0 ? minimal_form(h.length) : kForms[random() % 3];
    Bytes payload(h.length, '\0');
    for (char& c : payload) c = static_cast<char>(random());
    append_frame(stream, h, payload);
  }
  if (random() % 3 == 0) stream.resize(random() % (stream.size() + 1));
  return stream;
}

TEST(Frame, EncodesTheExamplesOfTheRfc) {
  EXPECT_EQ(to_hex(make_frame(Opcode::text, "Hello", {})), "81 05 48 65 6c 6c 6f");
  EXPECT_EQ(to_hex(make_frame(Opcode::text, "Hello", 0x37fa213d)), "81 85 37 fa 21 3d 7f 9f 4d 51 58");
  EXPECT_EQ(to_hex(make_frame(Opcode::text, "Hel", {}, false)), "01 03 48 65 6c");
  EXPECT_EQ(to_hex(make_frame(Opcode::cont, "lo", {})), "80 02 6c 6f");
  EXPECT_EQ(to_hex(make_frame(Opcode::binary, Bytes(256, 'x'), {}).substr(0, 4)), "82 7e 01 00");
  EXPECT_EQ(to_hex(make_frame(Opcode::binary, Bytes(65536, 'x'), {}).substr(0, 10)),
            "82 7f 00 00 00 00 00 01 00 00");
}

TEST(Frame, NamesOpcodes) {
  EXPECT_EQ(opcode_name(1), "text");
  EXPECT_EQ(opcode_name(10), "pong");
  EXPECT_EQ(opcode_name(3), "op3");
  EXPECT_EQ(opcode_name(15), "op15");
}

TEST(Frame, EveryHeaderSurvivesEncodingAndDecoding) {
  std::mt19937_64 random(4);
  for (int first = 0; first < 256; ++first) {
    for (const LengthForm form : {LengthForm::bits7, LengthForm::bits16, LengthForm::bits64}) {
      for (const bool masked : {false, true}) {
        FrameHeader h;
        h.fin = (first & 128) != 0;
        h.rsv = first >> 4 & 7;
        h.opcode = first & 15;
        h.form = form;
        h.length = form == LengthForm::bits7    ? random() % 126
                   : form == LengthForm::bits16 ? random() % 65536
                                                : random();
        if (masked) h.mask = static_cast<MaskKey>(random());
        char out[kMaxHeader];
        const std::size_t size = encode_header(h, out);
        FrameHeader back;
        ASSERT_EQ(decode_header(BytesView(out, size), back), size);
        ASSERT_EQ(back, h);
        for (std::size_t less = 0; less < size; ++less)
          ASSERT_EQ(decode_header(BytesView(out, less), back), 0u);
      }
    }
  }
}

TEST(Frame, ALengthTooLargeForItsFormIsCut) {
  FrameHeader h{.length = 0x12345, .form = LengthForm::bits16};
  Bytes out;
  append_frame(out, h, "");
  EXPECT_EQ(to_hex(out), "81 7e 23 45");
}

TEST(Frame, DecodesAllTwoOctetHeadersLikeTheDefinition) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const Bytes bytes = Bytes{static_cast<char>(a), static_cast<char>(b)} + Bytes(
                                                                                  "\0\x03\x01\x02\x03\x04"
                                                                                  "abcdefghij",
                                                                                  16);
      const auto expected = decode_by_definition(bytes);
      ASSERT_EQ(decode(bytes, [](std::size_t left) { return left; }), expected) << a << " " << b;
      ASSERT_EQ(decode(bytes, [](std::size_t) { return 1; }), expected) << a << " " << b;
    }
  }
}

TEST(Frame, CuttingNeverMatters) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    const Bytes stream = random_stream(random);
    const auto expected = decode_by_definition(stream);
    ASSERT_EQ(decode(stream, [](std::size_t left) { return left; }), expected);
    ASSERT_EQ(decode(stream, [](std::size_t) { return 1; }), expected);
    ASSERT_EQ(
        decode(stream, [&](std::size_t left) { return std::min<std::size_t>(left, 1 + random() % 20); }),
        expected);
  }
}

TEST(Frame, TellsTheHeaderBeforeThePayloadAndTheEmptyFrameAtOnce) {
  FrameDecoder decoder;
  Bytes head = make_frame(Opcode::text, "Hello", 1u).substr(0, 6);
  MutableBytes bytes(head);
  auto piece = decoder.next(bytes);
  ASSERT_TRUE(piece);
  EXPECT_TRUE(piece->first);
  EXPECT_FALSE(piece->last);
  EXPECT_TRUE(piece->payload.empty());
  ASSERT_NE(decoder.pending(), nullptr);
  EXPECT_EQ(decoder.pending()->length, 5u);
  EXPECT_FALSE(decoder.at_boundary());
  EXPECT_FALSE(decoder.next(bytes));

  FrameDecoder other;
  Bytes empty = make_frame(Opcode::ping, "", 1u);
  bytes = empty;
  piece = other.next(bytes);
  ASSERT_TRUE(piece);
  EXPECT_TRUE(piece->first && piece->last);
  EXPECT_TRUE(other.at_boundary());
}

TEST(Frame, AHeaderBegunIsNoBoundary) {
  FrameDecoder decoder;
  Bytes one = "\x81";
  MutableBytes bytes(one);
  EXPECT_FALSE(decoder.next(bytes));
  EXPECT_FALSE(decoder.at_boundary());
}

}  // namespace
}  // namespace wsspec::frame_test
