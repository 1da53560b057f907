#include "net/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <thread>

namespace wsspec {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

Poller::~Poller() {
  if (epoll_ >= 0) ::close(epoll_);
}

bool Poller::add(int fd, std::uint64_t key) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = key;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

std::span<const Poller::Ready> Poller::wait(Duration timeout) {
  using namespace std::chrono;
  epoll_event events[kMost];
  int count = -1;
  const bool forever = timeout == kNever;
  timeout = std::max(timeout, Duration::zero());
  if (!works()) {  // Nothing can come; whoever has only timers must not spin.
    std::this_thread::sleep_for(std::min<Duration>(timeout, milliseconds(10)));
    return {};
  }
  if (!coarse_) {
    const auto whole = duration_cast<seconds>(timeout);
    timespec limit{static_cast<std::time_t>(whole.count()), static_cast<long>((timeout - whole).count())};
    count = ::epoll_pwait2(epoll_, events, kMost, forever ? nullptr : &limit, nullptr);
    if (count < 0 && (errno == ENOSYS || errno == EPERM)) coarse_ = true;
  }
  if (coarse_) {
    const auto millis = forever ? -1 : std::min<std::int64_t>(ceil<milliseconds>(timeout).count(), 1 << 30);
    count = ::epoll_wait(epoll_, events, kMost, static_cast<int>(millis));
  }
  for (int i = 0; i < count; ++i) {
    const auto flags = events[i].events;
    const bool ending = (flags & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    ready_[i] = {events[i].data.u64, (flags & EPOLLIN) != 0 || ending, (flags & EPOLLOUT) != 0 || ending,
                 ending};
  }
  return {ready_, static_cast<std::size_t>(std::max(count, 0))};
}

}  // namespace wsspec
