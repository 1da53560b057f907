// Link: the octet stream of one connection, plain or under TLS, with the four ways to end it. For net/ alone.
#pragma once

#include <optional>

#include "net/asio.h"
#include "net/socket.h"
#include "net/tls.h"

namespace wsspec {

class Link {
 public:
  Link() = default;
  /// Takes the socket, which is non-blocking; false and an error when the system cannot watch it.
  bool attach(asio::io_context& io, Socket socket, error_code& error) {
    stream_.emplace(io.get_executor());
    stream_->assign(asio::generic::stream_protocol(AF_UNSPEC, 0), socket.fd(), error);
    if (error) {
      stream_.reset();
      return false;
    }
    (void)socket.release();
    stream_->non_blocking(true, error);
    return !error;
  }

  explicit operator bool() const { return stream_.has_value(); }
  Stream& stream() { return *stream_; }
  int fd() { return stream_->native_handle(); }
  void begin_tls(const TlsContext& context) { tls_.emplace(context, fd()); }
  TlsStream* tls() { return tls_ ? &*tls_ : nullptr; }

  Transfer read(char* out, std::size_t room) {
    if (tls_) return tls_->read(out, room);
    error_code error;
    const auto octets = stream_->read_some(asio::buffer(out, room), error);
    return outcome(octets, error);
  }
  Transfer write(BytesView bytes) {
    if (tls_) return tls_->write(bytes);
    error_code error;
    const auto octets = stream_->write_some(asio::buffer(bytes.data(), bytes.size()), error);
    return outcome(octets, error);
  }
  static Transfer outcome(std::size_t octets, const error_code& error) {
    if (!error) return {Progress::done, octets, 0};
    if (error == asio::error::would_block) return {Progress::again, 0, 0};
    if (error == asio::error::eof) return {Progress::closed, 0, 0};
    return {Progress::failed, 0, error.value()};
  }
  /// True when a read that filled less than its room has emptied the socket.
  bool short_read_means_empty() const { return !tls_; }
  bool truncated() const { return tls_ && tls_->truncated(); }

  void half_close() {
    if (tls_) tls_->notify_close();
    error_code ignored;
    if (stream_) stream_->shutdown(Stream::shutdown_send, ignored);
  }
  void close() {
    if (tls_) tls_->notify_close();
    drop();
  }
  void reset() {
    error_code ignored;
    if (stream_) stream_->set_option(Stream::linger(true, 0), ignored);
    drop();
  }

 private:
  void drop() {
    tls_.reset();
    error_code ignored;
    if (stream_) stream_->close(ignored);
    stream_.reset();
  }
  std::optional<Stream> stream_;
  std::optional<TlsStream> tls_;  // Destroyed before the socket.
};

}  // namespace wsspec
