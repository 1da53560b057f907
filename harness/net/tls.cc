#include "net/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace wsspec {
namespace {

std::string last_error() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

bool is_ip(const std::string& host) {
  unsigned char out[16];
  return ::inet_pton(AF_INET, host.c_str(), out) == 1 || ::inet_pton(AF_INET6, host.c_str(), out) == 1;
}

Result<void> load_own_certificate(SSL_CTX* context, const TlsOptions& options, TlsContext::Side side) {
  if (options.certificate_file.empty()) {
    if (side == TlsContext::Side::server)
      return fail_with("TLS", "a listener needs a certificate and its key", "--cert FILE --key FILE");
    return {};
  }
  const auto& key = options.key_file.empty() ? options.certificate_file : options.key_file;
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate_file.c_str()) != 1)
    return fail_with(options.certificate_file, "not a usable certificate: " + last_error(),
                     "a PEM file, the own certificate first");
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail_with(key, "not a usable private key for that certificate: " + last_error(),
                     "a PEM file without passphrase");
  return {};
}

Result<void> set_versions(SSL_CTX* context, const std::string& version) {
  if (!version.empty() && version != "1.2" && version != "1.3")
    return fail_with("TLS", fmt::format("'{}' is no TLS version that can be chosen", version), "1.2 or 1.3");
  SSL_CTX_set_min_proto_version(context, version == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, version == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION);
  return {};
}

/// The listener's choice: the first of our names that the client offers; none: go on without.
int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void* ours) {
  const auto& names = *static_cast<const Bytes*>(ours);
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(names.data()),
                            static_cast<unsigned>(names.size()), in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// The server's ALPN list lives as long as its context.
void free_alpn(void*, void* names, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Bytes*>(names);
}

void serve_alpn(SSL_CTX* context, const Bytes& names) {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_alpn);
  auto* kept = new Bytes(names);
  SSL_CTX_set_ex_data(context, index, kept);
  SSL_CTX_set_alpn_select_cb(context, choose_alpn, kept);
}

}  // namespace

Bytes alpn_wire(const std::vector<std::string>& names) {
  Bytes out;
  for (const auto& name : names)
    if (!name.empty() && name.size() < 256) out += static_cast<char>(name.size()) + name;
  return out;
}

Result<TlsContext> TlsContext::blank(Side side, const std::string& version) {
  TlsContext made;
  made.side = side;
  made.context.reset(SSL_CTX_new(side == Side::client ? TLS_client_method() : TLS_server_method()),
                     SSL_CTX_free);
  if (!made.context) return fail_with("TLS", "no TLS context: " + last_error());
  auto* context = made.context.get();
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (side == Side::server) SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (auto set = set_versions(context, version); !set) return std::unexpected(set.error());
  return made;
}

Result<TlsContext> TlsContext::make(Side side, const TlsOptions& options, const std::string& host) {
  auto begun = blank(side, options.version);
  if (!begun) return begun;
  TlsContext& made = *begun;
  made.verify = side == Side::client && !options.insecure;
  made.server_name = options.server_name.empty() ? host : options.server_name;
  made.name_is_ip = is_ip(made.server_name);
  made.alpn = alpn_wire(options.alpn);
  auto* context = made.context.get();
  if (auto loaded = load_own_certificate(context, options, side); !loaded)
    return std::unexpected(loaded.error());
  if (side == Side::server) {
    if (!made.alpn.empty()) serve_alpn(context, made.alpn);
    if (!options.ca_file.empty())
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  if (!options.ca_file.empty()) {
    if (SSL_CTX_load_verify_locations(context, options.ca_file.c_str(), nullptr) != 1)
      return fail_with(options.ca_file, "not a usable file of certificate authorities: " + last_error(),
                       "a PEM file");
  } else if (made.verify) {
    SSL_CTX_set_default_verify_paths(context);
  }
  if (side == Side::client)
    SSL_CTX_set_verify(context, made.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  return begun;
}

Result<TlsContext> TlsContext::certified(const Authority& authority, Certificate kind) {
  auto made = blank(Side::server, {});
  if (!made) return made;
  if (auto equipped = authority.equip(made->context.get(), kind); !equipped)
    return std::unexpected(equipped.error());
  return made;
}

Result<TlsContext> TlsContext::trusting(const std::string& authority, const std::string& host) {
  TlsOptions options;
  options.insecure = true;  // Of the system's authorities nothing is loaded.
  auto made = make(Side::client, options, host);
  if (!made) return made;
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(authority.data(), static_cast<int>(authority.size())), BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> paper(
      PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
  if (!paper || X509_STORE_add_cert(SSL_CTX_get_cert_store(made->context.get()), paper.get()) != 1)
    return fail_with("TLS", "not a certificate of an authority: " + last_error());
  made->verify = true;
  return made;
}

void TlsStream::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

TlsStream::TlsStream(const TlsContext& context, int fd) : ssl_(SSL_new(context.context.get())) {
  auto* ssl = ssl_.get();
  SSL_set_fd(ssl, fd);
  if (context.side == TlsContext::Side::server) {
    SSL_set_accept_state(ssl);
    return;
  }
  SSL_set_connect_state(ssl);
  if (!context.alpn.empty())
    SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>(context.alpn.data()),
                        static_cast<unsigned>(context.alpn.size()));
  if (context.server_name.empty()) return;
  if (context.name_is_ip) {
    if (context.verify) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), context.server_name.c_str());
    return;
  }
  SSL_set_tlsext_host_name(ssl, context.server_name.c_str());
  if (context.verify) SSL_set1_host(ssl, context.server_name.c_str());
}

Transfer TlsStream::judge(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE: return {Progress::done, static_cast<std::size_t>(std::max(result, 0)), 0};
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return {Progress::again, 0, 0};
    case SSL_ERROR_ZERO_RETURN: return {Progress::closed, 0, 0};
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      if (system_error == 0) {
        truncated_ = true;
        error_ = "the connection ended within TLS";
        return {Progress::closed, 0, 0};
      }
      error_ = errno_text(system_error);
      return {Progress::failed, 0, system_error};
    default: break;
  }
  broken_ = true;
  if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    truncated_ = true;
    error_ = "the connection ended within TLS";
    return {Progress::closed, 0, 0};
  }
  error_ = last_error();
  if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK)
    error_ += fmt::format(" ({})", X509_verify_cert_error_string(verified));
  return {Progress::failed, 0, EPROTO};
}

Transfer TlsStream::handshake() {
  ERR_clear_error();
  errno = 0;
  return judge(SSL_do_handshake(ssl_.get()));
}

Transfer TlsStream::read(char* out, std::size_t room) {
  ERR_clear_error();
  errno = 0;
  return judge(SSL_read(ssl_.get(), out, static_cast<int>(std::min<std::size_t>(room, INT_MAX))));
}

Transfer TlsStream::write(BytesView bytes) {
  ERR_clear_error();
  errno = 0;
  return judge(
      SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))));
}

void TlsStream::notify_close() {
  if (broken_ || SSL_in_init(ssl_.get())) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool TlsStream::wants_write() const {
  return SSL_want_write(ssl_.get());
}

std::string TlsStream::version() const {
  return SSL_get_version(ssl_.get());
}

std::string TlsStream::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace wsspec
