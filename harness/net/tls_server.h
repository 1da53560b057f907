// TlsServer: plays an Endpoint as a server under TLS, conforming or deviating as its TlsConduct
// (protocol/tls.h) says.
//
// What it is not: the fast way of a listener (driver.h does that, too, for servers without deviations). It is
// what the self-test's reference server stands behind, in memory as on a socket. Invariants: a default
// conduct keeps RFC 8446, 5246, 7301 and 6066; a handshake that fails ends the connection.
#pragma once

#include <memory>

#include "net/dialer.h"
#include "protocol/endpoint.h"
#include "protocol/tls.h"

namespace wsspec {

class TlsContext;

class TlsServer {
 public:
  static Result<TlsServer> make(const TlsOptions& options);
  /// With a certificate for localhost, made for the occasion and kept in memory.
  static Result<TlsServer> self_signed();

  /// `conduct` must outlive what is returned.
  std::unique_ptr<Endpoint> wrap(const TlsConduct& conduct, std::unique_ptr<Endpoint> inner) const;

 private:
  static Result<TlsServer> from(Result<TlsContext> context);
  std::shared_ptr<const TlsContext> context_;
};

}  // namespace wsspec
