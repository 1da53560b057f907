// Link: the octet stream of one connection, plain or under TLS, with the four ways to end it. For net/ alone.
#pragma once

#include <optional>

#include "net/socket.h"
#include "net/tls.h"

namespace wsspec {

class Link {
 public:
  Link() = default;
  explicit Link(Socket socket) : socket_(std::move(socket)) {}

  Socket& socket() { return socket_; }
  void begin_tls(const TlsContext& context) { tls_.emplace(context, socket_.fd()); }
  TlsStream* tls() { return tls_ ? &*tls_ : nullptr; }

  Transfer read(char* out, std::size_t room) {
    return tls_ ? tls_->read(out, room) : read_from(socket_.fd(), out, room);
  }
  Transfer write(BytesView bytes) { return tls_ ? tls_->write(bytes) : write_to(socket_.fd(), bytes); }
  /// True when a read that filled less than its room has emptied the socket.
  bool short_read_means_empty() const { return !tls_; }
  bool truncated() const { return tls_ && tls_->truncated(); }

  void half_close() {
    if (tls_) tls_->notify_close();
    socket_.shut_write();
  }
  void close() {
    if (tls_) tls_->notify_close();
    tls_.reset();
    socket_.close();
  }
  void reset() {
    tls_.reset();
    socket_.reset();
  }

 private:
  Socket socket_;
  std::optional<TlsStream> tls_;  // Destroyed before the socket.
};

}  // namespace wsspec
