// Driver: moves the octets of many Endpoints (protocol/endpoint.h) over TCP, TLS and Unix sockets; one
// thread, one loop.
//
// What it is not: a scheduler; whoever dials decides how many connections are open at once.
// Invariants: a `send` is one write, and what the socket does not take is kept while reading goes on, so that
// two full directions never lock each other; an endpoint is not asked again before its write is out or given
// up, unless it does not read itself; octets are handed over from one buffer shared by all connections, so
// memory does not grow with what a peer sends; every dial ends in exactly one call of its callback, never
// before dial() has returned.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "net/dialer.h"
#include "net/timers.h"
#include "protocol/endpoint.h"
#include "protocol/error.h"
#include "protocol/proxy_header.h"

namespace wsspec {

/// Why no connection came about.
enum class Failure {
  none,
  refused,      ///< Nobody listens there.
  unreachable,  ///< No route, no such socket file, the network is down.
  timeout,      ///< No answer within connect_timeout.
  tls,          ///< The TLS handshake failed.
  proxy,        ///< The proxy refused or answered nonsense.
  local,        ///< Our own fault: no descriptors, no ports.
  dropped,      ///< The driver ended first, or hang_up() was called before the connection was made.
};
std::string_view failure_name(Failure failure);

/// How one connection went.
struct Ending {
  Failure failure = Failure::none;  ///< Of connecting; none: the endpoint was played to its end.
  std::string detail;               ///< "connection refused", "certificate verify failed"; escaped, one line.
  bool hung_up = false;             ///< Ended by hang_up(), not by the endpoint.
  bool write_given_up = false;      ///< See DialOptions::write_patience.
  std::uint64_t sent = 0, received = 0;  ///< Octets handed to and taken from the endpoint.
  Duration connecting{};                 ///< Until the endpoint's clock started.
  Duration duration{};                   ///< After that.
  std::string tls_version, alpn;
};

/// What answers connections: a fresh endpoint for each.
struct ListenOptions {
  Address address{};  ///< Port 0 = any (Address's invariant does not bind here).
  TlsOptions tls{};
  int backlog = 512;
  /// Connections open at once; more wait in the backlog.
  int most = 4096;
};

class Driver {
 public:
  using Id = std::uint64_t;
  using Finished = std::function<void(const Ending&)>;
  /// Who plays an accepted connection, and who is told how it went.
  struct Guest {
    template <typename T>
    Guest(std::unique_ptr<T> endpoint_, Finished finished_ = {})
        : endpoint(std::move(endpoint_)), finished(std::move(finished_)) {}
    /// `endpoint_` must live until `finished_` is called.
    Guest(Endpoint& endpoint_, Finished finished_)
        : endpoint(std::shared_ptr<Endpoint>(), &endpoint_), finished(std::move(finished_)) {}
    std::shared_ptr<Endpoint> endpoint;
    Finished finished;  ///< May be empty.
    /// Where the id of the connection is put, for hang_up() and prod(); must live as the endpoint does.
    Id* id = nullptr;
  };
  using Welcome = std::function<Guest()>;

  Driver();
  ~Driver();  ///< Aborts what is open; its callbacks are called with Failure::dropped or hung_up.
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  /// `endpoint` must live until `finished` is called.
  Id dial(const Dialer& dialer, Endpoint& endpoint, Finished finished);
  /// Ends a connection at once, with a reset; `finished` is called from within run(). Unknown ids are
  /// ignored.
  void hang_up(Id id);
  /// A connection that we have made, as the other side sees it: who has come, and where. Empty where there is
  /// none, or it is of a Unix socket.
  ConnectionName name_of(Id id) const;
  /// Asks the endpoint of a connection again soon, as something has happened that concerns it.
  void prod(Id id);

  /// Accepts connections; returns the port (0 for a Unix socket). `welcome` is called for each, once it is
  /// ready (with TLS: behind the handshake).
  Result<std::uint16_t> listen(const ListenOptions& options, Welcome welcome);

  /// Accepts no more at that port, of whatever address; connections that were accepted go on. Unknown ports
  /// are ignored.
  void stop_listening(std::uint16_t port);

  /// Calls `what` from within run() at `when` (of now()), once; not when the handle is gone by then.
  Timer at(Instant when, std::function<void()> what);
  /// Calls `what` from within run() every `period` for as long as the handle lives.
  Timer every(Duration period, std::function<void()> what);

  /// Runs until nothing is left to do (no connection, no listener, no timer) or `limit` has come or stop()
  /// was called.
  void run(Instant limit = kNever);
  /// Runs for that long, whatever there is to do; shorter when stop() is called.
  void rest(Duration time);
  void stop();  ///< From a callback: makes run() return.
  void wake();  ///< From another thread or a signal handler: makes run() return soon.

  Instant now() const;  ///< Since the driver was made; steady.
  std::size_t open_connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wsspec
