// TargetProcess: a server under test that we start ourselves and watch: its readiness, its death, its output
// and its costs.
//
// The command runs below a warden (warden.h) with nothing of ours inherited but the environment; it and all
// that descends from it is ended by SIGTERM, then SIGKILL, also when we are killed. What it prints is kept in
// bounded memory and shown only escaped. Invariants: at most one command at a time; after the destructor none
// is left.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "play/result.h"
#include "protocol/endpoint.h"
#include "protocol/error.h"
#include "target/proc.h"

namespace wsspec {

struct Launch {
  std::string command;  ///< For /bin/sh -c; `{port}`, `{host}` and `{socket}` are replaced by the URL's.
  std::string authority_file;  ///< In place of `{ca}`: whom a client is to trust.
  std::string url;             ///< In place of `{url}`, for a client.
  std::string action;          ///< In place of `{action}`: what it is to do; empty: nothing is replaced.
  std::string directory;
  std::vector<std::string> environment;  ///< "NAME=value", added to ours.
  /// When it is ready: "tcp" (the port accepts), "http" (it answers something), "log:REGEX" (it prints a
  /// matching line).
  std::string ready = "tcp";
  Duration ready_timeout = std::chrono::seconds(20);
  Duration stop_timeout = std::chrono::seconds(3);
  /// Both end the wait for readiness.
  const std::atomic<bool>* interrupted = nullptr;
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

/// How it ended, when it did.
struct Death {
  int exit_status = -1;  ///< -1 when a signal ended it.
  int signal = 0;
  std::string sanitizer;  ///< "AddressSanitizer: heap-buffer-overflow ..." when the output has such a line.
  std::string words;  ///< "killed by signal 6 (Aborted)", "exited with status 3"; with the sanitizer's line.
};

class TargetProcess {
 public:
  /// `host` and `port` are those to watch for readiness; `unix_path` instead when not empty.
  TargetProcess(Launch launch, std::string host, std::uint16_t port, std::string unix_path = {});
  ~TargetProcess();
  TargetProcess(const TargetProcess&) = delete;
  TargetProcess& operator=(const TargetProcess&) = delete;

  Result<void> start();            ///< Until ready.
  Result<void> restart_unready();  ///< restart() without waiting.
  Result<void> launch();           ///< Waits for nothing: a client is ready when it comes.
  Result<void> restart();          ///< Ends what is left of it first.
  void stop();

  bool running();  ///< Looks without blocking.
  /// Waits up to `patience` for the process to be gone, and says how it went.
  std::optional<Death> death(Duration patience = {});

  /// Output (stdout and stderr together) since the last call, the last `limit` octets of it.
  std::string take_log(std::size_t limit = 16 * 1024);
  /// A sanitizer's first line in the output since the last call of take_log(), without taking it.
  std::string sanitizer_line();

  /// Of the whole process group; `new_peak`: the memory peak is counted anew from here.
  std::optional<ProcessSample> sample(bool new_peak = false) const;
  int starts() const;
  /// Of the command, which leads a process group of its own; 0: none was started.
  int pid() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wsspec
