// Probe: what a target is like, found out before the first case; and later, whether it still serves.
//
// What it is not: a judgement; nothing seen here is a verdict. It tells "nobody there" from "listens but says
// nothing", "speaks something else" and "refuses us", so that a run against a wrong port says so in one line
// and takes seconds.
#pragma once

#include <optional>
#include <string>

#include "net/driver.h"
#include "play/profile.h"
#include "play/result.h"

namespace wsspec {

enum class Reach {
  serves,    ///< A correct opening handshake succeeded.
  absent,    ///< Refused, unreachable, no such name or socket.
  timeout,   ///< No TCP connection in time.
  tls,       ///< TLS does not come about, or is spoken where plain text was expected.
  silent,    ///< Takes the connection and never answers.
  hangs_up,  ///< Takes the connection and ends it without an answer.
  not_http,  ///< Answers with something else.
  endless,   ///< A head that does not end.
  declines,  ///< HTTP, but not 101.
  wrong,     ///< 101, but the handshake breaks rules so that no client could go on (a wrong accept key).
};

struct Liveness {
  Reach reach = Reach::absent;
  std::string message;  ///< One line for people; what came from the target is escaped.
  std::string hint;
  int status = 0;  ///< HTTP status, when there was one.
  bool answered_ping = false;
  bool local = false;  ///< Our own fault: no descriptor was left.
};

struct Probed {
  Liveness liveness;
  TargetFingerprint fingerprint;
};

/// One correct handshake and a ping. Blocks; takes at most `patience` (times the profile's scale).
Liveness check_liveness(const Dialer& dialer, const Profile& profile,
                        Duration patience = std::chrono::seconds(5));

struct ProbeOptions {
  Duration patience = std::chrono::seconds(5);
  bool sizes = true;  ///< Try messages up to 16 MiB to find a limit.
};
/// check_liveness and then the capabilities: echo, greeting, permessage-deflate, origin check, message limit.
Probed probe(const Dialer& dialer, const Profile& profile, const ProbeOptions& options = {});

/// Fills the profile's features from what was found; what the user declared stays.
void apply(const TargetFingerprint& fingerprint, const Address& address, Profile& profile);

}  // namespace wsspec
