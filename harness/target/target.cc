#include "target/target.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <re2/re2.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "net/driver.h"
#include "script/print.h"
#include "target/output_log.h"
#include "target/warden.h"

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

/// `wanted()` is asked now and then; false: nobody waits for the answer any more.
template <typename Wanted>
bool answers(const Address& address, bool http, Wanted wanted) {
  DialOptions options;
  options.connect_timeout = 1s;
  Address plain = address;
  plain.tls = false;
  const auto dialer = Dialer::prepare(plain, options);
  if (!dialer) return false;
  Knock knock(http);
  bool connected = false, over = false;
  Driver driver;  // Last: its end calls back into what is above.
  driver.dial(*dialer, knock, [&](const Ending& ending) {
    connected = ending.failure == Failure::none;
    over = true;
  });
  while (!over && driver.now() < 2s && wanted()) driver.run(driver.now() + 50ms);
  return over && connected && knock.answered();
}

/// Null when readiness is not told by the log.
Result<std::unique_ptr<re2::RE2>> ready_pattern(const std::string& ready) {
  if (!ready.starts_with("log:")) {
    if (ready == "tcp" || ready == "http") return nullptr;
    return fail_with("--ready", fmt::format("'{}' is no way to tell readiness", ready),
                     "tcp, http or log:REGEX");
  }
  auto pattern = std::make_unique<re2::RE2>(ready.substr(4), re2::RE2::Quiet);
  if (!pattern->ok())
    return fail_with("--ready",
                     fmt::format("'{}' is no regular expression: {}", ready.substr(4), pattern->error()),
                     "log:listening on .*; in the syntax of RE2, without back references and look-ahead");
  return pattern;
}

/// For a shell, within quotes or without: text that could mean something to it is escaped sign by sign.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("_-./:@%+,=").find(c) != std::string_view::npos || (c & 0x80) != 0;
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

std::string command_for(std::string command, const Launch& launch, const Address& address) {
  command = replaced(std::move(command), "{url}", escaped(launch.url.empty() ? address.url() : launch.url));
  command = replaced(std::move(command), "{ca}", escaped(launch.authority_file));
  if (!launch.action.empty()) command = replaced(std::move(command), "{action}", launch.action);
  command = replaced(std::move(command), "{port}", std::to_string(address.port));
  command = replaced(std::move(command), "{host}", escaped(address.host));
  return replaced(std::move(command), "{socket}", escaped(address.unix_path));
}

/// For a hint: the last lines of a log, one below the other.
std::string last_words(std::string_view said) {
  while (said.ends_with('\n') || said.ends_with('\r')) said.remove_suffix(1);
  if (said.empty()) return "it printed nothing";
  constexpr int kLines = 10;
  auto begin = said.size();
  for (int lines = 0; lines < kLines && begin != said.npos && begin != 0; ++lines)
    begin = said.rfind('\n', begin - 1);
  said.remove_prefix(begin == said.npos || begin == 0 ? 0 : begin + 1);
  return "it printed\n    " + replaced(std::string(said), "\n", "\n    ");
}

std::string signal_words(int signal) {
  const char* name = ::sigdescr_np(signal);
  return fmt::format("was killed by signal {} ({})", signal, name == nullptr ? "unknown" : name);
}

}  // namespace

struct TargetProcess::State {
  Launch launch;
  Address address;
  std::optional<Warden> warden;
  std::optional<int> status;  ///< As waitpid tells it.
  std::unique_ptr<OutputLog> log;
  int starts = 0;

  void look() {
    if (warden && !status) status = warden->status();
  }
  bool interrupted() const { return launch.interrupted != nullptr && launch.interrupted->load(); }

  Result<void> spawn();
  Result<void> await_ready();
  void end();
};

Result<void> TargetProcess::State::spawn() {
  auto ready = ready_pattern(launch.ready);
  if (!ready) return std::unexpected(ready.error());
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC) != 0)
    return fail_with("--start", std::string("no pipe: ") + std::strerror(errno),
                     "raise the limit of open files (ulimit -n)");
  WardenOrder order;
  order.command = command_for(launch.command, launch, address);
  order.directory = launch.directory;
  order.environment = launch.environment;
  order.output = pipe[1];
  order.stop_timeout = launch.stop_timeout;
  auto started = Warden::start(order);
  ::close(pipe[1]);
  if (!started) {
    ::close(pipe[0]);
    return std::unexpected(started.error());
  }
  warden.emplace(std::move(*started));
  status.reset();
  log = std::make_unique<OutputLog>(pipe[0], std::move(*ready));
  ++starts;
  return {};
}

Result<void> TargetProcess::State::await_ready() {
  const auto end = std::min(Clock::now() + launch.ready_timeout, launch.until);
  const auto fail = [&](std::string what) {
    return fail_with("--start", std::move(what), last_words(log->take(2000)));
  };
  while (Clock::now() < end) {
    look();
    if (status) {
      log->await_end(kLastWords);
      return fail("the target ended before it was ready");
    }
    const bool ready =
        launch.ready.starts_with("log:")
            ? log->saw_ready()
            : answers(address, launch.ready == "http", [&] { return !interrupted() && Clock::now() < end; });
    if (ready) return {};
    if (interrupted()) return fail("interrupted before the target was ready");
    std::this_thread::sleep_for(10ms);
  }
  if (end == launch.until) return fail("the time was used up before the target was ready");
  return fail(fmt::format("the target was not ready within {}", print(launch.ready_timeout)));
}

void TargetProcess::State::end() {
  if (!warden) return;
  warden->end();
  look();
  warden.reset();
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
  if (answers(state_->address, false, [this] { return !state_->interrupted(); }))
    return fail_with(state_->address.endpoint(), "something listens there already",
                     "end it, or choose another port");
  if (auto spawned = state_->spawn(); !spawned) return spawned;
  auto ready = state_->await_ready();
  if (!ready) stop();
  return ready;
}

Result<void> TargetProcess::restart_unready() {
  stop();
  const auto kept = std::move(state_->log);  // Its last words stay readable until the new one speaks.
  return state_->spawn();
}

Result<void> TargetProcess::launch() {
  return state_->spawn();
}

Result<void> TargetProcess::restart() {
  if (auto spawned = restart_unready(); !spawned) return spawned;
  auto ready = state_->await_ready();
  if (!ready) stop();
  return ready;
}

void TargetProcess::stop() {
  state_->end();
}

bool TargetProcess::running() {
  state_->look();
  return state_->warden && !state_->status;
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
  return state_->warden ? sample_group(state_->warden->group(), new_peak) : std::nullopt;
}

int TargetProcess::starts() const {
  return state_->starts;
}

int TargetProcess::pid() const {
  return state_->warden ? static_cast<int>(state_->warden->group()) : 0;
}

}  // namespace wsspec
