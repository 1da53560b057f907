// TlsPipe: TLS between octets in memory: what the other side sent goes in by feed(), what it is to be sent
// comes out by drain(). No socket, no clock.
//
// What it is not: an Endpoint (tls_client.h, tls_server.h) or the fast way over a socket (tls.h). For net/
// alone; OpenSSL's headers stay in the .cc file. Invariants: holds at most what was fed and not read; after
// `failed` only drain() does anything.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "net/tls.h"
#include "protocol/bytes.h"
#include "protocol/tls.h"

namespace wsspec {

/// Octets of plaintext that one record may hold (RFC 8446 5.1).
inline constexpr std::size_t kRecordRoom = 16384;

class TlsPipe {
 public:
  enum class Step {
    done,
    again,     ///< More input is needed.
    notified,  ///< close_notify came.
    failed,    ///< See error().
  };

  explicit TlsPipe(const TlsContext& context);
  ~TlsPipe();
  TlsPipe(const TlsPipe&) = delete;
  TlsPipe& operator=(const TlsPipe&) = delete;

  ssl_st* ssl() { return ssl_; }
  /// "1.0" to "1.3"; an empty text leaves the context's bound. Versions before 1.2 lower the security level,
  /// too.
  void bound_versions(const std::string& least, const std::string& most);

  void feed(BytesView octets);
  /// Takes what is to be sent; empty when there is nothing.
  Bytes drain();

  Step handshake();
  /// At most one record: `got` octets of it are in `room`.
  Step read(std::span<char> room, std::size_t& got);
  /// In records of at most `record` octets; 0: as many as go in.
  Step write(BytesView plain, std::size_t record);
  void notify_close();

  std::string version() const;  ///< "1.3"
  std::string alpn() const;
  std::string distrust() const;  ///< Why the certificate is not to be trusted, or empty.

  const std::string& error() const { return error_; }
  /// The failure is ours to see in what came: nothing that TLS allows, and no alert.
  bool fault() const { return fault_; }
  /// The failure is an alert of the other side.
  bool alerted() const { return alerted_; }

 private:
  Step judge(int result);
  ssl_st* ssl_;
  bool broken_ = false, fault_ = false, alerted_ = false;
  std::string error_;
};

}  // namespace wsspec
