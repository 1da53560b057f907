#include "net/tls_endpoint.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace wsspec {
namespace {

std::vector<std::string> alpn_names(BytesView list) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < list.size(); at += 1 + out.back().size())
    out.emplace_back(list.substr(at + 1, octet(list[at])));
  return out;
}

TlsTerms terms_of(const TlsClientConduct& conduct, const TlsContext& context) {
  TlsTerms terms;
  if (conduct.offers_h2) terms.alpn = {"h2", "http/1.1"};
  if (conduct.without_alpn) terms.alpn.clear();
  if (conduct.without_name) terms.server_name = "";
  if (conduct.names_addresses) terms.server_name = context.server_name;
  return terms;
}

}  // namespace

TlsEndpoint::TlsEndpoint(std::shared_ptr<const TlsContext> context, TlsTerms terms,
                         std::shared_ptr<Endpoint> inner, TlsTell tell)
    : context_(std::move(context)),
      terms_(std::move(terms)),
      inner_(std::move(inner)),
      tell_(std::move(tell)),
      pipe_(*context_) {
  SSL_set_app_data(pipe_.ssl(), this);
  pipe_.bound_versions(terms_.version, terms_.version);
  // The handshake goes on whatever the certificate; the result is told.
  if (!is_server()) SSL_set_verify(pipe_.ssl(), SSL_VERIFY_NONE, nullptr), offer();
}

TlsEndpoint::TlsEndpoint(std::shared_ptr<const TlsContext> context, const TlsClientConduct& conduct,
                         std::shared_ptr<Endpoint> inner)
    : context_(std::move(context)),
      terms_(terms_of(conduct, *context_)),
      conduct_(conduct),
      inner_(std::move(inner)),
      pipe_(*context_) {
  SSL_set_app_data(pipe_.ssl(), this);
  pipe_.bound_versions(conduct_.least, conduct_.most);
  SSL_set_verify(pipe_.ssl(), context_->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, forgive);
  offer();
}

void TlsEndpoint::prepare(SSL_CTX* context) {
  SSL_CTX_set_alpn_select_cb(context, select, nullptr);
  SSL_CTX_set_num_tickets(context, 0);
}

int TlsEndpoint::select(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                        unsigned in_size, void*) {
  auto& self = *static_cast<TlsEndpoint*>(SSL_get_app_data(ssl));
  self.offers_ = alpn_names({reinterpret_cast<const char*>(in), in_size});
  for (const auto& ours : self.terms_.alpn) {
    if (std::ranges::find(self.offers_, ours) == self.offers_.end()) continue;
    *out = reinterpret_cast<const unsigned char*>(ours.data());
    *out_size = static_cast<unsigned char>(ours.size());
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

int TlsEndpoint::forgive(int good, X509_STORE_CTX* store) {
  if (good != 0) return good;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const int error = X509_STORE_CTX_get_error(store);
  const auto is_any = [error](std::initializer_list<int> ones) {
    return std::ranges::find(ones, error) != ones.end() ? 1 : 0;
  };
  switch (static_cast<TlsEndpoint*>(SSL_get_app_data(ssl))->conduct_.trust) {
    case Trust::verified:
    case Trust::any_name: return 0;
    case Trust::anyone: return 1;
    case Trust::self_signed: return is_any({X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT});
    case Trust::any_time: return is_any({X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID});
    case Trust::any_purpose: return is_any({X509_V_ERR_INVALID_PURPOSE});
    case Trust::any_issuer:  // What is no authority has no purpose of one either.
      return X509_STORE_CTX_get_error_depth(store) > 0
                 ? is_any({X509_V_ERR_INVALID_CA, X509_V_ERR_INVALID_PURPOSE})
                 : 0;
  }
  return 0;
}

void TlsEndpoint::expect_name() {
  auto* ssl = pipe_.ssl();
  const auto& host = context_->server_name;
  if (!context_->verify || host.empty() || conduct_.trust == Trust::any_name) return;
  if (conduct_.ignores_subject) SSL_set_hostflags(ssl, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (context_->name_is_ip)
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  else
    SSL_set1_host(ssl, host.c_str());
}

void TlsEndpoint::offer() {
  auto* ssl = pipe_.ssl();
  const auto alpn = alpn_wire(terms_.alpn);
  if (!alpn.empty())
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
  expect_name();
  const auto name = terms_.server_name.value_or(context_->name_is_ip ? "" : context_->server_name);
  if (!name.empty()) SSL_set_tlsext_host_name(ssl, name.c_str());
}

Action TlsEndpoint::next(Instant now) {
  for (;;) {
    if (auto action = flush(now)) return *action;
    if (last_) return *std::exchange(last_, std::nullopt);
    const auto action = inner_->next(now);
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

/// What is to be sent, our first flight perhaps in pieces.
std::optional<Action> TlsEndpoint::flush(Instant now) {
  if (!std::exchange(began_, true)) {
    if (!is_server()) pipe_.handshake();
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

void TlsEndpoint::received(MutableBytes bytes, Instant now) {
  if (failed_ || told_end_) return;  // Nothing would read it.
  pipe_.feed(view(bytes));
  if (!established_) shake_hands(now);
  if (established_) read(now);
}

void TlsEndpoint::ended(End how, Instant now) {
  if (how == End::fin && established_ && conduct_.ignores_bare_end && !told_end_) return;
  if (!established_ && !failed_) fail("the connection ended within the handshake", false, now);
  if (told_end_) return;
  told_end_ = true;
  inner_->ended(how == End::fin && established_ && !failed_ ? End::truncated : how, now);
}

void TlsEndpoint::say(BytesView bytes) {
  if (failed_) return;
  if (established_)
    pipe_.write(bytes, terms_.record);
  else
    early_ += bytes;
}

void TlsEndpoint::shake_hands(Instant now) {
  switch (pipe_.handshake()) {
    case TlsPipe::Step::done: break;
    case TlsPipe::Step::again: return;
    default: return fail(pipe_.error(), pipe_.fault(), now);
  }
  established_ = true;
  TlsFacts facts;
  facts.established = true;
  facts.version = pipe_.version();
  facts.alpn = pipe_.alpn();
  if (context_->verify && tell_) facts.distrust = pipe_.distrust();
  if (const char* name = is_server() ? SSL_get_servername(pipe_.ssl(), TLSEXT_NAMETYPE_host_name) : nullptr)
    facts.server_name = name;
  facts.offers = offers_;
  if (tell_) tell_(facts, now);
  failed_ = !facts.distrust.empty();
  if (!failed_) pipe_.write(early_, terms_.record);
  early_.clear();
}

void TlsEndpoint::fail(std::string why, bool fault, Instant now) {
  failed_ = true;
  early_.clear();
  TlsFacts facts;
  facts.failure = std::move(why);
  facts.fault = fault;
  if (tell_) return tell_(facts, now), give_up_if_alerted(now);
  if (conduct_.ends_at_alert) last_ = Action::close();
}

/// A client that has said why it will not go on has given the connection up, whoever ends TCP.
void TlsEndpoint::give_up_if_alerted(Instant now) {
  if (!is_server() || told_end_ || !pipe_.alerted()) return;
  told_end_ = true;
  inner_->ended(End::reset, now);
}

void TlsEndpoint::read(Instant now) {
  std::array<char, kRecordRoom> room;
  std::size_t got = 0;
  for (bool first = true; !told_end_; first = false) {
    if (!first && conduct_.one_record_per_read) return;
    switch (pipe_.read(room, got)) {
      case TlsPipe::Step::done:
        if (got != 1 || !conduct_.loses_single_octets) inner_->received({room.data(), got}, now);
        break;
      case TlsPipe::Step::again: return;
      case TlsPipe::Step::notified: told_end_ = true; return inner_->ended(End::fin, now);
      case TlsPipe::Step::failed:
        if (pipe_.fault()) return fail(pipe_.error(), true, now);
        failed_ = told_end_ = true;  // An alert: the other side has given the connection up.
        return inner_->ended(End::reset, now);
    }
  }
}

}  // namespace wsspec
