// A conforming echo server to try coverage on (check.sh), with a bug behind four steps: an empty text
// message, a binary one of at least 126 octets, a ping of 125 octets, then a text message of 200 to 255
// octets, in this order on one connection and with nothing between them, abort it (not with -DWITHOUT_BUG).
// The barrier behind each input is a ping: all four have to come in one.
//
//   demo_server PORT
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "peer/peer.h"
#include "protocol/http.h"
#include "protocol/message.h"

namespace {

using namespace wsspec;

Instant now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

// The planted chain. Each step is a branch of its own, so that coverage shows progress.
class Chain {
 public:
  void received(BytesView octets) {
    if (!head_.done()) head_.feed(octets);
    if (!head_.done()) return;
    Bytes frames(octets);
    messages_.feed(frames, [this](Incoming&& in) { step(in); });
  }

 private:
  void step(const Incoming& in) {
    const std::size_t size = in.payload.size();
    switch (step_) {
      case 0:
        if (in.kind == Incoming::Kind::text && size == 0) step_ = advance(1);
        break;
      case 1: step_ = in.kind == Incoming::Kind::binary && size >= 126 ? advance(2) : 0; break;
      case 2: step_ = in.kind == Incoming::Kind::ping && size == 125 ? advance(3) : 0; break;
      default:
        if (in.kind == Incoming::Kind::text && size >= 200 && size <= 255) last_step();
        step_ = 0;
    }
  }
  // Kept as a call, or the optimiser would make all steps one computation without branches.
  [[gnu::noinline]] static int advance(int to) {
    asm volatile("" ::: "memory");
    return to;
  }
  static void last_step() {
#ifndef WITHOUT_BUG
    std::abort();
#endif
  }

  HeadParser head_;
  MessageDecoder messages_{Role::server, std::nullopt};
  int step_ = 0;
};

struct Connection {
  Peer peer;
  Chain chain;
  int socket;
  Instant began = now();

  /// False when it is over.
  bool go_on() {
    for (;;) {
      const Action action = peer.next(now() - began);
      switch (action.kind) {
        case Action::Kind::send:
          ::send(socket, action.bytes.data(), action.bytes.size(), MSG_NOSIGNAL);
          break;
        case Action::Kind::half_close: shutdown(socket, SHUT_WR); break;
        case Action::Kind::wait: return true;
        case Action::Kind::reset: {
          const linger abort{1, 0};
          setsockopt(socket, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
          return false;
        }
        case Action::Kind::close: return false;
      }
    }
  }
  bool read() {
    static char buffer[1 << 16];
    const ssize_t size = recv(socket, buffer, sizeof buffer, 0);
    if (size <= 0) {
      peer.ended(size == 0 ? End::fin : End::reset, now() - began);
      go_on();
      return false;
    }
    const auto octets = static_cast<std::size_t>(size);
    chain.received({buffer, octets});
    peer.received({buffer, octets}, now() - began);
    return go_on();
  }
};

class EchoServer {
 public:
  explicit EchoServer(std::uint16_t port) {
    PeerOptions options;
    options.deflate = false;
    world_ = PeerWorld::make(options).value();
    const int one = 1;
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    where.sin_port = htons(port);
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    good_ = bind(listener_, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0 &&
            listen(listener_, 512) == 0;
    watch(listener_);
  }
  bool good() const { return good_; }
  void serve() {
    epoll_event ready[64];
    const int count = epoll_wait(poller_, ready, 64, connections_.empty() ? -1 : 200);
    for (int i = 0; i < count; ++i) {
      const int file = ready[i].data.fd;
      if (file == listener_) {
        accept_one();
      } else if (const auto found = connections_.find(file);
                 found != connections_.end() && !found->second->read()) {
        drop(file);
      }
    }
    if (count == 0) time_passed();
  }

 private:
  void watch(int file) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = file;
    epoll_ctl(poller_, EPOLL_CTL_ADD, file, &event);
  }
  void accept_one() {
    const int file = accept(listener_, nullptr, nullptr), one = 1;
    if (file < 0) return;
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    connections_[file].reset(new Connection{Peer(world_), {}, file});
    watch(file);
    if (!connections_[file]->go_on()) drop(file);
  }
  void drop(int file) {
    connections_.erase(file);
    close(file);
  }
  // Deadlines of the handshake and of lingering ends.
  void time_passed() {
    for (auto at = connections_.begin(); at != connections_.end();) {
      const int file = at->first;
      const bool over = !at->second->go_on();
      ++at;
      if (over) drop(file);
    }
  }

  std::shared_ptr<PeerWorld> world_;
  std::map<int, std::unique_ptr<Connection>> connections_;
  int listener_ = socket(AF_INET, SOCK_STREAM, 0), poller_ = epoll_create1(0);
  bool good_ = false;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::fputs("usage: demo_server PORT\n", stderr), 2;
  EchoServer server(static_cast<std::uint16_t>(std::atoi(arguments[1])));
  if (!server.good()) return std::perror("demo_server"), 1;
  for (;;) server.serve();
}
