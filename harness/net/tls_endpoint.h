// TlsEndpoint: an Endpoint played under TLS, in memory, on the terms of a case or with the faults of a
// reference client; either side of TLS.
//
// What it is not: the way by which ordinary cases reach a wss target (link.h), or a server with faults
// (tls_server.h). For net/ alone. RFC 8446, RFC 5246 7.2.1, RFC 7301. Invariants: how the handshake went is
// told once; a failed handshake is no failed connection: no octets follow, and the end of TCP is told when it
// comes; nothing is said in clear, and by a client nothing before the certificate has been looked at.
#pragma once

#include <memory>
#include <optional>

#include "net/tls_pipe.h"
#include "protocol/endpoint.h"

namespace wsspec {

class TlsEndpoint final : public Endpoint {
 public:
  /// Played by a case; `tell` is told before the first octet of `inner` goes out.
  TlsEndpoint(std::shared_ptr<const TlsContext> context, TlsTerms terms, std::shared_ptr<Endpoint> inner,
              TlsTell tell);
  /// A client that is its own master, and ends what it cannot trust.
  TlsEndpoint(std::shared_ptr<const TlsContext> context, const TlsClientConduct& conduct,
              std::shared_ptr<Endpoint> inner);

  /// What a server's context is prepared with, once.
  static void prepare(ssl_ctx_st* context);

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  bool reading() const override { return inner_->reading(); }
  void was_read(bool seen, Instant now) override { inner_->was_read(seen, now); }
  void ended(End how, Instant now) override;

 private:
  bool is_server() const { return context_->side == TlsContext::Side::server; }
  void offer();
  void expect_name();
  static int select(ssl_st* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*);
  static int forgive(int good, x509_store_ctx_st* store);
  std::optional<Action> flush(Instant now);
  void say(BytesView bytes);
  void shake_hands(Instant now);
  void fail(std::string why, bool fault, Instant now);
  void read(Instant now);
  void give_up_if_alerted(Instant now);

  std::shared_ptr<const TlsContext> context_;
  TlsTerms terms_;
  TlsClientConduct conduct_;
  std::shared_ptr<Endpoint> inner_;
  TlsTell tell_;
  TlsPipe pipe_;
  std::vector<std::string> offers_;  ///< Of a client, by ALPN.
  Bytes out_, early_;                ///< To be sent; said before TLS was up.
  std::size_t at_ = 0;
  Instant hold_{};
  std::optional<Action> last_;
  bool began_ = false, chopping_ = false, established_ = false, failed_ = false, told_end_ = false;
};

}  // namespace wsspec
