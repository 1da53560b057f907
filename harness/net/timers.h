// Timers: what is to be called at an instant, once or again and again.
//
// Each belongs to whoever holds its handle: a Timer that is destroyed or overwritten is not called any more,
// so none outlives its purpose or is left over for the next. For net/; users meet them as Driver::at and
// every.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "protocol/endpoint.h"

namespace wsspec {

class Timers;

/// Owner of one timer; may outlive the driver.
class [[nodiscard]] Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept : timers_(std::move(other.timers_)), id_(other.id_) {}
  Timer& operator=(Timer&& other) noexcept;
  ~Timer() { cancel(); }

  void cancel();
  bool pending() const;  ///< It will still be called.

 private:
  friend class Timers;
  Timer(std::weak_ptr<Timers> timers, std::uint64_t id) : timers_(std::move(timers)), id_(id) {}
  std::weak_ptr<Timers> timers_;
  std::uint64_t id_ = 0;
};

class Timers : public std::enable_shared_from_this<Timers> {
 public:
  /// Calls `what` at `first` and then every `period`; a period of zero: once.
  Timer add(Instant first, Duration period, std::function<void()> what);
  bool empty() const { return order_.empty(); }
  Instant next() const { return order_.empty() ? kNever : order_.begin()->first; }
  /// Calls the one due first; false when none is due.
  bool call_due(Instant now);

 private:
  friend class Timer;
  struct Entry {
    Instant when{};
    Duration period{};
    std::function<void()> what;
  };
  void remove(std::uint64_t id);
  std::map<std::uint64_t, Entry> entries_;
  std::set<std::pair<Instant, std::uint64_t>> order_;
  std::uint64_t last_ = 0;
};

}  // namespace wsspec
