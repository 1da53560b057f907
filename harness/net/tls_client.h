// TlsClient: plays an Endpoint as a client under TLS, on the terms of a case (protocol/tls.h): version, ALPN,
// server name, sizes of records, how the stream ends; or as the reference client, with its faults.
//
// What it is not: the way by which ordinary cases reach a wss target (link.h). The wrapped endpoint sees
// plaintext (tls_endpoint.h).
#pragma once

#include <memory>
#include <string>

#include "net/dialer.h"
#include "protocol/endpoint.h"
#include "protocol/tls.h"

namespace wsspec {

class TlsContext;

class TlsClient {
 public:
  /// With the certificates and the name of a target over TLS. An error when it is not.
  static Result<TlsClient> make(const Dialer& dialer);
  /// Takes whoever answers for "localhost": for the self-test in memory.
  static Result<TlsClient> credulous();
  /// Trusts this authority (PEM) alone, and expects `host`.
  static Result<TlsClient> trusting(const std::string& authority, const std::string& host);

  /// `inner` must outlive what is returned.
  std::unique_ptr<Endpoint> wrap(TlsTerms terms, Endpoint& inner, TlsTell tell) const;
  std::unique_ptr<Endpoint> wrap(const TlsClientConduct& conduct, Endpoint& inner) const;

 private:
  static Result<TlsClient> from(Result<TlsContext> context);
  std::shared_ptr<const TlsContext> context_;
};

}  // namespace wsspec
