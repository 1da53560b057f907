// Ctrl-C: asks a run to stop and keep what it has; a second one, a second later or more, ends the program at
// once, and the server that it started.
#pragma once

#include <atomic>

namespace wsspec {

/// Set by SIGINT, SIGTERM, SIGHUP and SIGUSR1 once watch_interrupts() was called.
const std::atomic<bool>& interrupted();
void watch_interrupts();

}  // namespace wsspec
