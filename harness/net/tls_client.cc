#include "net/tls_client.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "net/dialer_details.h"
#include "net/tls_pipe.h"

namespace wsspec {
namespace {

Bytes alpn_list(const std::vector<std::string>& names) {
  Bytes out;
  for (const auto& name : names) out += static_cast<char>(name.size()) + name;
  return out;
}

class TlsClientEndpoint final : public Endpoint {
 public:
  TlsClientEndpoint(std::shared_ptr<const TlsContext> context, TlsTerms terms, Endpoint& inner,
                    TlsClient::Tell tell)
      : context_(std::move(context)),
        terms_(std::move(terms)),
        inner_(inner),
        tell_(std::move(tell)),
        pipe_(*context_) {
    set_up();
  }

  Action next(Instant now) override {
    for (;;) {
      if (auto action = flush(now)) return *action;
      if (last_) return *std::exchange(last_, std::nullopt);
      const auto action = inner_.next(now);
      switch (action.kind) {
        case Action::Kind::send: say(action.bytes); break;
        case Action::Kind::reset:
        case Action::Kind::wait: return action;
        case Action::Kind::half_close:
        case Action::Kind::close:
          if (terms_.notifies) pipe_.notify_close();
          last_ = action;  // Behind what is still to be sent.
          break;
      }
    }
  }

  void received(MutableBytes bytes, Instant now) override {
    if (failed_ || told_end_) return;  // Nothing would read it.
    pipe_.feed(view(bytes));
    if (!established_) shake_hands(now);
    if (established_) read(now);
  }

  bool reading() const override { return inner_.reading(); }
  void was_read(bool seen, Instant now) override { inner_.was_read(seen, now); }
  void ended(End how, Instant now) override {
    if (!established_ && !failed_) fail("the connection ended within the handshake", false, now);
    if (told_end_) return;
    told_end_ = true;
    inner_.ended(how == End::fin && established_ && !failed_ ? End::truncated : how, now);
  }

 private:
  void set_up() {
    auto* ssl = pipe_.ssl();
    pipe_.bound_versions(terms_.version, terms_.version);
    const auto alpn = alpn_list(terms_.alpn);
    if (!alpn.empty())
      SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned>(alpn.size()));
    // The handshake goes on whatever the certificate; the result is told.
    SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
    const auto& host = context_->server_name;
    if (context_->verify && context_->name_is_ip)
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    else if (context_->verify && !host.empty())
      SSL_set1_host(ssl, host.c_str());
    const auto name = terms_.server_name.value_or(context_->name_is_ip ? "" : host);
    if (!name.empty()) SSL_set_tlsext_host_name(ssl, name.c_str());
  }

  /// What is to be sent, the ClientHello perhaps in pieces.
  std::optional<Action> flush(Instant now) {
    if (!began_) {
      began_ = true;
      pipe_.handshake();
      chopping_ = terms_.hello_chop > 0;
    }
    if (at_ == out_.size()) {
      at_ = 0;
      out_ = pipe_.drain();
      if (out_.empty()) return std::nullopt;
    }
    if (now < hold_) return Action::wait(hold_);
    const auto piece = BytesView(out_).substr(at_, chopping_ ? terms_.hello_chop : Bytes::npos);
    at_ += piece.size();
    if (chopping_ && at_ < out_.size()) hold_ = now + terms_.hello_gap;
    chopping_ = chopping_ && at_ < out_.size();
    return Action::send(piece);
  }

  void say(BytesView bytes) {
    if (failed_) return;
    if (established_)
      pipe_.write(bytes, terms_.record);
    else
      early_ += bytes;
  }

  void shake_hands(Instant now) {
    switch (pipe_.handshake()) {
      case TlsPipe::Step::done: break;
      case TlsPipe::Step::again: return;
      default: return fail(pipe_.error(), pipe_.fault(), now);
    }
    established_ = true;
    TlsFacts facts{true, pipe_.version(), pipe_.alpn(), {}, {}, false};
    if (context_->verify) facts.distrust = pipe_.distrust();
    const bool trusted = facts.distrust.empty();
    if (tell_) tell_(facts, now);
    if (trusted) pipe_.write(early_, terms_.record);
    failed_ = !trusted;
    early_.clear();
  }

  void fail(std::string why, bool fault, Instant now) {
    failed_ = true;
    early_.clear();
    if (tell_) tell_({false, {}, {}, {}, std::move(why), fault}, now);
  }

  void read(Instant now) {
    std::array<char, kRecordRoom> room;
    for (std::size_t got = 0; !told_end_;) {
      switch (pipe_.read(room, got)) {
        case TlsPipe::Step::done: inner_.received({room.data(), got}, now); break;
        case TlsPipe::Step::again: return;
        case TlsPipe::Step::notified: told_end_ = true; return inner_.ended(End::fin, now);
        case TlsPipe::Step::failed:
          if (pipe_.fault()) return fail(pipe_.error(), true, now);
          failed_ = told_end_ = true;  // An alert: the server has given the connection up.
          return inner_.ended(End::reset, now);
      }
    }
  }

  std::shared_ptr<const TlsContext> context_;
  TlsTerms terms_;
  Endpoint& inner_;
  TlsClient::Tell tell_;
  TlsPipe pipe_;
  Bytes out_, early_;  ///< To be sent; said before TLS was up.
  std::size_t at_ = 0;
  Instant hold_{};
  std::optional<Action> last_;
  bool began_ = false, chopping_ = false, established_ = false, failed_ = false, told_end_ = false;
};

}  // namespace

Result<TlsClient> TlsClient::make(const Dialer& dialer) {
  const auto& tls = dialer.details().tls;
  if (!tls) return fail_with(dialer.address().url(), "not a target over TLS");
  TlsClient client;
  client.context_ = std::make_shared<const TlsContext>(*tls);
  return client;
}

Result<TlsClient> TlsClient::trusting() {
  TlsOptions options;
  options.insecure = true;
  auto context = TlsContext::make(TlsContext::Side::client, options, "localhost");
  if (!context) return std::unexpected(context.error());
  TlsClient client;
  client.context_ = std::make_shared<const TlsContext>(std::move(*context));
  return client;
}

std::unique_ptr<Endpoint> TlsClient::wrap(TlsTerms terms, Endpoint& inner, Tell tell) const {
  return std::make_unique<TlsClientEndpoint>(context_, std::move(terms), inner, std::move(tell));
}

}  // namespace wsspec
