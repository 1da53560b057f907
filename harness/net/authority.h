// Authority: certificates for the occasion, good ones and ones with one fault each (protocol/tls.h,
// Certificate).
//
// What it is not: a store of keys; nothing of it is written but the certificate of the authority, when
// somebody asks for it. For net/ alone but authority_pem(). Invariants: keys are P-256 and never leave the
// process; each has 24 hours to live.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocol/error.h"
#include "protocol/tls.h"

struct ssl_ctx_st;

namespace wsspec {

class Authority {
 public:
  /// `names`: host names and addresses by which the server is reached.
  static Result<std::shared_ptr<const Authority>> found(std::vector<std::string> names);
  virtual ~Authority() = default;

  /// What a client is to trust: PEM.
  virtual std::string pem() const = 0;
  /// Makes a certificate and its key, and puts both into `context`.
  virtual Result<void> equip(ssl_ctx_st* context, Certificate kind) const = 0;
};

}  // namespace wsspec
