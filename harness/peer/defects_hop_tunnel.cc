// Defects of a hop in its tunnels: octets, frames and ends (RFC 9110 3.7, 9.3.6, RFC 6455 5.4).
#include <chrono>

#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/hop_frame.h"
#include "protocol/close.h"
#include "protocol/utf8.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr const char *kBlind = "rfc9110-3.7-1", *kEndsBoth = "rfc9110-9.3.6-1", *kAllOctets = "rfc9110-3.7-1",
                     *kControlFrames = "rfc6455-5.4-11", *kUnknownExtensions = "rfc6455-5.4-13";

using Chunk = void (*)(Bytes& chunk, HopFlow& flow);
using Look = void (*)(HopPiece& piece, HopFlow& flow);
using Part = void (*)(HopParting& parting, HopFlow& flow);

template <Chunk change>
void up_octets(Conduct& c) {
  c.hop.up.mispasses = change;
}
template <Chunk change>
void down_octets(Conduct& c) {
  c.hop.down.mispasses = change;
}
template <Look change>
void up_frames(Conduct& c) {
  c.hop.up.misframes = change;
}
template <Look change>
void down_frames(Conduct& c) {
  c.hop.down.misframes = change;
}
template <Part change>
void up_end(Conduct& c) {
  c.hop.up.misparts = change;
}
template <Part change>
void down_end(Conduct& c) {
  c.hop.down.misparts = change;
}

/// Where in the chunk the octet of that number is, if it is there at all.
std::optional<std::size_t> place_of(std::uint64_t number, const Bytes& chunk, const HopFlow& flow) {
  if (number < flow.octets || number - flow.octets >= chunk.size()) return std::nullopt;
  return static_cast<std::size_t>(number - flow.octets);
}
template <std::uint64_t number>
void lose_octet(Bytes& chunk, HopFlow& flow) {
  if (const auto at = place_of(number, chunk, flow)) chunk.erase(*at, 1);
}
template <std::uint64_t number>
void repeat_octet(Bytes& chunk, HopFlow& flow) {
  if (const auto at = place_of(number, chunk, flow)) chunk.insert(*at, 1, chunk[*at]);
}
// From the second client on, what another one was sent last comes first.
void mix_tunnels(Bytes& chunk, HopFlow& flow) {
  HopCommons& all = *flow.s->commons;
  const Bytes own = chunk;
  if (all.owner != 0 && all.owner != flow.s->client) chunk = all.octets + chunk;
  all.owner = flow.s->client;
  all.octets = own;
}
void take_anothers_octets(Bytes& chunk, HopFlow& flow) {
  HopCommons& all = *flow.s->commons;
  const bool taken = all.owner != 0 && all.owner != flow.s->client && all.octets.size() == chunk.size();
  all.owner = flow.s->client;
  Bytes own = std::exchange(all.octets, chunk);
  if (taken) chunk = std::move(own);
}

bool is_whole(const HopPiece& piece, Opcode opcode) {
  return piece.first && piece.last && piece.header.is(opcode);
}
void lose_frame(HopPiece& piece, Opcode opcode) {
  piece.lost = piece.lost || piece.header.is(opcode);
}
template <bool to_server>
void answer_ping(HopPiece& piece, HopFlow&) {
  if (!is_whole(piece, Opcode::ping)) return;
  piece.lost = true;
  piece.reply = make_frame(Opcode::pong, piece.payload, to_server ? std::nullopt : std::optional(MaskKey{7}));
}
void change_code(HopPiece& piece, std::uint16_t from, std::uint16_t to) {
  if (!is_whole(piece, Opcode::close) || parse_close(piece.payload).code != from) return;
  piece.payload = make_close(to, parse_close(piece.payload).reason);
}
void cut_data(HopPiece& piece, HopFlow& flow) {
  if (flow.s->extensions && !is_control(piece.header.opcode) && piece.header.length >= 200) piece.cut = 100;
}
// The frame right behind a ping.
void lose_behind_ping(HopPiece& piece, HopFlow& flow) {
  if (piece.first && flow.memo == 1 && !is_control(piece.header.opcode)) flow.memo = 2;
  piece.lost = flow.memo == 2 && !is_control(piece.header.opcode);
  if (piece.lost && piece.last) flow.memo = 0;
  if (piece.header.is(Opcode::ping)) flow.memo = 1;
}
void replace_bad_text(HopPiece& piece, HopFlow&) {
  if (piece.header.is(Opcode::text) && !piece.payload.empty() && !is_utf8(piece.payload))
    for (char& c : piece.payload) c = octet(c) < 0x80 ? c : '?';
}
bool was_closed(const HopFlow& flow) {
  return flow.memo != 0;
}
void note_close(HopPiece& piece, HopFlow& flow) {
  if (piece.header.is(Opcode::close)) flow.memo = 1;
}
template <std::uint16_t code, End::Way when>
void say_close(HopParting& parting, HopFlow& flow) {
  if (parting.how != when || was_closed(flow) || flow.in_frame) return;
  parting.how = End::fin;
  parting.ahead = make_frame(Opcode::close, make_close(code), std::nullopt);
}
template <std::uint16_t code, End::Way when>
void invent_close(Conduct& c) {
  c.hop.down.misframes = note_close;
  c.hop.down.misparts = say_close<code, when>;
}
template <bool to_server>
void refuse_as_normal(HopPiece& piece, HopFlow& flow) {
  if (is_illegal_frame(piece, flow, to_server)) close_both(piece, 1000, to_server);
}
void refuse_at_server(HopPiece& piece, HopFlow& flow) {
  if (!is_illegal_frame(piece, flow, true)) return;
  close_both(piece, 1002, true);
  piece.reply.clear();
  piece.ends = false;
}
template <bool to_server>
void answer_close_as_normal(HopPiece& piece, HopFlow& flow) {
  answer_close(piece, flow, to_server, 1000);
}
template <bool to_server>
void answer_close_alone(HopPiece& piece, HopFlow& flow) {
  answer_close(piece, flow, to_server);
  piece.lost = piece.lost || piece.header.is(Opcode::close);
}
template <Look to_server, Look to_client>
void both_frames(Conduct& c) {
  c.hop.up.misframes = to_server;
  c.hop.down.misframes = to_client;
}
template <End::Way when>
void swallow(HopParting& parting, HopFlow&) {
  parting.passed = parting.how != when;
}

const Defect kHopOctets[] = {
    {"up.octet-lost-at-64KiB", "Octet 65536 of a tunnel is lost", kBlind, kSubtle,
     up_octets<lose_octet<65536>>},
    {"down.octet-lost-at-64KiB", "Octet 65535 to the client is lost", kBlind, kSubtle,
     down_octets<lose_octet<65535>>},
    {"down.octet-twice-at-1MiB", "Octet 1048576 to the client comes twice", kBlind, kSubtle,
     down_octets<repeat_octet<(1u << 20)>>},
    {"up.octet-twice-at-1MiB", "Octet 1048576 to the server comes twice", kBlind, kSubtle,
     up_octets<repeat_octet<(1u << 20)>>},
    {"up.stops-at-nul", "What follows a NUL in one piece is lost", kBlind, kSubtle,
     up_octets<[](Bytes& chunk, HopFlow&) { chunk.resize(std::min(chunk.size(), chunk.find('\0'))); }>},
    {"down.lf-becomes-crlf", "A line feed becomes two octets", kBlind, kSubtle,
     down_octets<[](Bytes& chunk, HopFlow&) {
       for (std::size_t at = 0; (at = chunk.find('\n', at)) != chunk.npos; at += 2) chunk.insert(at, 1, '\r');
     }>},
    {"up.single-octets-lost", "A piece of one octet is lost", kBlind, kSubtle,
     up_octets<[](Bytes& chunk, HopFlow&) {
       if (chunk.size() == 1) chunk.clear();
     }>},
    {"down.first-octet-lost", "The first octet to the client behind the 101 is lost", kBlind, kPlain,
     down_octets<lose_octet<0>>},
    {"down.second-piece-again", "The first piece to the client comes again in place of the second", kBlind,
     kPlain, down_octets<[](Bytes& chunk, HopFlow& flow) {
       if (flow.chunks == 1) flow.kept = chunk;
       if (flow.chunks == 2) chunk = flow.kept;
     }>},
    {"down.holds-one-frame", "A frame is passed on when the next one has come", kAllOctets, kPlain,
     [](Conduct& c) { c.hop.down.holds_frame = true; }},
    {"up.holds-one-frame", "A frame to the server likewise", kAllOctets, kPlain,
     [](Conduct& c) { c.hop.up.holds_frame = true; }},
    {"down.holds-until-4KiB", "Octets wait until there are 4096", kAllOctets, kPlain,
     [](Conduct& c) { c.hop.down.holds_octets = 4096; }},
    {"up.holds-until-16", "Octets to the server wait until there are 16", kAllOctets, kSubtle,
     [](Conduct& c) { c.hop.up.holds_octets = 16; }},
    {"up.no-back-pressure", "The client is read however much waits for the server", kBlind, kPlain,
     [](Conduct& c) { c.hop.up.always_reads = true; }},
    {"down.no-back-pressure", "The server is read however much waits for the client", kBlind, kPlain,
     [](Conduct& c) { c.hop.down.always_reads = true; }},
    {"hop.mixes-tunnels", "One client hears what another one was sent", kBlind, kSubtle,
     down_octets<mix_tunnels>},
    {"hop.mixes-equal-pieces", "Pieces of one size are exchanged between tunnels", kBlind, kSubtle,
     up_octets<take_anothers_octets>},
    {"hop.third-tunnel-deaf", "The third client of a hop hears nothing", kBlind, kSubtle,
     down_octets<[](Bytes& chunk, HopFlow& flow) {
       if (flow.s->client == 3) chunk.clear();
     }>},
};

const Defect kHopFrames[] = {
    {"up.reframes-under-deflate", "Frames to the server are cut, though an extension is agreed",
     kUnknownExtensions, kSubtle, up_frames<cut_data>},
    {"down.reframes-under-deflate", "Frames to the client are cut, though an extension is agreed",
     kUnknownExtensions, kSubtle, down_frames<cut_data>},
    {"up.refragments-ping", "A ping to the server is cut into two frames", kControlFrames, kPlain,
     up_frames<[](HopPiece& piece, HopFlow&) {
       if (piece.header.is(Opcode::ping)) piece.cut = (piece.payload.size() + 1) / 2;
     }>},
    {"down.refragments-long-ping", "A ping of 125 octets to the client is cut", kControlFrames, kSubtle,
     down_frames<[](HopPiece& piece, HopFlow&) {
       if (piece.header.is(Opcode::ping) && piece.payload.size() == 125) piece.cut = 124;
     }>},
    {"up.unmasks", "Frames to the server are not masked", "rfc6455-5.1-1", kPlain,
     up_frames<[](HopPiece& piece, HopFlow&) { piece.header.mask.reset(); }>},
    {"up.masks-with-one-key", "All frames to the server have one mask", "rfc6455-10.3-1", kSubtle,
     up_frames<[](HopPiece& piece, HopFlow&) {
       if (piece.header.mask) piece.header.mask = MaskKey{0x01020304};
     }>},
    {"up.masks-unmasked", "A frame without a mask gets one", kBlind, kSubtle,
     up_frames<[](HopPiece& piece, HopFlow&) {
       if (!piece.header.mask) piece.header.mask = MaskKey{0x01020304};
     }>},
    {"down.unmasks", "A masked frame to the client loses its mask", kBlind, kSubtle,
     down_frames<[](HopPiece& piece, HopFlow&) { piece.header.mask.reset(); }>},
    {"down.masks", "Frames to the client are masked", "rfc6455-5.1-4", kPlain,
     down_frames<[](HopPiece& piece, HopFlow&) { piece.header.mask = MaskKey{0x01020304}; }>},
    {"up.repairs-text", "Broken text is passed on as good one", kBlind, kSubtle, up_frames<replace_bad_text>},
    {"up.clears-reserved-bits", "Reserved bits do not reach the server", kBlind, kSubtle,
     up_frames<[](HopPiece& piece, HopFlow&) { piece.header.rsv &= kRsv1; }>},
    {"down.clears-rsv1", "A compressed message reaches the client as one that is not", "rfc7692-6-1", kPlain,
     down_frames<[](HopPiece& piece, HopFlow&) { piece.header.rsv = 0; }>},
    {"down.shortens-length", "A length in a roundabout form reaches the client in the shortest", kBlind,
     kSubtle,
     down_frames<[](HopPiece& piece, HopFlow&) { piece.header.form = minimal_form(piece.header.length); }>},
    {"hop.answers-pings", "Pings are answered by the hop and go no further", kBlind, kPlain,
     both_frames<answer_ping<true>, answer_ping<false>>},
    {"up.pings-lost", "Pings do not reach the server", kBlind, kPlain,
     up_frames<[](HopPiece& piece, HopFlow&) { lose_frame(piece, Opcode::ping); }>},
    {"down.pongs-lost", "Pongs do not reach the client", kBlind, kPlain,
     down_frames<[](HopPiece& piece, HopFlow&) { lose_frame(piece, Opcode::pong); }>},
    {"up.empty-frames-lost", "Frames without payload do not reach the server", kBlind, kSubtle,
     up_frames<[](HopPiece& piece, HopFlow&) {
       piece.lost = piece.header.length == 0 && !is_control(piece.header.opcode);
     }>},
    {"down.lost-behind-ping", "The frame behind a ping does not reach the client", kBlind, kSubtle,
     down_frames<lose_behind_ping>},
    {"up.close-lost", "The client's Close does not reach the server", kBlind, kPlain,
     up_frames<[](HopPiece& piece, HopFlow&) { lose_frame(piece, Opcode::close); }>},
    {"hop.answers-close-with-1000", "A Close is answered by the hop with 1000, whatever its code", kBlind,
     kSubtle, both_frames<answer_close_as_normal<true>, answer_close_as_normal<false>>},
    {"hop.answers-close-alone", "A Close is answered by the hop and goes no further", kBlind, kPlain,
     both_frames<answer_close_alone<true>, answer_close_alone<false>>},
    {"hop.1000-for-illegal", "A frame that no endpoint may send ends the tunnel with 1000", "rfc6455-7.1.5-1",
     kSubtle, both_frames<refuse_as_normal<true>, refuse_as_normal<false>>},
    {"up.tells-server-of-illegal", "Of a frame that no endpoint may send only the server is told", kEndsBoth,
     kSubtle, up_frames<refuse_at_server>},
    {"up.reason-lost", "The client's Close reaches the server without its reason", kBlind, kSubtle,
     up_frames<[](HopPiece& piece, HopFlow&) {
       if (is_whole(piece, Opcode::close))
         piece.payload.resize(std::min<std::size_t>(piece.payload.size(), 2));
     }>},
    {"down.changes-4999-to-1000", "A Close with 4999 reaches the client with 1000", kBlind, kPlain,
     down_frames<[](HopPiece& piece, HopFlow&) { change_code(piece, 4999, 1000); }>},
    {"up.changes-1001-to-1000", "A Close with 1001 reaches the server with 1000", kBlind, kSubtle,
     up_frames<[](HopPiece& piece, HopFlow&) { change_code(piece, 1001, 1000); }>},
};

const Defect kHopEnds[] = {
    {"down.sends-1006", "A server's end without a Close becomes a Close with 1006", "rfc6455-7.4.1-4", kPlain,
     invent_close<1006, End::fin>},
    {"down.1000-for-fin", "A server's end without a Close becomes a Close with 1000", "rfc6455-7.1.5-1",
     kSubtle, invent_close<1000, End::fin>},
    {"down.1000-for-reset", "A server's reset becomes a Close with 1000", "rfc6455-7.1.5-1", kPlain,
     invent_close<1000, End::reset>},
    {"up.swallows-fin", "The client's end does not reach the server", kEndsBoth, kPlain,
     up_end<swallow<End::fin>>},
    {"down.swallows-fin", "The server's end does not reach the client", kEndsBoth, kPlain,
     down_end<swallow<End::fin>>},
    {"up.swallows-reset", "The client's reset does not reach the server", kEndsBoth, kSubtle,
     up_end<swallow<End::reset>>},
    {"down.swallows-reset", "The server's reset does not reach the client", kEndsBoth, kSubtle,
     down_end<swallow<End::reset>>},
    {"down.reset-for-fin", "The server's end reaches the client as a reset", kEndsBoth, kSubtle,
     down_end<[](HopParting& parting, HopFlow&) { parting.how = End::reset; }>},
    {"down.drops-last-1KiB-at-fin", "What came just before the server's end is lost", kEndsBoth, kSubtle,
     [](Conduct& c) {
       c.hop.down.holds_tail = 1024;
       c.hop.down.holds_for = std::chrono::milliseconds(20);
       c.hop.down.end_drops_held = true;
     }},
    {"hop.half-open", "A silent tunnel is forgotten, and the client is not told", kEndsBoth, kPlain,
     [](Conduct& c) {
       c.hop.idle = std::chrono::seconds(50);
       c.hop.idle_tells_one = true;
     }},
    {"hop.retries-open-upgrade",
     "A tunnel that the server ends is opened once more, and the client is not told", kEndsBoth, kSubtle,
     [](Conduct& c) { c.hop.reopens = [](const HopFlow& down) { return down.s->attempts == 1; }; }},
};

}  // namespace

std::span<const Defect> hop_tunnel_defects() {
  static const std::vector<Defect> all = join({kHopOctets, kHopFrames, kHopEnds});
  return all;
}

}  // namespace wsspec
