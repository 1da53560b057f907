// Probe: what a target is like, found out before the first case; and later, whether it still serves.
//
// What it is not: a judgement; nothing seen here is a verdict. It tells "nobody there" from "listens but says
// nothing", "speaks something else" and "refuses us", so that a run against a wrong port says so in one line
// and takes seconds.
#pragma once

#include <atomic>
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
  preamble,  ///< Serves, but the user's preamble does not go through.
  wrong,     ///< 101, but the handshake breaks rules so that no client could go on (a wrong accept key).
};

struct Liveness {
  Reach reach = Reach::absent;
  std::string message;  ///< One line for people; what came from the target is escaped.
  std::string hint;
  int status = 0;  ///< HTTP status, when there was one.
  bool answered_ping = false;
  bool ours = false;  ///< Nothing was found out: a limit of this machine, not of the target.
};

struct Probed {
  Liveness liveness;
  TargetFingerprint fingerprint;
};

/// One correct handshake and a ping. Blocks; takes at most `patience` (times the profile's scale).
Liveness check_liveness(const Dialer& dialer, const Profile& profile,
                        Duration patience = std::chrono::seconds(5),
                        const std::atomic<bool>* interrupted = nullptr);

struct ProbeOptions {
  Duration patience = std::chrono::seconds(5);
  bool empty = true;       ///< Also an empty message; false: taken for one like others.
  bool sizes = true;       ///< Try messages up to 16 MiB to find a limit.
  bool neighbours = true;  ///< Try two connections at once.
  const std::atomic<bool>* interrupted = nullptr;  ///< Set: stops within a tenth of a second.
  Duration limit = std::chrono::seconds(15);       ///< For all of it, times the profile's scale.
};
/// check_liveness and then the capabilities: which messages are echoed, greeting, own words,
/// permessage-deflate, origin check, message limit, and whether connections hear or hinder each other.
/// Whatever would rule out cases is looked at twice.
Probed probe(const Dialer& dialer, const Profile& profile, const ProbeOptions& options = {});

/// What was found out, in one sentence for people.
std::string in_words(const TargetFingerprint& fingerprint);

/// What the user says of the target. Set: what was found out does not overrule it.
struct Declared {
  std::optional<bool> echo, deflate;
};
/// Alone, when nothing could be found out.
void apply(const Declared& declared, Profile& profile);
/// Fills the profile's features from what was found; answers what counts of it.
TargetFingerprint apply(TargetFingerprint found, const Declared& declared, const Address& address,
                        Profile& profile);

}  // namespace wsspec
