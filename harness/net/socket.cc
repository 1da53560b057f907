#include "net/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace wsspec {
namespace {

const sockaddr* raw(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr*>(address.bytes);
}

SocketAddress from_raw(const sockaddr* address, socklen_t size) {
  SocketAddress out;
  out.family = address->sa_family;
  out.size = size;
  std::memcpy(out.bytes, address, size);
  return out;
}

Transfer outcome(ssize_t result) {
  if (result > 0) return {Progress::done, static_cast<std::size_t>(result), 0};
  if (result == 0) return {Progress::closed, 0, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Progress::again, 0, 0};
  return {Progress::failed, 0, errno};
}

/// Of one side of a stream; false: it is none of TCP.
bool tell_side(int (*side)(int, sockaddr*, socklen_t*), int fd, std::string& address, std::uint16_t& port) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (side(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return false;
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(storage);
    ::inet_ntop(AF_INET, &ipv4.sin_addr, text, sizeof text);
    port = ntohs(ipv4.sin_port);
  } else if (storage.ss_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(storage);
    ::inet_ntop(AF_INET6, &ipv6.sin6_addr, text, sizeof text);
    port = ntohs(ipv6.sin6_port);
  } else {
    return false;
  }
  address = text;
  return true;
}

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof value);
}

}  // namespace

bool SocketAddress::is_ipv4_loopback() const {
  if (family != AF_INET) return false;
  sockaddr_in in{};
  std::memcpy(&in, bytes, sizeof in);
  return (ntohl(in.sin_addr.s_addr) >> 24) == 127;
}

std::string errno_text(int error) {
  std::string text = ::strerror(error);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                           const std::string& unix_path) {
  std::vector<SocketAddress> all;
  if (!unix_path.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (unix_path.size() >= sizeof address.sun_path)
      return fail_with(unix_path, "the socket's path is too long", "use a shorter path");
    std::memcpy(address.sun_path, unix_path.data(), unix_path.size());
    all.push_back(from_raw(reinterpret_cast<const sockaddr*>(&address),
                           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + unix_path.size() + 1)));
    return all;
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0)
    return fail_with(host, fmt::format("the host name cannot be resolved ({})", ::gai_strerror(error)),
                     "check the spelling and the name server");
  for (const auto* one = found; one != nullptr; one = one->ai_next)
    all.push_back(from_raw(one->ai_addr, one->ai_addrlen));
  ::freeaddrinfo(found);
  return all;
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

void Socket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void Socket::reset() {
  if (fd_ < 0) return;
  const linger abort{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  close();
}

void Socket::shut_write() {
  if (fd_ >= 0) ::shutdown(fd_, SHUT_WR);
}

ConnectionName name_of_stream(int fd) {
  ConnectionName out;
  const bool told = tell_side(::getsockname, fd, out.source, out.source_port) &&
                    tell_side(::getpeername, fd, out.destination, out.destination_port);
  return told ? out : ConnectionName{};
}

Transfer read_from(int fd, char* out, std::size_t room) {
  return outcome(::recv(fd, out, room, 0));
}
Transfer peek_from(int fd, char* out, std::size_t room) {
  return outcome(::recv(fd, out, room, MSG_PEEK));
}
Transfer write_to(int fd, BytesView bytes) {
  return outcome(::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

Socket open_stream(const SocketAddress& to, int source) {
  Socket socket(::socket(to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return socket;
  if (to.family != AF_UNIX) set_option(socket.fd(), IPPROTO_TCP, TCP_NODELAY, 1);
  if (source > 0) {
    set_option(socket.fd(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(0x7f000000U | static_cast<unsigned>(source));
    // A machine without the rest of 127/8 on its loopback dials from the usual address.
    if (::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 &&
        errno != EADDRNOTAVAIL)
      socket.close();
  }
  return socket;
}

Transfer connect_to(int fd, const SocketAddress& to) {
  if (::connect(fd, raw(to), to.size) == 0 || errno == EISCONN) return {Progress::done, 0, 0};
  if (errno == EINPROGRESS || errno == EALREADY || errno == EAGAIN || errno == EINTR)
    return {Progress::again, 0, errno};
  return {Progress::failed, 0, errno};
}

Result<Socket> open_listener(const Address& address, int backlog, std::uint16_t& port) {
  const auto where = address.endpoint();
  auto resolved = resolve(address.host, address.port, address.unix_path);
  if (!resolved) return std::unexpected(resolved.error());
  const auto& to = resolved->front();
  if (address.is_unix()) {
    // A socket left behind by an earlier listener; anything else is not ours to remove.
    struct stat info{};
    if (::stat(address.unix_path.c_str(), &info) == 0 && S_ISSOCK(info.st_mode)) {
      Socket knock = open_stream(to, 0);
      if (knock && connect_to(knock.fd(), to).error == ECONNREFUSED) ::unlink(address.unix_path.c_str());
    }
  }
  Socket socket(::socket(to.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_with(where, "no socket: " + errno_text(errno));
  if (!address.is_unix()) set_option(socket.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (::bind(socket.fd(), raw(to), to.size) != 0) {
    const int error = errno;
    return fail_with(where, "cannot listen: " + errno_text(error),
                     error == EADDRINUSE ? "another program has this port; choose another" : "");
  }
  if (::listen(socket.fd(), backlog) != 0) return fail_with(where, "cannot listen: " + errno_text(errno));
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  ::getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&bound), &size);
  port = 0;
  if (bound.ss_family == AF_INET) port = ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
  if (bound.ss_family == AF_INET6) port = ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
  return socket;
}

Socket accept_from(int listener) {
  Socket socket(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) set_option(socket.fd(), IPPROTO_TCP, TCP_NODELAY, 1);  // Without effect on a Unix socket.
  return socket;
}

}  // namespace wsspec
