// Poller: which descriptors have become readable or writable (epoll, edge-triggered, nanosecond timeouts).
//
// What it is not: a loop. The one file to port to a system without epoll.
// Invariant: edge-triggered: an event is told once; whoever is told reads or writes until the socket answers
// "again".
#pragma once

#include <cstdint>
#include <span>

#include "protocol/endpoint.h"

namespace wsspec {

class Poller {
 public:
  struct Ready {
    std::uint64_t key;
    bool readable, writable;
    bool ending;  ///< The other side has closed its direction, or an error is pending.
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  bool works() const { return epoll_ >= 0; }  ///< False: there was no descriptor for it.
  bool add(int fd, std::uint64_t key);        ///< A closed descriptor leaves by itself.
  /// Waits for at most `timeout` (kNever: without end); valid until the next call.
  std::span<const Ready> wait(Duration timeout);

 private:
  static constexpr int kMost = 256;
  int epoll_ = -1;
  bool coarse_ = false;  ///< The kernel knows only milliseconds here.
  Ready ready_[kMost];
};

}  // namespace wsspec
