// Sockets: the system calls of TCP and Unix sockets as small functions, non-blocking, never raising SIGPIPE.
//
// What it is not: a loop or a protocol. For net/ alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "net/address.h"
#include "protocol/bytes.h"
#include "protocol/error.h"
#include "protocol/proxy_header.h"

namespace wsspec {

/// A socket address as the system wants it.
struct SocketAddress {
  int family = 0;
  alignas(8) unsigned char bytes[128] = {};  ///< A sockaddr_storage.
  unsigned size = 0;
  bool is_ipv4_loopback() const;
};

/// Resolves a host (blocking) or takes the Unix path.
Result<std::vector<SocketAddress>> resolve(const std::string& host, std::uint16_t port,
                                           const std::string& unix_path);

/// A descriptor that is closed at the end of its life.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() { close(); }

  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void close();
  void reset();       ///< Closes with RST (SO_LINGER 0).
  void shut_write();  ///< Sends FIN.

 private:
  int fd_ = -1;
};

enum class Progress { done, again, closed, failed };

/// How a read or write went. `failed`: `error` is an errno value.
struct Transfer {
  Progress progress = Progress::done;
  std::size_t octets = 0;
  int error = 0;
};

/// As the other side sees it: our address is the source. Empty where it is no TCP connection.
ConnectionName name_of_stream(int fd);

Transfer read_from(int fd, char* out, std::size_t room);
Transfer peek_from(int fd, char* out, std::size_t room);
Transfer write_to(int fd, BytesView bytes);

/// A new non-blocking stream socket with TCP_NODELAY. `source` > 0 binds to 127.0.0.`source` without taking a
/// port yet. On failure the socket is empty and errno says why.
Socket open_stream(const SocketAddress& to, int source);
/// Starts or continues to connect: done, again (not yet), failed.
Transfer connect_to(int fd, const SocketAddress& to);

Result<Socket> open_listener(const Address& address, int backlog, std::uint16_t& port);
/// The next connection, or an empty socket and errno.
Socket accept_from(int listener);

std::string errno_text(int error);  ///< "connection refused"

}  // namespace wsspec
