// TlsClient: plays an Endpoint under TLS on the terms of a case (protocol/tls.h): version, ALPN, server name,
// sizes of records, how the stream ends.
//
// What it is not: the way by which ordinary cases reach a wss target (link.h). The wrapped endpoint sees
// plaintext; how the handshake went is told once by `Tell`. RFC 8446, RFC 5246 7.2.1, RFC 7301. Invariants: a
// failed handshake is no failed connection: no octets follow, and the end of TCP is told when it comes;
// nothing is said in clear; whether the certificate is trusted is told before the first octet of the
// endpoint's goes out.
#pragma once

#include <functional>
#include <memory>

#include "net/dialer.h"
#include "protocol/endpoint.h"
#include "protocol/tls.h"

namespace wsspec {

class TlsContext;

class TlsClient {
 public:
  using Tell = std::function<void(const TlsFacts& facts, Instant now)>;

  /// With the certificates and the name of a target over TLS. An error when it is not.
  static Result<TlsClient> make(const Dialer& dialer);
  /// Trusts whoever answers as "localhost": for the self-test in memory.
  static Result<TlsClient> trusting();

  /// `inner` must outlive what is returned.
  std::unique_ptr<Endpoint> wrap(TlsTerms terms, Endpoint& inner, Tell tell) const;

 private:
  std::shared_ptr<const TlsContext> context_;
};

}  // namespace wsspec
