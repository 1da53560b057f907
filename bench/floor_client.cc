// The floor under `wsspec fuzz`: how many inputs a client gets through that does nothing but send them.
//
//   floor_client PORT [--inputs-per-connection K] [--connections N] [--seconds S]
//
// Each of N connections at once: handshake, then K times a short text and a ping with a payload of its own in
// one write, until that pong is back, then the connection is aborted and the next begins. Nothing is
// generated, judged or kept. Reports inputs and sessions per second, and our processor time for each.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0, connections = 8;
  unsigned inputs = 10;
  double seconds = 5;
};

struct Session {
  int fd = -1;
  unsigned done = 0;
  bool open = false;
  std::string expected;  ///< The pong.
  std::string received;
};

struct Totals {
  unsigned long long inputs = 0, sessions = 0, failures = 0;
};

// A frame of up to 125 octets, masked with zeros.
std::string frame(unsigned char opcode, std::string_view payload) {
  std::string out = {static_cast<char>(0x80 | opcode), static_cast<char>(0x80 | payload.size()), 0, 0, 0, 0};
  return out += payload;
}

void send_all(int fd, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t wrote = ::send(fd, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (wrote <= 0) return;  // The end is seen when reading.
    octets.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

void send_input(Session& s, unsigned long long number) {
  const std::string token = "floor " + std::to_string(number);
  s.expected = std::string({static_cast<char>(0x8a), static_cast<char>(token.size())}) + token;
  s.received.clear();
  send_all(s.fd, frame(1, "twenty octets of text") + frame(9, token));
}

bool begin(Session& s, int poller, std::size_t index, int port) {
  s = {};
  s.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  const linger abort{1, 0};
  ::setsockopt(s.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(s.fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  if (::connect(s.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return false;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  ::epoll_ctl(poller, EPOLL_CTL_ADD, s.fd, &event);
  send_all(s.fd,
           "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  return true;
}

// Takes what has arrived; false when the session is over.
bool advance(Session& s, const Options& options, Totals& totals) {
  char buffer[65536];
  const ssize_t got = ::recv(s.fd, buffer, sizeof buffer, 0);
  if (got <= 0) {
    ++totals.failures;
    return false;
  }
  s.received.append(buffer, static_cast<std::size_t>(got));
  if (!s.open) {
    if (s.received.find("\r\n\r\n") == std::string::npos) return true;
    s.open = true;
    ++totals.sessions;
    send_input(s, totals.inputs);
    return true;
  }
  if (s.received.find(s.expected) == std::string::npos) return true;
  ++totals.inputs;
  if (++s.done >= options.inputs) return false;
  send_input(s, totals.inputs);
  return true;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int run(const Options& options) {
  const int poller = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Session> sessions(static_cast<std::size_t>(options.connections));
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (!begin(sessions[i], poller, i, options.port)) {
      std::fprintf(stderr, "floor_client: no connection to port %d\n", options.port);
      return 1;
    }
  }
  Totals totals;
  const auto start = Clock::now();
  double elapsed = 0;
  epoll_event events[64];
  while ((elapsed = std::chrono::duration<double>(Clock::now() - start).count()) < options.seconds) {
    const int count = ::epoll_wait(poller, events, 64, 100);
    for (int i = 0; i < count; ++i) {
      Session& s = sessions[events[i].data.u64];
      if (advance(s, options, totals)) continue;
      ::close(s.fd);
      if (!begin(s, poller, events[i].data.u64, options.port)) return 1;
    }
  }
  const double inputs = static_cast<double>(totals.inputs), cpu = cpu_seconds();
  std::printf(
      "%llu inputs over %llu connections in %.1f s: %.0f inputs/s, %.0f sessions/s, %.1f us of our "
      "processor per input, %llu failures\n",
      totals.inputs, totals.sessions, elapsed, inputs / elapsed,
      static_cast<double>(totals.sessions) / elapsed, totals.inputs == 0 ? 0.0 : cpu * 1e6 / inputs,
      totals.failures);
  return totals.inputs == 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (argc < 2) {
    std::fprintf(stderr,
                 "usage: floor_client PORT [--inputs-per-connection K] [--connections N] [--seconds S]\n");
    return 2;
  }
  options.port = std::atoi(argv[1]);
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--inputs-per-connection")
      options.inputs = static_cast<unsigned>(std::atoi(argv[i + 1]));
    else if (option == "--connections")
      options.connections = std::max(1, std::atoi(argv[i + 1]));
    else if (option == "--seconds")
      options.seconds = std::atof(argv[i + 1]);
    else
      return 2;
  }
  return run(options);
}
