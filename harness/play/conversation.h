// One connection of a case: which end of it we are, what came, what we have said, and what is still to go
// out. Both ends are played: as the client that asks, and as the server that answers.
//
// What it is not: a reader of the script or a judge (stage.h). Invariants: a write goes out whole, in order;
// what we do unasked never stands within a frame of ours.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "play/inbox.h"
#include "play/outgoing.h"
#include "protocol/deflate.h"
#include "protocol/role.h"
#include "script/assemble.h"

namespace wsspec {

struct Conversation {
  /// `deep`: keep the messages sent ahead of a fault (Outgoing).
  Conversation(Role ours_, bool deep) : ours(ours_), inbox(ours_), outgoing(ours_, deep) {}
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// Octets of ours that wait for the transport: pieces of one statement, with pauses between them.
  struct Pending {
    Bytes bytes;
    std::vector<std::size_t> cuts;  ///< Ends of the pieces, ascending; the last is the end of `bytes`.
    std::size_t next = 0, position = 0;
    Duration gap{};
    std::optional<Head> head;  ///< The octets begin with this head, which may also travel as fields.
    std::size_t head_octets = 0;
  };
  /// `gap`: the pause between pieces, scaled.
  void queue(Assembled assembled, Duration gap);
  /// The next piece of the first Pending, which must not be at its end.
  Action next_piece(Instant now);
  /// The opening handshake is over: `reply` answered `request`. Returns why what the reply says of
  /// permessage-deflate cannot be understood; frames follow all the same.
  std::optional<Error> open(const Head& request, const Head& reply, Instant now);
  /// The opening request, whoever sent it; empty before. Of several on one connection: the one that is to be
  /// answered next, or the last.
  const Head& request() const;
  /// Our head that what comes at our other end is to be compared with.
  const Head& said() const { return ours == Role::client ? request() : outgoing.head(); }
  /// The script has made this request.
  void asks(const Head& request);
  Role theirs() const { return other(ours); }
  /// A pong or a Close of ours may go out now without harm to what the script says.
  bool may_interject() const;
  /// Nobody listens to us any more.
  bool unheard() const { return inbox.ended == End::reset || half_closed; }
  /// It ended as it should, from both sides.
  bool ended_well() const { return inbox.ended || (outgoing.close_sent() && inbox.closed); }

  void answered(Instant now);

  const Role ours;
  Inbox inbox;
  Outgoing outgoing;
  std::vector<Head> requests;              ///< As a client: those of the script, as they are read.
  std::size_t answers = 0;                 ///< To them, so many were taken.
  std::optional<DeflateSettings> deflate;  ///< Agreed upon.
  std::optional<Compressor> compressor;    ///< Of our direction.

  std::multiset<std::string>
      receipts;                   ///< STOMP: those that frames of ours have asked for and that have not come.
  std::uint64_t stomp_heard = 0;  ///< Octets of its stream that a line of the case knows of.

  /// Through a hop: what of ours behind our heads has not been seen to come to our other end.
  Bytes crossing;
  std::vector<Bytes> heads;  ///< Ours, as they were sent.
  std::size_t agreed = 0;    ///< Octets at the begin of the inbox that are those our other end has sent.

  std::deque<Pending> outbox;
  Instant hold{};         ///< Nothing is done before this: a gap, a pause, a paced line.
  bool gap_done = false;  ///< The pause before the next piece is over.
  /// Whether the target has read the piece that went out, before the next one follows.
  enum class Reader { unknown, awaited, unseen, done } reader = Reader::unknown;
  Instant reader_until{};
  Duration reader_lost{};  ///< Waited in vain.
  Instant sent_at{};
  Duration round_trip{};  ///< From our last write to the first octets that came: of the opening, mostly.
  bool stalling = false;  ///< Until `hold`: do not read either.
  bool stalled = false;   ///< Nor until the script reads again; what is sent meanwhile holds up nobody.
  Instant progress{};     ///< When something last happened that a patience counts from.
  bool muted = false, half_closed = false, want_half_close = false, want_reset = false;
  bool opened = false;  ///< Frames may be sent,
  Instant opened_at{};  ///< since then.
  bool close_answered = false;
  std::uint64_t replies = 0;  ///< Automatic answers, at most 100.
  /// A ping whose pong shows that all came that the target says ahead of the case: a greeting, or an answer
  /// that the preamble does not wait for.
  enum class Barrier { none, wanted, sent } barrier = Barrier::none;
  Instant barrier_began{};
};

}  // namespace wsspec
