// Relay: an endpoint that stands before another and passes everything on, for whoever overrides a part of it.
//
// What it is not: for who changes the octets or the clock on the way (TLS, a seat among several). A head that
// came as fields is passed on as octets, so that it is seen on the way, too.
#pragma once

#include "protocol/endpoint.h"

namespace wsspec {

class Relay : public Endpoint {
 public:
  /// `inner` must outlive it.
  explicit Relay(Endpoint& inner) : inner_(inner) {}
  Action next(Instant now) override { return inner_.next(now); }
  void received(MutableBytes bytes, Instant now) override { inner_.received(bytes, now); }
  void ended(End how, Instant now) override { inner_.ended(how, now); }
  bool reading() const override { return inner_.reading(); }
  void was_read(bool seen, Instant now) override { inner_.was_read(seen, now); }

 private:
  Endpoint& inner_;
};

}  // namespace wsspec
