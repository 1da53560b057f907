// Tunnel: an Endpoint that speaks in clear with a proxy, or as one, until that has opened a tunnel by CONNECT
// (RFC 9110 9.3.6), and under TLS from there on.
//
// What it is not: a proxy, what is asked and answered is the endpoint's; or the way through a proxy to an
// ordinary target (driver.h). Invariant: where TLS begins is behind the head of the first 2xx, however it was
// cut; who begins with TLS in place of a request has minded no proxy, and is served under TLS at once.
#pragma once

#include <memory>

#include "protocol/endpoint.h"
#include "protocol/http.h"

namespace wsspec {

class Tunnel final : public Endpoint {
 public:
  enum class Side {
    proxy,   ///< It answers.
    client,  ///< It asks.
  };
  /// `secured` wraps `plain`, and has not been asked for anything.
  Tunnel(Side side, std::shared_ptr<Endpoint> plain, std::shared_ptr<Endpoint> secured)
      : side_(side), plain_(std::move(plain)), secured_(std::move(secured)) {}

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  void ended(End how, Instant now) override { present().ended(how, now); }
  bool reading() const override { return present().reading(); }
  void was_read(bool seen, Instant now) override { present().was_read(seen, now); }

 private:
  Endpoint& present() const { return open_ ? *secured_ : *plain_; }
  void watch(BytesView answer);

  const Side side_;
  const std::shared_ptr<Endpoint> plain_, secured_;
  HeadParser answer_;
  bool heard_ = false, open_ = false;
};

}  // namespace wsspec
