#include "target/target.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdlib>

#include <filesystem>
#include <thread>

namespace wsspec::target_test {
namespace {

using namespace std::chrono_literals;

Launch shell(std::string command, std::string ready = "log:ready") {
  Launch launch;
  launch.command = std::move(command);
  launch.ready = std::move(ready);
  launch.ready_timeout = 2s;
  launch.stop_timeout = 200ms;
  return launch;
}

TEST(TargetProcess, StartsSaysReadyAndEndsItsWholeGroup) {
  TargetProcess target(shell("sleep 60 & echo group $$; echo ready; wait"), "127.0.0.1", 1);
  ASSERT_TRUE(target.start());
  EXPECT_TRUE(target.running());
  const auto log = target.take_log();
  const int group = std::stoi(log.substr(log.find("group ") + 6));
  EXPECT_TRUE(group_alive(group));
  const auto sample = target.sample();
  ASSERT_TRUE(sample);
  EXPECT_GE(sample->processes, 2);
  EXPECT_GT(sample->memory, 0U);
  target.stop();
  EXPECT_FALSE(target.running());
  EXPECT_FALSE(group_alive(group));
}

/// The number behind `word` in what the target printed.
pid_t number_behind(const std::string& log, const std::string& word) {
  const auto at = log.find(word);
  return at == log.npos ? 0 : std::stoi(log.substr(at + word.size()));
}

bool gone_soon(pid_t pid) {
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (::kill(pid, 0) == 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(10ms);
  return ::kill(pid, 0) != 0;
}

// What leaves the process group and its parents is ours all the same.
TEST(TargetProcess, EndsWhatDaemonizesItself) {
  TargetProcess target(
      shell("(setsid sh -c 'echo daemon $$; echo ready; exec sleep 600' &) ; exec sleep 600"), "127.0.0.1",
      1);
  ASSERT_TRUE(target.start());
  const auto daemon = number_behind(target.take_log(), "daemon ");
  ASSERT_GT(daemon, 1);
  EXPECT_EQ(::kill(daemon, 0), 0);
  target.stop();
  EXPECT_NE(::kill(daemon, 0), 0);
}

// Nothing can be done in a process that is killed, so another one has to.
TEST(TargetProcess, NothingOutlivesUsWhenWeAreKilled) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t us = ::fork();
  if (us == 0) {
    TargetProcess target(
        shell("(setsid sh -c 'echo daemon $$; exec sleep 600' &) ; echo server $$; sleep 0.2; "
              "echo ready; exec sleep 600"),
        "127.0.0.1", 1);
    const bool started = target.start().has_value();
    const auto log = started ? target.take_log() : std::string();
    const pid_t both[2] = {number_behind(log, "server "), number_behind(log, "daemon ")};
    (void)!::write(pipe[1], both, sizeof both);
    ::raise(SIGKILL);
  }
  ::close(pipe[1]);
  pid_t both[2] = {};
  ASSERT_EQ(::read(pipe[0], both, sizeof both), static_cast<ssize_t>(sizeof both));
  ::close(pipe[0]);
  ::waitpid(us, nullptr, 0);
  ASSERT_GT(both[0], 1);
  ASSERT_GT(both[1], 1);
  EXPECT_TRUE(gone_soon(both[0]));
  EXPECT_TRUE(gone_soon(both[1]));
}

TEST(TargetProcess, AnInterruptAndADeadlineEndTheWaitForReadiness) {
  const std::atomic<bool> yes = true;
  auto launch = shell("sleep 600");
  launch.ready_timeout = 600s;
  launch.interrupted = &yes;
  auto started = TargetProcess(launch, "127.0.0.1", 1).start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().what.find("interrupted"), std::string::npos) << started.error().what;
  launch.interrupted = nullptr;
  launch.until = std::chrono::steady_clock::now() + 100ms;
  started = TargetProcess(launch, "127.0.0.1", 1).start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().what.find("used up"), std::string::npos) << started.error().what;
}

TEST(TargetProcess, AnErrorShowsItsOutputAsLines) {
  const auto started = TargetProcess(shell("echo one; echo two; exit 1"), "127.0.0.1", 1).start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().where, "--start");
  EXPECT_EQ(started.error().hint, "it printed\n    one\n    two");
}

// The name of a socket is no command, whatever quotes somebody put around the place for it.
TEST(TargetProcess, TheSocketsNameIsQuotedForTheShell) {
  const std::string folder = ::testing::TempDir() + "wsspec_quoted";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const std::string form : {"{socket}", "'{socket}'", "\"{socket}\""}) {
    auto launch = shell("echo " + form + "; echo ready; sleep 5");
    launch.directory = folder;
    TargetProcess target(launch, "localhost", 1, "/x y'$(touch${IFS}pwned)`touch pwned`;touch pwned");
    (void)target.start();
    const auto log = target.take_log();
    EXPECT_TRUE(form != "{socket}" || log.starts_with("/x y'$(touch${IFS}pwned)`touch pwned`;touch pwned\n"))
        << log;
    EXPECT_FALSE(std::filesystem::exists(folder + "/pwned")) << form;
  }
}

TEST(TargetProcess, OneThatIgnoresTermIsKilled) {
  TargetProcess target(shell("trap '' TERM; echo ready; while :; do sleep 1; done"), "127.0.0.1", 1);
  ASSERT_TRUE(target.start());
  const auto before = std::chrono::steady_clock::now();
  target.stop();
  EXPECT_FALSE(target.running());
  EXPECT_LT(std::chrono::steady_clock::now() - before, 2s);
}

TEST(TargetProcess, SaysHowItDied) {
  struct Row {
    const char *command, *words;
  };
  const Row rows[] = {
      {"echo ready; sleep 0.05; exit 3", "exited with status 3"},
      {"echo ready; sleep 0.05; kill -ABRT $$", "killed by signal 6 (Aborted)"},
      {"echo ready; sleep 0.05; sh -c 'kill -SEGV $$'", "killed by signal 11"},
      {"echo ready; sleep 0.05; echo '==1==ERROR: AddressSanitizer: heap-use-after-free on 0x1'; exit 1",
       "heap-use-after-free"},
  };
  for (const auto& row : rows) {
    TargetProcess target(shell(row.command), "127.0.0.1", 1);
    ASSERT_TRUE(target.start()) << row.command;
    const auto death = target.death(2s);
    ASSERT_TRUE(death) << row.command;
    EXPECT_NE(death->words.find(row.words), std::string::npos) << death->words;
  }
}

TEST(TargetProcess, CannotStart) {
  {
    TargetProcess target(shell("echo no such luck; exit 1"), "127.0.0.1", 1);
    const auto started = target.start();
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().hint.find("no such luck"), std::string::npos);
  }
  {
    auto launch = shell("sleep 5");
    launch.ready_timeout = 100ms;
    TargetProcess target(launch, "127.0.0.1", 1);
    const auto started = target.start();
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().what.find("not ready within 100ms"), std::string::npos) << started.error().what;
  }
  EXPECT_FALSE(TargetProcess(shell("true", "log:("), "127.0.0.1", 1).start());
  EXPECT_FALSE(TargetProcess(shell("true", "soon"), "127.0.0.1", 1).start());
  auto elsewhere = shell("echo ready; sleep 1");
  elsewhere.directory = "/nonexistent";
  EXPECT_FALSE(TargetProcess(elsewhere, "127.0.0.1", 1).start());
}

TEST(TargetProcess, TheCommandKnowsPortHostAndEnvironment) {
  // Of what we have as well, a shell would take the last.
  ASSERT_EQ(::setenv("COLOUR", "red", 1), 0);
  auto launch = shell("echo {host} {port} $COLOUR; echo ready; sleep 5");
  launch.environment = {"COLOUR=green"};
  TargetProcess target(launch, "127.0.0.1", 4711);
  ASSERT_TRUE(target.start());
  EXPECT_NE(target.take_log().find("127.0.0.1 4711 green"), std::string::npos);
}

// A pattern that a matcher with backtracking needs exponential time for.
TEST(TargetProcess, AReadyPatternCostsLinearTime) {
  TargetProcess target(shell("head -c 3000 /dev/zero | tr '\\0' a; echo; echo aaab ready; sleep 5",
                             "log:^(a|aa|(a*)*)*b ready"),
                       "127.0.0.1", 1);
  EXPECT_TRUE(target.start());
}

TEST(TargetProcess, LogIsBoundedAndSanitizersAreSeen) {
  TargetProcess target(shell("echo ready; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo 'a.cc:1:2: "
                             "runtime error: overflow'; sleep 5"),
                       "127.0.0.1", 1);
  ASSERT_TRUE(target.start());
  for (int i = 0; i < 100 && target.sanitizer_line().empty(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(target.sanitizer_line(), "a.cc:1:2: runtime error: overflow");
  EXPECT_LE(target.take_log(1 << 30).size(), 512U * 1024);
  EXPECT_TRUE(target.sanitizer_line().empty());
  EXPECT_TRUE(target.running());
}

TEST(TargetProcess, RestartsAndCounts) {
  TargetProcess target(shell("echo ready; sleep 5"), "127.0.0.1", 1);
  ASSERT_TRUE(target.start());
  ASSERT_TRUE(target.restart());
  EXPECT_TRUE(target.running());
  EXPECT_EQ(target.starts(), 2);
}

TEST(Proc, SamplesOurselves) {
  const auto self = sample_self();
  ASSERT_TRUE(self);
  EXPECT_GT(self->memory, 0U);
  EXPECT_GE(self->memory_peak, self->memory / 2);
  EXPECT_GT(self->descriptors, 2);
  EXPECT_GE(self->threads, 1);
  EXPECT_FALSE(sample_group(1 << 30));
}

}  // namespace
}  // namespace wsspec::target_test
