// Defects that show only by how octets were cut into segments, which must never matter (TCP is a stream of
// octets).
#include "peer/defects.h"
#include "peer/edits.h"
#include "protocol/mask.h"

namespace wsspec {
namespace {

using namespace edits;

template <unsigned held>
void lose_frames_split_at(Conduct& c) {
  c.skips_frame = [](const FrameHeader&, const Situation& s) { return s.header_held == held; };
}

const Defect kChunks[] = {
    {"chunk.one-frame-per-segment", "Of several frames in one segment only the first is handled",
     "rfc6455-6.2-1", kPlain,
     [](Conduct& c) {
       c.skips_frame = [](const FrameHeader&, const Situation& s) { return s.frames_in_chunk > 1; };
     }},
    {"chunk.third-frame-lost", "The third frame in one segment is lost", "rfc6455-6.2-1", kSubtle,
     [](Conduct& c) {
       c.skips_frame = [](const FrameHeader&, const Situation& s) { return s.frames_in_chunk == 3; };
     }},
    {"chunk.frame-behind-long-one-lost",
     "A frame in the same segment behind one of more than 125 octets is lost", "rfc6455-6.2-1", kSubtle,
     [](Conduct& c) {
       c.skips_frame = [](const FrameHeader&, const Situation& s) {
         return s.frames_in_chunk > 1 && s.last_header.length > 125;
       };
     }},
    {"chunk.header-split-at-1", "A frame whose header is cut behind its first octet is lost", "rfc6455-6.2-1",
     kSubtle, lose_frames_split_at<1>},
    {"chunk.header-split-at-2", "A frame whose header is cut behind its second octet is lost",
     "rfc6455-6.2-1", kSubtle, lose_frames_split_at<2>},
    {"chunk.header-split-at-3", "A frame whose header is cut behind its third octet is lost", "rfc6455-6.2-1",
     kSubtle, lose_frames_split_at<3>},
    {"chunk.header-split-at-5", "A frame whose 64-bit length is cut behind its third octet is lost",
     "rfc6455-6.2-1", kSubtle, lose_frames_split_at<5>},
    {"chunk.header-split-at-9", "A frame whose 64-bit length is cut before its last octet is lost",
     "rfc6455-6.2-1", kSubtle, lose_frames_split_at<9>},
    {"chunk.early-frames-unchecked", "Frames in the same segment as the request are not checked",
     "rfc6455-5.2-3", kPlain,
     [](Conduct& c) {
       c.overlooks = [](Rule, const FrameHeader&, const Situation& s) { return s.chunks <= 1; };
     }},
    {"chunk.early-text-unchecked", "A text in the same segment as the request is not checked for UTF-8",
     "rfc6455-8.1-1", kSubtle,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader&, const Situation& s) {
         return rule == Rule::text && s.chunks <= 1;
       };
     }},
    {"chunk.header-split-in-key", "A frame whose masking key is cut in two is unmasked wrongly",
     "rfc6455-5.3-5", kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t, Situation& s) {
         const unsigned key_begin = h.form == LengthForm::bits7 ? 2 : h.form == LengthForm::bits16 ? 4 : 10;
         if (s.header_held > key_begin)
           std::ranges::for_each(piece, [](char& x) { x = static_cast<char>(x ^ 1); });
       };
     }},
    {"chunk.key-restarts", "The masking key begins anew with each segment of a payload", "rfc6455-5.3-5",
     kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation&) {
         if (!h.mask || offset % 4 == 0) return;
         apply_mask(piece, *h.mask, offset);
         apply_mask(piece, *h.mask, 0);
       };
     }},
    {"chunk.64k-in-pieces-cut", "The last octet of a payload of 65536 that came in pieces is lost",
     "rfc6455-6.2-1", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation& s) {
         if (e.payload.size() == 65536 && s.pieces > 1) e.payload.back() = 0;
       };
     }},
    {"chunk.pieces-lost", "Payload that does not come with its header is lost in short messages",
     "rfc6455-6.2-1", kPlain,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t, Situation& s) {
         if (s.pieces > 1 && h.length < 126) std::ranges::fill(piece, '?');
       };
     }},
    {"chunk.at-most-1000-pieces", "A frame that comes in more than 1000 pieces is refused", "rfc6455-6.2-1",
     kSubtle, [](Conduct& c) { c.misechoes = [](Echo& e, Situation& s) { e.lost = s.pieces > 1000; }; }},
    {"chunk.odd-octet-swapped", "When a payload is cut at an odd octet the next one is wrong",
     "rfc6455-6.2-1", kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader&, std::uint64_t offset, Situation&) {
         if (offset % 2 == 1 && !piece.empty()) piece[0] = static_cast<char>(piece[0] ^ 0x20);
       };
     }},
    {"chunk.ping-in-pieces-unanswered", "A ping that comes in more than two pieces is not answered",
     "rfc6455-5.5.2-2", kSubtle,
     [](Conduct& c) { c.misponges = [](PongReply& p, Situation& s) { p.lost = s.pieces > 2; }; }},
    {"chunk.close-in-pieces-lost", "A Close that comes in pieces is not answered", "rfc6455-5.5.1-7", kSubtle,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation& s) {
         if (f.cause == Farewell::Cause::answer && s.pieces > 1) {
           f.sends_close = false, f.tcp = Farewell::Tcp::stays;
         }
       };
     }},
};

}  // namespace

std::span<const Defect> chunk_defects() {
  return kChunks;
}

}  // namespace wsspec
