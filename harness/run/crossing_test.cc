// Cases about a hop: in memory and over TCP, through the reference hop with its defects, and without a hop.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/crossing.h"
#include "run/runner.h"
#include "run/selftest.h"
#include "run/testing_hop.h"
#include "run/testing_suite.h"

namespace wsspec::crossing_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using testkit::all_of, testkit::free_port, testkit::RunningHop, testkit::suite_of;

RunOptions options_through(std::uint16_t front, std::uint16_t back) {
  Address address;
  address.host = "127.0.0.1";
  address.port = front;
  address.resource = "/";
  RunOptions options = default_run_options(address);
  Behind& behind = options.behind.emplace();
  behind.port = back;
  behind.direct = front == back;
  options.profile.tested = Target::hop;
  return options;
}

Suite hop_suite(const std::string& steps, const std::string& covers = "rfc9110-3.7-1") {
  auto suite = suite_of("case t.one\n  covers " + covers + "\n" + steps);
  suite.ledger[covers].level = Level::must;
  return suite;
}

CaseResult through_hop(const std::string& steps, const HopOptions& hop) {
  const auto suite = hop_suite(steps);
  const auto back = free_port();
  const RunningHop running(back, hop);
  const auto run = run_cases(suite, all_of(suite, Target::hop), options_through(running.port(), back));
  EXPECT_EQ(run.fatal, "");
  return run.results.at(0);
}

CaseResult through(const std::string& steps, const std::string& defect = "") {
  HopOptions hop;
  if (!defect.empty()) hop.defects = {defect};
  return through_hop(steps, hop);
}

CaseResult in_memory(const std::string& steps, const std::string& defect = "") {
  const auto suite = hop_suite(steps);
  MemoryRunOptions options;
  options.tested = Target::hop;
  options.profile = peer_profile(Target::hop);
  if (!defect.empty()) options.defects = {defect};
  return run_in_memory(suite, all_of(suite, Target::hop), options).value().results.at(0);
}

constexpr const char* kBoth =
    "  near: open\n  near: > text \"up\"\n  far: < kept\n  far: > text \"down\"\n  near: < kept\n";
constexpr const char* kFields =
    "  near: connect\n  near: > request set Origin \"http://a.example\"\n  far: < request kept Origin kept "
    "Sec-WebSocket-Key\n  far: > upgrade\n  near: < upgrade kept Sec-WebSocket-Accept\n";
constexpr const char* kAgain =
    "  near: connect\n  near: > request\n  far: < request\n  far: > response 426\n  near: < refused 426\n"
    "  near: > request\n  either\n    near: < gone\n  or\n    far: < request\n  end\n";

TEST(Crossing, WhatIsSentComesThrough) {
  EXPECT_EQ(through(kBoth).verdict, Verdict::pass);
  EXPECT_EQ(in_memory(kBoth).verdict, Verdict::pass);
}

TEST(Crossing, SaysWhichWayAndAtWhichEnd) {
  for (const auto& result : {through(kFields, "up.strips-origin"), in_memory(kFields, "up.strips-origin")}) {
    EXPECT_EQ(result.verdict, Verdict::fail);
    EXPECT_THAT(result.reason, StartsWith("far, upwards: ")) << result.reason;
    EXPECT_THAT(result.reason, HasSubstr("http://a.example"));
  }
  const auto down = in_memory(kFields, "down.strips-accept");
  EXPECT_EQ(down.verdict, Verdict::fail);
  EXPECT_THAT(down.reason, StartsWith("near, downwards: ")) << down.reason;
}

TEST(Crossing, ATunnelThatARefusalLeavesOpenFails) {
  EXPECT_EQ(in_memory(kAgain).verdict, Verdict::pass);
  const auto tunnel = in_memory(kAgain, "hop.tunnels-after-426");
  EXPECT_EQ(tunnel.verdict, Verdict::fail);
  EXPECT_THAT(tunnel.reason, HasSubstr("octet by octet"));
}

constexpr const char* kOther =
    "  near: connect\n  near: > request set Origin \"http://a.example\"\n  far: < request kept Origin\n"
    "  far: > response 426\n  near: < refused 426\n  near: > request set Origin \"http://b.example\"\n"
    "  either\n    near: < gone\n  or\n    far: < request kept Origin\n    far: > upgrade\n    near: < "
    "upgrade\n"
    "  end\n";

TEST(Crossing, ASecondRequestIsComparedWithItselfAndNotWithTheFirst) {
  const auto second = in_memory(kOther);
  EXPECT_EQ(second.verdict, Verdict::pass) << second.reason;
  const auto tunnel = in_memory(kOther, "hop.tunnels-after-426");
  EXPECT_EQ(tunnel.verdict, Verdict::fail);
  EXPECT_THAT(tunnel.reason, HasSubstr("octet by octet"));
  EXPECT_EQ(in_memory(kOther, "up.strips-origin-of-second").verdict, Verdict::fail);
}

TEST(Crossing, ARequestThatNeverComesIsToldByTheAnswerOfTheHop) {
  const auto refused = through("  near: connect\n  near: > request drop Host\n  far: < request\n");
  EXPECT_EQ(refused.verdict, Verdict::fail);
  EXPECT_THAT(refused.reason, HasSubstr("400"));
}

TEST(Crossing, SeveralTunnelsAreToldByTheirTokens) {
  constexpr const char* kSeveral =
      "  near[4]: open\n  near: > text \"up \" $member $token\n  far: > text \"down \" $member $token\n"
      "  far: < kept\n  near: < kept\n";
  EXPECT_EQ(through(kSeveral).verdict, Verdict::pass);
  EXPECT_EQ(in_memory(kSeveral).verdict, Verdict::pass);
  EXPECT_EQ(in_memory(kSeveral, "hop.mixes-tunnels").verdict, Verdict::fail);
}

// Whose request it is shows on each anew, not on the connection.
TEST(Crossing, ARequestOnAConnectionThatTheHopHasKeptIsForWhoeverSentIt) {
  constexpr const char* kOneByOne =
      "  near[3]: connect\n  near[0]: > request\n  far[0]: < request\n"
      "  far[0]: > response 403 set Content-Length \"5\"\n  far[0]: > bytes \"hello\"\n"
      "  near[0]: < refused 403\n  near[1]: > request\n  far[1]: < request\n  far[1]: > response 404\n"
      "  near[1]: < refused 404\n  near[0]: < kept\n  near[0]: > request\n  far[0]: < request\n  far[0]: > "
      "upgrade\n"
      "  near[0]: < upgrade\n  near[0]: > text \"up\"\n  far[0]: < kept\n";
  HopOptions hop;
  hop.liberties = {"hop-pools-back"};
  const auto result = through_hop(kOneByOne, hop);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
}

// A case may be over before the hop has passed on what was its last request.
TEST(Crossing, ARequestOfACaseThatIsOverIsForNoOther) {
  constexpr const char* kLate =
      "  near: connect\n  near: > bytes \"GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: Upgrade\\r\\n"
      "Upgrade: websocket\\r\\nx-wsspec-token: 0123456789abcdef\\r\\n\\r\\n\"\n  near: < refused 200\n";
  const auto result = through(kLate);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
}

TEST(Crossing, OneEndThatIsNotReadHoldsUpNoOther) {
  constexpr const char* kStalled =
      "  near[2]: open\n  near[0]: stall\n  far[0]: > binary noise(8M)\n  far[1]: > text \"meanwhile\"\n"
      "  near[1]: < kept\n  near[0]: read\n  near[0]: < kept within 20s\n";
  EXPECT_EQ(through(kStalled).verdict, Verdict::pass);
}

TEST(Crossing, AnEndWaitsBehindWhatIsNotReadYet) {
  constexpr const char* kLate =
      "  near: open\n  far: stall\n  near: > binary noise(16M)\n  near: > eof\n  far: pause 200ms\n  far: "
      "read\n"
      "  far: < kept within 20s\n  far: < gone\n";
  const auto result = through(kLate);
  EXPECT_EQ(result.verdict, Verdict::pass) << result.reason;
}

/// What the hop's operator does while a case is played, by a command of which only the end counts.
CaseResult operated(const std::string& command) {
  const auto suite =
      hop_suite("  near: open\n  operator reload\n  near: > text \"behind it\"\n  far: < kept\n");
  const auto back = free_port();
  const RunningHop running(back, {});
  auto options = options_through(running.port(), back);
  options.behind->reload = command;
  const auto run = run_cases(suite, all_of(suite, Target::hop), options);
  EXPECT_EQ(run.fatal, "");
  return run.results.at(0);
}

TEST(Crossing, TheOperatorsCommandRunsBesideTheCase) {
  const auto well = operated("true");
  EXPECT_EQ(well.verdict, Verdict::pass) << well.reason;
  EXPECT_THAT(well.notes, ::testing::Contains(HasSubstr("near: lives on")));
  const auto badly = operated("echo no such hop; false");
  EXPECT_EQ(badly.verdict, Verdict::error);
  EXPECT_THAT(badly.reason, HasSubstr("no such hop"));
}

TEST(Crossing, HealthChecksAreAnsweredAndCounted) {
  const auto suite = suite_of(
      "case hop-facts.names\n  covers rfc9110-3.7-1\n  near: open\n  operator reload\n"
      "  near: > text \"behind it\"\n  far: < kept\n");
  const auto back = free_port();
  const RunningHop running(back, {});
  auto options = options_through(running.port(), back);
  options.behind->reload = "exec bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + std::to_string(back) +
                           "; printf \"GET /alive HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n\" >&3; "
                           "read -r answer <&3; [[ $answer == *200* ]]'";
  const auto run = run_cases(suite, all_of(suite, Target::hop), options);
  EXPECT_EQ(run.results.at(0).verdict, Verdict::pass) << run.results.at(0).reason;
  EXPECT_THAT(run.results.at(0).notes,
              ::testing::Contains("of its own accord: 1 health check, \"GET /alive\""));
}

TEST(Crossing, WithoutACommandOfTheOperatorItIsSkipped) {
  const auto unknown = operated("");
  EXPECT_EQ(unknown.verdict, Verdict::skipped);
  EXPECT_THAT(unknown.reason, HasSubstr("--reload"));
}

CaseResult introduced(const std::string& defect, ProxyVersion expected, const std::string& liberty = "") {
  const auto suite = hop_suite(kBoth, kProxyName);
  MemoryRunOptions options;
  options.tested = Target::hop;
  options.profile = peer_profile(Target::hop);
  options.profile.proxy_protocol = expected;
  if (!defect.empty()) options.defects = {defect};
  if (!liberty.empty()) options.liberties = {liberty};
  return run_in_memory(suite, all_of(suite, Target::hop), options).value().results.at(0);
}

TEST(Crossing, AHeaderThatNamesTheClientIsTakenOffAndJudged) {
  EXPECT_EQ(introduced("", ProxyVersion::any).verdict, Verdict::pass);
  EXPECT_EQ(introduced("", ProxyVersion::v1).verdict, Verdict::pass);
  EXPECT_EQ(introduced("", ProxyVersion::none).verdict, Verdict::info);
  EXPECT_EQ(introduced("", ProxyVersion::v2).verdict, Verdict::fail);
  EXPECT_EQ(introduced("", ProxyVersion::v2, "hop-tells-more").verdict, Verdict::pass);
  const auto wrong = introduced("up.names-wrong-port", ProxyVersion::any);
  EXPECT_EQ(wrong.verdict, Verdict::fail);
  EXPECT_THAT(wrong.reason, HasSubstr("port 50001"));
}

TEST(Crossing, WhereNobodyIsNamedNothingIsJudged) {
  const auto suite = hop_suite(kBoth, kProxyName);
  const auto back = free_port();
  const RunningHop running(back, {});
  auto options = options_through(running.port(), back);
  const auto any = run_cases(suite, all_of(suite, Target::hop), options).results.at(0);
  EXPECT_EQ(any.verdict, Verdict::skipped);
  options.behind->proxy_protocol = ProxyVersion::v1;
  const auto missing = run_cases(suite, all_of(suite, Target::hop), options).results.at(0);
  EXPECT_EQ(missing.verdict, Verdict::fail);
  EXPECT_THAT(missing.reason, HasSubstr("no PROXY header"));
}

TEST(Crossing, WhoReadsNoHttpChangesNoHead) {
  const auto suite = hop_suite(kBoth);
  const auto back = free_port();
  const RunningHop running(back, {});
  auto options = options_through(running.port(), back);
  options.behind->role = HopRole::tcp;
  const auto changed = run_cases(suite, all_of(suite, Target::hop), options).results.at(0);
  EXPECT_EQ(changed.verdict, Verdict::fail);
  EXPECT_THAT(changed.reason, HasSubstr("octet by octet"));
  auto direct = options_through(back, back);
  direct.behind->role = HopRole::tcp;
  const auto same = run_cases(suite, all_of(suite, Target::hop), direct).results.at(0);
  EXPECT_EQ(same.verdict, Verdict::pass) << same.reason;
}

TEST(Crossing, WhomTheClientHasChosenOwesMore) {
  const auto suite =
      hop_suite("  near: connect\n  near: > request path \"/a%2fb\"\n  far: < request kept request-target\n",
                "rfc9110-7.7-1");
  MemoryRunOptions options;
  options.tested = Target::hop;
  options.profile = peer_profile(Target::hop);
  options.defects = {"up.changes-target"};
  auto should = suite;
  should.ledger["rfc9110-7.7-1"].level = Level::should;
  for (const auto& [role, verdict] :
       {std::pair(HopRole::gateway, Verdict::weak), std::pair(HopRole::proxy, Verdict::fail)}) {
    options.profile.hop_role = role;
    const auto result = run_in_memory(should, all_of(should, Target::hop), options).value().results.at(0);
    EXPECT_EQ(result.verdict, verdict) << result.reason;
  }
}

TEST(Crossing, WithoutAHopItIsTheSame) {
  const auto suite = hop_suite(kBoth);
  const auto port = free_port();
  const auto run = run_cases(suite, all_of(suite, Target::hop), options_through(port, port));
  EXPECT_EQ(run.fatal, "");
  EXPECT_EQ(run.results.at(0).verdict, Verdict::pass) << run.results.at(0).reason;
}

TEST(Crossing, AHopThatIsNotPointedAtUsSaysSo) {
  const auto suite = hop_suite(kBoth);
  const RunningHop elsewhere(free_port(), {});
  const auto run =
      run_cases(suite, all_of(suite, Target::hop), options_through(elsewhere.port(), free_port()));
  EXPECT_THAT(run.fatal, HasSubstr("does not tunnel"));
  EXPECT_THAT(run.fatal, HasSubstr("502"));
}

TEST(Crossing, NobodyAtTheFrontIsUnreachable) {
  const auto suite = hop_suite(kBoth);
  const auto run = run_cases(suite, all_of(suite, Target::hop), options_through(free_port(), free_port()));
  EXPECT_THAT(run.fatal, HasSubstr("not there"));
}

}  // namespace
}  // namespace wsspec::crossing_test
