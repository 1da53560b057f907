#include "cli/interrupt.h"

#include <time.h>

#include <csignal>

#include "target/warden.h"

namespace wsspec {

namespace {

/// `timeout` and a terminal that closes send to us and to our group: twice the same, at once.
constexpr std::int64_t kImpatience = 1'000'000'000;

std::atomic<bool> g_interrupted = false;
std::atomic<std::int64_t> g_first = 0;

void on_signal(int signal) {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  const std::int64_t now = time.tv_sec * 1'000'000'000LL + time.tv_nsec;
  if (!g_interrupted.exchange(true)) {
    g_first = now;
  } else if (now - g_first >= kImpatience) {
    kill_started_commands();  // The warden ends the rest.
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

const std::atomic<bool>& interrupted() {
  return g_interrupted;
}

void watch_interrupts() {
  // SIGUSR1 is how batch systems say that the time is nearly over.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1})
    if (std::signal(signal, on_signal) == SIG_IGN && signal == SIGHUP) std::signal(signal, SIG_IGN);  // nohup
}

}  // namespace wsspec
