#include "script/connect_terms.h"

#include <gtest/gtest.h>

#include "script/check.h"
#include "script/print.h"

namespace wsspec::connect_terms_test {
namespace {

using namespace std::chrono_literals;

Loaded load_steps(const std::string& steps) {
  const Source source{"t.wire", "wire 1\ncase t\n" + steps};
  return load({&source, 1});
}

std::string errors_of(const std::string& steps) {
  std::string out;
  for (const auto& one : load_steps(steps).errors) out += one.message + '|';
  return out;
}

TlsTerms terms_of(const std::string& connect) {
  const auto loaded = load_steps(connect + "\n< gone\n");
  EXPECT_TRUE(loaded.errors.empty()) << errors_of(connect + "\n< gone\n");
  return tls_terms_of(loaded.cases.at(0)).value_or(TlsTerms{});
}

TEST(TlsTerms, AreReadFromTheOptionsOfConnect) {
  const auto terms = terms_of(
      "connect tls=\"1.2\" alpn=\"h2,\" \"http/1.1\" sni=\"\" record=\"7\" end=\"bare\" chop=5 gap=2ms");
  EXPECT_EQ(terms.version, "1.2");
  EXPECT_EQ(terms.alpn, (std::vector<std::string>{"h2", "http/1.1"}));
  EXPECT_EQ(terms.server_name, "");
  EXPECT_EQ(terms.record, 7U);
  EXPECT_FALSE(terms.notifies);
  EXPECT_EQ(terms.hello_chop, 5U);
  EXPECT_EQ(terms.hello_gap, Duration(2ms));
  EXPECT_TRUE(terms_of("connect tls=\"none\"").plain);
  EXPECT_TRUE(terms_of("connect alpn=\"\"").alpn.empty());
  EXPECT_FALSE(terms_of("connect tls=\"1.3\"").server_name.has_value());
}

TEST(ConnectTerms, TellAClientWhereToGo) {
  const auto loaded = load_steps("connect host=\"localhost\" path=\"/a?b=c\" cert=\"early\"\n< gone\n");
  ASSERT_TRUE(loaded.errors.empty());
  const auto& one = loaded.cases[0];
  EXPECT_EQ(one.target, Target::client);
  EXPECT_EQ(one.needs, (std::vector<std::string>{"tls", "authority", "url"}));
  EXPECT_EQ(invitation_of(one)->host, "localhost");
  EXPECT_EQ(invitation_of(one)->path, "/a?b=c");
  EXPECT_EQ(tls_terms_of(one)->certificate, Certificate::early);
}

TEST(ConnectTerms, OfAUrlAloneNeedNoTls) {
  const auto loaded = load_steps("connect path=\"?x=1\"\n< request\n> upgrade\n");
  ASSERT_TRUE(loaded.errors.empty());
  EXPECT_EQ(loaded.cases[0].needs, std::vector<std::string>{"url"});
  EXPECT_FALSE(tls_terms_of(loaded.cases[0]));
}

TEST(ConnectTerms, TellAClientAWholeUrlAFieldAndAProxy) {
  const auto loaded = load_steps(
      "connect url=\"ws://{host}:{port+65536}/a b\" field=\"Cookie: a=b\" proxy=\"user:word\"\n< request\n> "
      "upgrade\n");
  ASSERT_TRUE(loaded.errors.empty());
  const auto& one = loaded.cases[0];
  EXPECT_EQ(one.needs, (std::vector<std::string>{"url", "proxy"}));
  const auto invitation = invitation_of(one).value();
  EXPECT_EQ(invitation.url_of("127.0.0.1", 20001), "ws://127.0.0.1:85537/a b");
  EXPECT_EQ(invitation.field, "Cookie: a=b");
  EXPECT_EQ(invitation.proxy, "user:word");
  EXPECT_NE(errors_of("connect url=\"\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect url=\"ws://\\\"\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect field=\"Cookie\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect field=\"A: b\\r\\nC: d\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect proxy=\"user\"\n< gone\n"), "");
}

TEST(ConnectTerms, SayWhatAClientIsToDo) {
  EXPECT_EQ(action_of(load_steps("target client\nopen\nfinish\n").cases[0]), "echo");
  EXPECT_EQ(action_of(load_steps("needs closes-first\ntarget client\nopen\nfinish\n").cases[0]), "close");
}

TEST(ConnectTerms, OfTheOtherRoleAreErrors) {
  EXPECT_NE(errors_of("target client\nconnect sni=\"a\"\n< gone\n"), "");
  EXPECT_NE(errors_of("target client\nconnect tls=\"none\"\n< gone\n"), "");
  EXPECT_NE(errors_of("target server\nconnect cert=\"early\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect cert=\"wrong\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect path=\"a\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect path=\"/a b\"\n< gone\n"), "");
  EXPECT_NE(errors_of("connect host=\"elsewhere\"\n< gone\n"), "");
}

TEST(TlsTerms, ComeFromEachRow) {
  const auto loaded =
      load_steps("each v in 1.2 1.3\neach n in 1 64\nconnect tls=$v record=$n\n< secured has version $v\n");
  ASSERT_TRUE(loaded.errors.empty());
  ASSERT_EQ(loaded.cases.size(), 4U);
  EXPECT_EQ(tls_terms_of(loaded.cases[3])->version, "1.3");
  EXPECT_EQ(tls_terms_of(loaded.cases[3])->record, 64U);
}

TEST(TlsTerms, MakeACaseNeedTls) {
  for (const auto* steps : {"connect tls=\"1.2\"\n< gone\n", "connect chop=1\n< gone\n",
                            "open\n< eof has close_notify\n", "connect\n< secured\n"}) {
    const auto loaded = load_steps(steps);
    ASSERT_TRUE(loaded.errors.empty()) << steps;
    EXPECT_EQ(loaded.cases[0].needs, std::vector<std::string>{"tls"}) << steps;
    EXPECT_TRUE(tls_terms_of(loaded.cases[0])) << steps;
  }
  const auto plain = load_steps("connect\n> eof\n< eof\n");
  EXPECT_TRUE(plain.cases[0].needs.empty());
  EXPECT_FALSE(tls_terms_of(plain.cases[0]));
}

TEST(TlsTerms, WrongOnesAreSaidBeforeTheRun) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"connect tls=\"1.4\"\n< gone\n", "'1.4' is no version of TLS"},
      {"connect record=\"0\"\n< gone\n", "'0' is no size of a record"},
      {"connect record=\"16385\"\n< gone\n", "'16385' is no size of a record"},
      {"connect record=\"1x\"\n< gone\n", "'1x' is no size of a record"},
      {"connect alpn=\"a,,b\"\n< gone\n", "a protocol's name has 1 to 255 octets"},
      {"connect end=\"soon\"\n< gone\n", "unknown end 'soon'"},
      {"connect tls=\"none\" sni=\"a\"\n< gone\n", "without TLS the other options say nothing"},
      {"connect chop=0\n< gone\n", "'chop=0' cuts nothing"},
      {"connect cipher=\"a\"\n< gone\n", "unknown option 'cipher' of 'connect'"},
      {"mute\nconnect tls=\"1.2\"\n< gone\n", "options of 'connect' hold for the whole connection"},
      {"connect\n< secured has cipher\n", "'cipher' is nothing that TLS tells here"},
      {"open\n< eof has alpn\n", "'alpn' is nothing that TLS tells here"},
  };
  for (const auto& [steps, message] : kWrong)
    EXPECT_NE(errors_of(steps).find(message), std::string::npos) << steps << errors_of(steps);
}

TEST(TlsTerms, ArePrintedAsTheyAreRead) {
  const std::string text =
      "wire 1\n\ncase t\n  connect tls=\"1.2\" sni=\"\" chop=5 gap=2ms\n"
      "  < secured has version \"1.2\" lacks alpn\n  > eof\n  < eof has close_notify\n";
  const Source source{"t.wire", text};
  auto loaded = load({&source, 1});
  ASSERT_TRUE(loaded.errors.empty());
  loaded.cases[0].needs.clear();  // As the target, inferred.
  loaded.cases[0].target.reset();
  File file;
  file.cases = loaded.cases;
  EXPECT_EQ(print(file), text);
}

}  // namespace
}  // namespace wsspec::connect_terms_test
