// OutputLog: what a launched target prints, kept in bounded memory by a thread of its own.
//
// What it is not: a file. Lines are looked at as they come for sanitizer reports and for the one that says
// "ready".
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "protocol/endpoint.h"

namespace re2 {
class RE2;
}

namespace wsspec {

class OutputLog {
 public:
  static constexpr std::size_t kKept = 256 * 1024;
  static constexpr std::size_t kLine = 4 * 1024;

  /// Reads from `fd`, which it owns, until its end or stop().
  /// `ready`: what a line is searched for, or null. It matches in linear time, because a target prints what
  /// it likes.
  OutputLog(int fd, std::unique_ptr<re2::RE2> ready);
  ~OutputLog();

  std::string take(std::size_t limit);  ///< The last octets since the previous call.
  std::string sanitizer_line() const;
  bool saw_ready() const { return ready_seen_; }
  /// Waits until all writers are gone and everything is read, but no longer than `patience`: a process that
  /// is dead may have left its last words in the pipe, and a child of its may hold it open for ever.
  void await_end(Duration patience) const;

 private:
  void read();
  void take_octets(std::string_view octets);
  void take_line();

  int fd_;
  std::unique_ptr<re2::RE2> ready_;
  mutable std::mutex mutex_;
  std::string kept_, line_, sanitizer_;
  std::atomic<bool> ready_seen_ = false, stop_ = false, ended_ = false;
  std::thread thread_;
};

/// True for the first line of a report of one of the sanitizers.
bool is_sanitizer_line(std::string_view line);

}  // namespace wsspec
