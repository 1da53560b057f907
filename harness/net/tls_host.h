// TlsHost: plays an Endpoint as the server of a wss URL, on the terms of a case (protocol/tls.h): its
// certificate, version, ALPN, sizes of records, how the stream ends.
//
// What it is not: the reference server with its faults (tls_server.h). The wrapped endpoint sees plaintext
// (tls_endpoint.h).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/dialer.h"
#include "protocol/endpoint.h"
#include "protocol/tls.h"

namespace wsspec {

class TlsContext;

class TlsHost {
 public:
  /// With all kinds of certificates, of an authority made for the occasion. `names`: what we are reached by.
  static Result<TlsHost> found(std::vector<std::string> names);
  /// With the certificate of these files, whatever a case wants.
  static Result<TlsHost> make(const TlsOptions& options);

  /// The certificate that clients are to trust, PEM; empty when it is not ours.
  const std::string& authority() const { return authority_; }

  std::unique_ptr<Endpoint> wrap(TlsTerms terms, std::shared_ptr<Endpoint> inner, TlsTell tell) const;

 private:
  std::string authority_;
  std::map<Certificate, std::shared_ptr<const TlsContext>> contexts_;
};

}  // namespace wsspec
