// Defects that concern more than one connection: the whole server dies, hangs or runs out of something.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kRobust = "rfc6455-10.1-1";

template <Moment moment>
constexpr auto crash = at<&Conduct::crashes_on, moment>;
template <Moment moment>
constexpr auto hang = at<&Conduct::hangs_on, moment>;
/// Dies of one kind of fault only.
template <bool (*when)(Rule rule, const FrameHeader& h, const Situation& s)>
void die_of(Conduct& c) {
  c.crashes_on = bit(Moment::fault);
  c.dies_of = when;
}

const Defect kServer[] = {
    {"server.dies-of-fault", "The server dies of any bad frame", kRobust, kPlain, crash<Moment::fault>},
    {"server.dies-of-unmasked", "The server dies of an unmasked frame", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::masked; }>},
    {"server.dies-of-reserved-opcode", "The server dies of a reserved opcode", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::opcode; }>},
    {"server.dies-of-bad-text", "The server dies of text that is not UTF-8", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::text; }>},
    {"server.dies-of-one-octet-close", "The server dies of a Close with a body of one octet", kRobust,
     kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::close_length; }>},
    {"server.dies-of-huge-length", "The server dies of a length with the top bit set", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::top_bit; }>},
    {"server.dies-of-orphan", "The server dies of a continuation without a message", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::orphan; }>},
    {"server.dies-of-broken-deflate", "The server dies of compressed data that are broken", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::inflation; }>,
     "deflate"},
    {"server.dies-of-bomb", "The server dies of a compression bomb", "rfc6455-10.4-1", kSubtle,
     crash<Moment::bomb>, "deflate"},
    {"server.dies-of-bad-request", "The server dies of a bad handshake", kRobust, kPlain,
     crash<Moment::bad_request>},
    {"server.dies-of-long-head", "The server dies of a head without end", kRobust, kSubtle,
     crash<Moment::long_head>},
    {"server.dies-of-reset", "The server dies of a reset connection", kRobust, kSubtle,
     crash<Moment::peer_reset>},
    {"server.dies-of-cut-head", "The server dies of a client that ends TCP inside the head", kRobust, kSubtle,
     crash<Moment::cut_head>},
    {"server.dies-of-cut-message", "The server dies of a client that ends TCP inside a message", kRobust,
     kSubtle, crash<Moment::cut_message>},
    {"server.hangs-after-fault", "Behind a bad frame the server answers nobody", kRobust, kPlain,
     hang<Moment::fault>},
    {"server.hangs-after-bad-request", "Behind a bad handshake the server answers nobody", kRobust, kSubtle,
     hang<Moment::bad_request>},
    {"server.hangs-after-reset", "Behind a reset the server answers nobody", kRobust, kSubtle,
     hang<Moment::peer_reset>},
    {"server.loses-a-slot-per-fault", "Each bad frame costs one of 16 workers", kRobust, kSubtle,
     [](Conduct& c) { c.slots = 16; }},
};

}  // namespace

std::span<const Defect> server_defects() {
  return kServer;
}

}  // namespace wsspec
