#include "net/tls_server.h"

#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <optional>

#include "net/authority.h"
#include "net/tls_pipe.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kForgotten = 60s;  // How long a connection is kept that a defect does not end.
constexpr std::string_view kOurName = "localhost", kOurProtocol = "http/1.1";
constexpr char kHandshakeRecord = 0x16;
constexpr std::string_view kExplanation =
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 16\r\n\r\nspeak TLS here\r\n";

/// The first name of the server_name extension (RFC 6066 3); absent when there is no such extension.
std::optional<std::string_view> server_name(SSL* ssl) {
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) != 1) return std::nullopt;
  constexpr std::size_t kBefore = 5;  // Length of the list, type, length of the name.
  if (size <= kBefore) return std::string_view();
  return std::string_view(reinterpret_cast<const char*>(data) + kBefore, size - kBefore);
}

/// What a conduct says to a ClientHello: go on, refuse with an alert, or fall silent.
int meet(SSL* ssl, int* alert, void*) {
  const auto& conduct = *static_cast<const TlsConduct*>(SSL_get_app_data(ssl));
  const auto name = server_name(ssl);
  const bool foreign = name && *name != kOurName;
  if ((foreign && conduct.hangs_on_foreign_names) || (!name && conduct.demands_name))
    return SSL_CLIENT_HELLO_RETRY;
  if (foreign && conduct.refuses_foreign_names) {
    *alert = SSL_AD_UNRECOGNIZED_NAME;
    return SSL_CLIENT_HELLO_ERROR;
  }
  const unsigned char* data = nullptr;
  std::size_t size = 0;
  const bool offers =
      SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &size) == 1;
  if (offers || !conduct.demands_alpn) return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_HANDSHAKE_FAILURE;
  return SSL_CLIENT_HELLO_ERROR;
}

int select_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned in_size, void*) {
  const auto& conduct = *static_cast<const TlsConduct*>(SSL_get_app_data(ssl));
  if (conduct.without_alpn) return SSL_TLSEXT_ERR_NOACK;
  if (!conduct.selects.empty()) {
    *out = reinterpret_cast<const unsigned char*>(conduct.selects.data());
    *out_size = static_cast<unsigned char>(conduct.selects.size());
    return SSL_TLSEXT_ERR_OK;
  }
  for (unsigned at = 0; at < in_size; at += 1U + in[at]) {
    const std::string_view offered(reinterpret_cast<const char*>(in) + at + 1, in[at]);
    if (offered != kOurProtocol) continue;
    *out = in + at + 1;
    *out_size = in[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return conduct.strict_alpn ? SSL_TLSEXT_ERR_ALERT_FATAL : SSL_TLSEXT_ERR_NOACK;
}

class TlsServerEndpoint final : public Endpoint {
 public:
  TlsServerEndpoint(std::shared_ptr<const TlsContext> context, const TlsConduct& conduct,
                    std::unique_ptr<Endpoint> inner)
      : context_(std::move(context)), conduct_(conduct), inner_(std::move(inner)), pipe_(*context_) {
    SSL_set_app_data(pipe_.ssl(), const_cast<TlsConduct*>(&conduct_));
    pipe_.bound_versions(conduct_.least, conduct_.most);
  }

  Action next(Instant now) override {
    if (phase_ == Phase::plain) return inner_->next(now);
    for (;;) {
      out_ = pipe_.drain();
      out_ += clear_;
      clear_.clear();
      if (!out_.empty()) return Action::send(out_);
      if (last_) return *std::exchange(last_, std::nullopt);
      if (phase_ == Phase::deaf || phase_ == Phase::over) return wait(now);
      const auto action = inner_->next(now);
      switch (action.kind) {
        case Action::Kind::send: say(action.bytes); break;
        case Action::Kind::reset:
        case Action::Kind::wait: return action;
        case Action::Kind::half_close:
        case Action::Kind::close: end(action); break;
      }
    }
  }

  void received(MutableBytes bytes, Instant now) override {
    if (phase_ == Phase::fresh) {
      phase_ = Phase::shaking;
      greet(view(bytes), now);
    }
    if (phase_ == Phase::plain) return inner_->received(bytes, now);
    if (told_end_ || (phase_ != Phase::shaking && phase_ != Phase::open)) return;  // Nothing would read it.
    pipe_.feed(view(bytes));
    const bool finishing = phase_ == Phase::shaking;
    if (finishing) shake_hands(now);
    if (phase_ == Phase::open) read(now, finishing);
  }

  bool reading() const override { return inner_->reading(); }
  void ended(End how, Instant now) override {
    if (told_end_) return;
    if (phase_ == Phase::open && how == End::fin && conduct_.ignores_bare_end) return forget(now);
    told_end_ = true;
    if (conduct_.keeps_failed && (phase_ == Phase::fresh || phase_ == Phase::shaking)) return forget(now);
    if (phase_ == Phase::plain) return inner_->ended(how, now);
    if (phase_ == Phase::open) return inner_->ended(how == End::fin ? End::truncated : how, now);
    phase_ = Phase::over;
    last_ = Action::close();
  }

 private:
  enum class Phase {
    fresh,    ///< Nothing has come yet.
    shaking,  ///< The TLS handshake.
    open,     ///< The endpoint has the word.
    plain,    ///< The endpoint has the word, without TLS: broken.
    deaf,     ///< Nothing more is done until `until_`.
    over,
  };

  Action wait(Instant now) {
    if (phase_ == Phase::deaf && now >= until_) {
      phase_ = Phase::over;
      return Action::close();
    }
    return Action::wait(phase_ == Phase::deaf ? until_ : kNever);
  }

  void forget(Instant now) {
    phase_ = Phase::deaf;
    until_ = now + kForgotten;
  }

  void give_up(Instant now) {
    if (conduct_.keeps_failed) return forget(now);
    phase_ = Phase::over;
    last_ = Action::close();
  }

  /// The first octets: is it TLS, and as large and whole as this server can take it?
  void greet(BytesView first, Instant now) {
    if (!first.empty() && first[0] != kHandshakeRecord) {
      if (conduct_.plain == PlainConduct::serve) phase_ = Phase::plain;
      if (conduct_.plain == PlainConduct::hang) forget(now);
      if (conduct_.plain == PlainConduct::explain) {
        clear_ = kExplanation;
        phase_ = Phase::over;
        last_ = Action::close();
      }
      return;
    }
    constexpr std::size_t kHeader = 5;
    if (conduct_.hello_in_one_read && first.size() < kHeader) return give_up(now);
    if (first.size() < kHeader) return;
    const auto size = kHeader + (std::size_t{octet(first[3])} << 8) + octet(first[4]);
    const bool cut = conduct_.hello_in_one_read && first.size() < size;
    const bool long_one = conduct_.longest_hello > 0 && size > conduct_.longest_hello;
    if (cut || long_one) give_up(now);
  }

  void shake_hands(Instant now) {
    const auto step = pipe_.handshake();
    if (step == TlsPipe::Step::again) return;
    if (step != TlsPipe::Step::done) return give_up(now);
    phase_ = Phase::open;
    if (pipe_.version() == conduct_.deaf_in) forget(now);
  }

  void say(BytesView bytes) {
    if (phase_ == Phase::open) pipe_.write(bytes, 0);
  }

  void end(const Action& action) {
    if (!conduct_.ends_bare) pipe_.notify_close();
    last_ = action;
  }

  /// `finishing`: the handshake was completed by the same chunk.
  void read(Instant now, bool finishing) {
    std::array<char, kRecordRoom> room;
    std::size_t got = 0, all = 0;
    const bool in_part = conduct_.reads_at_most != 0;
    const std::size_t most = in_part ? conduct_.reads_at_most : room.size();
    for (bool first = true; phase_ == Phase::open && !told_end_; first = false, all += got) {
      if (!first && (conduct_.one_record_per_read || (in_part && all >= most))) return;
      switch (pipe_.read(std::span(room).first(most), got)) {
        case TlsPipe::Step::done: break;
        case TlsPipe::Step::again: return;
        case TlsPipe::Step::notified: told_end_ = true; return inner_->ended(End::fin, now);
        case TlsPipe::Step::failed: told_end_ = true; return inner_->ended(End::reset, now);
      }
      const bool lost =
          (finishing && conduct_.loses_behind_finished) || (got == 1 && conduct_.loses_single_octets);
      if (lost) continue;
      const bool whole = std::string_view(room.data(), got).find("\r\n\r\n") != std::string_view::npos;
      if (conduct_.head_in_one_record && !head_seen_ && !whole) {
        pipe_.notify_close();
        phase_ = Phase::over;
        last_ = Action::close();
        return;
      }
      head_seen_ = true;
      inner_->received({room.data(), got}, now);
    }
  }

  std::shared_ptr<const TlsContext> context_;
  const TlsConduct& conduct_;
  std::unique_ptr<Endpoint> inner_;
  TlsPipe pipe_;
  Phase phase_ = Phase::fresh;
  Bytes out_, clear_;  ///< To be sent; behind it, outside of TLS.
  std::optional<Action> last_;
  Instant until_ = kNever;
  bool head_seen_ = false, told_end_ = false;
};

}  // namespace

Result<TlsServer> TlsServer::from(Result<TlsContext> context) {
  if (!context) return std::unexpected(context.error());
  auto* ctx = context->context.get();
  SSL_CTX_set_client_hello_cb(ctx, meet, nullptr);
  SSL_CTX_set_alpn_select_cb(ctx, select_protocol, nullptr);
  SSL_CTX_set_num_tickets(ctx, 0);
  TlsServer server;
  server.context_ = std::make_shared<const TlsContext>(std::move(*context));
  return server;
}

Result<TlsServer> TlsServer::make(const TlsOptions& options) {
  return from(TlsContext::make(TlsContext::Side::server, options, {}));
}

Result<TlsServer> TlsServer::self_signed() {
  const auto authority = Authority::found({std::string(kOurName)});
  if (!authority) return std::unexpected(authority.error());
  return from(TlsContext::certified(**authority, Certificate::self_signed));
}

std::unique_ptr<Endpoint> TlsServer::wrap(const TlsConduct& conduct, std::unique_ptr<Endpoint> inner) const {
  return std::make_unique<TlsServerEndpoint>(context_, conduct, std::move(inner));
}

}  // namespace wsspec
