// Dialer: everything about a target that is found out once and used for each connection: resolved addresses,
// the TLS context with its certificates, the way through a proxy.
//
// What it is not: a connection. Names are resolved once, so that a slow resolver does not count as a slow
// target.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "protocol/endpoint.h"

namespace wsspec {

struct TlsOptions {
  bool insecure = false;         ///< Do not verify the certificate.
  std::string ca_file;           ///< PEM; empty: the system's.
  std::string certificate_file;  ///< PEM chain: our own certificate (client), or the listener's.
  std::string key_file;          ///< PEM.
  std::string server_name;       ///< For SNI and verification; empty: the host.
  std::string version;           ///< "1.2" or "1.3": only this one; empty: both.
  std::vector<std::string> alpn = {"http/1.1"};
};

struct DialOptions {
  TlsOptions tls{};
  std::optional<Proxy> proxy{};
  Duration connect_timeout = std::chrono::seconds(5);  ///< For TCP, proxy and TLS together.
  /// An address that takes no octet of ours for so long is stuck: the rest of the write is dropped.
  Duration write_patience = std::chrono::seconds(5);
  bool rotate_source =
      true;  ///< On 127.0.0.0/8, after many connections, also dial from 127.0.0.2 to 127.0.0.250.
};

struct SocketAddress;

class Dialer {
 public:
  /// Host, port and Unix path to socket addresses.
  using Resolver = std::function<Result<std::vector<SocketAddress>>(const std::string&, std::uint16_t,
                                                                    const std::string&)>;
  struct Details;  // dialer_details.h, for net/ alone

  /// Resolves and loads; an error names the host, the file or the setting.
  static Result<Dialer> prepare(const Address& address, const DialOptions& options = {});
  static Result<Dialer> prepare(const Address& address, const DialOptions& options, const Resolver& resolver);

  /// The same target without TLS: the octets of its port as they are.
  Dialer without_tls() const;

  const Address& address() const;
  const DialOptions& options() const;
  const Details& details() const { return *details_; }

 private:
  std::shared_ptr<const Details> details_;
};

/// Whether all addresses behind it are this machine's: `localhost` and the names below it are what the
/// resolver says, not what they promise. Other names count as elsewhere, wherever they lead.
bool is_on_this_machine(const Address& address);

}  // namespace wsspec
