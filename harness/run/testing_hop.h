// The reference hop in a thread, for tests of run/ and of who stands above it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "run/hop_host.h"

namespace wsspec::testkit {

/// A free port: bound once, and let go.
inline std::uint16_t free_port() {
  Driver driver;
  ListenOptions options;
  options.address.host = "127.0.0.1";
  options.address.port = 0;
  return driver.listen(options, [] { return Driver::Guest(std::unique_ptr<Endpoint>()); }).value();
}

/// The reference hop in a thread, in front of a port of this machine.
class RunningHop {
 public:
  RunningHop(std::uint16_t back, const HopOptions& options) {
    Address behind;
    behind.host = "127.0.0.1";
    behind.port = back;
    behind.resource = "/";
    host_.emplace(driver_, std::move(Hop::make(options).value()), Dialer::prepare(behind, {}).value());
    ListenOptions listen;
    listen.address.host = "127.0.0.1";
    listen.address.port = 0;
    port_ = host_->listen(listen).value();
    thread_ = std::thread([this] {
      while (!over_) driver_.run(driver_.now() + std::chrono::milliseconds(20));
    });
  }
  ~RunningHop() {
    over_ = true;
    driver_.wake();
    thread_.join();
  }
  std::uint16_t port() const { return port_; }

 private:
  std::optional<HopHost> host_;
  Driver driver_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace wsspec::testkit
