// Nodes: where the connections of a case go, what its commands do, and that what they did is undone.
#include "run/nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "run/runner.h"
#include "run/testing_suite.h"
#include "target/testing_server.h"

namespace wsspec::nodes_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testkit::all_of, testkit::reference_peer, testkit::Server, testkit::suite_of;

TEST(Acts, WhatWasDoneIsUndoneOnce) {
  EXPECT_EQ(undoing("kill-2"), "start-2");
  EXPECT_EQ(undoing("pause-broker"), "resume-broker");
  EXPECT_EQ(undoing("start-2"), "");
  Acts acts({{"kill-2", ":"}, {"start-2", ":"}, {"pause-2", ":"}, {"resume-2", ":"}}, {});
  EXPECT_THAT(acts.to_undo(), IsEmpty());
  acts.command("kill-2");
  acts.command("pause-2");
  EXPECT_THAT(acts.to_undo(), ElementsAre("resume-2", "start-2"));
  acts.command("start-2");
  EXPECT_THAT(acts.to_undo(), ElementsAre("resume-2"));
  acts.command("resume-2");
  EXPECT_THAT(acts.to_undo(), IsEmpty());
}

/// Two servers that know nothing of each other, and a file that a command may write.
class NodesOverTcp : public ::testing::Test {
 protected:
  void SetUp() override {
    file_ =
        (std::filesystem::temp_directory_path() / ("wsspec-nodes-" + std::to_string(::getpid()))).string();
    std::filesystem::remove(file_);
    options_ = default_run_options(first_.address());
    options_.probe = false;
    options_.repeat = 0;
    options_.nodes.nodes = {first_.address(), second_.address()};
  }
  void TearDown() override { std::filesystem::remove(file_); }

  RunResult play(const std::string& steps) {
    auto suite = suite_of("case t.one\n  covers rfc6455-5.5.2-2\n" + steps);
    suite.ledger["rfc6455-5.5.2-2"].level = Level::must;
    return run_cases(suite, all_of(suite), options_);
  }

  Server first_{reference_peer()}, second_{reference_peer()};
  RunOptions options_;
  std::string file_;
};

constexpr const char* kOne = "  a: open node=\"1\"\n  b: open node=\"2\"\n";

TEST_F(NodesOverTcp, AConnectionGoesWhereItsLineSays) {
  const auto run =
      play("  a: open\n  b[3]: open node=\"2\"\n  a: > ping\n  a: < pong\n  b: > ping\n  b: < pong\n");
  EXPECT_EQ(run.results.at(0).verdict, Verdict::pass) << run.results.at(0).reason;
  EXPECT_EQ(second_.accepted(), 3);
}

TEST_F(NodesOverTcp, WithoutNodesOrTheCommandItIsSkipped) {
  EXPECT_THAT(
      play(std::string(kOne) + "  act kill-2\n  a: > ping\n  a: < pong\n  b: > ping\n").results.at(0).reason,
      HasSubstr("--act 'kill-2=COMMAND'"));
  options_.nodes = {};
  EXPECT_THAT(play(std::string(kOne) + "  a: > ping\n  a: < pong\n  b: > ping\n").results.at(0).reason,
              HasSubstr("--nodes"));
}

TEST_F(NodesOverTcp, TheScriptWaitsForACommandAndItIsUndone) {
  options_.nodes.acts = {{"pause-2", "sleep 0.2; echo {port} > " + file_}, {"resume-2", "rm " + file_}};
  const auto run =
      play(std::string(kOne) + "  act pause-2\n  a: > ping\n  a: < pong\n  b: > ping\n  b: < pong\n");
  EXPECT_EQ(run.results.at(0).verdict, Verdict::pass) << run.results.at(0).reason;
  EXPECT_GE(run.results.at(0).duration, std::chrono::milliseconds(200));
  EXPECT_EQ(run.fatal, "");
  EXPECT_FALSE(std::filesystem::exists(file_)) << "pause-2 was not played, or not undone";
}

TEST_F(NodesOverTcp, ACommandThatFailsIsAnErrorOfTheCase) {
  options_.nodes.acts = {{"kill-2", "echo no such node >&2; exit 3"}, {"start-2", ":"}};
  const auto run = play(std::string(kOne) + "  act kill-2\n  a: > ping\n  a: < pong\n  b: > ping\n");
  EXPECT_EQ(run.results.at(0).verdict, Verdict::error);
  EXPECT_THAT(run.results.at(0).reason, HasSubstr("no such node"));
}

TEST_F(NodesOverTcp, WhatCannotBeUndoneEndsTheRun) {
  options_.nodes.acts = {{"kill-2", ":"}, {"start-2", "exit 4"}};
  const auto run =
      play(std::string(kOne) + "  act kill-2\n  a: > ping\n  a: < pong\n  b: > ping\n  b: < pong\n");
  EXPECT_EQ(run.results.at(0).verdict, Verdict::pass) << run.results.at(0).reason;
  EXPECT_THAT(run.fatal, HasSubstr("could not be undone"));
}

TEST_F(NodesOverTcp, NothingIsDoneToWhatIsNotOurs) {
  options_.nodes.acts = {{"kill-2", "touch " + file_}, {"start-2", ":"}};
  options_.allow_destructive = false;
  const auto run = play(std::string(kOne) + "  act kill-2\n  a: > ping\n  a: < pong\n  b: > ping\n");
  EXPECT_EQ(run.results.at(0).verdict, Verdict::skipped);
  EXPECT_FALSE(std::filesystem::exists(file_));
}

}  // namespace
}  // namespace wsspec::nodes_test
