#include "target/output_log.h"

#include <poll.h>
#include <re2/re2.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

namespace wsspec {

bool is_sanitizer_line(std::string_view line) {
  constexpr std::string_view kMarks[] = {"ERROR: AddressSanitizer",    "ERROR: LeakSanitizer",
                                         "WARNING: ThreadSanitizer",   "WARNING: MemorySanitizer",
                                         "ERROR: HWAddressSanitizer",  ": runtime error: ",
                                         "UndefinedBehaviorSanitizer:"};
  return std::ranges::any_of(kMarks, [&](std::string_view mark) { return line.find(mark) != line.npos; });
}

OutputLog::OutputLog(int fd, std::unique_ptr<re2::RE2> ready)
    : fd_(fd), ready_(std::move(ready)), thread_([this] { read(); }) {}

OutputLog::~OutputLog() {
  stop_ = true;
  thread_.join();
  ::close(fd_);
}

void OutputLog::read() {
  char buffer[16 * 1024];
  while (!stop_) {
    pollfd one{fd_, POLLIN, 0};
    if (::poll(&one, 1, 20) <= 0) continue;
    const auto count = ::read(fd_, buffer, sizeof buffer);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count <= 0) break;
    take_octets({buffer, static_cast<std::size_t>(count)});
  }
  ended_ = true;
}

void OutputLog::await_end(Duration patience) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!ended_ && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

void OutputLog::take_octets(std::string_view octets) {
  const std::lock_guard lock(mutex_);
  kept_ += octets;
  if (kept_.size() > 2 * kKept) kept_.erase(0, kept_.size() - kKept);
  for (const char c : octets) {
    if (c == '\n')
      take_line();
    else if (line_.size() < kLine)
      line_ += c;
  }
}

void OutputLog::take_line() {
  if (sanitizer_.empty() && is_sanitizer_line(line_)) sanitizer_ = line_;
  if (ready_ && !ready_seen_ && re2::RE2::PartialMatch(line_, *ready_)) ready_seen_ = true;
  line_.clear();
}

std::string OutputLog::take(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  sanitizer_.clear();
  auto out = kept_.size() > limit ? kept_.substr(kept_.size() - limit) : kept_;
  kept_.clear();
  return out;
}

std::string OutputLog::sanitizer_line() const {
  const std::lock_guard lock(mutex_);
  return sanitizer_;
}

}  // namespace wsspec
