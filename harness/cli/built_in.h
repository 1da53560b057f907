// The built-in reference server on a loopback port, in a thread of its own: what `wsspec run` tests without a
// URL.
#pragma once

#include <memory>
#include <string>

#include "net/address.h"
#include "peer/peer.h"
#include "protocol/error.h"

namespace wsspec {

class BuiltIn {
 public:
  static Result<std::unique_ptr<BuiltIn>> start(PeerOptions options);
  ~BuiltIn();
  const Address& address() const { return address_; }

 private:
  struct Server;
  explicit BuiltIn(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
  Address address_;
};

}  // namespace wsspec
