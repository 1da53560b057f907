#include "net/timers.h"

#include <algorithm>

namespace wsspec {

Timer& Timer::operator=(Timer&& other) noexcept {
  if (this == &other) return *this;
  cancel();
  timers_ = std::move(other.timers_);
  id_ = other.id_;
  return *this;
}

void Timer::cancel() {
  if (const auto timers = timers_.lock()) timers->remove(id_);
  timers_.reset();
}

bool Timer::pending() const {
  const auto timers = timers_.lock();
  return timers && timers->entries_.contains(id_);
}

Timer Timers::add(Instant first, Duration period, std::function<void()> what) {
  const auto id = ++last_;
  entries_[id] = {first, period, std::move(what)};
  order_.emplace(first, id);
  return {weak_from_this(), id};
}

void Timers::remove(std::uint64_t id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  order_.erase({found->second.when, id});
  entries_.erase(found);
}

bool Timers::call_due(Instant now) {
  if (order_.empty() || order_.begin()->first > now) return false;
  const auto id = order_.begin()->second;
  auto& entry = entries_[id];
  // Out of the table while it is called: it may cancel itself.
  auto what = std::move(entry.what);
  if (entry.period == Duration::zero()) {
    remove(id);
    what();
    return true;
  }
  order_.erase(order_.begin());
  entry.when = std::max(entry.when + entry.period, now);
  order_.emplace(entry.when, id);
  what();
  if (const auto found = entries_.find(id); found != entries_.end()) found->second.what = std::move(what);
  return true;
}

}  // namespace wsspec
