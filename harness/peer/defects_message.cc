// Defects in messages, their echo and pongs (RFC 6455 5.4, 5.5.2, 5.5.3, 5.6, 6.2) and in the declared limit
// (10.4).
#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/receiver.h"

namespace wsspec {
namespace {

using namespace edits;

template <void (*change)(Echo& e, const Situation& s)>
void alter(Conduct& c) {
  c.misechoes = [](Echo& e, Situation& s) { change(e, s); };
}
template <bool (*when)(const PongReply& p, const Situation& s)>
void lose_pong(Conduct& c) {
  c.misponges = [](PongReply& p, Situation& s) { p.lost = when(p, s); };
}
template <void (*change)(PongReply& p, Situation& s)>
void alter_pong(Conduct& c) {
  c.misponges = change;
}
void flip(Bytes& payload, std::size_t at) {
  if (at < payload.size()) payload[at] = static_cast<char>(payload[at] ^ 1);
}

const Defect kEchoes[] = {
    {"message.unanswered", "No message is echoed", "rfc6455-6.2-2", kPlain,
     lose<[](const Echo&, const Situation&) { return true; }>},
    {"message.text-becomes-binary", "Text comes back as binary", "rfc6455-6.1-6", kPlain,
     alter<[](Echo& e, const Situation&) { e.opcode = 2; }>},
    {"message.binary-becomes-text", "Binary comes back as text", "rfc6455-6.1-6", kPlain,
     alter<[](Echo& e, const Situation&) { e.opcode = 1; }>},
    {"message.binary-refused-silently", "Binary messages are passed over", "rfc6455-5.6-2", kPlain,
     lose<[](const Echo& e, const Situation&) { return e.opcode == 2; }>},
    {"message.empty-lost", "Empty messages are passed over", "rfc6455-5.4-9", kPlain,
     lose<[](const Echo& e, const Situation&) { return e.payload.empty(); }>},
    {"message.empty-binary-lost", "Empty binary messages are passed over", "rfc6455-5.6-2", kSubtle,
     lose<[](const Echo& e, const Situation&) { return e.payload.empty() && e.opcode == 2; }>},
    {"message.cut-at-nul", "A text ends at its first NUL", "rfc6455-6.2-1", kPlain,
     alter<[](Echo& e, const Situation&) {
       e.payload.resize(std::min(e.payload.find('\0'), e.payload.size()));
     }>},
    {"message.binary-read-as-text", "Octets of a binary message above 7F are replaced", "rfc6455-5.6-2",
     kPlain, alter<[](Echo& e, const Situation&) {
       if (e.opcode == 2) std::ranges::replace_if(e.payload, [](char x) { return 0x7f < octet(x); }, '?');
     }>},
    {"message.line-ends-changed", "CR LF comes back as LF", "rfc6455-5.6-2", kSubtle,
     alter<[](Echo& e, const Situation&) {
       for (std::size_t at = 0; (at = e.payload.find("\r\n", at)) != e.payload.npos;) e.payload.erase(at, 1);
     }>},
    {"message.bom-stripped", "A BOM at the beginning of a text is lost", "rfc6455-5.4-2", kSubtle,
     alter<[](Echo& e, const Situation&) {
       if (e.opcode == 1 && e.payload.starts_with("\xef\xbb\xbf")) e.payload.erase(0, 3);
     }>},
    {"message.trailing-blank-stripped", "Blanks and line ends at the end of a text are lost", "rfc6455-5.4-2",
     kSubtle, alter<[](Echo& e, const Situation&) {
       if (e.opcode == 1) e.payload.resize(e.payload.find_last_not_of(" \r\n\t") + 1);
     }>},
    {"message.noncharacters-replaced", "U+FFFE and U+FFFF come back as U+FFFD", "rfc6455-5.4-2", kSubtle,
     alter<[](Echo& e, const Situation&) {
       if (e.opcode != 1) return;
       for (std::size_t at = 0; (at = e.payload.find("\xef\xbf", at)) != e.payload.npos; at += 2) {
         if (at + 2 < e.payload.size() && octet(e.payload[at + 2]) >= 0xbe) e.payload[at + 2] = '\xbd';
       }
     }>},
    {"message.126-cut", "A message of 126 octets loses the last one", "rfc6455-5.2-7", kSubtle,
     alter<[](Echo& e, const Situation&) {
       if (e.payload.size() == 126) e.payload.pop_back();
     }>},
    {"message.127-cut", "A message of 127 octets loses the last one", "rfc6455-5.2-7", kSubtle,
     alter<[](Echo& e, const Situation&) {
       if (e.payload.size() == 127) e.payload.pop_back();
     }>},
    {"message.65535-cut", "A message of 65535 octets loses the last one", "rfc6455-5.2-7", kSubtle,
     alter<[](Echo& e, const Situation&) {
       if (e.payload.size() == 65535) e.payload.pop_back();
     }>},
    {"message.65536-cut", "A message of 65536 octets loses the last one", "rfc6455-5.2-7", kSubtle,
     alter<[](Echo& e, const Situation&) {
       if (e.payload.size() == 65536) e.payload.pop_back();
     }>},
    {"message.cut-at-64k", "Of a message only 65536 octets come back", "rfc6455-5.2-7", kPlain,
     alter<[](Echo& e, const Situation&) {
       e.payload.resize(std::min<std::size_t>(e.payload.size(), 65536));
     }>},
    {"message.bit-wrong-at-60000", "One bit of octet 60000 is wrong", "rfc6455-5.4-2", kSubtle,
     alter<[](Echo& e, const Situation&) { flip(e.payload, 60000); }>},
    {"message.bit-wrong-at-200000", "One bit of octet 200000 is wrong", "rfc6455-5.4-2", kSubtle,
     alter<[](Echo& e, const Situation&) { flip(e.payload, 200000); }>},
    {"message.bit-wrong-at-1m", "One bit behind the first megabyte is wrong", "rfc6455-5.4-2", kSubtle,
     alter<[](Echo& e, const Situation&) { flip(e.payload, 1'048'577); }>},
    {"message.bit-wrong-at-5m", "One bit behind the fifth megabyte is wrong", "rfc6455-5.4-2", kSubtle,
     alter<[](Echo& e, const Situation&) { flip(e.payload, 5'242'881); }>},
    {"message.bit-wrong-at-16m", "The last bit of 16 MiB is wrong", "rfc6455-5.4-2", kSubtle,
     alter<[](Echo& e, const Situation&) { flip(e.payload, (16u << 20) - 1); }>},
    {"message.blocks-swapped", "The second and third kilobyte of a message come back swapped",
     "rfc6455-5.4-6", kSubtle, alter<[](Echo& e, const Situation&) {
       if (e.payload.size() >= 3072)
         std::swap_ranges(e.payload.begin() + 1024, e.payload.begin() + 2048, e.payload.begin() + 2048);
     }>},
    {"message.character-across-64k-replaced",
     "A character that lies across a border of 64 KiB comes back as replacement characters", "rfc6455-5.4-2",
     kSubtle, alter<[](Echo& e, const Situation&) {
       constexpr std::size_t kBorder = 65536;
       const bool across = kBorder < e.payload.size() && (octet(e.payload[kBorder]) & 0xc0) == 0x80;
       if (e.opcode == 1 && across) e.payload.replace(kBorder - 1, 2, "\xef\xbf\xbd\xef\xbf\xbd");
     }>},
    {"message.twice", "The second message is echoed twice over", "rfc6455-6.1-1", kSubtle,
     alter<[](Echo& e, const Situation& s) {
       if (s.messages == 2) e.payload += Bytes(e.payload);
     }>},
    {"message.50th-lost", "The 50th message is not echoed", "rfc6455-6.2-4", kSubtle,
     lose<[](const Echo&, const Situation& s) { return s.messages == 50; }>},
    {"message.500th-lost", "The 500th message is not echoed", "rfc6455-6.2-4", kSubtle,
     lose<[](const Echo&, const Situation& s) { return s.messages == 500; }>},
    {"message.stale-octets", "A shorter message drags the end of the longer one before it", "rfc6455-6.2-4",
     kPlain,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         const std::size_t before = static_cast<std::size_t>(s.memo);
         s.memo = e.payload.size();
         if (s.messages > 1 && e.payload.size() < before) e.payload.append(1, '\0');
       };
     }},
    {"message.kind-of-previous", "An empty message comes back with the type of the one before",
     "rfc6455-6.2-3", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         if (e.payload.empty() && s.memo != 0) e.opcode = static_cast<std::uint8_t>(s.memo);
         s.memo = e.opcode;
       };
     }},
    {"message.lost-after-ping", "The message behind a ping is lost", "rfc6455-6.2-2", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         e.lost = s.pings != s.memo && s.fragments == 1;
         s.memo = s.pings;
       };
     }},
};

/// Sizes at borders of networks and buffers, and what is wrong there.
template <bool (*at)(std::size_t octets)>
void spoil_last_octet(Conduct& c) {
  c.misechoes = [](Echo& e, Situation&) {
    if (at(e.payload.size())) flip(e.payload, e.payload.size() - 1);
  };
}
const Defect kBorders[] = {
    {"message.border-1448", "The last octet is wrong where the payload fills segments of 1448 octets",
     "rfc6455-6.2-1", kSubtle, spoil_last_octet<[](std::size_t n) { return n % 1448 == 0; }>},
    {"message.border-1460", "The last octet is wrong where frame and header fill a segment of 1460 octets",
     "rfc6455-6.2-1", kSubtle, spoil_last_octet<[](std::size_t n) { return n == 1452 || n == 1456; }>},
    {"message.border-536", "The last octet is wrong where the payload fills a segment of 536 octets",
     "rfc6455-6.2-1", kSubtle, spoil_last_octet<[](std::size_t n) { return n == 536; }>},
    {"message.border-8960", "The last octet is wrong where frame and header fill a jumbo frame",
     "rfc6455-6.2-1", kSubtle, spoil_last_octet<[](std::size_t n) { return n >= 8952 && n <= 8960; }>},
    {"message.border-16384", "The last octet is wrong just behind 16 KiB", "rfc6455-6.2-1", kSubtle,
     spoil_last_octet<[](std::size_t n) { return n == 16387 || n == 16388; }>},
    {"message.border-65536", "The last octet is wrong where the header goes across 64 KiB", "rfc6455-6.2-1",
     kSubtle, spoil_last_octet<[](std::size_t n) { return n >= 65527 && n < 65535; }>},
    {"message.border-131072", "The last octet is wrong at 128 KiB", "rfc6455-6.2-1", kSubtle,
     spoil_last_octet<[](std::size_t n) { return n == 131072; }>},
    {"message.size-1733", "A payload of 1733 octets, a number without any meaning, has its last octet wrong",
     "rfc6455-6.2-1", kSubtle, spoil_last_octet<[](std::size_t n) { return n == 1733; }>},
};

/// Control frames inside a text are checked as if they were part of it, and what fails the check costs an
/// octet.
template <Opcode opcode>
void check_inside_text(Conduct& c) {
  c.after_control = [](Bytes& joined, BytesView payload, const FrameHeader& h, Situation& s) {
    const bool counts = s.message_opcode == 1 && h.is(opcode) && !is_utf8(payload);
    if (counts && joined.size() > kHeadroom) joined.pop_back();
  };
}

const Defect kJoining[] = {
    {"fragment.third-lost", "The third fragment of a message is lost", "rfc6455-5.4-2", kPlain,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t begin, const Situation& s) {
         if (s.fragments == 3) joined.resize(begin);
       };
     }},
    {"fragment.order-reversed", "The fourth fragment is put before the third", "rfc6455-5.4-6", kSubtle,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t begin, const Situation& s) {
         if (s.fragments != 4 || begin == joined.size()) return;
         const std::size_t size = joined.size() - begin;
         if (begin >= size)
           std::swap_ranges(joined.begin() + static_cast<std::ptrdiff_t>(begin - size),
                            joined.begin() + static_cast<std::ptrdiff_t>(begin),
                            joined.begin() + static_cast<std::ptrdiff_t>(begin));
       };
     }},
    {"fragment.octet-lost-at-256", "A fragment of 256 octets loses its last one", "rfc6455-5.4-2", kSubtle,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t begin, const Situation&) {
         if (joined.size() - begin == 256) joined.pop_back();
       };
     }},
    {"fragment.continuation-over-64k-cut", "A continuation of more than 65535 octets loses its last one",
     "rfc6455-5.4-2", kSubtle,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t begin, const Situation& s) {
         if (s.fragments > 1 && joined.size() - begin > 65535) joined.pop_back();
       };
     }},
    {"fragment.ping-inside-joined", "A ping's data between fragments enter the message", "rfc6455-5.4-8",
     kPlain,
     [](Conduct& c) {
       c.after_control = [](Bytes& joined, BytesView payload, const FrameHeader&, Situation& s) {
         if (s.in_message()) joined.append(payload);
       };
     }},
    {"fragment.ping-inside-restarts", "A ping between fragments makes the message begin anew",
     "rfc6455-5.4-8", kPlain,
     [](Conduct& c) {
       c.after_control = [](Bytes& joined, BytesView, const FrameHeader&, Situation&) {
         joined.resize(kHeadroom);
       };
     }},
    {"fragment.second-ping-inside-costs", "A second ping between fragments costs the last octet before it",
     "rfc6455-5.4-8", kSubtle,
     [](Conduct& c) {
       c.after_control = [](Bytes& joined, BytesView, const FrameHeader&, Situation& s) {
         if (s.controls_inside == 2 && joined.size() > kHeadroom) joined.pop_back();
       };
     }},
    {"fragment.pong-inside-joined", "A pong's data between fragments enter the message", "rfc6455-5.4-8",
     kSubtle,
     [](Conduct& c) {
       c.after_control = [](Bytes& joined, BytesView payload, const FrameHeader& h, Situation& s) {
         if (s.in_message() && h.is(Opcode::pong)) joined.append(payload);
       };
     }},
    {"fragment.pong-inside-checked",
     "A pong inside a text is checked for UTF-8, and what fails it costs an octet", "rfc6455-5.4-8", kSubtle,
     check_inside_text<Opcode::pong>},
    {"fragment.ping-inside-checked",
     "A ping inside a text is checked for UTF-8, and what fails it costs an octet", "rfc6455-5.4-8", kSubtle,
     check_inside_text<Opcode::ping>},
    {"fragment.ends-at-64", "A message ends with its 64th fragment", "rfc6455-6.2-4", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         if (s.fragments > 64) e.payload.resize(e.payload.size() / 2);
       };
     }},
    {"fragment.previous-message-kept", "Behind a fragmented message the next one begins with its first octet",
     "rfc6455-6.2-4", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         const bool behind = s.memo != 0 && s.fragments == 1;
         if (behind) e.payload.insert(e.payload.begin(), static_cast<char>(s.memo - 1));
         s.memo = s.fragments > 1 && !e.payload.empty() ? octet(e.payload[0]) + 1u : 0;
       };
     }},
};

const Defect kPongs[] = {
    {"control.ping-unanswered", "Pings are not answered", "rfc6455-5.5.2-2", kPlain,
     lose_pong<[](const PongReply&, const Situation&) { return true; }>},
    {"control.empty-ping-unanswered", "A ping without payload is not answered", "rfc6455-5.5.2-2", kPlain,
     lose_pong<[](const PongReply& p, const Situation&) { return p.payload.empty(); }>},
    {"control.third-ping-unanswered", "The third ping is not answered", "rfc6455-5.5.2-2", kSubtle,
     lose_pong<[](const PongReply&, const Situation& s) { return s.pings == 3; }>},
    {"control.ping-after-fragments-unanswered", "Behind a fragmented message pings are not answered",
     "rfc6455-5.5.2-2", kSubtle,
     lose_pong<[](const PongReply&, const Situation& s) { return 0 < s.fragmented_messages; }>},
    {"control.oldest-of-burst-only", "Of the pings in one segment only the oldest is answered",
     "rfc6455-5.5.3-2", kSubtle,
     lose_pong<[](const PongReply&, const Situation& s) { return 1 < s.pings_in_chunk; }>},
    {"control.pong-empty", "Pongs carry no data", "rfc6455-5.5.3-1", kPlain,
     alter_pong<[](PongReply& p, Situation&) { p.payload.clear(); }>},
    {"control.pong-cut-at-124", "Pongs carry at most 124 octets", "rfc6455-5.5.3-1", kSubtle,
     alter_pong<[](PongReply& p, Situation&) {
       p.payload.resize(std::min<std::size_t>(p.payload.size(), 124));
     }>},
    {"control.pong-cut-at-nul", "A pong's data end at the first NUL", "rfc6455-5.5.3-1", kSubtle,
     alter_pong<[](PongReply& p, Situation&) {
       p.payload.resize(std::min(p.payload.find('\0'), p.payload.size()));
     }>},
    {"control.pong-in-ascii", "Octets above 7F in a pong are replaced", "rfc6455-5.5.3-1", kSubtle,
     alter_pong<[](PongReply& p, Situation&) {
       std::ranges::replace_if(p.payload, [](char x) { return 0x7f < octet(x); }, '?');
     }>},
    {"control.pong-constant", "A pong always carries \"pong\"", "rfc6455-5.5.3-1", kPlain,
     alter_pong<[](PongReply& p, Situation&) { p.payload = "pong"; }>},
    {"control.pong-padded", "A pong carries a NUL more than the ping", "rfc6455-5.5.3-1", kSubtle,
     alter_pong<[](PongReply& p, Situation&) {
       if (p.payload.size() < 125) p.payload += '\0';
     }>},
    {"control.pong-of-ping-before", "A pong carries the first octet of the ping before", "rfc6455-5.5.3-1",
     kSubtle, alter_pong<[](PongReply& p, Situation& s) {
       const char before = static_cast<char>(s.memo);
       if (p.payload.empty()) return;
       s.memo = octet(p.payload.back());
       if (1 < s.pings) p.payload.back() = before;
     }>},
    {"control.ping-for-ping", "A ping is answered with a ping", "rfc6455-5.5.2-2", kPlain,
     alter_pong<[](PongReply& p, Situation&) { p.opcode = 9; }>},
    {"control.ping-echoed-as-text", "A ping is echoed like a text", "rfc6455-5.5.2-2", kPlain,
     alter_pong<[](PongReply& p, Situation&) { p.opcode = 1; }>},
    {"control.pong-answered", "A pong is answered with a pong", "rfc6455-5.5.3-3", kSubtle,
     [](Conduct& c) { c.pong_pong = true; }},
    {"control.pong-echoed-as-text", "A pong is echoed like a text", "rfc6455-6.2-2", kPlain,
     [](Conduct& c) { c.pong_text = true; }},
};

const Defect kLimits[] = {
    {"limit.unenforced", "Messages above the declared limit are served", "rfc6455-10.4-1", kPlain,
     [](Conduct& c) { c.unlimited = true; }, "message_limit"},
    {"limit.one-more", "A message of one octet above the declared limit is served", "rfc6455-10.4-1", kSubtle,
     [](Conduct& c) { c.limit_error = 1; }, "message_limit"},
    {"limit.one-less", "A message of exactly the declared limit is refused", "rfc6455-10.4-1", kSubtle,
     [](Conduct& c) { c.limit_error = -1; }, "message_limit"},
    {"limit.per-frame", "Each frame is held against the limit, their sum is not", "rfc6455-10.4-1", kSubtle,
     [](Conduct& c) { c.limit_per_frame_only = true; }, "message_limit"},
    {"limit.inflated-per-frame", "What each frame inflates to is held against the limit, their sum is not",
     "rfc6455-10.4-1", kSubtle, [](Conduct& c) { c.limit_inflated_per_frame = true; }, "message_limit"},
    {"limit.before-inflation", "Compressed octets are held against the limit, inflated ones are not",
     "rfc6455-10.4-1", kSubtle, [](Conduct& c) { c.limit_compressed_only = true; }, "message_limit"},
};

}  // namespace

std::span<const Defect> message_defects() {
  static const std::vector<Defect> all = join({kEchoes, kBorders, kJoining, kPongs, kLimits});
  return all;
}

}  // namespace wsspec
