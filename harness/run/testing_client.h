// The reference client in a thread of its own, for the tests of run/.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "net/driver.h"
#include "net/tls_client.h"
#include "peer/peer.h"

namespace wsspec::testkit {

/// Connects again and again for as long as it lives.
class Client {
 public:
  /// `authority`: whom it trusts (PEM), over TLS; empty: in clear.
  Client(std::uint16_t port, PeerOptions options, std::string authority = {})
      : thread_([this, port, authority, options = std::move(options)]() mutable {
          Address address;
          address.port = port;
          const auto dialer = Dialer::prepare(address, {}).value();
          options.role = Role::client;
          const auto world = PeerWorld::make(std::move(options)).value();
          std::optional<TlsClient> tls;
          if (!authority.empty()) tls = TlsClient::trusting(authority, "127.0.0.1").value();
          Driver driver;
          while (!stop_) {
            Peer peer(world);
            const auto secured = tls ? tls->wrap(world->conduct().tls_client, peer) : nullptr;
            bool over = false;
            driver.dial(dialer, secured ? *secured : peer, [&](const Ending& ending) {
              over = true;
              connections_ += ending.failure == Failure::none;
              driver.stop();
            });
            while (!over && !stop_) driver.run(driver.now() + std::chrono::milliseconds(20));
          }
        }) {}
  ~Client() {
    stop_ = true;
    thread_.join();
  }
  int connections() const { return connections_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace wsspec::testkit
