// Defects of a server that delivers what one client says to others: rooms (forum.h).
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kHeard = "rfc6455-6.2-1", kServed = "rfc6455-5.5.2-2";

/// Each message of which the number leaves `rest` when divided by `every`.
template <std::uint64_t every, std::uint64_t rest>
bool is_nth(const Hearing& h) {
  return h.message % every == rest;
}

const Defect kDeliveries[] = {
    {"room.loses-one-of-many", "One of sixteen messages does not come to the second who should hear it",
     kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = is_nth<16, 11>(h) && h.receiver == 1; };
     }},
    {"room.only-first-hears", "Of those who should hear a message only the first does", kHeard, kPlain,
     [](Conduct& c) { c.misdelivers = [](Parcel& d, const Hearing& h) { d.lost = h.receiver > 0; }; }},
    {"room.empty-lost", "A message of no octets is delivered to nobody", kHeard, kSubtle,
     [](Conduct& c) { c.misdelivers = [](Parcel& d, const Hearing&) { d.lost = d.payload.empty(); }; }},
    {"room.large-lost", "A message of 30000 octets and more is delivered to nobody", kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing&) { d.lost = d.payload.size() >= 30000; };
     }},
    {"room.repeats", "One of ten messages comes twice", kHeard, kPlain,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.copies = is_nth<10, 7>(h) ? 2 : 1; };
     }},
    {"room.reorders", "One of eight messages comes behind the next one", kHeard, kPlain,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) { d.behind_next = is_nth<8, 5>(h); };
     }},
    {"room.reorders-for-one", "One of sixteen messages comes behind the next one, to the last who hears it",
     kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         d.behind_next = is_nth<16, 9>(h) && h.members > 2 && h.receiver + 2 == h.members;
       };
     }},
    {"room.changes-kind", "A text message is delivered as a binary one", "rfc6455-6.2-3", kPlain,
     [](Conduct& c) { c.misdelivers = [](Parcel& d, const Hearing&) { d.opcode = 2; }; }},
    {"room.binary-as-text", "A binary message is delivered as a text", "rfc6455-6.2-3", kPlain,
     [](Conduct& c) { c.misdelivers = [](Parcel& d, const Hearing&) { d.opcode = 1; }; }},
    {"room.torn-under-load", "From the twentieth message on those of 1000 octets and more lose their end",
     kHeard, kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         if (h.message >= 20 && d.payload.size() >= 1000) d.payload.resize(d.payload.size() - 100);
       };
     }},
    {"room.send-buffer-shared", "To a member that is slow to read the message before is sent again", kHeard,
     kSubtle,
     [](Conduct& c) {
       c.misdelivers = [](Parcel& d, const Hearing& h) {
         if (h.unread >= 4096) d.payload = *h.buffer;
       };
     }},
    {"room.fragments-blanked", "Of a message in fragments only the last one comes as it was said",
     "rfc6455-5.4-7", kPlain,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t begin, const Situation& s) {
         if (s.in_room) std::fill_n(joined.begin(), begin, '.');
       };
     }},
    {"room.invalid-text-delivered", "A text that is no UTF-8 is delivered", "rfc6455-8.1-1", kPlain,
     [](Conduct& c) {
       c.overlooks = [](Rule rule, const FrameHeader&, const Situation& s) {
         return rule == Rule::text && s.in_room;
       };
     }},
    {"room.compressor-shared", "What is compressed for one member refers to what another one was sent",
     "rfc7692-7.2.1-11", kSubtle,
     [](Conduct& c) {
       c.misdeflates = [](Bytes& compressed, const Situation& s) {
         if (!s.in_room) return;
         if (!compressed.empty() && s.commons->belongs_to_other(s.number))
           compressed.front() = static_cast<char>(compressed.front() ^ 0x06);
         s.commons->owner = s.number;
       };
     },
     "deflate"},
};

const Defect kMembers[] = {
    {"room.echoes-to-sender", "Who says something hears it, which was not declared", kHeard, kPlain,
     [](Conduct& c) { c.hears_itself = true; }},
    {"room.forgets-leaver", "Who has left the room hears what is said there", kHeard, kPlain,
     [](Conduct& c) { c.forgets_leaver = true; }},
    {"room.crosses", "What is said in one room is heard in all", kHeard, kPlain,
     [](Conduct& c) { c.crosses_rooms = true; }},
    {"room.crosses-alike", "What is said in a room is heard in those whose name begins like its", kHeard,
     kSubtle, [](Conduct& c) { c.crosses_alike_rooms = true; }},
    {"room.late-joiner-hears-old", "Who joins later hears the last three messages, which were not for it",
     kHeard, kPlain, [](Conduct& c) { c.room_history = 3; }},
    {"room.awaits-each-member", "While one member does not read, the others hear nothing", kServed, kSubtle,
     [](Conduct& c) { c.room_waits_for_unread = 1 << 20; }},
    {"room.leaver-drops-all", "When a member leaves, all are dropped", kServed, kPlain,
     at<&Conduct::uproar_on, Moment::member_left>},
    {"room.lost-member-drops-all", "When the connection of a member ends without a word, all are dropped",
     kServed, kSubtle, at<&Conduct::uproar_on, Moment::member_gone>},
    {"room.dies-of-lost-member", "The server dies when the connection of a member ends without a word",
     kServed, kPlain, at<&Conduct::crashes_on, Moment::member_gone>},
};

}  // namespace

std::span<const Defect> room_defects() {
  static const std::vector<Defect> all = join({kDeliveries, kMembers});
  return all;
}

}  // namespace wsspec
