// Hosting: the target is a client. We listen, it comes, and the connection is that of a case.
//
// One command runs for each case and has a port of its own, so that there is no doubt whose a connection is;
// or a client that runs already comes back again and again, and gets the next case each time; or a page in a
// browser asks where it is to connect next.
//
// What it is not: a judge of why nobody came; that nobody did is told as a failure to connect.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/driver.h"
#include "net/tls_host.h"
#include "protocol/error.h"
#include "run/venue.h"
#include "target/target.h"

namespace wsspec {

/// How the client is served. Durations are before --time-scale.
struct Serving {
  std::string host = "127.0.0.1";  ///< That we listen on and tell the client.
  std::uint16_t port = 0;          ///< Of a client that comes by itself; 0: a free one below 32768.
  std::string exec;   ///< One process a case; `{url}` is replaced; empty: the client comes by itself.
  std::string start;  ///< Processes for all cases; empty: somebody else has started it.
  bool page = false;  ///< A browser is shown a page that connects.
  std::shared_ptr<const TlsHost> tls;  ///< Clients are served over TLS; null: in clear.
  bool verified = true;                ///< The client looks at certificates.
  std::string authority_file;          ///< Where they find whom to trust (`{ca}`); empty: nowhere.
  int jobs = 1;                        ///< Cases at once, by so many clients that we start, or in one page.
  Duration connect_timeout = std::chrono::seconds(10);  ///< From its start to its connection.
  Duration patience = std::chrono::seconds(30);         ///< Until a client that comes by itself comes back.
  Duration grace = std::chrono::seconds(2);             ///< For a process to end by itself behind its case.
  /// Told where we listen, before anybody is waited for.
  std::function<void(const std::string& url)> listening;
};

/// What clients that are served so can be asked.
void add_features(const Serving& serving, Profile& profile);

/// Brings clients to whoever plays the server.
class Host : public Venue {
 public:
  /// The next client, or the one that is started for `id`, meets `server`, which lives until `finished` is
  /// called.
  virtual HangUp invite(const std::string& id, Endpoint& server, Finished finished) = 0;
  /// How the one client for all has ended; nothing: it runs, or is none of ours.
  virtual std::optional<Death> death() = 0;
  /// Starts that client again, also when it runs; false: it is none of ours.
  virtual bool restart() = 0;
  /// How long a client that comes by itself may stay away from now on; before, as `Serving` says.
  virtual void be_patient(Duration time) = 0;
  /// What that client printed since the last call.
  virtual std::string take_log() = 0;
  /// Ends it; the sanitizer's line about it, if it printed one.
  virtual std::string farewell() = 0;
};

/// An error when we cannot listen. `scale`: of all durations.
Result<std::unique_ptr<Host>> host_clients(Driver& driver, const Serving& serving, double scale);

}  // namespace wsspec
