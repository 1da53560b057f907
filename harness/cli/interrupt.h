// Ctrl-C: asks a run to stop and keep what it has; a second one ends the program at once.
#pragma once

#include <atomic>

namespace wsspec {

/// Set by SIGINT, SIGTERM and SIGUSR1 once watch_interrupts() was called.
const std::atomic<bool>& interrupted();
void watch_interrupts();

}  // namespace wsspec
