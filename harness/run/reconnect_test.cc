// One client that comes again and again: in memory, by a clock that costs nothing, and over TCP.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "play/delays.h"
#include "run/runner.h"
#include "run/selftest.h"
#include "run/testing_suite.h"

namespace wsspec::reconnect_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testkit::suite_of;

Suite one_case(const std::string& steps, const std::string& covers = kDelaysGrow) {
  auto suite = suite_of("case t.one\n  covers " + covers + "\n  needs reconnect\n  target client\n" + steps);
  suite.ledger[covers].level = covers.find("7.2.3") != covers.npos ? Level::should : Level::must;
  return suite;
}

Selected for_a_client(const Suite& suite) {
  return select(suite, {.tested = Target::client, .bulk = true}).value();
}

CaseResult in_memory(const Suite& suite, const std::string& defect = "", const std::string& liberty = "") {
  MemoryRunOptions options;
  options.tested = Target::client;
  options.profile = peer_profile(Target::client);
  if (!defect.empty()) options.defects = {defect};
  if (!liberty.empty()) options.liberties = {liberty};
  const auto run = run_in_memory(suite, for_a_client(suite), options);
  EXPECT_TRUE(run) << run.error().what;
  return run->results.at(0);
}

constexpr const char* kDropped =
    "  limit 3s\n  connect\n  > reset\n  repeat 6\n    again within 60s\n    > reset\n  end\n";
constexpr const char* kDroppedInPeace =
    "  limit 200s\n  connect\n  > reset\n  repeat 6\n    again within 60s\n    > reset\n  end\n";

TEST(Reconnect, TheDelaysAreMeasuredFromOurEnd) {
  const auto suite = one_case(
      "  open\n  pause 7s\n  > reset\n  again\n  open\n  pause 30s\n  > eof\n  again\n  open\n  finish\n");
  const auto result = in_memory(suite, "reconnect.no-jitter");
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  EXPECT_EQ(result.delays.at(0), 1s);
  EXPECT_EQ(result.delays.at(1), 1s);
}

TEST(Reconnect, GrowingDelaysPassAndOthersAreWeak) {
  const auto suite = one_case(kDroppedInPeace);
  EXPECT_EQ(in_memory(suite).verdict, Verdict::pass);
  const auto flat = in_memory(suite, "reconnect.no-growth");
  EXPECT_EQ(flat.verdict, Verdict::weak);
  EXPECT_THAT(flat.reason, HasSubstr("do not grow"));
  EXPECT_THAT(in_memory(suite, "reconnect.hammers").reason, HasSubstr("without backing off"));
}

TEST(Reconnect, WhatCameBeforeTheTimeWasUpIsJudged) {
  const auto result = in_memory(one_case(kDropped));
  EXPECT_EQ(result.verdict, Verdict::info) << result.reason;  // After 3 s there were too few.
  EXPECT_THAT(result.reason, HasSubstr("came back"));
}

TEST(Reconnect, NothingBindsAClientToComeBack) {
  const auto never = in_memory(one_case(kDroppedInPeace), "", "never-comes-back");
  EXPECT_EQ(never.verdict, Verdict::info);
  EXPECT_EQ(never.reason, "the client did not come back");
  const auto thrice = in_memory(one_case(kDroppedInPeace), "", "gives-up");
  EXPECT_EQ(thrice.delays.size(), 3U);
  EXPECT_EQ(thrice.verdict, Verdict::pass) << thrice.reason;  // They have grown, as far as they go.
}

TEST(Reconnect, TheClockOfTheClientMayRunFaster) {
  const auto suite = one_case("  connect\n  > reset\n  again\n  > reset\n  none within 5s\n");
  MemoryRunOptions options;
  options.tested = Target::client;
  options.profile = peer_profile(Target::client);
  options.profile.client_time_scale = 10;
  options.defects = {"reconnect.no-jitter"};
  const auto run = run_in_memory(suite, for_a_client(suite), options);
  EXPECT_EQ(run->results[0].delays.at(0), 10s);
  // 5 s of its time are half a second of ours, in which it does not come.
  EXPECT_EQ(run->results[0].verdict, Verdict::pass) << run->results[0].reason;
}

TEST(Reconnect, NobodyComesThroughAShutPort) {
  const auto suite =
      one_case("  open\n  > reset\n  shut 5s\n  again within 60s\n  open\n  finish\n", "rfc6455-6.2-1");
  const auto result = in_memory(suite, "reconnect.hammers");
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  EXPECT_TRUE(result.delays.empty()) << "attempts were refused meanwhile";
  EXPECT_GE(result.duration, 5s);
}

TEST(Reconnect, WhoComesThoughNobodyShouldIsNoticed) {
  const auto suite = one_case("  open\n  > reset\n  none within 20s\n", "rfc6455-6.2-1");
  const auto result = in_memory(suite);
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.reason, HasSubstr("the client connected"));
  EXPECT_EQ(in_memory(suite, "", "never-comes-back").verdict, Verdict::pass);
}

constexpr const char *kBadUrl = "  connect url=\"foo://{host}:{port}/\"\n  none within 3s\n",
                     *kFragment =
                         "  connect path=\"/a#b\"\n  either\n    none within 3s\n  or weak\n"
                         "    < request has request-target \"/a\"\n"
                         "    > upgrade\n    > ping \"p\"\n    < pong \"p\"\n    finish\n  end\n";

TEST(Reconnect, NobodyNeedComeAtAll) {
  const auto bad = one_case(kBadUrl, "rfc6455-4.1-4"), fragment = one_case(kFragment, "rfc6455-3-4");
  const auto result = in_memory(bad);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
  EXPECT_GE(result.duration, 3s);
  EXPECT_EQ(in_memory(fragment).verdict, Verdict::pass);
}

TEST(Reconnect, WhoComesWhereNobodyNeedIsJudged) {
  const auto bad = one_case(kBadUrl, "rfc6455-4.1-4"), fragment = one_case(kFragment, "rfc6455-3-4");
  const auto comes = in_memory(bad, "request.url-any-scheme");
  EXPECT_EQ(comes.verdict, Verdict::fail);
  EXPECT_THAT(comes.reason, HasSubstr("the client connected"));
  EXPECT_EQ(in_memory(fragment, "", "drops-fragment").verdict, Verdict::weak);
  const auto sends = in_memory(fragment, "request.url-fragment-sent");
  EXPECT_EQ(sends.verdict, Verdict::fail) << sends.reason;
}

TEST(Reconnect, AKeyServesForOneConnection) {
  const auto result =
      in_memory(one_case("  open\n  > reset\n  again\n  open\n  finish\n"), "request.same-key");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_EQ(result.requirement, "rfc6455-4.1-28");
}

TEST(Reconnect, WhatTheFormerConnectionHasLeftIsNamed) {
  const auto suite = one_case(
      "  needs echo\n  open\n  > text fin=0 \"what was said on the first\"\n  > ping \"1\"\n  < pong \"1\"\n"
      "  > reset\n  again\n  open\n  > text \"on the second\"\n  < text \"on the second\"\n  finish\n",
      "rfc6455-7.2.1-2");
  const auto result = in_memory(suite, "reconnect.fragment-kept");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.reason, HasSubstr("on connection 2: "));
  EXPECT_THAT(result.reason, HasSubstr("were sent on connection 1"));
}

// --- Over TCP ---

/// Connects, reads to the end, and again after a tenth of a second.
constexpr const char* kShellClient =
    "bash -c 'p=${0##*:}; while :; do (exec 3<>/dev/tcp/127.0.0.1/${p%/} && cat <&3) >/dev/null 2>&1; "
    "sleep 0.1; done' {url}";

RunResult over_tcp(const Suite& suite, bool reconnects = true, const std::string& client = kShellClient) {
  RunOptions options = default_run_options({});
  options.serving.emplace();
  options.serving->exec = client;
  options.profile.tested = Target::client;
  if (reconnects) options.profile.features.insert("reconnect");
  options.probe = false;
  options.jobs = 1;
  options.repeat = 0;
  return run_cases(suite, for_a_client(suite), options);
}

TEST(Reconnect, OverTcpAllConnectionsOfACommandAreThoseOfItsCase) {
  const auto run =
      over_tcp(one_case("  limit 30s\n  connect\n  > eof\n  again within 10s\n  > reset\n"
                        "  shut 300ms\n  again within 10s\n  > eof\n  again within 10s\n",
                        "rfc6455-7.2.3-3"));
  ASSERT_EQ(run.results.size(), 1U) << run.fatal;
  EXPECT_EQ(run.results[0].verdict, Verdict::pass) << run.results[0].reason;
  ASSERT_EQ(run.results[0].delays.size(), 2U);
  for (const auto delay : run.results[0].delays) EXPECT_GE(delay, 90ms);
}

TEST(Reconnect, OverTcpItIsSkippedWhereItWasNotDeclared) {
  const auto run = over_tcp(one_case(kDropped), false);
  EXPECT_EQ(run.results.at(0).verdict, Verdict::skipped);
  EXPECT_THAT(run.results.at(0).reason, HasSubstr("--reconnects"));
}

/// The case of a URL that is none behind one to which every client comes.
Suite with_control(const std::string& steps) {
  auto suite = suite_of(
      "case a.control\n  covers rfc6455-4.1-4\n  target client\n  < request\n  > eof\n  < gone\n"
      "case b.one\n  covers rfc6455-4.1-4\n  target client\n" +
      steps);
  suite.ledger["rfc6455-4.1-4"].level = Level::must;
  return suite;
}

/// Asks once at whatever has a port in it, but not by another scheme; ends then, or sleeps.
std::string once(const std::string& then) {
  return "bash -c 'case $0 in ws:*) p=${0##*:}; exec 3<>/dev/tcp/127.0.0.1/$(( ${p%/} % 65536 ));"
         " printf \"GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n\" >&3; cat <&3 >/dev/null; exec 3>&-;; esac; " +
         then + "' {url}";
}

TEST(Reconnect, OverTcpWhoDoesNotComePassesWhenOthersCame) {
  const auto suite = with_control(kBadUrl);
  for (const char* then : {"exit 1", "sleep 60"}) {
    const auto run = over_tcp(suite, false, once(then));
    ASSERT_EQ(run.results.size(), 2U) << run.fatal;
    EXPECT_EQ(run.results[0].verdict, Verdict::pass) << run.results[0].reason;
    EXPECT_EQ(run.results[1].verdict, Verdict::pass) << then << ": " << run.results[1].reason;
  }
}

TEST(Reconnect, OverTcpWhoComesThoughTheUrlIsNoneFails) {
  const auto run = over_tcp(with_control("  connect url=\"ws://{host}:{port+65536}/\"\n  none within 3s\n"),
                            false, once("true"));
  ASSERT_EQ(run.results.size(), 2U) << run.fatal;
  EXPECT_EQ(run.results[1].verdict, Verdict::fail) << run.results[1].reason;
}

TEST(Reconnect, OverTcpAClientThatNeverCameShowsNothing) {
  const auto run = over_tcp(one_case(kBadUrl, "rfc6455-4.1-4"), true, "exit 1");
  ASSERT_EQ(run.results.size(), 1U) << run.fatal;
  EXPECT_EQ(run.results[0].verdict, Verdict::skipped);
  EXPECT_THAT(run.results[0].reason, HasSubstr("no client has connected in this run"));
}

TEST(Reconnect, OverTcpAClientThatSaysItCannotIsSkipped) {
  const auto run = over_tcp(with_control(kBadUrl), false, once("exit 127"));
  ASSERT_EQ(run.results.size(), 2U) << run.fatal;
  EXPECT_EQ(run.results[1].verdict, Verdict::skipped) << run.results[1].reason;
}

}  // namespace
}  // namespace wsspec::reconnect_test
