#include "protocol/header_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace wsspec::header_rules_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<HeaderFault> faults(const FrameHeader& header, const HeaderFacts& facts) {
  std::vector<HeaderFault> out;
  for (const HeaderRule& rule : kHeaderRules)
    if (rule.broken(header, facts)) out.push_back(rule.fault);
  return out;
}

FrameHeader header(Opcode opcode, std::uint64_t length, std::optional<MaskKey> mask) {
  FrameHeader out;
  out.fin = true;
  out.opcode = static_cast<std::uint8_t>(opcode);
  out.length = length;
  out.form = minimal_form(length);
  out.mask = mask;
  return out;
}

constexpr HeaderFacts kClient{Role::client, false, false}, kServer{Role::server, false, false};

TEST(HeaderRules, EachRoleHasItsOwnRuleOfMasks) {
  EXPECT_THAT(faults(header(Opcode::text, 5, 7u), kClient), IsEmpty());
  EXPECT_THAT(faults(header(Opcode::text, 5, {}), kServer), IsEmpty());
  EXPECT_THAT(faults(header(Opcode::text, 5, {}), kClient), ElementsAre(HeaderFault::unmasked));
  EXPECT_THAT(faults(header(Opcode::text, 5, 7u), kServer), ElementsAre(HeaderFault::masked));
}

TEST(HeaderRules, ReservedBitsDependOnWhatWasAgreed) {
  FrameHeader first = header(Opcode::text, 5, 7u);
  first.rsv = 4;
  EXPECT_THAT(faults(first, kClient), ElementsAre(HeaderFault::bits));
  EXPECT_THAT(faults(first, {Role::client, true, false}), IsEmpty());
  FrameHeader later = header(Opcode::cont, 5, 7u);
  later.rsv = 4;
  EXPECT_THAT(faults(later, {Role::client, true, true}), ElementsAre(HeaderFault::misplaced_rsv1));
  FrameHeader ping = header(Opcode::ping, 5, 7u);
  ping.rsv = 6;
  EXPECT_THAT(faults(ping, {Role::client, true, false}),
              ElementsAre(HeaderFault::bits, HeaderFault::misplaced_rsv1));
}

TEST(HeaderRules, MessagesHaveABeginningAndAnEnd) {
  EXPECT_THAT(faults(header(Opcode::cont, 5, 7u), kClient), ElementsAre(HeaderFault::orphan));
  EXPECT_THAT(faults(header(Opcode::binary, 5, 7u), {Role::client, false, true}),
              ElementsAre(HeaderFault::interleaved));
  EXPECT_THAT(faults(header(Opcode::ping, 5, 7u), {Role::client, false, true}), IsEmpty());
}

TEST(HeaderRules, ControlFramesAreShortAndWhole) {
  FrameHeader ping = header(Opcode::ping, 126, 7u);
  ping.fin = false;
  EXPECT_THAT(faults(ping, kClient), ElementsAre(HeaderFault::fragmented_control, HeaderFault::long_control));
}

// The sender breaks a rule whose receiver owes nothing.
TEST(HeaderRules, ALongFormObligesNobodyToFail) {
  FrameHeader text = header(Opcode::text, 5, 7u);
  text.form = LengthForm::bits64;
  ASSERT_NE(first_broken(text, kClient), nullptr);
  EXPECT_EQ(first_broken(text, kClient)->fault, HeaderFault::long_form);
  EXPECT_EQ(first_broken(text, kClient, true), nullptr);
  EXPECT_EQ(in_words(*first_broken(text, kClient), text),
            "a length in more octets than it needs (5 in 64 bits)");
}

// Whoever reads octet by octet must be able to name the first fault that shows.
TEST(HeaderRules, StandInTheOrderOfTheOctets) {
  for (std::size_t i = 1; i < std::size(kHeaderRules); ++i)
    EXPECT_LE(kHeaderRules[i - 1].octet, kHeaderRules[i].octet) << kHeaderRules[i].what;
}

TEST(HeaderRules, TheFirstBrokenIsTheFirstOfAll) {
  for (int first = 0; first < 256; ++first)
    for (const bool mask : {false, true})
      for (const std::uint64_t length : {0ull, 126ull, 1ull << 63})
        for (const HeaderFacts& facts : {kClient, kServer, HeaderFacts{Role::client, true, true}}) {
          FrameHeader one;
          one.fin = (first & 0x80) != 0;
          one.rsv = static_cast<std::uint8_t>(first >> 4 & 7);
          one.opcode = static_cast<std::uint8_t>(first & 15);
          one.length = length;
          one.form = minimal_form(length);
          if (mask) one.mask = 7u;
          const auto all = faults(one, facts);
          const HeaderRule* found = first_broken(one, facts);
          ASSERT_EQ(found != nullptr, !all.empty());
          ASSERT_TRUE(!found || found->fault == all.front());
        }
}

}  // namespace
}  // namespace wsspec::header_rules_test
