// Defects of what outlives its scope, or sets up too little: what the first frame of a connection leaves for
// the next one, and counts that go on where they should begin anew (RFC 6455 5.4, 6.2; RFC 7692 7.2).
#include "peer/defects.h"
#include "peer/edits.h"
#include "protocol/mask.h"

namespace wsspec {
namespace {

using namespace edits;

bool is_first_behind(const Situation& s, Opcode before) {
  return s.frames == 2 && s.last_header.is(before);
}

const Defect kFirst[] = {
    {"lifetime.message-behind-first-ping-lost", "The message behind a first frame that is a ping is lost",
     "rfc6455-6.2-4", kSubtle,
     lose<[](const Echo&, const Situation& s) { return is_first_behind(s, Opcode::ping); }>},
    {"lifetime.message-behind-first-pong-lost", "The message behind a first frame that is a pong is lost",
     "rfc6455-6.2-4", kSubtle,
     lose<[](const Echo&, const Situation& s) { return is_first_behind(s, Opcode::pong); }>},
    {"lifetime.fragment-behind-first-ping-refused",
     "A fragment as the first frame behind a ping is taken for a continuation of it", "rfc6455-5.4-2",
     kSubtle, refuse<[](const FrameHeader& h, const Situation& s) {
       return !h.fin && is_first_behind(s, Opcode::ping);
     }>},
    {"lifetime.empty-behind-first-pong-lost", "An empty message behind a first frame that is a pong is lost",
     "rfc6455-6.2-4", kSubtle, lose<[](const Echo& e, const Situation& s) {
       return e.payload.empty() && is_first_behind(s, Opcode::pong);
     }>},
    {"lifetime.compressed-behind-first-ping-refused",
     "A compressed message behind a first frame that is a ping is refused", "rfc7692-6.2-1", kSubtle,
     refuse_deflated<[](BytesView, const Situation& s) { return is_first_behind(s, Opcode::ping); }>,
     "deflate"},
    {"lifetime.compressed-behind-plain-refused",
     "A compressed message behind a first one that was not is refused", "rfc7692-6.2-1", kSubtle,
     refuse_deflated<[](BytesView, const Situation& s) {
       return s.frames == 2 && !is_control(s.last_header.opcode) && s.last_header.rsv == 0;
     }>,
     "deflate"},
    {"lifetime.plain-behind-compressed-lost",
     "A plain message behind a first one that was compressed is lost", "rfc7692-6.2-2", kSubtle,
     lose<[](const Echo&, const Situation& s) {
       return s.messages == 2 && s.last_header.rsv == 4 && !s.compressed;
     }>,
     "deflate"},
    {"lifetime.kind-of-first-message", "The second message comes back as of the first one's kind",
     "rfc6455-6.1-6", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         if (s.messages == 1) s.memo = e.opcode;
         if (s.messages == 2) e.opcode = static_cast<std::uint8_t>(s.memo);
       };
     }},
    {"lifetime.behind-first-of-64-bits-lost",
     "The second message is lost when the first one had a 64-bit length", "rfc6455-6.2-4", kSubtle,
     lose<[](const Echo&, const Situation& s) {
       return s.messages == 2 && s.last_header.form == LengthForm::bits64;
     }>},
    {"lifetime.behind-first-in-fragments-lost",
     "The second message is lost when the first one came in fragments", "rfc6455-6.2-4", kSubtle,
     lose<[](const Echo&, const Situation& s) { return s.messages == 2 && s.last_header.is(Opcode::cont); }>},
    {"lifetime.fragments-behind-first-in-fragments",
     "The third message is refused when it comes in fragments as the first one did", "rfc6455-5.4-2", kSubtle,
     refuse<[](const FrameHeader& h, const Situation& s) {
       return !h.fin && !s.in_message() && s.messages == 2 && s.fragmented_messages == 1;
     }>},
};

const Defect kCounts[] = {
    {"lifetime.frames-counted", "A connection's 16385th frame is taken for the 16385th fragment of a message",
     "rfc6455-6.2-4", kSubtle,
     refuse<[](const FrameHeader&, const Situation& s) { return 16384 < s.frames; }>},
    {"lifetime.fragments-counted",
     "Fragments are counted across messages, and 4096 messages of them are too many", "rfc6455-5.4-2",
     kSubtle, refuse<[](const FrameHeader& h, const Situation& s) {
       return !h.fin && s.fragmented_messages >= 4096;
     }>},
    {"lifetime.messages-counted", "The 10000th message of a connection is lost", "rfc6455-6.2-4", kSubtle,
     lose<[](const Echo&, const Situation& s) { return s.messages == 10000; }>},
    {"lifetime.pings-counted", "Behind its 5000th ping a connection gets no pongs", "rfc6455-5.5.2-2",
     kSubtle, [](Conduct& c) { c.misponges = [](PongReply& p, Situation& s) { p.lost = s.pings > 5000; }; }},
    {"lifetime.pongs-counted", "The 8193rd frame of a connection is refused when it is a pong",
     "rfc6455-5.5.3-3", kSubtle,
     refuse<[](const FrameHeader& h, const Situation& s) { return 8192 < s.frames && h.is(Opcode::pong); }>},
    {"lifetime.key-of-10007th-frame", "The 10007th frame of a connection is unmasked with the key 0",
     "rfc6455-5.3-5", kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation& s) {
         if (s.frames == 10007 && h.mask) apply_mask(piece, *h.mask, offset);
       };
     }},
    {"lifetime.context-lost-after-2500", "The 2500th compressed message costs the window", "rfc7692-7.2.2-5",
     kSubtle,
     [](Conduct& c) {
       c.forgets_context = [](const FrameHeader& h, const Situation& s) {
         return !is_control(h.opcode) && h.fin && s.compressed_messages == 2500;
       };
     },
     "deflate"},
};

}  // namespace

std::span<const Defect> lifetime_defects() {
  static const std::vector<Defect> all = join({kFirst, kCounts});
  return all;
}

}  // namespace wsspec
