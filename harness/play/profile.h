// The target profile: what the user declared about the endpoint under test, and what the probe found out.
// What is declared is judged; what is not is only reported (docs/your-server.md "What is declared is
// judged").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "play/secrets.h"
#include "play/stomp_target.h"
#include "protocol/endpoint.h"
#include "protocol/http.h"
#include "script/ast.h"
#include "script/dialect.h"

namespace wsspec {

inline constexpr const char* kMaskedClose = "it masks its Close frame";  ///< A quirk (Profile::quirks).

/// What a target declares of its rooms.
enum class Fanout { none, others, all };  ///< Who hears a member: nobody, all others, all.
enum class Delivery { exactly_once, at_most_once, at_least_once };
enum class Order { sender, total, none };  ///< That of each sender, or one for all members.
enum class SlowMember { unsaid, buffered, dropped, closed };  ///< Gets all, misses some, is sent away.
struct Rooms {
  Fanout fanout = Fanout::others;
  std::uint64_t history = 0;  ///< Old messages that who joins later gets.
  Delivery delivery = Delivery::exactly_once;
  Order order = Order::sender;
  SlowMember slow = SlowMember::unsaid;
  Dialect dialect;
};

/// Which PROXY header a hop is expected to send to its server.
enum class ProxyVersion { any, none, v1, v2 };

/// What a hop is: chosen by the operator of the server, by the client, or no reader of HTTP at all.
enum class HopRole { gateway, proxy, tcp };

struct Profile {
  Target tested = Target::server;  ///< What it is; a case that names no role is played against either.

  HopRole hop_role = HopRole::gateway;
  ProxyVersion proxy_protocol = ProxyVersion::any;  ///< Of a hop. Any: it is told which one came.

  // How to shake hands with it.
  std::string host = "127.0.0.1";  ///< Value of the Host field.
  std::string path = "/";          ///< With the query.
  std::vector<Field> headers;      ///< Added to every request: cookies, authorization, Origin, User-Agent.
  Secrets secrets;                 ///< What no transcript, report or message may show.
  std::string subprotocol;         ///< Sent with every correct request when not empty.
  std::vector<Step> preamble;      ///< Played behind the handshake of every `open`: a login, a subscription.

  // Declared facts.
  std::vector<std::string> subprotocols;       ///< Supported ones.
  std::vector<std::string> origins;            ///< Allowed ones; others must then be refused.
  std::optional<std::uint64_t> message_limit;  ///< Octets; larger messages must be refused.
  std::optional<Duration> handshake_timeout;
  std::optional<Duration> ping_interval;    ///< So often it pings where nothing else is said.
  std::optional<Duration> ping_timeout;     ///< So long it waits for a pong, then it leaves.
  std::optional<Duration> idle_limit;       ///< A connection from which no frame comes for so long is ended.
  std::optional<Duration> idle_max;         ///< A hop: how long silent tunnels are watched.
  std::optional<std::string> missing_path;  ///< A path that is not served.
  std::optional<Rooms> rooms;               ///< What members of a room hear.
  std::optional<StompTarget> stomp;         ///< Of a broker.

  /// Features that hold: "echo", "deflate", "loopback", "tls", "greeting" ... Cases that need others are
  /// skipped. "no-binary-echo" and its like (text, empty): it echoes other kinds only.
  std::set<std::string> features = {"echo", "deflate", "loopback", "http1", "company"};
  /// Faults that the target shows to every client, by what is wrong with it: judged in the cases that are
  /// about them, noted in all others, which go on.
  std::map<std::string, std::string> quirks;  ///< What is wrong, as check_reply() says it; the ledger id.
  bool greets = false;                        ///< Speaks first: data before our first message are skipped.

  double time_scale = 1.0;  ///< Multiplies every deadline.
  /// How much faster the clock of a client runs than ours (faketime): what it waited is multiplied by it.
  double client_time_scale = 1.0;

  /// The names of the times that can be declared.
  static constexpr const char* kTimes[] = {"handshake-timeout", "ping-interval", "ping-timeout", "idle-limit",
                                           "idle-max"};
  /// The declared time that a case calls by `name` ("ping-interval"); none when it is not declared.
  std::optional<Duration> declared_time(std::string_view name) const {
    if (name == "handshake-timeout") return handshake_timeout;
    if (name == "ping-interval") return ping_interval;
    if (name == "ping-timeout") return ping_timeout;
    if (name == "idle-limit") return idle_limit;
    return name == "idle-max" ? idle_max : std::nullopt;
  }

  bool echoes() const { return features.contains("echo"); }
};

}  // namespace wsspec
