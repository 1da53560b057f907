// TLS, proxies and their failures, end to end over loopback.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "net/driver.h"
#include "net/testing_endpoints.h"

namespace wsspec::tls_test {
namespace {

using namespace std::chrono_literals;
using testkit::act, testkit::EchoOctets, testkit::say, testkit::Scripted, testkit::until_end,
    testkit::until_octets;

/// A self-signed certificate for localhost and 127.0.0.1, and its key, in one file that goes with the object.
class Certificate {
 public:
  explicit Certificate(const char* name)
      : path_(::testing::TempDir() + "wsspec-" + std::to_string(::getpid()) + "-" + name + ".pem") {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> x509(X509_new(), X509_free);
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
    X509_set_pubkey(x509.get(), key.get());
    auto* subject = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(x509.get(), subject);
    add(x509.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    add(x509.get(), NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(x509.get(), key.get(), EVP_sha256());
    std::FILE* file = std::fopen(path_.c_str(), "w");
    PEM_write_X509(file, x509.get());
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
  }
  ~Certificate() { ::unlink(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  static void add(X509* x509, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    X509_add_ext(x509, extension, -1);
    X509_EXTENSION_free(extension);
  }
  std::string path_;
};

class Server {
 public:
  Server(Driver::Welcome factory, bool tls, TlsOptions options = {}) {
    address_.port = 0;
    address_.tls = tls;
    auto port = driver_.listen({.address = address_, .tls = std::move(options)}, std::move(factory));
    EXPECT_TRUE(port) << port.error().where << port.error().what;
    if (port) address_.port = *port;
    thread_ = std::thread([this] {
      while (!stop_) driver_.run();
    });
  }
  ~Server() {
    stop_ = true;
    driver_.wake();
    thread_.join();
  }
  const Address& address() const { return address_; }

 private:
  Driver driver_;
  Address address_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

Driver::Welcome echoes() {
  return [] { return std::make_unique<EchoOctets>(); };
}

Ending dial(const Address& address, Endpoint& endpoint, const DialOptions& options) {
  Driver driver;
  const auto dialer = Dialer::prepare(address, options);
  EXPECT_TRUE(dialer) << dialer.error().what;
  Ending result;
  driver.dial(*dialer, endpoint, [&](const Ending& ending) { result = ending; });
  driver.run(10s);
  return result;
}

TlsOptions with_certificate(const Certificate& certificate) {
  TlsOptions options;
  options.certificate_file = certificate.path();
  return options;
}

TEST(Tls, EchoesWithBothVersionsAndTellsThem) {
  const Certificate certificate("versions");
  Server server(echoes(), true, with_certificate(certificate));
  for (const auto* version : {"1.2", "1.3"}) {
    DialOptions options;
    options.tls.ca_file = certificate.path();
    options.tls.version = version;
    Scripted client({say("hello"), until_octets(5), act(Action::half_close()), until_end()});
    const auto ending = dial(server.address(), client, options);
    EXPECT_EQ(ending.failure, Failure::none) << ending.detail;
    EXPECT_EQ(client.seen, "hello");
    EXPECT_EQ(client.end, End::fin);  // close_notify came first.
    EXPECT_EQ(ending.tls_version, std::string("TLSv") + version);
    EXPECT_EQ(ending.alpn, "http/1.1");
  }
}

TEST(Tls, MovesLargeAmountsBothWaysAtOnce) {
  const Certificate certificate("large");
  Server server(echoes(), true, with_certificate(certificate));
  DialOptions options;
  options.tls.insecure = true;
  constexpr std::size_t kSize = 8 << 20;
  Scripted client({say(Bytes(kSize, 'z')), until_octets(kSize), act(Action::half_close()), until_end()});
  client.keep = false;
  const auto ending = dial(server.address(), client, options);
  EXPECT_EQ(client.octets, kSize) << ending.detail;
  EXPECT_FALSE(ending.write_given_up);
}

TEST(Tls, VerifiesUnlessToldNotTo) {
  const Certificate certificate("verify"), other("other");
  Server server(echoes(), true, with_certificate(certificate));
  const auto attempt = [&](TlsOptions tls) {
    DialOptions options;
    options.tls = std::move(tls);
    Scripted client({say("x"), until_octets(1)});
    return dial(server.address(), client, options);
  };
  TlsOptions untrusted;
  untrusted.ca_file = other.path();
  const auto refused = attempt(untrusted);
  EXPECT_EQ(refused.failure, Failure::tls);
  EXPECT_NE(refused.detail.find("certificate"), std::string::npos) << refused.detail;
  TlsOptions wrong_name;
  wrong_name.ca_file = certificate.path();
  wrong_name.server_name = "elsewhere.example";
  EXPECT_EQ(attempt(wrong_name).failure, Failure::tls);
  TlsOptions insecure;
  insecure.insecure = true;
  EXPECT_EQ(attempt(insecure).failure, Failure::none);
}

TEST(Tls, ClientCertificatesAreAskedForAndShown) {
  const Certificate certificate("server"), client_certificate("client");
  auto strict = with_certificate(certificate);
  strict.ca_file = client_certificate.path();
  Server server(echoes(), true, strict);
  const auto attempt = [&](const std::string& own) {
    DialOptions options;
    options.tls.insecure = true;
    options.tls.certificate_file = own;
    Scripted client({say("x"), until_octets(1), act(Action::reset())});
    dial(server.address(), client, options);
    return client.seen;
  };
  EXPECT_EQ(attempt(client_certificate.path()), "x");
  EXPECT_EQ(attempt(""), "");
}

TEST(Tls, AnEndWithoutCloseNotifyIsTruncation) {
  const Certificate certificate("truncated");
  Server server(
      [] {
        return std::make_unique<Scripted>(
            std::vector{say("bye"), act(Action::wait(100ms)), act(Action::reset())});
      },
      true, with_certificate(certificate));
  DialOptions options;
  options.tls.insecure = true;
  Scripted client({until_end()});
  dial(server.address(), client, options);
  EXPECT_EQ(client.seen, "bye");
  EXPECT_TRUE(client.end == End::reset || client.end == End::truncated);
}

TEST(Tls, PlainServersAndMissingFilesAreNamed) {
  Server plain(
      [] {
        return std::make_unique<Scripted>(
            std::vector{until_octets(1), say("HTTP/1.1 400 Bad Request\r\n\r\n")});
      },
      false);
  auto address = plain.address();
  address.tls = true;
  Scripted client({});
  EXPECT_EQ(dial(address, client, {}).failure, Failure::tls);
  DialOptions options;
  options.tls.ca_file = "/nonexistent.pem";
  const auto dialer = Dialer::prepare(address, options);
  ASSERT_FALSE(dialer);
  EXPECT_EQ(dialer.error().where, "/nonexistent.pem");
  Driver driver;
  address.port = 0;
  EXPECT_FALSE(driver.listen({.address = address}, echoes()));
}

TEST(Tls, AServerThatNeverShakesHandsTimesOut) {
  Server silent([] { return std::make_unique<Scripted>(std::vector{until_end(20s)}); }, false);
  auto address = silent.address();
  address.tls = true;
  DialOptions options;
  options.connect_timeout = 150ms;
  Scripted client({});
  const auto ending = dial(address, client, options);
  EXPECT_EQ(ending.failure, Failure::timeout);
  EXPECT_NE(ending.detail.find("TLS"), std::string::npos);
}

/// Answers a CONNECT with `answer`, then echoes; keeps the request.
class ProxyEnd : public Endpoint {
 public:
  ProxyEnd(Bytes answer, std::string* request) : answer_(std::move(answer)), request_(request) {}
  Action next(Instant now) override {
    if (request_->find("\r\n\r\n") == std::string::npos) return ended_ ? Action::close() : Action::wait();
    if (!std::exchange(answered_, true)) return Action::send(answer_);
    return echo_.next(now);
  }
  void received(MutableBytes bytes, Instant now) override {
    if (answered_)
      echo_.received(bytes, now);
    else
      request_->append(bytes.data(), bytes.size());
  }
  void ended(End how, Instant now) override {
    ended_ = true;
    echo_.ended(how, now);
  }

 private:
  Bytes answer_;
  std::string* request_;
  EchoOctets echo_;
  bool answered_ = false, ended_ = false;
};

struct ProxyRun {
  std::string request, seen;
  Ending ending;
};

ProxyRun through_proxy(Bytes answer, const std::string& credentials = "") {
  ProxyRun run;
  Server proxy([&] { return std::make_unique<ProxyEnd>(answer, &run.request); }, false);
  DialOptions options;
  options.connect_timeout = 500ms;
  options.proxy = parse_proxy("http://" + credentials + proxy.address().endpoint()).value();
  Scripted client({say("hello"), until_octets(5, 2s), act(Action::reset())});
  run.ending = dial(parse_address("ws://target.invalid:8123/x").value(), client, options);
  run.seen = client.seen;
  return run;
}

TEST(Proxy, ConnectsThroughWithCredentials) {
  const auto run = through_proxy("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n", "me:p%40ss@");
  EXPECT_EQ(run.ending.failure, Failure::none) << run.ending.detail;
  EXPECT_EQ(run.seen, "hello");
  EXPECT_TRUE(run.request.starts_with("CONNECT target.invalid:8123 HTTP/1.1\r\n")) << run.request;
  EXPECT_NE(run.request.find("Host: target.invalid:8123\r\n"), std::string::npos);
  EXPECT_NE(run.request.find("Proxy-Authorization: Basic bWU6cEBzcw==\r\n"), std::string::npos)
      << run.request;
}

TEST(Proxy, OctetsBehindTheAnswerBelongToTheTarget) {
  const auto run = through_proxy("HTTP/1.1 200 OK\r\n\r\nearly");
  EXPECT_EQ(run.seen.substr(0, 5), "early");
}

TEST(Proxy, ItsRefusalAndNonsenseAreNamed) {
  const auto denied = through_proxy("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  EXPECT_EQ(denied.ending.failure, Failure::proxy);
  EXPECT_NE(denied.ending.detail.find("407"), std::string::npos);
  EXPECT_EQ(through_proxy("\x1b]0;nonsense\r\n\r\n").ending.failure, Failure::proxy);
  EXPECT_EQ(through_proxy("HTTP/1.1 200 OK\r\nX: " + Bytes(80'000, 'a')).ending.failure, Failure::proxy);
  EXPECT_EQ(through_proxy("HTTP/1.1 200").ending.failure, Failure::timeout);
}

}  // namespace
}  // namespace wsspec::tls_test
