// A server in a thread of its own, for the tests of run/: hostile ones from scripts of octets, or the
// reference peer.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>

#include "net/driver.h"
#include "net/testing_endpoints.h"
#include "peer/peer.h"

namespace wsspec::testkit {

class Server {
 public:
  /// `most`: connections open at once; more wait.
  explicit Server(Driver::Welcome factory, std::uint16_t port = 0, int most = 4096)
      : driver_(std::make_unique<Driver>()) {
    address_.port = port;
    const auto bound =
        driver_->listen({.address = address_, .most = most}, [this, factory = std::move(factory)] {
          ++accepted_;
          return factory();
        });
    EXPECT_TRUE(bound) << bound.error().what;
    if (bound) address_.port = *bound;
    thread_ = std::thread([this] {
      while (!stop_) driver_->run(driver_->now() + std::chrono::milliseconds(20));
      driver_.reset();  // From now on nobody listens.
    });
  }
  ~Server() {
    stop_ = true;
    thread_.join();
  }
  /// From within the factory: the server dies at once.
  void die() {
    stop_ = true;
    driver_->stop();
  }

  const Address& address() const { return address_; }
  int accepted() const { return accepted_; }

 private:
  std::unique_ptr<Driver> driver_;
  Address address_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

/// A server that plays the same lines to everybody.
inline Driver::Welcome plays(std::vector<Scripted::Line> lines) {
  return [lines] {
    auto one = std::make_unique<Scripted>(lines);
    one->keep = false;
    return one;
  };
}

inline Driver::Welcome reference_peer(PeerOptions options = {}) {
  auto world = PeerWorld::make(std::move(options)).value();
  return [world] { return std::make_unique<Peer>(world); };
}

/// Sends the same block for ever.
class Hose : public Endpoint {
 public:
  explicit Hose(Bytes first, Bytes block) : first_(std::move(first)), block_(std::move(block)) {}
  Action next(Instant) override {
    if (over_) return Action::close();
    if (!std::exchange(begun_, true)) return Action::send(first_);
    return Action::send(block_);
  }
  void received(MutableBytes, Instant) override {}
  void ended(End, Instant) override { over_ = true; }

 private:
  Bytes first_, block_;
  bool begun_ = false, over_ = false;
};

}  // namespace wsspec::testkit
