#include "run/hosting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/fuzzing_server.h"
#include "run/runner.h"
#include "run/testing_client.h"
#include "run/testing_suite.h"

namespace wsspec::hosting_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testkit::all_of;
using testkit::Client;
using testkit::good_cases;
using testkit::suite_of;

Selected for_clients(const Suite& suite) {
  return select(suite, {.tested = Target::client, .bulk = true}).value();
}

RunOptions serving(Serving how) {
  RunOptions options = default_run_options({});
  options.serving = std::move(how);
  options.profile.tested = Target::client;
  options.jobs = 1;
  return options;
}

PeerOptions with_defect(const std::string& name) {
  PeerOptions options;
  options.defects = {name};
  return options;
}

/// A client that comes by itself, started as soon as it is known where to.
struct Coming {
  std::unique_ptr<Client> client;
  Serving serving(PeerOptions options = {}) {
    Serving how;
    how.patience = 3s;
    how.listening = [this, options](const std::string& url) {
      const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
      client = std::make_unique<Client>(port, options);
    };
    return how;
  }
};

TEST(Hosting, AClientThatComesAgainGetsTheNextCaseEachTime) {
  const auto suite = suite_of(good_cases(5));
  Coming coming;
  const auto run = run_cases(suite, for_clients(suite), serving(coming.serving()));
  EXPECT_EQ(run.fatal, "");
  EXPECT_EQ(run.tested, "client");
  ASSERT_EQ(run.results.size(), 5u);
  for (const auto& result : run.results) EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  EXPECT_TRUE(run.fingerprint->echoes_text && run.fingerprint->echoes_binary &&
              run.fingerprint->echoes_empty);
  EXPECT_THAT(run.fingerprint->extensions, HasSubstr("permessage-deflate"));
}

TEST(Hosting, ADefectOfTheClientIsRed) {
  const auto suite = suite_of(
      "case wrong.accept\n  < request\n  > upgrade set Sec-WebSocket-Accept \"x\"\n"
      "  > ping \"probe\"\n  < gone\n");
  Coming good, bad;
  EXPECT_EQ(run_cases(suite, for_clients(suite), serving(good.serving())).results[0].verdict, Verdict::pass);
  const auto run =
      run_cases(suite, for_clients(suite), serving(bad.serving(with_defect("reply.any-accept"))));
  EXPECT_NE(run.results[0].verdict, Verdict::pass);
}

TEST(Hosting, WhatItsClientsCostIsThatOfAllOfThem) {
  Serving how;
  how.start = "exec sleep 60";
  how.jobs = 2;
  Driver driver;
  const auto host = host_clients(driver, how, 1).value();
  ASSERT_TRUE(host->sample());
  EXPECT_EQ(host->sample()->processes, 2);
}

TEST(Hosting, WhereNobodyComesTheRunSaysSo) {
  const auto suite = suite_of(good_cases(2));
  Serving how;
  how.patience = 200ms;
  const auto run = run_cases(suite, for_clients(suite), serving(how));
  EXPECT_THAT(run.fatal, HasSubstr("no client came"));
  EXPECT_EQ(exit_of(run, {}), Exit::unreachable);
  for (const auto& result : run.results) EXPECT_EQ(result.verdict, Verdict::not_run);
}

TEST(Hosting, ACommandThatDoesNotConnectIsToldWithItsEnd) {
  const auto suite = suite_of(good_cases(1));
  Serving how;
  how.exec = "exit 3";
  const auto run = run_cases(suite, for_clients(suite), serving(how));
  EXPECT_THAT(run.fatal, HasSubstr("ended before it connected (exited with status 3)"));
}

TEST(Hosting, CasesAboutServersAreNotForClients) {
  const auto suite = suite_of(good_cases(1) + "case a\n  > request\n  < upgrade\n  finish\n" +
                              "case b\n  a: open\n  b: open\n  a: finish\n  b: finish\n");
  EXPECT_EQ(for_clients(suite).cases.size(), 1u);
  EXPECT_EQ(all_of(suite).cases.size(), 3u);
}

TEST(Hosting, KeysThatDoNotDifferBetweenConnectionsAreSeenAtTheEnd) {
  const auto suite =
      suite_of("case nonce\n  covers rfc6455-4.1-28\n  < request\n  > upgrade\n  finish\n" + good_cases(5));
  Coming coming;
  const auto run =
      run_cases(suite, for_clients(suite), serving(coming.serving(with_defect("request.same-key"))));
  EXPECT_EQ(run.results[0].verdict, Verdict::fail);
  EXPECT_THAT(run.results[0].reason, HasSubstr("nonces"));
}

// --- TLS ---

std::shared_ptr<const TlsHost> tls_host() {
  static const auto host =
      std::make_shared<const TlsHost>(TlsHost::found({"127.0.0.1", "localhost"}).value());
  return host;
}

/// The reference client, which comes again and again over TLS.
struct ComingSecured {
  std::unique_ptr<Client> client;
  Serving serving(PeerOptions options = {}) {
    Serving how;
    how.patience = 3s;
    how.tls = tls_host();
    how.listening = [this, options](const std::string& url) {
      EXPECT_TRUE(url.starts_with("wss://")) << url;
      const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
      client = std::make_unique<Client>(port, options, tls_host()->authority());
    };
    return how;
  }
};

constexpr const char* kWrongCertificate = "case expired\n  connect cert=\"expired\"\n  < gone within 5s\n";

TEST(HostingOverTls, EachCaseHasItsCertificate) {
  const auto suite = suite_of(good_cases(2) + kWrongCertificate);
  ComingSecured coming;
  const auto run = run_cases(suite, for_clients(suite), serving(coming.serving()));
  EXPECT_EQ(run.fatal, "");
  ASSERT_EQ(run.results.size(), 3u);
  for (const auto& result : run.results) EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
}

TEST(HostingOverTls, AClientThatTakesAnythingIsSeen) {
  const auto suite = suite_of(good_cases(1) + kWrongCertificate);
  ComingSecured coming;
  const auto run = run_cases(suite, for_clients(suite),
                             serving(coming.serving(with_defect("tls-client.trusts-any-time"))));
  EXPECT_NE(run.results.at(1).verdict, Verdict::pass) << run.results[1].reason;
  ComingSecured again;
  Serving lenient = again.serving(with_defect("tls-client.trusts-any-time"));
  lenient.verified = false;
  const auto skipped = run_cases(suite, for_clients(suite), serving(lenient));
  EXPECT_EQ(skipped.results.at(1).verdict, Verdict::skipped);
}

// --- Autobahn's protocol ---

/// Asks once for each of `targets`, one after the other, then lets the server end.
std::vector<RunResult> asked_for(const Suite& suite, const std::vector<std::string>& targets,
                                 std::vector<std::string> numbers) {
  FuzzingServerOptions options;
  options.port = 0;
  options.numbers = std::move(numbers);
  options.profile.tested = Target::client;
  std::thread client;
  options.listening = [&](const std::string& url) {
    const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    client = std::thread([&targets, port] {
      Address address;
      address.port = port;
      const auto dialer = Dialer::prepare(address, {}).value();
      for (const auto& target : targets) {
        PeerOptions peer_options;
        peer_options.role = Role::client;
        peer_options.target = target;
        Peer peer(PeerWorld::make(peer_options).value());
        Driver driver;
        bool over = false;
        driver.dial(dialer, peer, [&](const Ending&) {
          over = true;
          driver.stop();
        });
        while (!over) driver.run(driver.now() + 20ms);
      }
    });
  };
  auto runs = serve_on_request(suite, options);
  client.join();
  EXPECT_TRUE(runs) << runs.error().what;
  return runs.value_or(std::vector<RunResult>{});
}

Suite two_numbers() {
  return suite_of(
      "case a\n  see autobahn/1.1.1\n  open\n  > text \"x\"\n  < text \"x\"\n  finish\n"
      "case b\n  see autobahn/1.1.2\n  open\n  > ping \"y\"\n  < pong \"y\"\n  finish\n");
}

TEST(FuzzingServer, PlaysWhatIsAskedForAndKeepsItByAgent) {
  const auto suite = two_numbers();
  const auto runs =
      asked_for(suite,
                {"/getCaseCount", "/getCaseInfo?case=1", "/runCase?case=1&agent=a%2Fb",
                 "/getCaseStatus?case=1&agent=a/b", "/runCase?casetuple=1.1.2&agent=a/b",
                 "/runCase?case=2&agent=other", "/updateReports?agent=a/b&shutdownOnComplete=true"},
                {"1.1.1", "1.1.2"});
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].target_name, "a/b");
  EXPECT_EQ(runs[0].results[0].verdict, Verdict::pass) << runs[0].results[0].reason;
  EXPECT_EQ(runs[0].results[1].verdict, Verdict::pass) << runs[0].results[1].reason;
  EXPECT_EQ(runs[1].target_name, "other");
  EXPECT_EQ(runs[1].results[0].verdict, Verdict::not_run);
  EXPECT_EQ(exit_of(runs[1], {}), Exit::red);
}

TEST(FuzzingServer, NonsenseIsNotServedAndHarmsNobody) {
  const auto suite = two_numbers();
  const auto runs = asked_for(
      suite,
      {"/runCase?case=0&agent=a", "/runCase?case=99999999999999999999&agent=a", "/runCase?case=%zz&agent=%",
       "/stopServer", "/runCase", "/updateReports?shutdownOnComplete=true"},
      {"1.1.1", "1.1.2"});
  EXPECT_TRUE(runs.empty());
}

}  // namespace
}  // namespace wsspec::hosting_test
