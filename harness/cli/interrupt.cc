#include "cli/interrupt.h"

#include <csignal>

namespace wsspec {

namespace {
std::atomic<bool> g_interrupted = false;
void on_signal(int signal) {
  if (g_interrupted.exchange(true)) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}
}  // namespace

const std::atomic<bool>& interrupted() {
  return g_interrupted;
}

void watch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGUSR1, on_signal);  // How batch systems say that the time is nearly over.
}

}  // namespace wsspec
