// Defects in permessage-deflate payloads (RFC 7692 6, 7.2), once it is agreed. All need a client that offers
// it.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kNeeds = "deflate";
constexpr BytesView kFlush("\0\0\xff\xff", 4);

/// Lets RSV1 pass where it must not be.
template <bool (*when)(const FrameHeader& h, const Situation& s)>
void overlook_rsv1(Conduct& c) {
  c.overlooks = [](Rule rule, const FrameHeader& h, const Situation& s) {
    return rule == Rule::reserved_bits && s.deflate && h.rsv == 4 && when(h, s);
  };
}
/// The inflater starts anew behind the frames that `when` names.
template <bool (*when)(const FrameHeader& h, const Situation& s)>
void forget(Conduct& c) {
  c.forgets_context = when;
}
template <unsigned type>
bool begins_with_block(BytesView payload, const Situation&) {
  return payload.size() > 1 && (octet(payload[0]) >> 1 & 3) == type;
}
bool was_data(const FrameHeader& h) {
  return !is_control(h.opcode) && h.fin;
}

const Defect kReceiving[] = {
    {"deflate.rsv1-on-continuation-accepted", "RSV1 passes on continuations", "rfc7692-6.1-4", kPlain,
     overlook_rsv1<is<Opcode::cont>>, kNeeds},
    {"deflate.rsv1-on-ping-accepted", "RSV1 passes on pings", "rfc7692-6.1-4", kPlain,
     overlook_rsv1<is<Opcode::ping>>, kNeeds},
    {"deflate.rsv1-on-pong-accepted", "RSV1 passes on pongs", "rfc7692-6.1-4", kSubtle,
     overlook_rsv1<is<Opcode::pong>>, kNeeds},
    {"deflate.rsv1-on-close-accepted", "RSV1 passes on a Close", "rfc7692-6.1-4", kSubtle,
     overlook_rsv1<is<Opcode::close>>, kNeeds},
    {"deflate.rsv2-accepted-with-it", "RSV2 passes once compression is agreed", "rfc6455-5.2-3", kSubtle,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader& h, const Situation& s) {
         return rule == Rule::reserved_bits && s.deflate && (h.rsv & 2) != 0;
       };
     },
     kNeeds},
    {"deflate.uncompressed-refused", "A message without RSV1 is refused once compression is agreed",
     "rfc7692-6.2-2", kPlain,
     [](Conduct& c) {
       c.refuses = [](const FrameHeader& h, const Situation& s) {
         return s.deflate && (h.is(Opcode::text) || h.is(Opcode::binary)) && h.rsv == 0;
       };
     },
     kNeeds},
    {"deflate.uncompressed-inflated", "Messages without RSV1 are inflated as well", "rfc7692-6.2-2", kPlain,
     [](Conduct& c) { c.inflates_everything = true; }, kNeeds},
    {"deflate.context-lost", "The window is lost between messages although takeover is allowed",
     "rfc7692-7.2.2-5", kPlain, forget<[](const FrameHeader& h, const Situation&) { return was_data(h); }>,
     kNeeds},
    {"deflate.context-lost-after-ping", "A ping costs the window", "rfc7692-7.2.2-5", kSubtle,
     forget<[](const FrameHeader& h, const Situation&) { return h.is(Opcode::ping); }>, kNeeds},
    {"deflate.context-lost-after-uncompressed", "An uncompressed message costs the window", "rfc7692-7.2.2-5",
     kSubtle, forget<[](const FrameHeader& h, const Situation& s) { return was_data(h) && !s.compressed; }>,
     kNeeds},
    {"deflate.context-lost-after-fragments", "A fragmented message costs the window", "rfc7692-7.2.2-5",
     kSubtle, forget<[](const FrameHeader& h, const Situation& s) { return was_data(h) && 1 < s.fragments; }>,
     kNeeds},
    {"deflate.context-lost-after-100", "The hundredth compressed message costs the window", "rfc7692-7.2.2-5",
     kSubtle, forget<[](const FrameHeader& h, const Situation& s) {
       return was_data(h) && s.compressed_messages == 100;
     }>,
     kNeeds},
    {"deflate.context-lost-after-binary", "A binary message costs the window", "rfc7692-7.2.2-5", kSubtle,
     forget<[](const FrameHeader& h, const Situation&) { return h.is(Opcode::binary); }>, kNeeds},
    {"deflate.offer-taken-as-agreed", "An offered client_no_context_takeover is kept to though not granted",
     "rfc7692-7.2.2-6", kSubtle,
     [](Conduct& c) {
       c.misgrants = [](std::vector<ExtensionOffer>& granted, std::optional<DeflateSettings>&,
                        const std::vector<ExtensionOffer>&) {
         for (ExtensionOffer& e : granted) {
           std::erase_if(e.parameters, [](const auto& p) { return p.name == "client_no_context_takeover"; });
         }
       };
     },
     kNeeds},
    {"deflate.hint-taken-as-agreed", "A hinted client window is kept to though not granted",
     "rfc7692-7.2.2-10", kSubtle,
     [](Conduct& c) {
       c.misgrants = [](std::vector<ExtensionOffer>& granted, std::optional<DeflateSettings>&,
                        const std::vector<ExtensionOffer>&) {
         for (ExtensionOffer& e : granted) {
           std::erase_if(e.parameters, [](const auto& p) { return p.name == "client_max_window_bits"; });
         }
       };
     },
     kNeeds},
    {"deflate.inflater-window-too-small", "The client's window is held one bit too small", "rfc7692-7.2.2-10",
     kSubtle, [](Conduct& c) { c.inflate_bits_less = 1; }, kNeeds},
    {"deflate.inflater-window-8", "The client's window is held at 256 octets", "rfc7692-7.2.2-10", kPlain,
     [](Conduct& c) { c.inflate_bits_less = 7; }, kNeeds},
    {"deflate.each-fragment-ended", "Each fragment is inflated as if it ended the message", "rfc7692-7.2.1-6",
     kPlain, [](Conduct& c) { c.finishes_each_fragment = true; }, kNeeds},
    {"deflate.final-block-refused", "A block with BFINAL is refused", "rfc7692-7.2.1-4", kSubtle,
     refuse_deflated<[](BytesView p, const Situation&) { return !p.empty() && (octet(p[0]) & 1) != 0; }>,
     kNeeds},
    {"deflate.stored-block-refused", "Blocks without compression are refused", "rfc7692-7.2.1-3", kSubtle,
     refuse_deflated<begins_with_block<0>>, kNeeds},
    {"deflate.fixed-block-refused", "Blocks with fixed codes are refused", "rfc7692-7.2.1-3", kSubtle,
     refuse_deflated<begins_with_block<1>>, kNeeds},
    {"deflate.dynamic-block-refused", "Blocks with dynamic codes are refused", "rfc7692-7.2.1-3", kSubtle,
     refuse_deflated<begins_with_block<2>>, kNeeds},
    {"deflate.first-flush-ends", "What follows a flush inside the payload is lost", "rfc7692-7.2.1-2",
     kSubtle,
     [](Conduct& c) {
       c.misinflates = [](Bytes& p, const Situation&) { p.resize(std::min(p.find(kFlush), p.size())); };
     },
     kNeeds},
    {"deflate.empty-message-refused", "A compressed message of one octet 00 is refused", "rfc7692-7.2.3.6-1",
     kSubtle, refuse_deflated<[](BytesView p, const Situation&) { return p.size() == 1; }>, kNeeds},
    {"deflate.fragmented-refused", "A compressed message in fragments is refused", "rfc7692-6.2-1", kPlain,
     refuse_deflated<[](BytesView, const Situation& s) { return 1 < s.fragments; }>, kNeeds},
    {"deflate.ping-inside-breaks", "A ping between the fragments of a compressed message breaks it",
     "rfc6455-5.4-8", kSubtle,
     refuse_deflated<[](BytesView, const Situation& s) { return 0 < s.controls_inside; }>, kNeeds},
    {"deflate.large-refused", "Compressed payloads above 32 KiB are refused", "rfc7692-6.2-1", kSubtle,
     refuse_deflated<[](BytesView p, const Situation&) { return 32768 < p.size(); }>, kNeeds},
    {"deflate.text-unchecked", "Compressed text is not checked for UTF-8", "rfc7692-6.1-6", kPlain,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader&, const Situation& s) {
         return rule == Rule::text && s.compressed;
       };
     },
     kNeeds},
    {"deflate.text-checked-before", "Text is checked for UTF-8 before it is inflated", "rfc7692-6.1-6",
     kPlain,
     refuse_deflated<[](BytesView p, const Situation& s) { return s.message_opcode == 1 && !is_utf8(p); }>,
     kNeeds},
    {"deflate.buffer-of-4096-ends",
     "What is inflated behind a multiple of 4096 octets is lost when it is few", "rfc7692-6.2-1", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         const std::size_t few = e.payload.size() % 4096;
         if (s.compressed && e.payload.size() > 4096 && few > 0 && few <= 8)
           e.payload.resize(e.payload.size() - few);
       };
     },
     kNeeds},
    {"deflate.full-buffer-ends", "The last octet is lost where what is inflated fills its buffer of 16 KiB",
     "rfc7692-6.2-1", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         if (s.compressed && !e.payload.empty() && e.payload.size() % 16384 == 0) e.payload.pop_back();
       };
     },
     kNeeds},
    {"deflate.129-behind-16k-lost", "129 to 256 octets behind 16 KiB are lost", "rfc7692-6.2-1", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         if (s.compressed && e.payload.size() > 16512 && e.payload.size() <= 16640) e.payload.resize(16384);
       };
     },
     kNeeds},
    {"deflate.context-lost-behind-final", "A block with BFINAL costs the window", "rfc7692-7.2.2-5", kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation& s) {
         if (offset == 0 && h.rsv == 4 && !piece.empty()) s.memo = octet(piece[0]) & 1u;
       };
       c.forgets_context = [](const FrameHeader& h, const Situation& s) {
         return was_data(h) && s.memo == 1;
       };
     },
     kNeeds},
    {"deflate.context-lost-behind-256k", "A message of more than 256 KiB costs the window", "rfc7692-7.2.2-5",
     kSubtle, forget<[](const FrameHeader& h, const Situation& s) {
       return was_data(h) && 262144 < s.message_octets;
     }>,
     kNeeds},
    {"deflate.lost-beside-subprotocol",
     "Where a subprotocol is agreed upon, the agreed compression is not set up", "rfc7692-5-17", kSubtle,
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         if (std::ranges::find(a.fields, "Sec-WebSocket-Protocol", &Field::name) != a.fields.end())
           a.deflate.reset();
       };
     },
     kNeeds},
    {"deflate.unfinished-delivered", "A compressed message that the client's end cuts off is delivered",
     "rfc6455-10.7-1", kSubtle, [](Conduct& c) { c.delivers_unfinished_deflated = true; }, kNeeds},
    {"deflate.broken-data-accepted", "What cannot be inflated is cut off and the rest echoed",
     "rfc7692-7.2.2-1", kPlain,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::inflation; };
     },
     kNeeds},
};

const Defect kSending[] = {
    {"deflate.rsv1-missing", "Compressed messages are sent without RSV1", "rfc7692-6.1-1", kPlain,
     [](Conduct& c) { c.misframes = [](OutFrame& f, Situation&) { f.header.rsv = 0; }; }, kNeeds},
    {"deflate.rsv1-always", "RSV1 is set on uncompressed messages as well", "rfc7692-6.1-2", kPlain,
     [](Conduct& c) {
       c.misframes = [](OutFrame& f, Situation& s) {
         if (s.deflate && !is_control(f.header.opcode) && f.header.opcode != 0) f.header.rsv = 4;
       };
     },
     kNeeds},
    {"deflate.rsv1-on-every-fragment", "RSV1 is set on every fragment of an echo", "rfc7692-6.1-3", kSubtle,
     [](Conduct& c) {
       c.echo_fragment = 64;
       c.misframes = [](OutFrame& f, Situation& s) {
         if (f.header.is(Opcode::cont)) f.header.rsv = static_cast<std::uint8_t>(s.memo);
         s.memo = f.header.rsv;
       };
     },
     kNeeds},
    {"deflate.rsv1-on-pong-sent", "RSV1 is set on pongs once compression is agreed", "rfc7692-6.1-3", kSubtle,
     [](Conduct& c) {
       c.misframes = [](OutFrame& f, Situation& s) {
         if (s.deflate && f.header.is(Opcode::pong)) f.header.rsv = 4;
       };
     },
     kNeeds},
    {"deflate.rsv1-on-close-sent", "RSV1 is set on a Close once compression is agreed", "rfc7692-6.1-3",
     kSubtle,
     [](Conduct& c) {
       c.misframes = [](OutFrame& f, Situation& s) {
         if (s.deflate && f.header.is(Opcode::close)) f.header.rsv = 4;
       };
     },
     kNeeds},
    {"deflate.promised-reset-broken", "The window is taken over in spite of server_no_context_takeover",
     "rfc7692-7.2.1-11", kPlain, [](Conduct& c) { c.keeps_compress_context = true; }, kNeeds},
    {"deflate.window-exceeded", "The agreed server window is ignored", "rfc7692-7.2.1-15", kPlain,
     [](Conduct& c) { c.compress_bits_more = 7; }, kNeeds},
    {"deflate.window-exceeded-by-a-bit", "The agreed server window is exceeded by one bit",
     "rfc7692-7.2.1-15", kSubtle, [](Conduct& c) { c.compress_bits_more = 1; }, kNeeds},
    {"deflate.last-octet-lost", "The last octet of compressed payloads above 1000 octets is lost",
     "rfc7692-7.2.1-1", kSubtle,
     [](Conduct& c) {
       c.misdeflates = [](Bytes& p, const Situation&) {
         if (p.size() > 1000) p.pop_back();
       };
     },
     kNeeds},
    {"deflate.answers-share-compressor",
     "Of large answers to one segment the second is compressed amid the first", "rfc7692-7.2.1-11", kSubtle,
     [](Conduct& c) {
       c.misdeflates = [](Bytes& p, const Situation& s) {
         if (s.frames_in_chunk == 2 && s.last_header.length > 100 && p.size() > 100)
           p[50] = static_cast<char>(p[50] ^ 4);
       };
     },
     kNeeds},
    {"deflate.bit-wrong", "One bit of compressed payloads above 500 octets is wrong", "rfc7692-7.2.1-1",
     kSubtle,
     [](Conduct& c) {
       c.misdeflates = [](Bytes& p, const Situation&) {
         if (p.size() > 500) p[400] = static_cast<char>(p[400] ^ 4);
       };
     },
     kNeeds},
    {"deflate.zlib-header-sent", "A zlib header precedes the compressed payload", "rfc7692-7.2.1-1", kPlain,
     [](Conduct& c) { c.misdeflates = [](Bytes& p, const Situation&) { p.insert(0, "\x78\x9c", 2); }; },
     kNeeds},
    {"deflate.half-tail-removed", "Only two of the last four octets are removed", "rfc7692-7.2.1-1", kSubtle,
     [](Conduct& c) { c.misdeflates = [](Bytes& p, const Situation&) { p.append(2, '\0'); }; }, kNeeds},
    {"deflate.message-200-uncompressed-with-rsv1", "The 200th compressed echo is garbage", "rfc7692-6.1-1",
     kSubtle,
     [](Conduct& c) {
       c.misdeflates = [](Bytes& p, const Situation& s) {
         if (s.sent_messages == 200) p.assign(p.size(), '\xff');
       };
     },
     kNeeds},
    {"deflate.rsv1-unagreed", "RSV1 is set on echoes although nothing was agreed", "rfc6455-5.8-1", kPlain,
     [](Conduct& c) {
       c.misframes = [](OutFrame& f, Situation& s) {
         if (!s.deflate && (f.header.is(Opcode::text) || f.header.is(Opcode::binary))) f.header.rsv = 4;
       };
     }},
};

}  // namespace

std::span<const Defect> deflate_defects() {
  static const std::vector<Defect> all = join({kReceiving, kSending});
  return all;
}

}  // namespace wsspec
