// Behind fork() only what is async-signal-safe is called: other threads may have held any lock.
#include "target/warden.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

extern char** environ;

namespace wsspec {
namespace {

/// What the warden says: `group`, then perhaps `ended`; or `failed`.
struct Word {
  enum Kind : int { group, failed, ended } kind;
  int value;  ///< The number of the group, an errno, a status as waitpid tells it.
};

constexpr int kSocket = 3, kOutput = 4;  // In the warden.
constexpr std::int64_t kKillPatience = 5'000'000'000;
constexpr std::size_t kMostChildren = 512;  // At once; more are found in the next round.

std::array<std::atomic<pid_t>, 64> g_groups{};

void note_group(pid_t group) {
  for (auto& one : g_groups) {
    pid_t none = 0;
    if (one.compare_exchange_strong(none, group)) return;
  }
}
void forget_group(pid_t group) {
  for (auto& one : g_groups) {
    pid_t same = group;
    if (one.compare_exchange_strong(same, 0)) return;
  }
}

/// Made before the fork.
struct Prepared {
  const char* command;
  const char* directory;  ///< Null: ours.
  char** environment;
  int output;
  std::int64_t stop_timeout;
};

// --- In the warden ---

std::int64_t nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void say(Word word) {
  (void)::send(kSocket, &word, sizeof word, MSG_NOSIGNAL);
}

/// Moves the two descriptors to where the warden has them, and closes all others: ours would keep
/// connections and files open.
void keep_only(int socket, int output) {
  socket = ::fcntl(socket, F_DUPFD, 10);
  output = ::fcntl(output, F_DUPFD, 10);
  const int nothing = ::open("/dev/null", O_RDWR);
  for (int standard = 0; standard <= 2; ++standard) ::dup2(nothing, standard);
  ::dup3(socket, kSocket, O_CLOEXEC);
  ::dup3(output, kOutput, O_CLOEXEC);
  ::close_range(5, ~0U, 0);
}

[[noreturn]] void become_command(const Prepared& what, int trouble) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int signal = 1; signal < 32; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(kOutput, 1);
  ::dup2(kOutput, 2);
  char shell[] = "/bin/sh", option[] = "-c";
  char* arguments[] = {shell, option, const_cast<char*>(what.command), nullptr};
  if (what.directory == nullptr || ::chdir(what.directory) == 0) ::execve(shell, arguments, what.environment);
  const int error = errno;
  (void)!::write(trouble, &error, sizeof error);
  ::_exit(127);
}

/// The pid, once the command runs; 0 when it cannot.
pid_t start_command(const Prepared& what) {
  int trouble[2];
  int error = 0;
  pid_t pid = 0;
  const bool piped = ::pipe2(trouble, O_CLOEXEC) == 0;
  if (piped) pid = ::fork();
  if (!piped || pid < 0) {
    say({Word::failed, errno});
    return 0;
  }
  if (pid == 0) become_command(what, trouble[1]);
  ::setpgid(pid, pid);
  ::close(kOutput);
  ::close(trouble[1]);
  ssize_t count;
  while ((count = ::read(trouble[0], &error, sizeof error)) < 0 && errno == EINTR) {
  }
  ::close(trouble[0]);
  if (count > 0) {
    say({Word::failed, error});
    return 0;
  }
  say({Word::group, pid});
  return pid;
}

/// Our children, also those that became ours when their parents ended; -1 where the system does not tell.
int list_children(std::array<pid_t, kMostChildren>& children) {
  const int file = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  int count = 0;
  pid_t number = 0;
  char buffer[4096];
  for (ssize_t got; (got = ::read(file, buffer, sizeof buffer)) > 0;) {
    for (ssize_t i = 0; i < got; ++i) {
      if (buffer[i] >= '0' && buffer[i] <= '9') {
        number = number * 10 + (buffer[i] - '0');
      } else if (number > 0) {
        if (static_cast<std::size_t>(count) < children.size())
          children[static_cast<std::size_t>(count++)] = number;
        number = 0;
      }
    }
  }
  ::close(file);
  return count;
}

/// Signals every child but the leader; those of them that have ended are reaped. How many are left.
int visit_others(pid_t leader, int signal) {
  std::array<pid_t, kMostChildren> children;
  const int count = list_children(children);
  int left = 0;
  for (int i = 0; i < count; ++i) {
    const pid_t one = children[static_cast<std::size_t>(i)];
    if (one == leader || ::waitpid(one, nullptr, WNOHANG) == one) continue;
    // A second SIGTERM at once would look like impatience to who had the first with the group.
    if (signal == SIGKILL || (signal != 0 && ::getpgid(one) != leader)) ::kill(one, signal);
    ++left;
  }
  return left;
}

/// Says once how the leader ended; true when it has. It stays unreaped.
bool tell_end(pid_t leader, bool& told) {
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(leader), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
    return false;
  const int status = info.si_code == CLD_EXITED ? (info.si_status & 0xff) << 8
                                                : info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
  if (!std::exchange(told, true)) say({Word::ended, status});
  return true;
}

/// Waits for a child's end or `milliseconds`.
void rest(int signals, int milliseconds) {
  pollfd one{signals, POLLIN, 0};
  signalfd_siginfo ignored[8];
  if (::poll(&one, 1, milliseconds) > 0) (void)!::read(signals, ignored, sizeof ignored);
}

void end_everything(pid_t leader, std::int64_t patience, int signals, bool told) {
  const std::int64_t kill_at = nanoseconds() + patience;
  ::kill(-leader, SIGTERM);
  ::kill(-leader, SIGCONT);  // What is stopped would not hear of it.
  visit_others(leader, SIGTERM);
  while (nanoseconds() < kill_at + kKillPatience) {
    const bool now = nanoseconds() >= kill_at;
    if (now) ::kill(-leader, SIGKILL);
    const int others = visit_others(leader, now ? SIGKILL : 0);
    if (tell_end(leader, told) && others == 0) return;
    rest(signals, now ? 2 : 20);
  }
}

[[noreturn]] void be_warden(int socket, const Prepared& what) {
  ::setsid();  // Neither Ctrl-C nor who signals our group reaches it.
  ::prctl(PR_SET_NAME, "wsspec-warden");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::signal(SIGCHLD, SIG_DFL);
  keep_only(socket, what.output);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);  // Blocked like all others.
  const int signals = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  const pid_t leader = start_command(what);
  if (leader == 0) ::_exit(1);
  for (bool told = false, over = false; !over;) {
    visit_others(leader, 0);
    tell_end(leader, told);
    pollfd both[2] = {{kSocket, POLLIN, 0}, {signals, POLLIN, 0}};
    if (::poll(both, 2, -1) < 0 && errno != EINTR) over = true;
    char word;
    if (both[0].revents != 0) over = ::recv(kSocket, &word, 1, MSG_DONTWAIT) <= 0;
    rest(signals, 0);
    if (over) end_everything(leader, what.stop_timeout, signals, told);
  }
  ::_exit(0);
}

// --- In wsspec ---

enum class Heard { nothing, word, end };

Heard hear_word(int socket, Word& word, int patience_ms) {
  pollfd one{socket, POLLIN, 0};
  int ready;
  while ((ready = ::poll(&one, 1, patience_ms)) < 0 && errno == EINTR) {
  }
  if (ready <= 0) return Heard::nothing;
  return ::recv(socket, &word, sizeof word, MSG_WAITALL) == sizeof word ? Heard::word : Heard::end;
}

Error cannot_start(int error, const std::string& directory) {
  return {"--start", std::string("cannot be started: ") + std::strerror(error),
          error == EMFILE || error == ENFILE ? "raise the limit of open files (ulimit -n)"
          : directory.empty()                ? ""
                                             : "does the folder " + directory + " exist?"};
}

/// Forks with all signals blocked, so that none is handled in the child as if it were us.
pid_t fork_warden(int ours, int theirs, const Prepared& what) {
  sigset_t all, before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ours);
    be_warden(theirs, what);
  }
  const int error = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return pid;
}

}  // namespace

Result<Warden> Warden::start(const WardenOrder& order) {
  std::vector<char*> environment;
  for (const auto& one : order.environment) environment.push_back(const_cast<char*>(one.c_str()));
  // getenv() takes the first of a name, shells the last.
  const auto is_replaced = [&order](std::string_view ours) {
    const auto name = ours.substr(0, ours.find('=') + 1);
    return std::ranges::any_of(order.environment,
                               [name](const std::string& one) { return one.starts_with(name); });
  };
  for (char** one = environ; *one != nullptr; ++one)
    if (!is_replaced(*one)) environment.push_back(*one);
  environment.push_back(nullptr);
  const Prepared what{order.command.c_str(), order.directory.empty() ? nullptr : order.directory.c_str(),
                      environment.data(), order.output, order.stop_timeout.count()};
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return std::unexpected(cannot_start(errno, ""));
  const pid_t pid = fork_warden(pair[0], pair[1], what);
  const int error = errno;
  ::close(pair[1]);
  if (pid < 0) {
    ::close(pair[0]);
    return std::unexpected(cannot_start(error, ""));
  }
  Word word{Word::failed, 0};
  if (hear_word(pair[0], word, -1) != Heard::word || word.kind != Word::group) {
    ::close(pair[0]);
    ::waitpid(pid, nullptr, 0);
    return std::unexpected(cannot_start(word.value, order.directory));
  }
  note_group(word.value);
  return Warden(pid, word.value, pair[0], order.stop_timeout);
}

Warden::Warden(Warden&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      group_(other.group_),
      socket_(std::exchange(other.socket_, -1)),
      stop_timeout_(other.stop_timeout_),
      status_(other.status_) {}

Warden::~Warden() {
  end();
}

void Warden::hear(int patience_ms) {
  if (status_ || socket_ < 0) return;
  Word word{};
  const auto heard = hear_word(socket_, word, patience_ms);
  if (heard == Heard::word && word.kind == Word::ended) status_ = word.value;
  if (heard == Heard::end) status_ = SIGKILL;  // Somebody killed the warden, and the command died of it.
}

std::optional<int> Warden::status() {
  hear(0);
  return status_;
}

void Warden::end() {
  if (pid_ <= 0) return;
  ::shutdown(socket_, SHUT_WR);
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(stop_timeout_).count();
  hear(static_cast<int>(patience) + 6000);
  // It ends when all has ended, or has given up by itself.
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  forget_group(group_);
  ::close(std::exchange(socket_, -1));
  pid_ = 0;
}

void kill_started_commands() noexcept {
  for (const auto& one : g_groups)
    if (const pid_t group = one.load(); group > 0) ::kill(-group, SIGKILL);
}

}  // namespace wsspec
