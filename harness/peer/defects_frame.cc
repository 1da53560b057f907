// Defects in what is accepted as a frame: masking, reserved bits and opcodes, lengths, fragmentation, control
// frames (RFC 6455 5.1 to 5.5).
#include <bit>

#include "peer/defects.h"
#include "peer/edits.h"
#include "protocol/mask.h"

namespace wsspec {
namespace {

using namespace edits;

/// Lets a broken rule pass on the headers that `when` names.
template <Rule rule, bool (*when)(const FrameHeader& h, const Situation& s)>
void overlook(Conduct& c) {
  c.overlooks = [](Rule broken, const FrameHeader& h, const Situation& s) {
    return broken == rule && when(h, s);
  };
}
/// Combines the payload once more with what a wrong use of the key would have left.
template <std::uint32_t (*wrong_key)(const FrameHeader& h, Situation& s)>
void rekey(Conduct& c) {
  c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation& s) {
    const std::uint32_t wrong = wrong_key(h, s);
    if (h.mask && wrong != *h.mask) apply_mask(piece, *h.mask ^ wrong, offset);
  };
}

bool always(const FrameHeader&, const Situation&) {
  return true;
}
template <std::uint8_t opcode>
bool is_number(const FrameHeader& h, const Situation&) {
  return h.opcode == opcode;
}
bool is_empty(const FrameHeader& h, const Situation&) {
  return h.length == 0;
}
bool is_filled(const FrameHeader& h, const Situation&) {
  return h.length > 0;
}
bool is_inside(const FrameHeader&, const Situation& s) {
  return s.in_message();
}
bool is_data_frame(const FrameHeader& h, const Situation&) {
  return !is_control(h.opcode);
}
bool is_control_frame(const FrameHeader& h, const Situation&) {
  return is_control(h.opcode);
}
template <std::uint8_t bits>
bool has_only_rsv(const FrameHeader& h, const Situation&) {
  return !is_control(h.opcode) && (h.rsv & ~bits) == 0;
}
/// Its payload is still on the way, so that the reader may be in another state when it comes.
bool is_ahead_of_payload(const FrameHeader& h, const Situation& s) {
  return h.length > 0 && s.at_hand == 0;
}
std::uint32_t swapped(std::uint32_t key) {
  return key << 24 | (key & 0xff00) << 8 | (key >> 8 & 0xff00) | key >> 24;
}

const Defect kMasking[] = {
    {"mask.accepts-unmasked", "Unmasked frames are processed", "rfc6455-5.1-2", kPlain,
     overlook<Rule::masked, always>},
    {"mask.accepts-unmasked-text", "An unmasked text is echoed", "rfc6455-5.1-2", kPlain,
     overlook<Rule::masked, is<Opcode::text>>},
    {"mask.accepts-unmasked-binary", "An unmasked binary message is echoed", "rfc6455-5.1-2", kPlain,
     overlook<Rule::masked, is<Opcode::binary>>},
    {"mask.accepts-unmasked-ping", "An unmasked ping is answered", "rfc6455-5.1-2", kPlain,
     overlook<Rule::masked, is<Opcode::ping>>},
    {"mask.accepts-unmasked-pong", "An unmasked pong is passed over", "rfc6455-5.1-2", kPlain,
     overlook<Rule::masked, is<Opcode::pong>>},
    {"mask.accepts-unmasked-close", "An unmasked Close is answered in an orderly way", "rfc6455-5.1-2",
     kPlain, overlook<Rule::masked, is<Opcode::close>>},
    {"mask.accepts-unmasked-continuation", "Only first frames are checked for a mask", "rfc6455-5.1-2",
     kSubtle, overlook<Rule::masked, is<Opcode::cont>>},
    {"mask.accepts-unmasked-empty", "An unmasked frame without payload is processed", "rfc6455-5.1-2",
     kSubtle, overlook<Rule::masked, is_empty>},
    {"mask.checked-on-first-frame-only", "Only the first frame of the connection is checked for a mask",
     "rfc6455-5.1-2", kSubtle,
     overlook<Rule::masked, [](const FrameHeader&, const Situation& s) { return 1 < s.frames; }>},
    {"mask.accepts-unmasked-long", "Frames with an extended length are not checked for a mask",
     "rfc6455-5.1-2", kSubtle,
     overlook<Rule::masked, [](const FrameHeader& h, const Situation&) { return 125 < h.length; }>},
    {"mask.unmasked-ping-unanswered", "An unmasked ping is dropped, and the connection goes on",
     "rfc6455-5.1-2", kSubtle,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader& h, const Situation&) {
         return rule == Rule::masked && h.is(Opcode::ping);
       };
       c.skips_frame = [](const FrameHeader& h, const Situation&) { return !h.mask; };
     }},
    {"mask.zero-key-refused", "The key 0 is taken for no mask", "rfc6455-5.3-5", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) { return h.mask == MaskKey{0}; }>},
    {"mask.one-octet-key-refused", "A key of four equal octets is refused", "rfc6455-5.3-5", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) {
       return h.mask && *h.mask != 0 && *h.mask == 0x01010101u * (*h.mask & 0xff);
     }>},
    {"mask.not-removed", "The payload is echoed as masked", "rfc6455-6.2-7", kPlain,
     rekey<[](const FrameHeader&, Situation&) -> std::uint32_t { return 0; }>},
    {"mask.key-reversed", "The key's octets are used in the wrong order", "rfc6455-5.3-5", kPlain,
     rekey<[](const FrameHeader& h, Situation&) { return swapped(*h.mask); }>},
    {"mask.key-of-first-frame", "The first frame's key is used for all", "rfc6455-5.3-5", kPlain,
     rekey<[](const FrameHeader& h, Situation& s) {
       if (s.frames == 1) s.memo = *h.mask;
       return static_cast<std::uint32_t>(s.memo);
     }>},
    {"mask.key-of-message", "Continuations are unmasked with the key of the message's first frame",
     "rfc6455-5.3-5", kSubtle, rekey<[](const FrameHeader& h, Situation& s) {
       if (!is_control(h.opcode) && s.fragments == 1) s.memo = *h.mask;
       return is_control(h.opcode) ? *h.mask : static_cast<std::uint32_t>(s.memo);
     }>},
    {"mask.control-inside-wrong-key",
     "A control frame between fragments is unmasked with the key of the fragment", "rfc6455-5.3-5", kSubtle,
     rekey<[](const FrameHeader& h, Situation& s) {
       return is_control(h.opcode) && s.in_message() ? s.last_header.mask.value_or(0) : *h.mask;
     }>},
    {"mask.position-runs-on", "The key's position runs on from fragment to fragment", "rfc6455-5.3-5",
     kSubtle, rekey<[](const FrameHeader& h, Situation& s) {
       const unsigned turn = is_control(h.opcode) ? 0 : static_cast<unsigned>(s.message_octets % 4) * 8;
       return std::rotl(*h.mask, static_cast<int>(turn));
     }>},
    {"mask.unchecked-ahead-of-payload",
     "An unmasked frame passes when its payload comes later than its header", "rfc6455-5.1-2", kSubtle,
     overlook<Rule::masked, is_ahead_of_payload>},
    {"mask.same-key-runs-on", "With the key of the frame before, unmasking goes on where that one ended",
     "rfc6455-5.3-5", kSubtle, rekey<[](const FrameHeader& h, Situation& s) {
       const bool same = 1 < s.frames && s.last_header.mask == h.mask;
       return std::rotl(*h.mask, same ? static_cast<int>(s.last_header.length % 4) * 8 : 0);
     }>},
    {"mask.wrong-behind-64k", "From octet 65536 of a payload on the key is off by one", "rfc6455-5.3-5",
     kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation&) {
         if (!h.mask || offset + piece.size() <= 65536) return;
         const std::size_t skipped = offset >= 65536 ? 0 : 65536 - static_cast<std::size_t>(offset);
         const std::uint32_t turned = *h.mask << 8 | *h.mask >> 24;
         apply_mask(piece.subspan(skipped), *h.mask ^ turned, offset + skipped);
       };
     }},
    {"mask.tail-left", "In payloads over 1000 octets the octets behind the last full word stay masked",
     "rfc6455-5.3-5", kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation&) {
         const std::uint64_t words = h.length / 8 * 8;
         if (!h.mask || h.length <= 1000 || offset + piece.size() <= words) return;
         const std::size_t skipped = offset >= words ? 0 : static_cast<std::size_t>(words - offset);
         apply_mask(piece.subspan(skipped), *h.mask, offset + skipped);
       };
     }},
};

const Defect kReserved[] = {
    {"frame.rsv1-accepted", "RSV1 passes on data frames without an extension", "rfc6455-5.2-3", kPlain,
     overlook<Rule::reserved_bits, has_only_rsv<4>>},
    {"frame.rsv2-accepted", "RSV2 passes on data frames", "rfc6455-5.2-3", kPlain,
     overlook<Rule::reserved_bits, has_only_rsv<2>>},
    {"frame.rsv3-accepted", "RSV3 passes on data frames", "rfc6455-5.2-3", kPlain,
     overlook<Rule::reserved_bits, has_only_rsv<1>>},
    {"frame.rsv-all-accepted", "Only all three reserved bits together pass", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, [](const FrameHeader& h, const Situation&) { return h.rsv == 7; }>},
    {"frame.rsv-on-ping-accepted", "Reserved bits pass on pings", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, is<Opcode::ping>>},
    {"frame.rsv-on-pong-accepted", "Reserved bits pass on pongs", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, is<Opcode::pong>>},
    {"frame.rsv-on-close-accepted", "Reserved bits pass on a Close", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, is<Opcode::close>>},
    {"frame.rsv-on-continuation-accepted", "Reserved bits pass on continuations", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, is<Opcode::cont>>},
    {"frame.rsv-on-empty-accepted", "Reserved bits pass on frames without payload", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, is_empty>},
    {"frame.rsv-on-binary-accepted", "Reserved bits pass on binary messages", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, is<Opcode::binary>>},
    {"frame.rsv-later-accepted", "Reserved bits are looked at on the first frame only", "rfc6455-5.2-3",
     kSubtle,
     overlook<Rule::reserved_bits, [](const FrameHeader&, const Situation& s) { return 1 < s.frames; }>},
    {"frame.rsv-unchecked-ahead-of-payload",
     "Reserved bits pass when the payload comes later than the header", "rfc6455-5.2-3", kSubtle,
     overlook<Rule::reserved_bits, is_ahead_of_payload>},
    {"frame.opcode-unchecked-ahead-of-payload",
     "A reserved opcode is passed over when the payload comes later than the header", "rfc6455-5.2-4",
     kSubtle, overlook<Rule::opcode, is_ahead_of_payload>},
    {"frame.reserved-data-opcodes-ignored", "Frames with opcodes 3 to 7 are passed over", "rfc6455-5.2-4",
     kPlain, overlook<Rule::opcode, is_data_frame>},
    {"frame.reserved-control-opcodes-ignored", "Frames with opcodes 11 to 15 are passed over",
     "rfc6455-5.2-4", kPlain, overlook<Rule::opcode, is_control_frame>},
    {"frame.opcode-3-ignored", "Frames with opcode 3 are passed over", "rfc6455-5.2-4", kPlain,
     overlook<Rule::opcode, is_number<3>>},
    {"frame.opcode-4-as-text", "Opcode 4 is taken for text", "rfc6455-5.2-4", kPlain,
     [](Conduct& c) {
       overlook<Rule::opcode, is_number<4>>(c);
       c.reads_as = [](const FrameHeader& h, const Situation&) {
         return h.opcode == 4 ? std::uint8_t{1} : h.opcode;
       };
     }},
    {"frame.opcode-5-ignored", "Frames with opcode 5 are passed over", "rfc6455-5.2-4", kSubtle,
     overlook<Rule::opcode, is_number<5>>},
    {"frame.opcode-6-ignored", "Frames with opcode 6 are passed over", "rfc6455-5.2-4", kSubtle,
     overlook<Rule::opcode, is_number<6>>},
    {"frame.opcode-7-ignored", "Frames with opcode 7 are passed over", "rfc6455-5.2-4", kSubtle,
     overlook<Rule::opcode, is_number<7>>},
    {"frame.opcode-11-as-ping", "Opcode 11 is taken for a ping", "rfc6455-5.2-4", kPlain,
     [](Conduct& c) {
       overlook<Rule::opcode, is_number<11>>(c);
       c.reads_as = [](const FrameHeader& h, const Situation&) {
         return h.opcode == 11 ? std::uint8_t{9} : h.opcode;
       };
     }},
    {"frame.opcode-12-ignored", "Frames with opcode 12 are passed over", "rfc6455-5.2-4", kSubtle,
     overlook<Rule::opcode, is_number<12>>},
    {"frame.opcode-13-ignored", "Frames with opcode 13 are passed over", "rfc6455-5.2-4", kSubtle,
     overlook<Rule::opcode, is_number<13>>},
    {"frame.opcode-14-ignored", "Frames with opcode 14 are passed over", "rfc6455-5.2-4", kSubtle,
     overlook<Rule::opcode, is_number<14>>},
    {"frame.opcode-15-ignored", "Frames with opcode 15 are passed over", "rfc6455-5.2-4", kSubtle,
     overlook<Rule::opcode, is_number<15>>},
    {"frame.reserved-opcode-inside-ignored", "Reserved opcodes are passed over inside a message",
     "rfc6455-5.2-4", kSubtle, overlook<Rule::opcode, is_inside>},
    {"frame.reserved-opcode-empty-ignored", "Reserved opcodes are passed over on frames without payload",
     "rfc6455-5.2-4", kSubtle, overlook<Rule::opcode, is_empty>},
    {"frame.reserved-opcode-filled-ignored", "Reserved opcodes are passed over on frames with payload",
     "rfc6455-5.2-4", kSubtle, overlook<Rule::opcode, is_filled>},
};

const Defect kLengths[] = {
    {"length.top-bit-accepted", "The top bit of a 64-bit length is waited for like any other",
     "rfc6455-5.2-5", kPlain,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader& h, const Situation&) {
         return h.length >> 63 != 0 &&
                (rule == Rule::top_bit || rule == Rule::limit || rule == Rule::control_length);
       };
     }},
    {"length.top-bit-cleared", "The top bit of a 64-bit length is masked out", "rfc6455-5.2-5", kSubtle,
     [](Conduct& c) {
       c.mishears = [](MutableBytes chunk, Situation& s) {
         // Only where a whole header begins the chunk, which is how such frames are sent.
         const bool top =
             s.open && chunk.size() > 10 && (octet(chunk[1]) & 0x7f) == 127 && (octet(chunk[2]) & 0x80) != 0;
         if (top) chunk[2] = static_cast<char>(octet(chunk[2]) & 0x7f);
         return chunk;
       };
     }},
    {"length.high-half-ignored", "Of a 64-bit length the upper 32 bits are ignored", "rfc6455-5.2-7", kSubtle,
     [](Conduct& c) {
       c.mishears = [](MutableBytes chunk, Situation& s) {
         const bool whole = s.open && chunk.size() > 14 && (octet(chunk[1]) & 0x7f) == 127;
         for (std::size_t i = 2; whole && i < 6; ++i) chunk[i] = 0;
         return chunk;
       };
     }},
    {"length.126-refused", "A payload of 126 octets is refused", "rfc6455-5.2-7", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) { return !is_control(h.opcode) && h.length == 126; }>},
    {"length.16-bit-form-refused", "Lengths from 126 to 65535 are refused", "rfc6455-5.2-7", kPlain,
     refuse<[](const FrameHeader& h, const Situation&) { return 125 < h.length && h.length < 65536; }>},
    {"length.64-bit-form-refused", "Lengths above 65535 are refused", "rfc6455-5.2-7", kPlain,
     refuse<[](const FrameHeader& h, const Situation&) { return 65535 < h.length; }>},
    {"length.signed-16-bits", "Lengths from 32768 to 65535 are read as negative and refused", "rfc6455-5.2-7",
     kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) { return 32767 < h.length && h.length < 65536; }>},
    {"length.over-16-mib-less-one-refused", "16 MiB is too much although no limit is declared",
     "rfc6455-5.2-7", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) { return h.length >= 16u << 20; }>},
    {"length.125-refused-on-ping", "A ping of 125 octets is refused", "rfc6455-5.5-1", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) { return h.is(Opcode::ping) && h.length == 125; }>},
};

const Defect kFragments[] = {
    {"fragment.orphan-ignored", "A continuation without a message is passed over", "rfc6455-5.4-1", kPlain,
     [](Conduct& c) {
       overlook<Rule::orphan, always>(c);
       c.skips_frame = [](const FrameHeader& h, const Situation& s) {
         return h.is(Opcode::cont) && !s.in_message();
       };
     }},
    {"fragment.orphan-as-text", "A continuation without a message is taken for a text", "rfc6455-5.4-1",
     kPlain, overlook<Rule::orphan, always>},
    {"fragment.unfinished-orphan-accepted", "A continuation without a message passes when FIN is clear",
     "rfc6455-5.4-1", kSubtle,
     overlook<Rule::orphan, [](const FrameHeader& h, const Situation&) { return !h.fin; }>},
    {"fragment.orphan-after-message-accepted", "A continuation passes once there was a fragmented message",
     "rfc6455-5.4-1", kSubtle,
     overlook<Rule::orphan,
              [](const FrameHeader&, const Situation& s) { return 0 < s.fragmented_messages; }>},
    {"fragment.interruption-joined", "A new message inside a message is joined to it", "rfc6455-5.4-7",
     kPlain, overlook<Rule::interleaving, always>},
    {"fragment.interruption-replaces", "A new message inside a message takes its place", "rfc6455-5.4-7",
     kPlain,
     [](Conduct& c) {
       overlook<Rule::interleaving, always>(c);
       c.interruption_replaces = true;
     }},
    {"fragment.other-type-inside-joined", "A binary frame inside a text is joined to it", "rfc6455-5.4-15",
     kSubtle,
     overlook<Rule::interleaving,
              [](const FrameHeader& h, const Situation& s) { return h.opcode != s.message_opcode; }>},
    {"fragment.same-type-inside-joined", "A text frame inside a text is joined to it", "rfc6455-5.4-7",
     kSubtle,
     overlook<Rule::interleaving,
              [](const FrameHeader& h, const Situation& s) { return h.opcode == s.message_opcode; }>},
    {"fragment.refused", "Fragmented messages are refused", "rfc6455-5.4-10", kPlain,
     refuse<[](const FrameHeader& h, const Situation&) { return !is_control(h.opcode) && !h.fin; }>},
    {"fragment.empty-first-refused", "An empty first fragment is refused", "rfc6455-5.4-9", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) {
       return !is_control(h.opcode) && !h.is(Opcode::cont) && !h.fin && h.length == 0;
     }>},
    {"fragment.empty-middle-refused", "An empty fragment in the middle is refused", "rfc6455-5.4-9", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) {
       return h.is(Opcode::cont) && !h.fin && h.length == 0;
     }>},
    {"fragment.empty-last-lost", "An empty last fragment does not end the message", "rfc6455-6.2-4", kSubtle,
     [](Conduct& c) {
       c.sees_fin = [](const FrameHeader& h, const Situation&) {
         return h.fin && !(h.is(Opcode::cont) && h.length == 0);
       };
     }},
    {"fragment.empty-middle-ends", "An empty fragment in the middle ends the message", "rfc6455-6.2-4",
     kSubtle,
     [](Conduct& c) {
       c.sees_fin = [](const FrameHeader& h, const Situation&) {
         return h.fin || (h.is(Opcode::cont) && h.length == 0);
       };
     }},
    {"fragment.at-most-16", "A message of more than 16 fragments is refused", "rfc6455-5.4-9", kSubtle,
     refuse<[](const FrameHeader& h, const Situation& s) {
       return h.is(Opcode::cont) && s.fragments >= 16;
     }>},
    {"fragment.at-most-1000", "A message of more than 1000 fragments is refused", "rfc6455-5.4-9", kSubtle,
     refuse<[](const FrameHeader& h, const Situation& s) {
       return h.is(Opcode::cont) && s.fragments >= 1000;
     }>},
    {"fragment.ping-inside-refused", "A ping inside a message is refused", "rfc6455-5.4-8", kPlain,
     refuse<[](const FrameHeader& h, const Situation& s) { return h.is(Opcode::ping) && s.in_message(); }>},
    {"fragment.second-ping-inside-refused", "A second ping inside a message is refused", "rfc6455-5.4-8",
     kSubtle, refuse<[](const FrameHeader& h, const Situation& s) {
       return h.is(Opcode::ping) && s.in_message() && s.controls_inside >= 1;
     }>},
    {"fragment.ping-inside-lost", "A ping inside a message is passed over", "rfc6455-5.4-8", kPlain,
     [](Conduct& c) {
       c.skips_frame = [](const FrameHeader& h, const Situation& s) {
         return h.is(Opcode::ping) && s.in_message();
       };
     }},
    {"fragment.close-inside-lost", "A Close inside a message is passed over", "rfc6455-5.5.1-7", kSubtle,
     [](Conduct& c) {
       c.skips_frame = [](const FrameHeader& h, const Situation& s) {
         return h.is(Opcode::close) && s.in_message();
       };
     }},
    {"fragment.type-of-last-frame", "FIN in a continuation makes the message binary", "rfc6455-6.2-3", kPlain,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         if (s.fragments > 1) e.opcode = 2;
       };
     }},
};

const Defect kControl[] = {
    {"control.fragmented-ping-accepted", "A ping with FIN clear is answered", "rfc6455-5.5-2", kPlain,
     overlook<Rule::control_fin, is<Opcode::ping>>},
    {"control.fragmented-pong-accepted", "A pong with FIN clear is passed over", "rfc6455-5.5-2", kSubtle,
     overlook<Rule::control_fin, is<Opcode::pong>>},
    {"control.fragmented-close-accepted", "A Close with FIN clear is answered in an orderly way",
     "rfc6455-5.5-2", kSubtle, overlook<Rule::control_fin, is<Opcode::close>>},
    {"control.fragmented-inside-accepted", "A control frame with FIN clear passes inside a message",
     "rfc6455-5.5-2", kSubtle, overlook<Rule::control_fin, is_inside>},
    {"control.long-ping-accepted", "A ping of more than 125 octets is answered", "rfc6455-5.5-1", kPlain,
     overlook<Rule::control_length, is<Opcode::ping>>},
    {"control.126-octets-accepted", "Control frames may have 126 octets", "rfc6455-5.5-1", kSubtle,
     overlook<Rule::control_length, [](const FrameHeader& h, const Situation&) { return h.length == 126; }>},
    {"control.long-pong-accepted", "A pong of more than 125 octets is passed over", "rfc6455-5.5-1", kSubtle,
     overlook<Rule::control_length, is<Opcode::pong>>},
    {"control.long-close-accepted", "A Close of more than 125 octets is answered", "rfc6455-5.5-1", kSubtle,
     overlook<Rule::control_length, is<Opcode::close>>},
    {"control.unasked-pong-refused", "A pong that nobody asked for is refused", "rfc6455-5.5.3-3", kPlain,
     refuse<is<Opcode::pong>>},
    {"control.empty-ping-refused", "A ping without payload is refused", "rfc6455-5.5.2-1", kSubtle,
     refuse<[](const FrameHeader& h, const Situation&) { return h.is(Opcode::ping) && h.length == 0; }>},
    {"control.tenth-ping-refused", "The tenth ping of a connection is refused", "rfc6455-5.5.2-2", kSubtle,
     refuse<[](const FrameHeader& h, const Situation& s) { return h.is(Opcode::ping) && s.pings >= 9; }>},
};

}  // namespace

std::span<const Defect> frame_defects() {
  static const std::vector<Defect> all = join({kMasking, kReserved, kLengths, kFragments, kControl});
  return all;
}

}  // namespace wsspec
