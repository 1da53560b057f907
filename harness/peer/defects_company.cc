// Defects that need two clients to show: buffers, states and fates that connections of one server share.
#include "peer/defects.h"
#include "peer/edits.h"
#include "protocol/utf8.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kDelivered = "rfc6455-6.2-1", kJoined = "rfc6455-5.4-7",
                           kInflated = "rfc7692-7.2.2-1", kPonged = "rfc6455-5.5.2-2";

/// What another connection has left in the shared buffer stands in place of this piece, and this one's own
/// octets are left there for the next.
void share(MutableBytes piece, std::uint64_t offset, Situation& s) {
  Commons& all = *s.commons;
  const Bytes own(piece.data(), piece.size());
  if (offset > 0 && all.belongs_to_other(s.number)) {
    const std::size_t count = std::min(all.octets.size(), piece.size());
    std::copy_n(all.octets.data(), count, piece.data());
  }
  all.owner = s.number;
  all.octets = own;
}

template <bool compressed, std::uint64_t least>
void share_pieces(Conduct& c) {
  c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation& s) {
    if (!is_control(h.opcode) && s.compressed == compressed && h.length >= least) share(piece, offset, s);
  };
}

/// The last data frame of another connection, whatever came between.
bool is_behind_other(const Situation& s) {
  return s.commons->belongs_to_other(s.number);
}
void take_over(const Situation& s, std::uint64_t memo = 0) {
  s.commons->owner = s.number;
  s.commons->memo = memo;
}

/// The octets at the end that begin a character and do not end it.
bool ends_within_character(BytesView text) {
  Utf8Validator checker;
  return checker.feed(text) && !checker.complete();
}

const Defect kBuffers[] = {
    {"company.receive-buffer-shared", "Messages that come in pieces go through one buffer of all connections",
     kDelivered, kSubtle, share_pieces<false, 0>},
    {"company.large-receive-buffer-shared",
     "Messages of 1000 octets and more that come in pieces go through one buffer", kDelivered, kSubtle,
     share_pieces<false, 1000>},
    {"company.inflate-buffer-shared",
     "Compressed messages that come in pieces go through one buffer of all connections", kInflated, kSubtle,
     share_pieces<true, 0>, "deflate"},
    {"company.large-inflate-buffer-shared",
     "Compressed messages of 1000 octets and more that come in pieces go through one buffer", kInflated,
     kSubtle, share_pieces<true, 1000>, "deflate"},
    {"company.mask-shared",
     "A payload that comes in pieces is unmasked with the key that came last on any connection",
     "rfc6455-6.2-7", kSubtle,
     [](Conduct& c) {
       c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation& s) {
         if (is_control(h.opcode)) return;
         if (offset > 0 && is_behind_other(s)) {
           const auto wrong = static_cast<std::uint32_t>(s.commons->memo) ^ h.mask.value_or(0);
           for (std::size_t i = 0; i < piece.size(); ++i)
             piece[i] =
                 static_cast<char>(piece[i] ^ static_cast<char>(wrong >> (24 - 8 * ((offset + i) % 4))));
         }
         if (offset == 0) take_over(s, h.mask.value_or(0));
       };
     }},
    {"company.fragments-shared", "Fragments are joined in one buffer of all connections", kJoined, kSubtle,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t begin, const Situation& s) {
         if (begin > 0 && is_behind_other(s)) joined.replace(0, begin, s.commons->octets);
         s.commons->octets = joined;
         take_over(s);
       };
     }},
    {"company.kind-shared",
     "A message in fragments comes back as of the kind that began last on any connection", "rfc6455-6.2-3",
     kSubtle,
     [](Conduct& c) {
       c.refuses = [](const FrameHeader& h, const Situation& s) {
         if (!is_control(h.opcode) && h.opcode != 0) take_over(s, h.opcode);
         return false;
       };
       c.misechoes = [](Echo& e, Situation& s) {
         if (is_behind_other(s)) e.opcode = static_cast<std::uint8_t>(s.commons->memo);
       };
     }},
    {"company.utf8-state-shared", "Text begins in the state in which another connection's fragment has ended",
     "rfc6455-8.1-1", kSubtle,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t, const Situation& s) {
         take_over(s, s.message_opcode == 1 && ends_within_character(joined) ? 1 : 0);
       };
       c.refuses = [](const FrameHeader& h, const Situation& s) {
         return h.is(Opcode::text) && s.commons->memo == 1 && is_behind_other(s) && s.commons->open > 1;
       };
     }},
    {"company.inflate-context-shared", "A compressed message of another connection takes the context away",
     "rfc7692-7.2.2-5", kSubtle,
     [](Conduct& c) {
       c.forgets_context = [](const FrameHeader& h, const Situation& s) {
         if (!s.compressed || !h.fin) return false;
         const bool forgets = is_behind_other(s) && s.commons->open > 1;
         take_over(s);
         return forgets;
       };
     },
     "deflate"},
    {"company.compressor-shared", "What is compressed refers to what another connection was sent before",
     "rfc7692-7.2.1-11", kSubtle,
     [](Conduct& c) {
       c.misdeflates = [](Bytes& compressed, const Situation& s) {
         if (!compressed.empty() && is_behind_other(s) && s.commons->open > 1)
           compressed.front() = static_cast<char>(compressed.front() ^ 0x06);
         take_over(s);
       };
     },
     "deflate"},
    {"company.pong-shared", "A pong carries what another connection's ping had, when both came at once",
     "rfc6455-5.5.3-1", kSubtle,
     [](Conduct& c) {
       c.misponges = [](PongReply& pong, Situation& s) {
         const Bytes own = pong.payload;
         if (is_behind_other(s) && s.commons->open > 4) pong.payload = s.commons->octets;
         s.commons->octets = own;
         take_over(s);
       };
     }},
    {"company.send-buffer-shared", "An echo that waits for a slow client is overwritten by another client's",
     kDelivered, kSubtle, [](Conduct& c) { c.shares_send_buffer = true; }},
};

template <Moment moment>
constexpr auto drop_all = at<&Conduct::uproar_on, moment>;
/// More than cases of one client come to, and as many as a server may have workers.
template <Moment moment>
constexpr auto lose_slot = [](Conduct& c) {
  c.slots = 150;
  c.slots_on = bit(moment);
};
template <Moment moment>
constexpr auto drop_before = at<&Conduct::mistakes_on, moment>;

const Defect kFates[] = {
    {"company.fault-drops-all", "A bad frame of one client drops all that are there", kPonged, kPlain,
     drop_all<Moment::fault>},
    {"company.bad-request-drops-all", "A bad handshake drops all clients that are there", kPonged, kSubtle,
     drop_all<Moment::bad_request>},
    {"company.reset-drops-all", "A reset of one client drops all that are there", kPonged, kSubtle,
     drop_all<Moment::peer_reset>},
    {"company.cut-message-drops-all", "A client that leaves within a message drops all that are there",
     kPonged, kSubtle, drop_all<Moment::cut_message>},
    {"company.fault-drops-another", "For a bad frame the client before is dropped as well", kPonged, kSubtle,
     drop_before<Moment::fault>},
    {"company.reset-drops-another", "For a reset the client before is dropped as well", kPonged, kSubtle,
     drop_before<Moment::peer_reset>},
    {"company.stalled-client-stops-all", "While a client does not read what it is owed, nobody gets anything",
     kPonged, kSubtle, [](Conduct& c) { c.waits_for_unread = 1 << 20; }},
    {"company.half-heads-stop-all",
     "Thirty-two requests that are not complete keep others from being answered", "rfc6455-4.2.2-1", kSubtle,
     [](Conduct& c) { c.half_heads_at_once = 32; }},
    {"company.more-than-48-unserved", "With more than 48 clients open, pings are not answered", kPonged,
     kSubtle,
     [](Conduct& c) {
       c.misponges = [](PongReply& pong, Situation& s) { pong.lost = s.commons->open > 48; };
     }},
    {"company.closes-at-once-lost",
     "Of many clients that close at once, those from the seventeenth on get no Close", "rfc6455-5.5.1-7",
     kSubtle,
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation& s) {
         if (s.commons->leaving >= 16) f.sends_close = false;
       };
     }},
    {"company.loses-a-slot-per-silent-end",
     "Each connection that ends without an octet costs one of 150 workers", "rfc6455-4.2.2-1", kSubtle,
     lose_slot<Moment::silent_end>},
    {"company.loses-a-slot-per-cut-head",
     "Each connection that ends within its request costs one of 150 workers", "rfc6455-4.2.2-1", kSubtle,
     lose_slot<Moment::cut_head>},
    {"company.loses-a-slot-per-cut-message",
     "Each connection that ends within a message costs one of 150 workers", kPonged, kSubtle,
     lose_slot<Moment::cut_message>},
    {"company.key-of-another",
     "A handshake that comes in pieces is answered for the key that came whole meanwhile", "rfc6455-4.2.2-20",
     kSubtle, [](Conduct& c) { c.shares_field = "Sec-WebSocket-Key"; }},
    {"company.offer-of-another",
     "A handshake that comes in pieces is answered for the extensions that another asked for meanwhile",
     "rfc6455-4.2.2-15", kSubtle, [](Conduct& c) { c.shares_field = "Sec-WebSocket-Extensions"; }},
    {"company.subprotocol-of-another",
     "A handshake that comes in pieces is answered for the subprotocol that another asked for meanwhile",
     "rfc6455-4.2.2-11", kSubtle, [](Conduct& c) { c.shares_field = "Sec-WebSocket-Protocol"; }},
};

}  // namespace

std::span<const Defect> company_defects() {
  static const std::vector<Defect> all = join({kBuffers, kFates});
  return all;
}

}  // namespace wsspec
