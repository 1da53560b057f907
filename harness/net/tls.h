// TLS over a connected non-blocking socket, by OpenSSL, in terms of socket.h's Transfer.
//
// What it is not: OpenSSL's headers; they stay in tls.cc. For net/ alone. TLS 1.2 and 1.3, no renegotiation.
#pragma once

#include <memory>
#include <string>

#include "net/authority.h"
#include "net/dialer.h"
#include "net/socket.h"
#include "protocol/error.h"

struct ssl_st;
struct ssl_ctx_st;

namespace wsspec {

/// Settings and certificates; shared by all connections to one target, or of one listener.
class TlsContext {
 public:
  enum class Side { client, server };
  static Result<TlsContext> make(Side side, const TlsOptions& options, const std::string& host);
  /// A server's, with a certificate that `authority` makes for it.
  static Result<TlsContext> certified(const Authority& authority, Certificate kind);
  /// A client's that trusts this authority (PEM) alone, and expects `host`.
  static Result<TlsContext> trusting(const std::string& authority, const std::string& host);

  Side side = Side::client;
  std::shared_ptr<ssl_ctx_st> context;
  std::string server_name;  ///< SNI and the name verified; empty: neither.
  bool name_is_ip = false;
  Bytes alpn;  ///< As it stands on the wire.
  bool verify = true;

 private:
  /// Without a certificate or authorities. `version`: only this one; empty: 1.2 and 1.3.
  static Result<TlsContext> blank(Side side, const std::string& version);
};

/// The names as ALPN sends them (RFC 7301 3.1); what cannot be a name is left out.
Bytes alpn_wire(const std::vector<std::string>& names);

class TlsStream {
 public:
  TlsStream(const TlsContext& context, int fd);
  Transfer handshake();                        ///< done, again, failed (see error()).
  Transfer read(char* out, std::size_t room);  ///< `closed` = close_notify, or TCP's end: see truncated().
  Transfer write(BytesView bytes);
  void notify_close();  ///< close_notify, as far as the socket takes it.

  bool wants_write() const;  ///< The last "again" waits for room, not for octets.
  bool truncated() const { return truncated_; }
  const std::string& error() const { return error_; }
  std::string version() const;
  std::string alpn() const;

 private:
  Transfer judge(int result);
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  std::unique_ptr<ssl_st, Free> ssl_;
  bool truncated_ = false, broken_ = false;
  std::string error_;
};

}  // namespace wsspec
