#include "run/target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "net/driver.h"
#include "run/output_log.h"
#include "script/print.h"

extern char** environ;

namespace wsspec {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr Duration kLastWords = 500ms;  // For what a dead process left in the pipe.

std::string replaced(std::string text, std::string_view what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// Connects and, for `http`, waits for the first octet.
class Knock final : public Endpoint {
 public:
  explicit Knock(bool http) : http_(http) {}
  Action next(Instant now) override {
    if (!http_ || answered_ || now > 1s) return Action::reset();
    if (!std::exchange(asked_, true))
      return Action::send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    return Action::wait(1s + 1ms);
  }
  void received(MutableBytes, Instant) override { answered_ = true; }
  void ended(End, Instant) override { answered_ = true; }
  bool answered() const { return !http_ || answered_; }

 private:
  bool http_, asked_ = false, answered_ = false;
};

bool answers(const Address& address, bool http) {
  DialOptions options;
  options.connect_timeout = 1s;
  Address plain = address;
  plain.tls = false;
  const auto dialer = Dialer::prepare(plain, options);
  if (!dialer) return false;
  Driver driver;
  Knock knock(http);
  bool connected = false;
  driver.dial(*dialer, knock, [&](const Ending& ending) { connected = ending.failure == Failure::none; });
  driver.run(2s);
  return connected && knock.answered();
}

std::string signal_words(int signal) {
  const char* name = ::sigdescr_np(signal);
  return fmt::format("was killed by signal {} ({})", signal, name == nullptr ? "unknown" : name);
}

}  // namespace

struct TargetProcess::State {
  Launch launch;
  Address address;
  pid_t pid = 0;
  std::optional<int> status;  ///< As waitpid tells it.
  std::unique_ptr<OutputLog> log;
  int starts = 0;

  void look() {
    int now = 0;
    if (pid > 0 && !status && ::waitpid(pid, &now, WNOHANG) == pid) status = now;
  }

  Result<void> spawn();
  Result<void> await_ready();
  void end_group();
};

Result<void> TargetProcess::State::spawn() {
  std::optional<std::regex> ready;
  if (launch.ready.starts_with("log:")) {
    try {
      ready.emplace(launch.ready.substr(4), std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error&) {
      return fail_with("--ready", "not a regular expression: " + launch.ready.substr(4),
                       "log:listening on .*");
    }
  } else if (launch.ready != "tcp" && launch.ready != "http") {
    return fail_with("--ready", fmt::format("'{}' is no way to tell readiness", launch.ready),
                     "tcp, http or log:REGEX");
  }
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    return fail_with("--launch", std::string("no pipe: ") + std::strerror(errno));

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], 1);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], 2);
  if (!launch.directory.empty()) posix_spawn_file_actions_addchdir_np(&actions, launch.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t usual, none;
  sigemptyset(&usual);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&usual, signal);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setsigmask(&attributes, &none);

  auto command =
      replaced(replaced(launch.command, "{port}", std::to_string(address.port)), "{host}", address.host);
  command = replaced(std::move(command), "{socket}", address.unix_path);
  char shell[] = "/bin/sh", option[] = "-c";
  char* arguments[] = {shell, option, command.data(), nullptr};
  std::vector<char*> environment;
  for (auto& one : launch.environment) environment.push_back(one.data());  // The first of a name counts.
  for (char** one = environ; *one != nullptr; ++one) environment.push_back(*one);
  environment.push_back(nullptr);

  const int error = ::posix_spawn(&pid, shell, &actions, &attributes, arguments, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    pid = 0;
    return fail_with("--launch", std::string("cannot be started: ") + std::strerror(error),
                     launch.directory.empty() ? "" : "does the folder " + launch.directory + " exist?");
  }
  status.reset();
  log = std::make_unique<OutputLog>(pipe[0], std::move(ready));
  ++starts;
  return {};
}

Result<void> TargetProcess::State::await_ready() {
  const auto end = Clock::now() + launch.ready_timeout;
  const auto tail = [&] {
    const auto said = log->take(400);
    return said.empty() ? std::string("it printed nothing") : "it printed " + print_payload(said);
  };
  while (Clock::now() < end) {
    look();
    if (status) {
      log->await_end(kLastWords);
      return fail_with("--launch", "the target ended before it was ready", tail());
    }
    const bool ready =
        launch.ready.starts_with("log:") ? log->saw_ready() : answers(address, launch.ready == "http");
    if (ready) return {};
    std::this_thread::sleep_for(10ms);
  }
  return fail_with("--launch", fmt::format("the target was not ready within {}", print(launch.ready_timeout)),
                   tail());
}

void TargetProcess::State::end_group() {
  if (pid <= 0) return;
  const auto gone = [&] {
    look();
    return status && !group_alive(pid);
  };
  ::kill(-pid, SIGTERM);
  for (const auto end = Clock::now() + launch.stop_timeout; !gone() && Clock::now() < end;)
    std::this_thread::sleep_for(2ms);
  if (!gone()) {
    ::kill(-pid, SIGKILL);
    for (const auto end = Clock::now() + 2s; !gone() && Clock::now() < end;) std::this_thread::sleep_for(2ms);
  }
  pid = 0;
}

TargetProcess::TargetProcess(Launch launch, std::string host, std::uint16_t port, std::string unix_path)
    : state_(std::make_unique<State>()) {
  state_->launch = std::move(launch);
  state_->address.host = std::move(host);
  state_->address.port = port;
  state_->address.unix_path = std::move(unix_path);
}

TargetProcess::~TargetProcess() {
  stop();
}

Result<void> TargetProcess::start() {
  // A server left over from elsewhere would be tested in place of ours.
  if (answers(state_->address, false))
    return fail_with(state_->address.endpoint(), "something listens there already",
                     "end it, or choose another port");
  if (auto spawned = state_->spawn(); !spawned) return spawned;
  auto ready = state_->await_ready();
  if (!ready) stop();
  return ready;
}

Result<void> TargetProcess::restart() {
  stop();
  const auto kept = std::move(state_->log);  // Its last words stay readable until the new one speaks.
  if (auto spawned = state_->spawn(); !spawned) return spawned;
  auto ready = state_->await_ready();
  if (!ready) stop();
  return ready;
}

void TargetProcess::stop() {
  state_->end_group();
}

bool TargetProcess::running() {
  state_->look();
  return state_->pid > 0 && !state_->status;
}

std::optional<Death> TargetProcess::death(Duration patience) {
  const auto end = Clock::now() + patience;
  for (state_->look(); !state_->status && Clock::now() < end; state_->look())
    std::this_thread::sleep_for(1ms);
  if (!state_->status) return std::nullopt;
  if (state_->log) state_->log->await_end(kLastWords);
  Death death;
  const int status = *state_->status;
  death.sanitizer = sanitizer_line();
  if (WIFSIGNALED(status)) {
    death.signal = WTERMSIG(status);
    death.words = signal_words(death.signal);
  } else {
    death.exit_status = WEXITSTATUS(status);
    // A shell that stays in between tells a signal as 128 + its number.
    death.words = death.exit_status > 128 && death.exit_status < 160
                      ? signal_words(death.exit_status - 128)
                      : fmt::format("exited with status {}", death.exit_status);
  }
  if (!death.sanitizer.empty()) death.words += ": " + print_payload(death.sanitizer.substr(0, 300));
  return death;
}

std::string TargetProcess::take_log(std::size_t limit) {
  return state_->log ? state_->log->take(limit) : std::string();
}
std::string TargetProcess::sanitizer_line() {
  return state_->log ? state_->log->sanitizer_line() : std::string();
}

std::optional<ProcessSample> TargetProcess::sample(bool new_peak) const {
  return state_->pid > 0 ? sample_group(state_->pid, new_peak) : std::nullopt;
}

int TargetProcess::starts() const {
  return state_->starts;
}

}  // namespace wsspec
