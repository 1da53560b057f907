// A server directly and through the reference hop with its defects.
#include "cli/both_ways.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/built_in.h"
#include "run/testing_hop.h"
#include "run/testing_suite.h"

namespace wsspec::both_ways_test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using testkit::all_of, testkit::free_port, testkit::RunningHop, testkit::suite_of;

constexpr const char* kCases =
    "case t.refuses\n  covers rfc6455-4.2.1-1\n  > request drop Host\n  < refused\n"
    "case t.accepts\n  covers rfc6455-4.2.1-1\n  > request\n  < upgrade\n  finish\n"
    "case t.echoes\n  covers rfc6455-4.2.1-1\n  open\n  > binary noise(70000)\n  < binary noise(70000)\n  "
    "finish\n"
    "case t.closes\n  covers rfc6455-4.2.1-1\n  open\n  > close 4999\n  < close 4999\n"
    "case t.deflates\n  covers rfc6455-4.2.1-1\n  needs deflate\n"
    "  open offer=\"permessage-deflate\"\n  > text \"abc\"\n  < text \"abc\"\n  finish\n"
    "case t.offers\n  covers rfc6455-4.2.1-1\n  > request set Sec-WebSocket-Extensions "
    "\"permessage-deflate\"\n"
    "  < upgrade\n  > text \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\n  < text\n  "
    "finish\n";

Suite suite() {
  auto out = suite_of(kCases);
  out.ledger["rfc6455-4.2.1-1"].level = Level::must;
  return out;
}

RunOptions at(std::uint16_t port) {
  Address address;
  address.host = "127.0.0.1";
  address.port = port;
  address.resource = "/";
  return default_run_options(address);
}

RunResult both_ways(const std::vector<std::string>& hop_defects,
                    const std::vector<std::string>& server_defects = {}) {
  PeerOptions peer;
  peer.defects = server_defects;
  const auto server = BuiltIn::start(peer).value();
  const auto port = server->address().port;
  HopOptions hop;
  hop.defects = hop_defects;
  const RunningHop running(port, hop);
  const auto cases = suite();
  Observer nobody;
  return run_both_ways(cases, all_of(cases), at(port), at(running.port()), nobody);
}

const CaseResult& result_of(const RunResult& run, const std::string& id) {
  return *std::ranges::find(run.results, id, &CaseResult::id);
}

TEST(BothWays, AGoodHopIsGreen) {
  const auto run = both_ways({});
  EXPECT_EQ(run.fatal, "");
  for (const auto& result : run.results)
    EXPECT_EQ(result.verdict, Verdict::pass) << result.id << result.reason;
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
  EXPECT_EQ(run.tested, "hop");
  EXPECT_THAT(run.server, StartsWith("ws://127.0.0.1:"));
}

TEST(BothWays, TheHopIsRedForWhatTheServerDoesRight) {
  for (const auto& [defect, id] :
       {std::pair("down.changes-4999-to-1000", "t.closes"), std::pair("up.key-changed", "t.accepts"),
        std::pair("up.octet-lost-at-64KiB", "t.echoes")}) {
    const auto run = both_ways({defect});
    EXPECT_EQ(run.fatal, "") << defect;
    const auto& result = result_of(run, id);
    EXPECT_EQ(result.verdict, Verdict::fail) << defect << result.reason;
    EXPECT_THAT(result.reason, StartsWith("through the hop: "));
    ASSERT_TRUE(result.direct);
    EXPECT_EQ(result.direct->verdict, Verdict::pass);
    EXPECT_FALSE(result.direct->transcript.events.empty());
    EXPECT_FALSE(result.flaky);
    EXPECT_THAT(result.repeats, AllOf(Not(IsEmpty()), Each(Verdict::fail)));
  }
}

TEST(BothWays, WhatIsWrongWithTheServerIsNotTheHops) {
  const auto run = both_ways({}, {"close.refuses-4999"});
  const auto& result = result_of(run, "t.closes");
  EXPECT_EQ(result.verdict, Verdict::inconclusive) << result.reason;
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
}

TEST(BothWays, AHopThatStripsTheExtensionsOfTheAnswerAloneIsRed) {
  const auto run = both_ways({"down.strips-extensions"});
  EXPECT_EQ(exit_of(run, {}), Exit::red) << run.fatal;
  EXPECT_EQ(result_of(run, "t.offers").verdict, Verdict::fail);
  EXPECT_EQ(result_of(run, "t.deflates").verdict, Verdict::skipped) << "it may decline an extension";
}

TEST(BothWays, WhoCannotBeReachedIsNamed) {
  const auto cases = suite();
  Observer nobody;
  const auto nowhere = free_port();
  const auto no_server = run_both_ways(cases, all_of(cases), at(nowhere), at(nowhere), nobody);
  EXPECT_THAT(no_server.fatal, StartsWith("the server without the hop, "));
  EXPECT_EQ(exit_of(no_server, {}), Exit::unreachable);
  EXPECT_EQ(no_server.results.size(), cases.cases.size());
  const auto server = BuiltIn::start({}).value();
  const auto no_hop = run_both_ways(cases, all_of(cases), at(server->address().port), at(nowhere), nobody);
  EXPECT_THAT(no_hop.fatal, StartsWith("through the hop, "));
  EXPECT_EQ(exit_of(no_hop, {}), Exit::unreachable);
}

}  // namespace
}  // namespace wsspec::both_ways_test
