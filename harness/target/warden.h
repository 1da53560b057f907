// Warden: a small process between us and a started server, so that nothing of the server outlives us.
//
//   wsspec ── warden ── /bin/sh -c COMMAND ── ...
//
// The server is the warden's child and leads a process group of its own. The warden is the reaper of all
// that descends from it (PR_SET_CHILD_SUBREAPER), also of what daemonizes itself by setsid or a double fork,
// and it holds one end of a socket. When the other end closes, because we are done or because we were
// killed, it ends everything by SIGTERM, then SIGKILL, and itself. The leader stays unreaped until then, so
// that its number cannot have been given to somebody else when the group is signalled.
//
// What it cannot do: end a server when the warden itself is killed with SIGKILL; then only the command itself
// ends with it (PR_SET_PDEATHSIG), not what that started. Without /proc or CONFIG_PROC_CHILDREN what left the
// process group stays.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "protocol/endpoint.h"
#include "protocol/error.h"

namespace wsspec {

struct WardenOrder {
  std::string command;  ///< For /bin/sh -c.
  std::string directory;
  std::vector<std::string> environment;  ///< "NAME=value", in place of ours of that name.
  int output = -1;                       ///< Becomes the command's standard output and error.
  Duration stop_timeout = std::chrono::seconds(3);
};

class Warden {
 public:
  static Result<Warden> start(const WardenOrder& order);
  Warden(Warden&& other) noexcept;
  Warden& operator=(Warden&&) = delete;
  ~Warden();  ///< end()

  /// The process group of the command.
  pid_t group() const { return group_; }
  /// How the command ended, as waitpid tells it; looks without blocking.
  std::optional<int> status();
  /// Ends the command and all that descends from it; returns when nothing is left.
  void end();

 private:
  Warden(pid_t pid, pid_t group, int socket, Duration stop_timeout)
      : pid_(pid), group_(group), socket_(socket), stop_timeout_(stop_timeout) {}
  void hear(int patience_ms);

  pid_t pid_, group_;
  int socket_;
  Duration stop_timeout_;
  std::optional<int> status_;
};

/// Kills the groups of all commands that run. For a signal handler that is about to end the program.
void kill_started_commands() noexcept;

}  // namespace wsspec
