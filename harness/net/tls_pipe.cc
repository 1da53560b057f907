#include "net/tls_pipe.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace wsspec {
namespace {

int number_of(const std::string& version) {
  return version == "1.0"   ? TLS1_VERSION
         : version == "1.1" ? TLS1_1_VERSION
         : version == "1.2" ? TLS1_2_VERSION
                            : TLS1_3_VERSION;
}

/// What no implementation of TLS may send, in whatever version; other errors of ours may be a matter of
/// policy, or an older version's way of refusing.
bool is_fault(int reason) {
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_UNSOLICITED_EXTENSION:
    case SSL_R_BAD_EXTENSION:
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_UNEXPECTED_RECORD: return true;
    default: return false;
  }
}

}  // namespace

TlsPipe::TlsPipe(const TlsContext& context) : ssl_(SSL_new(context.context.get())) {
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  if (context.side == TlsContext::Side::server)
    SSL_set_accept_state(ssl_);
  else
    SSL_set_connect_state(ssl_);
}

TlsPipe::~TlsPipe() {
  SSL_free(ssl_);
}

void TlsPipe::bound_versions(const std::string& least, const std::string& most) {
  if (!least.empty()) SSL_set_min_proto_version(ssl_, number_of(least));
  if (!most.empty()) SSL_set_max_proto_version(ssl_, number_of(most));
  if (least == "1.0" || least == "1.1") {  // Their signatures need SHA-1.
    SSL_set_security_level(ssl_, 0);
    SSL_set_cipher_list(ssl_, "ALL:@SECLEVEL=0");
  }
}

void TlsPipe::feed(BytesView octets) {
  if (!octets.empty()) BIO_write(SSL_get_rbio(ssl_), octets.data(), static_cast<int>(octets.size()));
}

Bytes TlsPipe::drain() {
  auto* out = SSL_get_wbio(ssl_);
  Bytes octets(BIO_ctrl_pending(out), '\0');
  if (!octets.empty()) BIO_read(out, octets.data(), static_cast<int>(octets.size()));
  return octets;
}

TlsPipe::Step TlsPipe::judge(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE: return Step::done;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_WANT_CLIENT_HELLO_CB: return Step::again;
    case SSL_ERROR_ZERO_RETURN: return Step::notified;
    default: break;
  }
  broken_ = true;
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  error_ = reason == nullptr ? "unknown error" : reason;
  fault_ = is_fault(ERR_GET_REASON(code));
  alerted_ = ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET;
  ERR_clear_error();
  return Step::failed;
}

TlsPipe::Step TlsPipe::handshake() {
  if (broken_) return Step::failed;
  ERR_clear_error();
  return judge(SSL_do_handshake(ssl_));
}

TlsPipe::Step TlsPipe::read(std::span<char> room, std::size_t& got) {
  got = 0;
  if (broken_) return Step::failed;
  ERR_clear_error();
  return judge(SSL_read_ex(ssl_, room.data(), room.size(), &got));
}

TlsPipe::Step TlsPipe::write(BytesView plain, std::size_t record) {
  while (!plain.empty() && !broken_) {
    const auto piece = plain.substr(0, record == 0 ? plain.size() : record);
    std::size_t written = 0;
    ERR_clear_error();
    if (const auto step = judge(SSL_write_ex(ssl_, piece.data(), piece.size(), &written)); step != Step::done)
      return step;
    plain.remove_prefix(written);
  }
  return broken_ ? Step::failed : Step::done;
}

void TlsPipe::notify_close() {
  if (broken_ || SSL_in_init(ssl_) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

std::string TlsPipe::version() const {
  const std::string name = SSL_get_version(ssl_);  // "TLSv1.3", "TLSv1"
  const auto number = name.starts_with("TLSv") ? name.substr(4) : name;
  return number == "1" ? "1.0" : number;
}

std::string TlsPipe::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TlsPipe::distrust() const {
  const auto result = SSL_get_verify_result(ssl_);
  return result == X509_V_OK ? "" : X509_verify_cert_error_string(result);
}

}  // namespace wsspec
