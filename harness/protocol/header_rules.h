// What no sender may write into a frame header, in whatever case and state, and what its receiver owes then
// (RFC 6455 5.1 to 5.5, RFC 7692 6.1): one table for both roles and for all who ask.
//
// What it is not: rules about payloads (utf8.h, close.h, deflate.h) or about the order of whole messages.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/frame.h"
#include "protocol/role.h"

namespace wsspec {

enum class HeaderFault {
  opcode,          ///< Reserved.
  bits,            ///< A reserved bit that no agreed extension defines.
  misplaced_rsv1,  ///< RSV1 elsewhere than on the first frame of a message.
  fragmented_control,
  orphan,       ///< A continuation of nothing.
  interleaved,  ///< A message inside a message.
  unmasked,     ///< By a client.
  masked,       ///< By a server.
  long_control,
  top_bit,
  long_form,  ///< A length in more octets than it needs.
};

/// What the meaning of a header depends on.
struct HeaderFacts {
  Role sender = Role::client;
  bool deflate = false;     ///< permessage-deflate was agreed upon.
  bool in_message = false;  ///< A fragmented message is under way.
};

struct HeaderRule {
  HeaderFault fault;
  std::string_view of_sender;    ///< Ledger id of what the sender breaks.
  std::string_view of_receiver;  ///< Of the receiver's duty to fail the connection; empty: it has none.
  unsigned octet;                ///< The octet of the header, counted from 1, in which the fault shows.
  std::string_view what;         ///< For people: "a masked frame".
  bool (*broken)(const FrameHeader& header, const HeaderFacts& facts);
};

namespace header_detail {
constexpr bool starts_message(const FrameHeader& h) {
  return h.is(Opcode::text) || h.is(Opcode::binary);
}
}  // namespace header_detail

/// In the order in which the faults show in the octets of a header.
inline constexpr HeaderRule kHeaderRules[] = {
    {HeaderFault::opcode, "rfc6455-5.2-4", "rfc6455-5.2-4", 1, "a frame with a reserved opcode",
     [](const FrameHeader& h, const HeaderFacts&) { return is_reserved(h.opcode); }},
    {HeaderFault::bits, "rfc6455-5.2-2", "rfc6455-5.2-3", 1, "reserved bits that no extension defines",
     [](const FrameHeader& h, const HeaderFacts& facts) {
       return (h.rsv & (facts.deflate ? ~kRsv1 : ~0)) != 0;
     }},
    {HeaderFault::misplaced_rsv1, "rfc7692-6.1-3", "rfc7692-6.1-4", 1,
     "RSV1 on a control frame or a later fragment",
     [](const FrameHeader& h, const HeaderFacts& facts) {
       return facts.deflate && (h.rsv & kRsv1) != 0 && (is_control(h.opcode) || h.is(Opcode::cont));
     }},
    {HeaderFault::fragmented_control, "rfc6455-5.5-2", "rfc6455-5.5-2", 1, "a fragmented control frame",
     [](const FrameHeader& h, const HeaderFacts&) { return is_control(h.opcode) && !h.fin; }},
    {HeaderFault::orphan, "rfc6455-5.4-1", "rfc6455-5.4-1", 1, "a continuation of no message",
     [](const FrameHeader& h, const HeaderFacts& facts) { return h.is(Opcode::cont) && !facts.in_message; }},
    {HeaderFault::interleaved, "rfc6455-5.4-7", "rfc6455-5.4-7", 1, "a message inside another one",
     [](const FrameHeader& h, const HeaderFacts& facts) {
       return header_detail::starts_message(h) && facts.in_message;
     }},
    {HeaderFault::unmasked, "rfc6455-5.1-1", "rfc6455-5.1-2", 2, "an unmasked frame",
     [](const FrameHeader& h, const HeaderFacts& facts) { return facts.sender == Role::client && !h.mask; }},
    {HeaderFault::masked, "rfc6455-5.1-4", "rfc6455-5.1-5", 2, "a masked frame",
     [](const FrameHeader& h, const HeaderFacts& facts) {
       return facts.sender == Role::server && h.mask.has_value();
     }},
    {HeaderFault::long_control, "rfc6455-5.5-1", "rfc6455-5.5-1", 2,
     "a control frame of more than 125 octets",
     [](const FrameHeader& h, const HeaderFacts&) { return is_control(h.opcode) && h.length > 125; }},
    {HeaderFault::top_bit, "rfc6455-5.2-5", "rfc6455-5.2-5", 3, "a length with its top bit set",
     [](const FrameHeader& h, const HeaderFacts&) { return h.length >> 63 != 0; }},
    // 5.2 binds the sender; that its receiver must refuse stands nowhere.
    {HeaderFault::long_form, "rfc6455-5.2-6", "", 3, "a length in more octets than it needs",
     [](const FrameHeader& h, const HeaderFacts&) { return h.form != minimal_form(h.length); }},
};

/// The fault that shows first, or nullptr. `duties_only`: only such as oblige the receiver.
/// Inline, with the table unrolled: it stands on the path of every frame.
inline const HeaderRule* first_broken(const FrameHeader& header, const HeaderFacts& facts,
                                      bool duties_only = false) {
  const HeaderRule* found = nullptr;
  const auto breaks = [&]<std::size_t I>() {
    constexpr const HeaderRule& rule = kHeaderRules[I];
    if ((duties_only && rule.of_receiver.empty()) || !rule.broken(header, facts)) return false;
    found = &rule;
    return true;
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (breaks.template operator()<I>() || ...);
  }(std::make_index_sequence<std::size(kHeaderRules)>{});
  return found;
}

/// "a frame with a reserved opcode (11)".
std::string in_words(const HeaderRule& rule, const FrameHeader& header);

}  // namespace wsspec
