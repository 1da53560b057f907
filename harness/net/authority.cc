#include "net/authority.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace wsspec {
namespace {

constexpr long kHour = 3600, kDay = 24 * kHour;

struct Freed {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* x509) const { X509_free(x509); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed>;
using Paper = std::unique_ptr<X509, Freed>;

/// A certificate and the key of whom it names.
struct Holder {
  Key key;
  Paper paper;
  explicit operator bool() const { return key && paper; }
};

/// What is to stand in a certificate.
struct Wanted {
  std::string subject;
  std::string names;  ///< "DNS:localhost,IP:127.0.0.1"; empty: only the subject.
  long from = -kHour, until = kDay;
  bool authority = false;
  const char* purpose = "serverAuth";
  bool names_usage = true;
};

bool extend(X509* paper, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, paper, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed> made(
      X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
  return made && X509_add_ext(paper, made.get(), -1) == 1;
}

bool set_extensions(X509* paper, X509* issuer, const Wanted& wanted) {
  const bool leaf = !wanted.authority;
  return extend(paper, issuer, NID_basic_constraints, leaf ? "critical,CA:FALSE" : "critical,CA:TRUE") &&
         (!wanted.names_usage || extend(paper, issuer, NID_key_usage,
                                        leaf ? "critical,digitalSignature" : "critical,keyCertSign")) &&
         extend(paper, issuer, NID_subject_key_identifier, "hash") &&
         (issuer == paper || extend(paper, issuer, NID_authority_key_identifier, "keyid:always")) &&
         (!leaf || extend(paper, issuer, NID_ext_key_usage, wanted.purpose)) &&
         (wanted.names.empty() || extend(paper, issuer, NID_subject_alt_name, wanted.names));
}

/// Null when OpenSSL cannot. `issuer` null: its own.
Holder certify(const Wanted& wanted, const Holder* issuer) {
  Holder made{Key(EVP_EC_gen("P-256")), Paper(X509_new())};
  std::uint64_t serial = 0;
  if (!made || RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return {};
  auto* paper = made.paper.get();
  X509_set_version(paper, 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(paper), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(paper), wanted.from);
  X509_gmtime_adj(X509_getm_notAfter(paper), wanted.until);
  X509_set_pubkey(paper, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(paper), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.subject.c_str()), -1, -1, 0);
  auto* by = issuer ? issuer->paper.get() : paper;
  X509_set_issuer_name(paper, X509_get_subject_name(by));
  if (!set_extensions(paper, by, wanted)) return {};
  if (X509_sign(paper, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()) == 0) return {};
  return made;
}

bool is_address(const std::string& name) {
  unsigned char out[16];
  return ::inet_pton(AF_INET, name.c_str(), out) == 1 || ::inet_pton(AF_INET6, name.c_str(), out) == 1;
}

/// That it is no authority stands in its basic constraints alone, where many have forgotten to look.
Wanted leaf_of_another() {
  Wanted wanted{"wsspec.invalid", "DNS:wsspec.invalid"};
  wanted.names_usage = false;
  return wanted;
}

class FoundAuthority final : public Authority {
 public:
  explicit FoundAuthority(std::vector<std::string> names) : names_(std::move(names)) {
    root_ = certify({"wsspec test authority", "", -kHour, kDay, true}, nullptr);
    if (root_) between_ = certify({"wsspec intermediate authority", "", -kHour, kDay, true}, &root_);
  }
  bool is_founded() const { return root_ && between_; }

  std::string pem() const override {
    const std::unique_ptr<BIO, Freed> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), root_.paper.get());
    const char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }

  Result<void> equip(SSL_CTX* context, Certificate kind) const override;

 private:
  std::string alternatives() const {
    std::string out;
    for (const auto& name : names_)
      out += fmt::format("{}{}:{}", out.empty() ? "" : ",", is_address(name) ? "IP" : "DNS", name);
    return out;
  }

  std::vector<std::string> names_;
  Holder root_, between_;
};

/// Any change of the signature will do.
void forge(X509* paper) {
  const ASN1_BIT_STRING* signature = nullptr;
  X509_get0_signature(&signature, nullptr, paper);
  if (signature->length > 0) signature->data[signature->length - 1] ^= 1;
}

Result<void> FoundAuthority::equip(SSL_CTX* context, Certificate kind) const {
  Wanted wanted{names_.front(), alternatives()};
  const Holder* issuer = &root_;
  Holder foreign;  // Whose certificate the client has not been given.
  switch (kind) {
    case Certificate::good:
    case Certificate::forged: break;
    case Certificate::chained:
    case Certificate::missing_chain: issuer = &between_; break;
    case Certificate::expired: wanted.from = -kDay, wanted.until = -kHour; break;
    case Certificate::early: wanted.from = kDay, wanted.until = 2 * kDay; break;
    case Certificate::self_signed: issuer = nullptr; break;
    case Certificate::other_name:
      wanted.subject = "wsspec.invalid", wanted.names = "DNS:wsspec.invalid";
      break;
    case Certificate::subject_name: wanted.names.clear(); break;
    case Certificate::for_clients: wanted.purpose = "clientAuth"; break;
    case Certificate::unknown:
      foreign = certify({"an unknown authority", "", -kHour, kDay, true}, nullptr);
      break;
    case Certificate::by_leaf: foreign = certify(leaf_of_another(), &root_); break;
  }
  if (foreign) issuer = &foreign;
  const auto leaf = certify(wanted, issuer);
  if (leaf && kind == Certificate::forged) forge(leaf.paper.get());
  bool good = leaf && SSL_CTX_use_certificate(context, leaf.paper.get()) == 1 &&
              SSL_CTX_use_PrivateKey(context, leaf.key.get()) == 1;
  if (good && kind != Certificate::missing_chain && issuer != nullptr && issuer != &root_)
    good = SSL_CTX_add1_chain_cert(context, issuer->paper.get()) == 1;
  if (good) return {};
  const char* why = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return fail_with("TLS", fmt::format("no certificate could be made: {}", why ? why : "unknown error"));
}

}  // namespace

Result<std::shared_ptr<const Authority>> Authority::found(std::vector<std::string> names) {
  auto made = std::make_shared<const FoundAuthority>(std::move(names));
  if (!made->is_founded()) return fail_with("TLS", "no authority for certificates could be made");
  return made;
}

}  // namespace wsspec
