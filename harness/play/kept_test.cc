#include "play/kept.h"

#include <gtest/gtest.h>

#include "protocol/close.h"
#include "protocol/frame.h"
#include "protocol/mask.h"

namespace wsspec::kept_test {
namespace {

using Level = Kept::Level;

constexpr MaskKey kOne{0x01020304}, kOther{0x09080706};

Bytes text(std::string_view payload, MaskKey key = kOne, bool fin = true) {
  return make_frame(Opcode::text, payload, key, fin);
}
Level level(BytesView sent, BytesView came, bool extended = false) {
  return compare_kept(sent, came, Way{Role::client, extended}).level;
}

TEST(Kept, OctetsAreTheStrongest) {
  EXPECT_EQ(level(text("a"), text("a")), Level::octets);
  EXPECT_EQ(level("", ""), Level::octets);
  EXPECT_EQ(level(text("abc"), BytesView(text("abc")).substr(0, 5)), Level::part);
  EXPECT_EQ(level(text("abc"), ""), Level::part);
}

TEST(Kept, OtherMasksAreTheSameFrames) {
  EXPECT_EQ(level(text("abc"), text("abc", kOther)), Level::frames);
  EXPECT_EQ(level(text("abc") + text("d"), text("abc", kOther)), Level::part);
  EXPECT_EQ(level(text("abc"), text("abd", kOther)), Level::changed);
  // Of a frame that was begun with other masks nobody can tell yet.
  EXPECT_EQ(level(text("abc") + text("d"), text("abc", kOther) + text("d", kOther).substr(0, 3)),
            Level::part);
}

TEST(Kept, MessagesMayBeCutAnewWithoutExtensions) {
  const Bytes cut = text("ab", kOne, false) + make_frame(Opcode::cont, "c", kOne);
  EXPECT_EQ(level(text("abc"), cut), Level::messages);
  EXPECT_EQ(level(cut, text("abc")), Level::messages);
  EXPECT_EQ(level(text("abc"), cut, true), Level::changed);
}

TEST(Kept, ControlFramesStayWhole) {
  const Bytes ping = make_frame(Opcode::ping, "abc", kOne);
  const Bytes cut = make_frame(Opcode::ping, "ab", kOne, false) + make_frame(Opcode::cont, "c", kOne);
  EXPECT_EQ(level(ping, cut), Level::changed);
}

TEST(Kept, WhatIsNotLegalIsNotCutAnew) {
  const Bytes reserved = make_frame(Opcode::text, "abc", kOne, true, 2);
  EXPECT_EQ(level(reserved, text("abc")), Level::changed);
  EXPECT_EQ(level(reserved, make_frame(Opcode::text, "abc", kOther, true, 2)), Level::frames);
}

TEST(Kept, OctetsThatNobodySentAreTold) {
  const Kept kept = compare_kept(text("a"), text("a") + "xyz", {});
  EXPECT_EQ(kept.level, Level::changed);
  EXPECT_NE(kept.what.find("were not sent"), std::string::npos) << kept.what;
}

TEST(Kept, AHopMaySayThatItGivesUp) {
  const auto close = [](std::uint16_t code) {
    return make_frame(Opcode::close, make_close(code), std::nullopt);
  };
  for (const int code : {1001, 1002, 1011, 1012, 1014}) {
    const Bytes own = close(static_cast<std::uint16_t>(code));
    EXPECT_EQ(compare_kept(text("a"), text("a") + own, {}).farewell, own.size()) << code;
  }
  for (const int code : {1000, 1005, 1006, 3000})
    EXPECT_EQ(level(text("a"), text("a") + close(static_cast<std::uint16_t>(code))), Level::changed) << code;
}

Bytes close_with(std::uint16_t code, MaskKey key = kOne, std::string_view reason = "") {
  return make_frame(Opcode::close, make_close(code, reason), key);
}

TEST(Kept, AHopMayAnswerTheReceiversCloseItself) {
  Way way;
  EXPECT_EQ(compare_kept("", close_with(4000), way).level, Level::changed);
  way.closed = std::optional<std::uint16_t>(4000);
  EXPECT_EQ(compare_kept("", close_with(4000), way).level, Level::octets);
  EXPECT_EQ(compare_kept("", make_frame(Opcode::close, "", kOne), way).level, Level::octets);
  EXPECT_EQ(compare_kept("", close_with(1000), way).level, Level::changed);
  EXPECT_EQ(compare_kept(close_with(4001), close_with(4000, kOther), way).level, Level::closed);
  EXPECT_EQ(compare_kept(close_with(4001), close_with(1000, kOther), way).level, Level::changed);
  EXPECT_EQ(compare_kept(text("a") + close_with(4001), close_with(4000), way).level, Level::changed);
}

TEST(Kept, AHopMayRefuseWhatNoEndpointMaySend) {
  const Bytes refusal = close_with(1002, kOther, "no");
  FrameHeader roundabout{.mask = kOne, .length = 3, .form = LengthForm::bits64};
  Bytes longer;
  append_frame(longer, roundabout, "abc");
  for (const Bytes& bad :
       {make_frame(Opcode::text, "abc", std::nullopt), make_frame(Opcode::cont, "abc", kOne),
        make_frame(Opcode::text, "\xff", kOne), make_frame(Opcode::ping, "a", kOne, false),
        make_frame(Opcode::text, "abc", kOne, true, 2), longer}) {
    EXPECT_EQ(level(text("a") + bad, text("a") + refusal), Level::refused);
    EXPECT_EQ(level(text("a") + bad, text("a") + close_with(1000)), Level::changed);
    EXPECT_EQ(level(text("a") + bad, refusal), Level::changed);
    EXPECT_EQ(level(text("a") + bad, text("a") + refusal, true), Level::changed);
  }
  EXPECT_EQ(level(text("a"), refusal), Level::changed);
  EXPECT_EQ(level(text("abc").substr(0, 7), close_with(1001)), Level::closed);
  EXPECT_EQ(level(text("abc").substr(0, 7), close_with(1000)), Level::changed);
}

Head head(std::string start, std::vector<Field> fields) {
  Head out;
  out.start = std::move(start);
  out.fields = std::move(fields);
  return out;
}

TEST(ChangedField, LinesMayBeJoinedInOrder) {
  const Head sent = head("GET /a HTTP/1.1", {{"X", "1"}, {"Y", "b"}, {"X", "2"}});
  EXPECT_EQ(changed_field("X", sent, head("GET /a HTTP/1.1", {{"x", "1, 2"}})), "");
  EXPECT_NE(changed_field("X", sent, head("GET /a HTTP/1.1", {{"X", "2, 1"}})), "");
  EXPECT_NE(changed_field("X", sent, head("GET /a HTTP/1.1", {{"X", "1"}})), "");
  EXPECT_EQ(changed_field("Z", sent, sent), "");
}

TEST(ChangedField, CookiesStayOnTheirLines) {
  const Head sent = head("HTTP/1.1 101 x", {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}});
  EXPECT_EQ(changed_field("Set-Cookie", sent, sent), "");
  EXPECT_NE(changed_field("Set-Cookie", sent, head("HTTP/1.1 101 x", {{"Set-Cookie", "a=1, b=2"}})), "");
}

TEST(ChangedField, PartsOfTheFirstLineGoByName) {
  const Head sent = head("GET /a%2fb HTTP/1.1", {});
  EXPECT_EQ(changed_field("request-target", sent, sent), "");
  EXPECT_NE(changed_field("request-target", sent, head("GET /a/b HTTP/1.1", {})), "");
  EXPECT_NE(changed_field("version", sent, head("GET /a%2fb HTTP/1.0", {})), "");
  EXPECT_NE(changed_field("method", sent, head("POST /a%2fb HTTP/1.1", {})), "");
  const Head answer = head("HTTP/1.1 426 Upgrade Required", {});
  EXPECT_EQ(changed_field("status", answer, head("HTTP/1.1 426 other words", {})), "");
}

}  // namespace
}  // namespace wsspec::kept_test
