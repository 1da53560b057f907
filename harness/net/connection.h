// One connection of a Driver: where it stands and what it still owes. For net/ alone; driver.cc moves it.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include "net/asio.h"
#include "net/driver.h"
#include "net/link.h"

namespace wsspec {

struct Connection {
  enum class Phase {
    connecting,    ///< TCP or Unix socket.
    accepted,      ///< Came in by a listener.
    asking_proxy,  ///< CONNECT is sent, its answer awaited.
    securing,      ///< TLS handshake.
    playing,       ///< The endpoint has the word.
    lingering,  ///< Closed by us in an orderly way: what still comes is thrown away, so that no RST overtakes
                ///< our FIN.
  };

  Driver::Id id = 0;
  Phase phase = Phase::connecting;
  Link link;
  std::optional<Dialer> dialer;           ///< Absent for accepted connections.
  const TlsContext* tls = nullptr;        ///< Null: plain.
  std::size_t attempts = 0, address = 0;  ///< Addresses given up; the one of the attempt going on.
  std::size_t first_address = 0;          ///< Where the attempts began.
  Instant attempt_until = kNever;         ///< Then the next address has its turn.
  Instant dialed{}, give_up = kNever;     ///< give_up: of everything before `playing`, and of lingering.
  Duration patience = std::chrono::seconds(5);

  Endpoint* endpoint = nullptr;
  std::shared_ptr<Endpoint> owned;  ///< The same, for accepted connections.
  Driver::Welcome welcome;          ///< Asked for it when the accepted connection is ready.
  Driver::Finished guest_finished;  ///< Who asked to be told of its end.
  Driver::Finished finished;
  Instant base{};  ///< Where the endpoint's clock began.

  Bytes pending;  ///< What the socket did not take yet, from `pending_at`.
  std::size_t pending_at = 0;
  Instant progress{};  ///< When the socket last took something of it.

  bool readable = false;    ///< There may be something to read.
  bool draining = false;    ///< Writing is dead: read on up to the end, without waiting.
  bool reading = true;      ///< The endpoint wants it.
  Duration look_again{};    ///< How soon to look again whether the other end has read; 0: not asked.
  bool told_end = false;    ///< ended() was called.
  bool write_dead = false;  ///< Nothing can be sent any more; sends are swallowed.
  bool write_shut = false;  ///< We have sent our own end,
  bool shut_due = false;    ///< or will, behind what is pending.
  bool queued = false;      ///< Waits for its turn.
  bool hang_up = false;
  std::array<bool, 2> waits{};  ///< By Stream::wait_type: Asio will tell.
  Instant deadline = kNever;    ///< When its next turn is at the latest.
  Instant armed = kNever;       ///< When the alarm goes off.
  std::optional<Alarm> alarm;
  Ending ending;

  bool has_pending() const { return pending_at < pending.size(); }
  /// What the socket has to tell is of use now.
  bool wants_turn() const {
    return phase != Phase::playing || (readable && reading && !told_end) || has_pending();
  }
};

}  // namespace wsspec
