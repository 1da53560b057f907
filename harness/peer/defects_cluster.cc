// Defects of a server of several nodes (cluster.h): what is said at one and heard at another, and what
// becomes of the others when a node or the broker goes away.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kHeard = "rfc6455-6.2-1", kServed = "rfc6455-5.5.2-2", kTold = "rfc6455-7.1.1-1";

bool is_afar(const Hearing& h) {
  return h.from != h.to;
}
/// Each message said at another node of which the number leaves `rest` when divided by `every`.
template <std::uint64_t every, std::uint64_t rest>
bool is_nth_from_afar(const Hearing& h) {
  return is_afar(h) && h.message % every == rest;
}

const Defect kNodes[] = {
    {"node.deaf", "What is said at one node is not heard at the other", kHeard, kPlain,
     [](Conduct& c) { c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = is_afar(h); }; }, "nodes"},
    {"node.deaf-one-way", "What is said at the second node is not heard at the first", kHeard, kPlain,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = is_afar(h) && h.to == 1; };
     },
     "nodes"},
    {"node.loses-one-of-many", "One of sixteen messages does not come to the other node", kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = is_nth_from_afar<16, 11>(h); };
     },
     "nodes"},
    {"node.repeats", "One of ten messages comes twice at the other node", kHeard, kPlain,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.copies = is_nth_from_afar<10, 7>(h) ? 2 : 1; };
     },
     "nodes"},
    {"node.reorders", "One of eight messages comes behind the next one at the other node", kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.behind_next = is_nth_from_afar<8, 5>(h); };
     },
     "nodes"},
    {"node.binary-as-text", "A binary message comes as a text at the other node", "rfc6455-6.2-3", kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         if (is_afar(h)) d.opcode = 1;
       };
     },
     "nodes"},
    {"node.tears-large", "Of a message of 30000 octets and more the other node hears the first 16384", kHeard,
     kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         if (is_afar(h) && d.payload.size() >= 30'000) d.payload.resize(16'384);
       };
     },
     "nodes"},
    {"node.echoes-to-sender", "Who says something hears it when there is a member at the other node", kHeard,
     kPlain, [](Conduct& c) { c.broker_echoes = true; }, "nodes"},
    {"node.crosses-rooms", "At the other node all rooms hear what is said in one", kHeard, kPlain,
     [](Conduct& c) { c.broker_crosses_rooms = true; }, "nodes"},
};

const Defect kGoingAway[] = {
    {"kill.others-miss", "Behind the death of a node one of eight messages is lost at the other", kHeard,
     kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = h.past->kills > 0 && h.message % 8 == 3; };
     },
     "nodes"},
    {"kill.others-hear-twice", "Behind the death of a node one of eight messages comes twice at the other",
     kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         d.copies = h.past->kills > 0 && h.message % 8 == 3 ? 2 : 1;
       };
     },
     "nodes"},
    {"kill.drops-others", "When a node dies the connections of the other are dropped", kServed, kPlain,
     [](Conduct& c) { c.kill_drops_all = true; }, "nodes"},
    {"kill.tells-nobody", "Who is connected to a node that dies is not told", kTold, kPlain,
     [](Conduct& c) { c.kill_is_silent = true; }, "nodes"},
    {"start.stays-deaf", "A node that was started again hears nothing that is said at the other", kHeard,
     kPlain,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         d.lost = h.past->starts > 0 && is_afar(h) && h.to == 2;
       };
     },
     "nodes"},
    {"start.stays-mute", "What is said at a node that was started again is not heard at the other", kHeard,
     kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         d.lost = h.past->starts > 0 && is_afar(h) && h.from == 2;
       };
     },
     "nodes"},
    {"pause.holds-others", "While one node stands still nobody hears anything", kServed, kPlain,
     [](Conduct& c) { c.pause_holds_all = true; }, "nodes"},
    {"broker.never-comes-back", "Behind a restart of the broker the nodes hear nothing of each other", kHeard,
     kPlain,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = h.past->broker_starts > 0 && is_afar(h); };
     },
     "nodes"},
    {"broker.comes-back-one-way", "Behind a restart of the broker the first node hears nothing of the second",
     kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         d.lost = h.past->broker_starts > 0 && is_afar(h) && h.to == 1;
       };
     },
     "nodes"},
};

const Defect kDrains[] = {
    {"drain.cuts-frame", "A node that is drained ends inside a frame", "rfc6455-7.3-3", kPlain,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         if (f.cause != Farewell::Cause::drain) return;
         f.sends_close = false;
         f.behind = Bytes("\x81\x7e\x01\x00half", 8);
       };
     },
     "nodes"},
    {"drain.goes-on-talking", "A node that is drained sends a message behind its Close", "rfc6455-5.5.1-6",
     kSubtle,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         if (f.cause == Farewell::Cause::drain) f.behind = Bytes("\x81\x04late");
       };
     },
     "nodes"},
    {"drain.resets", "A node that is drained drops its connections", "rfc6455-7.3-3", kPlain,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         if (f.cause != Farewell::Cause::drain) return;
         f.sends_close = false;
         f.tcp = Farewell::Tcp::reset;
       };
     },
     "nodes"},
    {"drain.wrong-code", "A node that is drained closes with a code that is kept for other things",
     "rfc6455-7.4.1-4", kSubtle,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         if (f.cause == Farewell::Cause::drain) f.body = Bytes("\x03\xee", 2);  // 1006
       };
     },
     "nodes"},
};

}  // namespace

std::span<const Defect> cluster_defects() {
  static const std::vector<Defect> all = join({kNodes, kGoingAway, kDrains});
  return all;
}

}  // namespace wsspec
