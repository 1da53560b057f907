// Cases of several connections: in memory, over TCP, and what is said of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "play/transcript.h"
#include "run/runner.h"
#include "run/selftest.h"
#include "run/testing_suite.h"
#include "target/testing_server.h"

namespace wsspec::several_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using testkit::all_of, testkit::Server, testkit::suite_of;

Driver::Welcome peer_with(const std::string& defect, const std::string& liberty = "") {
  PeerOptions options;
  if (!defect.empty()) options.defects = {defect};
  if (!liberty.empty()) options.liberties = {liberty};
  auto world = PeerWorld::make(options).value();
  return [world] { return std::make_unique<Peer>(world); };
}

RunOptions options_for(const Server& server) {
  auto options = default_run_options(server.address());
  options.profile.time_scale = 0.25;
  options.probe = false;
  return options;
}

CaseResult played(const std::string& steps, const std::string& defect = "", const std::string& liberty = "") {
  auto suite = suite_of("case t.one\n  covers rfc6455-6.2-1\n" + steps);
  suite.ledger["rfc6455-6.2-1"].level = Level::must;
  Server server(peer_with(defect, liberty));
  const auto run = run_cases(suite, all_of(suite), options_for(server));
  EXPECT_EQ(run.results.size(), 1u) << run.fatal;
  return run.results.at(0);
}

constexpr const char* kFragments =
    "  a: open\n  b: open\n  a: > text fin=0 \"what only a has ever said, \"\n  a: > ping \"1\"\n  a: < pong "
    "\"1\"\n"
    "  b: > text fin=0 \"what only b has ever said, \"\n  b: > ping \"2\"\n  b: < pong \"2\"\n"
    "  a: > cont \"to the end\"\n  a: < text \"what only a has ever said, to the end\"\n"
    "  b: > cont \"to the end\"\n  b: < text \"what only b has ever said, to the end\"\n  a: finish\n  b: "
    "finish\n";

TEST(Several, ArePlayedByTurns) {
  EXPECT_EQ(played(kFragments).verdict, Verdict::pass);
}

TEST(Several, APieceOfEachIsSeenToBeRead) {
  const auto result =
      played("  c[2]: open\n  burst chop=3\n    c: > text \"in pieces\"\n  end\n  c: < text \"in pieces\"\n");
  EXPECT_EQ(result.verdict, Verdict::pass);
  EXPECT_THAT(result.notes, ::testing::Not(::testing::Contains(kUnreadPiece)));
}

TEST(Several, AReasonBeginsWithTheConnectionAndNamesForeignOctets) {
  const auto result = played(kFragments, "company.fragments-shared");
  EXPECT_EQ(result.verdict, Verdict::fail);
  EXPECT_THAT(result.reason, StartsWith("on a: a text message of "));
  EXPECT_THAT(result.reason, HasSubstr("octets 27 to 53 are those that b has sent"));
  EXPECT_THAT(result.notes, ::testing::Contains("alone, the same is in order"));
}

TEST(Several, WhatFailsAloneIsNoMatterOfCompany) {
  const auto result = played(
      "  a: open\n  b: open\n  a: > ping \"a\"\n  b: > ping \"b\"\n  a: < pong \"a\"\n"
      "  b: < pong \"b\"\n  a: finish\n  b: finish\n",
      "control.ping-unanswered");
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.reason, HasSubstr("follows from what a client gets alone: nothing came"));
}

TEST(Several, WhereNoTimeIsLeftNobodyKnowsWhetherItFailsAlone) {
  auto suite = suite_of(std::string("case t.one\n  covers rfc6455-6.2-1\n") + kFragments);
  suite.ledger["rfc6455-6.2-1"].level = Level::must;
  Server server(peer_with("company.fragments-shared"));
  auto options = options_for(server);
  options.repeat_budget = 0s;
  const auto result = run_cases(suite, all_of(suite), options).results.at(0);
  EXPECT_EQ(result.verdict, Verdict::inconclusive);
  EXPECT_THAT(result.reason, HasSubstr("no time was left to see what a client gets alone"));
}

TEST(Several, ATranscriptReplays) {
  const auto result = played(
      "  c[2]: open\n  repeat 2 as i\n  burst\n  c: > text \"member \" $member \" round \" $i\"!\"\n  end\n"
      "  c: < text \"member \" $member \" round \" $i\n  end\n");
  ASSERT_EQ(result.verdict, Verdict::inconclusive) << result.reason;
  const auto text = print_transcript(result.transcript, "t.again", "");
  EXPECT_THAT(text, HasSubstr("c[2]: open\n"));
  EXPECT_THAT(text, HasSubstr("c[1]: > text \"member \" \"1\" \" round \" \"0\" \"!\""));
  const std::vector<Source> sources = {{"again.wire", text}};
  const auto loaded = load(sources);
  for (const auto& error : loaded.errors) ADD_FAILURE() << render(error) << text;
  Suite again;
  again.cases = loaded.cases;
  Server server(peer_with(""));
  const auto run = run_cases(again, all_of(again), options_for(server));
  EXPECT_EQ(run.results.at(0).verdict, Verdict::pass) << run.results.at(0).reason << text;
}

TEST(Several, WhoDoesNotReadHoldsUpNobody) {
  const char* kStalled =
      "  a: open\n  b: open\n  a: stall\n  repeat 150\n    a: > binary fill(64K)\n  end\n  b: > ping "
      "\"still\"\n"
      "  b: < pong \"still\"\n  a: read\n  repeat 150\n    a: < binary fill(64K)\n  end\n  a: finish\n  b: "
      "finish\n";
  for (const char* liberty : {"", "reads-no-further-than-it-is-read"}) {
    const auto result = played(kStalled, "", liberty);
    EXPECT_EQ(result.verdict, Verdict::pass) << liberty << result.reason;
  }
  EXPECT_THAT(played(kStalled, "company.stalled-client-stops-all").reason, StartsWith("on b: nothing came"));
}

TEST(Several, AResetEndsItsConnectionOnly) {
  // The pause: on a busy machine the ping may be served before the reset is seen.
  const char* kReset =
      "  b: open\n  a: open\n  a: > text fin=0 \"x\"\n  a: > reset\n  pause 100ms\n  b: > ping \"still\"\n"
      "  b: < pong \"still\"\n  n: open\n  n: finish\n  b: finish\n";
  EXPECT_EQ(played(kReset).verdict, Verdict::pass);
  EXPECT_EQ(played(kReset, "company.reset-drops-all").verdict, Verdict::fail);
  EXPECT_EQ(played("  a: open\n  b: open\n  b: > ping\n  b: < pong\n  a: > reset\n  b: > reset\n").verdict,
            Verdict::pass);
}

TEST(Several, SilenceIsThatOfAll) {
  const auto loud = played(
      "  a: open\n  b: open\n  b: > text \"an echo will come\"\n  quiet 100ms\n  a: finish\n  b: finish\n");
  EXPECT_EQ(loud.verdict, Verdict::inconclusive) << loud.reason;  // An echo comes to one alone, too.
  EXPECT_THAT(loud.reason, StartsWith("on b: "));
  EXPECT_EQ(played("  a: open\n  b: open\n  quiet 50ms\n  a: finish\n  b: finish\n").verdict, Verdict::pass);
}

TEST(Several, AServerThatHasEnoughIsNoFault) {
  const auto result =
      played("  c[40]: open\n  c: > ping \"x\"\n  c: < pong \"x\"\n", "", "refuses-the-31st-client");
  EXPECT_EQ(result.verdict, Verdict::skipped) << result.reason;
}

TEST(Several, MoreThanAreAllowedAreNotOpened) {
  const auto suite =
      suite_of("case t.many\n  c[5]: open\n  c: finish\ncase t.few\n  c[2]: open\n  c: finish\n");
  Server server(peer_with(""));
  auto options = options_for(server);
  options.connections = 4;
  const auto run = run_cases(suite, all_of(suite), options);
  EXPECT_EQ(run.results.at(0).verdict, Verdict::skipped);
  EXPECT_THAT(run.results.at(0).reason, HasSubstr("5 connections open, and 4 are allowed"));
  EXPECT_EQ(run.results.at(1).verdict, Verdict::pass) << run.results.at(1).reason;
}

TEST(Several, AreSkippedWhereClientsHearEachOther) {
  auto options = default_run_options(Address{});
  TargetFingerprint found;
  found.echoes = found.hears_others = true;
  apply(found, {}, options.address, options.profile);
  EXPECT_FALSE(options.profile.features.contains("company"));
}

// In memory the order in which things come that were sent at once is the seed's.
TEST(Several, EachSeedIsAnOrderOfItsOwn) {
  const auto suite =
      suite_of("case t.one\n  c[6]: open\n  burst\n  c: > text \"member \" $member\n  end\n  quiet 10ms\n");
  std::set<std::string> orders;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    MemoryRunOptions options;
    options.seed = seed;
    options.profile = peer_profile();
    const auto run = run_in_memory(suite, all_of(suite), options).value();
    const auto again = run_in_memory(suite, all_of(suite), options).value();
    EXPECT_EQ(run.results.at(0).reason, again.results.at(0).reason);
    orders.insert(run.results.at(0).reason);
  }
  EXPECT_GT(orders.size(), 1u);
}

}  // namespace
}  // namespace wsspec::several_test
