// A server directly and through the reference hop with its defects.
#include "cli/both_ways.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>

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
  return run_both_ways(cases, all_of(cases), at(port), at(running.port()), nobody, nobody);
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
  const auto no_server = run_both_ways(cases, all_of(cases), at(nowhere), at(nowhere), nobody, nobody);
  EXPECT_THAT(no_server.fatal, StartsWith("the server without the hop, "));
  EXPECT_EQ(exit_of(no_server, {}), Exit::unreachable);
  EXPECT_EQ(no_server.results.size(), cases.cases.size());
  const auto server = BuiltIn::start({}).value();
  const auto no_hop =
      run_both_ways(cases, all_of(cases), at(server->address().port), at(nowhere), nobody, nobody);
  EXPECT_THAT(no_hop.fatal, StartsWith("through the hop, "));
  EXPECT_EQ(exit_of(no_hop, {}), Exit::unreachable);
}

/// Does something when so many cases were judged through the hop, or when one is about to be repeated.
class Meddling final : public Observer {
 public:
  Meddling(std::size_t cases, std::function<void()> deed) : cases_(cases), deed_(std::move(deed)) {}
  void judged(const CaseResult&, std::size_t done, std::size_t) override {
    if (done == cases_) deed_();
  }
  void remark(const std::string& text) override {
    if (cases_ == 0 && text.find("once more") != text.npos) deed_();
  }

 private:
  std::size_t cases_;
  std::function<void()> deed_;
};

TEST(BothWays, AServerThatDiesBehindTheHopIsNotTheHops) {
  for (const std::size_t cases : {0, 1}) {  // While they are repeated, and while they are played.
    auto server = BuiltIn::start({}).value();
    const auto port = server->address().port;
    HopOptions hop;
    if (cases == 0) hop.defects = {"down.changes-4999-to-1000"};
    const RunningHop running(port, hop);
    const auto suite_played = suite();
    Meddling observer(cases, [&] { server.reset(); });
    Observer nobody;
    auto through = at(running.port());
    through.jobs = 1;
    const auto run = run_both_ways(suite_played, all_of(suite_played), at(port), through, nobody, observer);
    EXPECT_THAT(run.fatal, StartsWith("the server without the hop, ")) << cases;
    for (const auto& result : run.results) {
      EXPECT_NE(result.verdict, Verdict::fail) << cases << result.id << result.reason;
      EXPECT_NE(result.verdict, Verdict::error) << cases << result.id << result.reason;
      EXPECT_FALSE(result.target_died) << result.id;
    }
    EXPECT_EQ(exit_of(run, {}), Exit::unreachable) << cases;
  }
}

TEST(BothWays, AnInterruptedRepetitionIsAnInterruptedRun) {
  std::atomic<bool> interrupted = false;
  const auto server = BuiltIn::start({}).value();
  const auto port = server->address().port;
  HopOptions hop;
  hop.defects = {"down.changes-4999-to-1000"};
  const RunningHop running(port, hop);
  const auto cases = suite();
  Meddling observer(0, [&] { interrupted = true; });
  Observer nobody;
  auto direct = at(port), through = at(running.port());
  direct.interrupted = through.interrupted = &interrupted;
  const auto run = run_both_ways(cases, all_of(cases), direct, through, nobody, observer);
  EXPECT_TRUE(run.interrupted);
}

TEST(BothWays, TheBudgetIsForBothPlays) {
  const auto server = BuiltIn::start({}).value();
  const auto port = server->address().port;
  const RunningHop running(port, {});
  const auto cases = suite_of(
      "case t.waits\n  covers rfc6455-4.2.1-1\n  open\n  pause 900ms\n  finish\n"
      "case t.waits.too\n  covers rfc6455-4.2.1-1\n  open\n  pause 900ms\n  finish\n");
  Observer nobody;
  auto direct = at(port), through = at(running.port());
  direct.jobs = through.jobs = 1;
  direct.probe = through.probe = false;
  direct.budget = through.budget = std::chrono::milliseconds(2700);
  const auto run = run_both_ways(cases, all_of(cases), direct, through, nobody, nobody);
  EXPECT_EQ(run.results[1].verdict, Verdict::not_run) << run.results[1].reason;
}

class Listening final : public Observer {
 public:
  void judged(const CaseResult& result, std::size_t, std::size_t) override { said.push_back(result.reason); }
  std::vector<std::string> said;
};

TEST(BothWays, TheDirectPlaysAreToldAsSuch) {
  const auto server = BuiltIn::start({}).value();
  const auto port = server->address().port;
  const RunningHop running(port, {});
  const auto cases = suite();
  Listening direct, through;
  run_both_ways(cases, all_of(cases), at(port), at(running.port()), direct, through);
  EXPECT_EQ(direct.said.size(), cases.cases.size());
  EXPECT_THAT(direct.said, Each(StartsWith("without the hop")));
  EXPECT_THAT(through.said, Each(""));
}

}  // namespace
}  // namespace wsspec::both_ways_test
