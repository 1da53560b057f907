#include "run/runner.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

#include "run/evidence.h"
#include "run/losses.h"
#include "run/schedule.h"
#include "run/testing_suite.h"
#include "target/testing_server.h"

namespace wsspec::runner_test {
namespace {

using namespace std::chrono_literals;
using testkit::act, testkit::all_of, testkit::good_cases, testkit::Hose, testkit::plays,
    testkit::reference_peer, testkit::say, testkit::Server, testkit::suite_of, testkit::until_end,
    testkit::until_octets;

RunOptions hasty(const Address& address) {
  auto options = default_run_options(address);
  options.profile.time_scale = 0.5;
  return options;
}

int count(const RunResult& run, Verdict verdict) {
  return tally(run)[verdict];
}

/// What every run owes, however it went.
void expect_complete(const RunResult& run, std::size_t planned) {
  ASSERT_EQ(run.results.size(), planned);
  for (const auto& result : run.results) {
    EXPECT_FALSE(result.id.empty());
    EXPECT_TRUE(result.verdict == Verdict::pass || !result.reason.empty()) << result.id;
  }
}

TEST(Runner, AGoodServerIsGreen) {
  Server server(reference_peer());
  const auto suite = suite_of(good_cases(40));
  const auto run = run_cases(suite, all_of(suite), hasty(server.address()));
  expect_complete(run, 40);
  EXPECT_EQ(count(run, Verdict::pass), 40);
  EXPECT_EQ(exit_of(run, {}), Exit::as_expected);
  ASSERT_TRUE(run.fingerprint);
  EXPECT_TRUE(run.fingerprint->echoes);
  EXPECT_TRUE(run.fatal.empty());
}

TEST(Runner, WhatIsWrongEachTimeIsToldOnce) {
  const auto suite = load_suite(WSSPEC_SOURCE_DIR "/cases").value();
  PeerOptions peer;
  peer.defects = {"mask.masks-close"};
  for (const auto* about : {"handshake.reply.frames-follow", "close.code.valid[1001]"}) {
    Selection selection;
    selection.include = {about, "close.code.valid*"};
    const auto selected = select(suite, selection).value();
    ASSERT_GT(selected.cases.size(), 3U);
    Server server(reference_peer(peer));
    const auto run = run_cases(suite, selected, hasty(server.address()));
    EXPECT_EQ(count(run, Verdict::fail), 1) << about;
    for (const auto& result : run.results) {
      if (result.verdict == Verdict::fail) {
        EXPECT_EQ(result.clause.substr(0, 20), "RFC 6455 section 5.1") << result.id;
      }
    }
  }
}

TEST(Runner, HostileServersEndInExitFiveWithAReason) {
  struct Row {
    const char* name;
    Driver::Welcome factory;
    const char* words;
  };
  const Row rows[] = {
      {"silent", plays({until_end(30s)}), "does not answer"},
      {"garbage", [] { return std::make_unique<Hose>("", Bytes(1 << 16, '\x07')); }, "does not speak HTTP"},
      {"endless",
       [] { return std::make_unique<Hose>("HTTP/1.1 101 X\r\n", "X: " + Bytes(1000, 'a') + "\r\n"); },
       "without end"},
      {"404", plays({until_octets(1), say("HTTP/1.1 404 Not Found\r\n\r\n")}), "is the path right"},
  };
  const auto suite = suite_of(good_cases(5));
  for (const auto& row : rows) {
    Server server(row.factory);
    const auto run = run_cases(suite, all_of(suite), hasty(server.address()));
    expect_complete(run, 5);
    EXPECT_EQ(count(run, Verdict::not_run), 5) << row.name;
    EXPECT_NE(run.fatal.find(row.words), std::string::npos) << row.name << ": " << run.fatal;
    EXPECT_EQ(exit_of(run, {}), Exit::unreachable) << row.name;
  }
}

TEST(Runner, NobodyThereIsExitFive) {
  Address address;
  {
    Server server(plays({}));
    address = server.address();
  }
  const auto suite = suite_of(good_cases(3));
  const auto run = run_cases(suite, all_of(suite), hasty(address));
  expect_complete(run, 3);
  EXPECT_EQ(exit_of(run, {}), Exit::unreachable);
  EXPECT_NE(run.fatal.find("connection refused"), std::string::npos);
}

TEST(Runner, AnUnknownHostIsExitFive) {
  const auto suite = suite_of(good_cases(1));
  const auto run =
      run_cases(suite, all_of(suite), hasty(parse_address("ws://no-such-host.invalid/").value()));
  EXPECT_EQ(exit_of(run, {}), Exit::unreachable);
  EXPECT_NE(run.fatal.find("cannot be resolved"), std::string::npos);
}

TEST(Runner, NothingSelectedIsExitFour) {
  const auto suite = suite_of(good_cases(1));
  EXPECT_EQ(exit_of(run_cases(suite, Selected{}, hasty(Address{})), {}), Exit::nothing_selected);
}

TEST(Runner, HugeDeclaredLengthsAndGarbageTakeNeitherMemoryNorTime) {
  // A correct handshake, then a frame that declares 2^62 octets, then its payload without end.
  struct Liar : Endpoint {
    explicit Liar(std::shared_ptr<PeerWorld> world) : peer(world) {}
    Action next(Instant now) override {
      if (over) return Action::close();
      if (flooding) return Action::send(block);
      const auto action = peer.next(now);
      if (action.kind == Action::Kind::send && !greeted) {
        greeted = true;
        head.assign(action.bytes);
        head += Bytes("\x82\x7f\x40\0\0\0\0\0\0\0", 10);
        flooding = true;
        return Action::send(head);
      }
      return action;
    }
    void received(MutableBytes bytes, Instant now) override { peer.received(bytes, now); }
    void ended(End, Instant) override { over = true; }
    Peer peer;
    Bytes head, block = Bytes(1 << 18, 'z');
    bool greeted = false, flooding = false, over = false;
  };
  auto world = PeerWorld::make({}).value();
  Server server([world] { return std::make_unique<Liar>(world); });
  auto options = hasty(server.address());
  options.probe = false;
  options.repeat = 0;
  const auto suite = suite_of(good_cases(6));
  const auto before = sample_self()->memory;
  const auto began = std::chrono::steady_clock::now();
  const auto run = run_cases(suite, all_of(suite), options);
  expect_complete(run, 6);
  EXPECT_EQ(count(run, Verdict::pass), 0);
  EXPECT_LT(sample_self()->memory, before + (400U << 20));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
}

TEST(Runner, AServerThatResetsAtAnyStepIsJudgedNotFeared) {
  for (const std::size_t octets : {1, 60, 140}) {
    // Serves the probe's connections and then cuts each connection after so many octets.
    auto world = PeerWorld::make({}).value();
    struct Cutter : Endpoint {
      Cutter(std::shared_ptr<PeerWorld> w, std::size_t most) : peer(w), left(most) {}
      Action next(Instant now) override { return left == 0 ? Action::reset() : peer.next(now); }
      void received(MutableBytes bytes, Instant now) override {
        const auto taken = std::min(left, bytes.size());
        left -= taken;
        if (left > 0) peer.received(bytes, now);
      }
      void ended(End how, Instant now) override { peer.ended(how, now); }
      Peer peer;
      std::size_t left;
    };
    auto connections = std::make_shared<std::atomic<int>>(0);
    Server server([=]() -> std::unique_ptr<Endpoint> {
      if ((*connections)++ % 3 != 1) return std::make_unique<Peer>(world);
      return std::make_unique<Cutter>(world, octets);
    });
    auto options = hasty(server.address());
    options.probe = false;
    options.jobs = 1;
    options.repeat = 0;
    const auto suite = suite_of(good_cases(6));
    const auto run = run_cases(suite, all_of(suite), options);
    expect_complete(run, 6);
    EXPECT_GT(count(run, Verdict::pass), 0) << octets;
    EXPECT_LT(count(run, Verdict::pass), 6) << octets;
    EXPECT_TRUE(run.fatal.empty()) << run.fatal;
    EXPECT_EQ(exit_of(run, {}), Exit::red);
  }
}

TEST(Runner, AServerThatDiesKeepsTheResultsSoFar) {
  auto world = PeerWorld::make({}).value();
  auto served = std::make_shared<std::atomic<int>>(0);
  Server* self = nullptr;
  Server server([&, world, served]() -> std::unique_ptr<Endpoint> {
    if (++*served > 20) self->die();
    return std::make_unique<Peer>(world);
  });
  self = &server;
  auto options = hasty(server.address());
  options.jobs = 1;
  options.probe = false;
  const auto suite = suite_of(good_cases(60));
  const auto run = run_cases(suite, all_of(suite), options);
  expect_complete(run, 60);
  EXPECT_GE(count(run, Verdict::pass), 15) << run.fatal << run.results[0].reason;
  EXPECT_GT(count(run, Verdict::not_run), 0);
  EXPECT_NE(run.fatal.find("serves no more"), std::string::npos) << run.fatal;
  EXPECT_EQ(exit_of(run, {}), Exit::unreachable);
}

constexpr const char* kBadOpcode =
    "case bad.opcode\n  open\n  > frame op=3 \"?\"\n  < fail 1002\n"
    "case bad.rsv\n  open\n  > text rsv=2 \"?\"\n  < fail 1002\n";

/// A peer that burns 300 ms of CPU in a thread of its own behind each connection that sent it much.
class Burner : public Endpoint {
 public:
  explicit Burner(std::unique_ptr<Endpoint> peer) : peer_(std::move(peer)) {}
  ~Burner() override {
    if (octets_ > 20'000) std::thread(burn).detach();
  }
  Action next(Instant now) override { return peer_->next(now); }
  void received(MutableBytes bytes, Instant now) override {
    octets_ += bytes.size();
    peer_->received(bytes, now);
  }
  void ended(End how, Instant now) override { peer_->ended(how, now); }

 private:
  static void burn() {
    const auto used = [] {
      timespec time{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
    };
    while (used() < 300ms) {
    }
  }
  std::unique_ptr<Endpoint> peer_;
  std::uint64_t octets_ = 0;
};

/// Dies of the first octet that anybody sends.
class Touchy : public Endpoint {
 public:
  Action next(Instant) override { return Action::wait(); }
  void received(MutableBytes, Instant) override {
    std::fputs("I cannot go on\n", stderr);
    std::abort();
  }
  void ended(End, Instant) override { std::fputs("nobody spoke\n", stderr); }
};

TEST(Runner, WhyACaseWasNotPlayedIsOneLine) {
  auto options = hasty({});
  options.launch.emplace();
  options.launch->command = "echo 'no such module'; echo 'giving up'; exit 3";
  const auto suite = suite_of(good_cases(2));
  const auto run = run_cases(suite, all_of(suite), options);
  EXPECT_NE(run.fatal.find("giving up"), std::string::npos) << run.fatal;
  for (const auto& result : run.results)
    EXPECT_EQ(result.reason.find('\n'), std::string::npos) << result.reason;
}

/// The test program itself, started again as a server that dies when a defect says so.
Launch peer_process(const std::string& defect) {
  Launch launch;
  launch.command = "exec '" + std::string(std::getenv("WSSPEC_SELF")) +
                   "' --gtest_also_run_disabled_tests --gtest_filter='PeerProcess.DISABLED_Serve'";
  launch.environment = {"WSSPEC_TEST_PORT=" + std::to_string(20000 + ::getpid() % 8000),
                        "WSSPEC_TEST_DEFECT=" + defect};
  launch.ready_timeout = 10s;
  return launch;
}

TEST(PeerProcess, DISABLED_Serve) {
  const char* port = std::getenv("WSSPEC_TEST_PORT");
  if (port == nullptr) GTEST_SKIP() << "only as a launched target";
  PeerOptions options;
  const std::string defect = std::getenv("WSSPEC_TEST_DEFECT");
  const bool burns = defect == "burns-behind-the-close";
  const bool touchy = defect == "dies-of-anything";
  if (!defect.empty() && !burns && !touchy) options.defects = {defect};
  auto world = PeerWorld::make(options).value();
  Driver driver;
  Address address;
  address.port = static_cast<std::uint16_t>(std::stoi(port));
  ASSERT_TRUE(driver.listen({.address = address}, [=]() -> std::unique_ptr<Endpoint> {
    if (touchy) return std::make_unique<Touchy>();
    auto peer = std::make_unique<Peer>(world);
    if (burns) return std::make_unique<Burner>(std::move(peer));
    return peer;
  }));
  for (;;) {
    driver.run(driver.now() + 1ms);
    if (world->crashed()) std::abort();
  }
}

class Launched : public ::testing::Test {
 protected:
  void SetUp() override {
    char path[4096];
    const auto size = ::readlink("/proc/self/exe", path, sizeof path - 1);
    ASSERT_GT(size, 0);
    path[size] = 0;
    ::setenv("WSSPEC_SELF", path, 1);
  }
  RunResult run(const std::string& cases, const std::string& defect, std::optional<bool> stop = {}) {
    suite_ = suite_of(cases);
    Address address;
    address.port = static_cast<std::uint16_t>(20000 + ::getpid() % 8000);
    auto options = hasty(address);
    options.profile.time_scale = 0.3;
    options.launch = peer_process(defect);
    // The probe's own large message would leave the target's heap grown, so that a case above the budget
    // takes nothing new.
    options.probe = !budget_.declared();
    options.stop_at_harm = stop.value_or(false);
    options.cost_budget = budget_;
    return run_cases(suite_, all_of(suite_), options);
  }
  Suite suite_;
  CostBudget budget_;
};

TEST_F(Launched, AHealthyTargetIsGreenAndItsCostIsKnown) {
  const auto result = run(good_cases(10), "");
  expect_complete(result, 10);
  EXPECT_EQ(exit_of(result, {}), Exit::as_expected) << result.fatal;
  EXPECT_TRUE(result.target_cpu_seconds.has_value());
}

TEST_F(Launched, TheCaseThatKillsIsNamedAndTheRunGoesOn) {
  const auto result = run(good_cases(20) + kBadOpcode, "server.dies-of-reserved-opcode");
  expect_complete(result, 22);
  EXPECT_TRUE(result.fatal.empty()) << result.fatal;
  for (const auto& one : result.results) {
    EXPECT_EQ(one.target_died, one.id == "bad.opcode") << one.id << ": " << one.reason;
    EXPECT_EQ(one.verdict, one.id == "bad.opcode" ? Verdict::fail : Verdict::pass)
        << one.id << ": " << one.reason;
  }
  EXPECT_NE(result.results[20].reason.find("signal 6"), std::string::npos) << result.results[20].reason;
  EXPECT_EQ(exit_of(result, {}), Exit::red);
}

TEST_F(Launched, ALegalCaseThatKillsIsNamedToo) {
  const auto result = run("case legal.cut\n  open\n  > text fin=0 \"a\"\n  > eof\n  < gone\n" + good_cases(8),
                          "server.dies-of-cut-message");
  expect_complete(result, 9);
  for (const auto& one : result.results)
    EXPECT_EQ(one.target_died, one.id == "legal.cut") << one.id << ": " << one.reason;
}

TEST_F(Launched, ACaseAboveTheDeclaredBudgetFails) {
  budget_.memory = 4 << 20;
  const auto result =
      run(good_cases(3) + "case big\n  open\n  > binary fill(16M)\n  < binary fill(16M)\n", "");
  expect_complete(result, 4);
  EXPECT_EQ(count(result, Verdict::pass), 3);
  EXPECT_EQ(result.results[3].verdict, Verdict::fail);
  EXPECT_FALSE(result.results[3].flaky);
  EXPECT_NE(result.results[3].reason.find("the budget is 4.0 MiB"), std::string::npos)
      << result.results[3].reason;
}

// The case after it waits long enough for all of the work to fall into its time.
TEST_F(Launched, WhatTheTargetSpendsBehindTheCloseOfACaseIsThatCases) {
  budget_.cpu = 150ms;
  const auto result = run(good_cases(20) +
                              "case dear\n  open\n  > binary fill(30000)\n  < binary fill(30000)\n  finish\n"
                              "case patient\n  open\n  pause 4s\n  finish\n",
                          "burns-behind-the-close");
  expect_complete(result, 22);
  EXPECT_EQ(count(result, Verdict::pass), 21) << result.fatal;
  const auto& dear = result.results[20];
  EXPECT_EQ(dear.verdict, Verdict::fail) << dear.reason;
  EXPECT_NE(dear.reason.find("the budget is 0.15 s"), std::string::npos) << dear.reason;
  EXPECT_EQ(exit_of(result, {}), Exit::red);
}

TEST_F(Launched, ATargetThatDiesAtTheFirstHandshakeIsARedCaseWithItsLog) {
  const auto result = run(good_cases(3) + "case handshake.plain\n  open\n  finish\n", "dies-of-anything");
  expect_complete(result, 4);
  EXPECT_NE(result.fatal.find("signal 6"), std::string::npos) << result.fatal;
  EXPECT_NE(result.fatal.find("before the first case"), std::string::npos) << result.fatal;
  EXPECT_EQ(count(result, Verdict::not_run), 3);
  EXPECT_EQ(result.results[3].verdict, Verdict::fail);
  EXPECT_TRUE(result.results[3].target_died);
  EXPECT_NE(result.results[3].target_log.find("I cannot go on"), std::string::npos)
      << result.results[3].target_log;
  EXPECT_EQ(exit_of(result, {}), Exit::unreachable);
}

// Each death costs a restart. Three equal ones stand for the rest of their kind when time is short.
TEST_F(Launched, ManyDeathsEndInTimeAndNoneIsLost) {
  std::string cases = good_cases(10) + "case bad.opcode\n  each n in";
  for (int i = 0; i < 400; ++i) cases += " " + std::to_string(i);
  const auto result =
      run(cases + "\n  open\n  > frame op=3 fill($n)\n  < fail 1002\n", "server.dies-of-reserved-opcode");
  expect_complete(result, 410);
  EXPECT_TRUE(result.fatal.empty()) << result.fatal;
  EXPECT_LT(result.duration, 60s);
  int died = 0, same = 0;
  for (const auto& one : result.results) {
    died += one.target_died;
    same += one.verdict == Verdict::not_run && one.reason.starts_with("not played: ");
    EXPECT_TRUE(one.verdict != Verdict::pass || one.id.starts_with("good")) << one.id;
  }
  EXPECT_GE(died, 3);
  EXPECT_GT(same, 100);
  EXPECT_EQ(exit_of(result, {}), Exit::red);
}

TEST_F(Launched, ADeathInTheLastCaseIsFoundAfterTheRun) {
  const auto result = run(std::string("case last.one\n  open\n  > frame op=3 \"?\"\n  < fail 1002\n"),
                          "server.dies-of-reserved-opcode");
  expect_complete(result, 1);
  EXPECT_TRUE(result.results[0].target_died);
  EXPECT_EQ(result.results[0].verdict, Verdict::fail);
}

TEST_F(Launched, AHangIsADeathToo) {
  const auto result = run(good_cases(3) + kBadOpcode, "server.hangs-after-fault");
  expect_complete(result, 5);
  EXPECT_TRUE(result.fatal.empty()) << result.fatal;
  EXPECT_EQ(result.results[3].verdict, Verdict::fail);
  EXPECT_EQ(result.results[4].verdict, Verdict::fail);
  EXPECT_EQ(count(result, Verdict::pass), 3);
}

TEST_F(Launched, CanStopAtTheFirstHarm) {
  const auto result = run(std::string(kBadOpcode) + good_cases(300), "server.dies-of-reserved-opcode", true);
  expect_complete(result, 302);
  EXPECT_NE(result.fatal.find("stopped there"), std::string::npos) << result.fatal;
}

TEST(Runner, ATargetThatNeverAnswersHasItsTimeAndTheRestIsNamed) {
  Server server(reference_peer());
  auto options = hasty(server.address());
  options.profile.time_scale = 0.1;
  std::string cases;
  for (const std::string name : {"a", "b", "c", "d"}) {
    cases += "case " + name + ".silent\n  each n in";
    for (int i = 0; i < 200; ++i) cases += " " + std::to_string(i);
    cases += "\n  open\n  > text fin=0 \"a\"\n  < text \"a\"\n";
  }
  const auto suite = suite_of(cases + good_cases(20));
  const auto run = run_cases(suite, all_of(suite), options);
  expect_complete(run, 820);
  EXPECT_LT(run.duration,
            20s);  // Played in full it is 800 silences of 0.4 s, eight at a time, and a repetition each.
  EXPECT_GE(count(run, Verdict::weak), 3);  // They cover no requirement here.
  int same = 0;
  for (const auto& one : run.results) same += one.reason.starts_with("not played: same as a.silent[");
  EXPECT_GT(same, 0);
}

TEST(Runner, InterruptKeepsWhatThereIs) {
  Server server(reference_peer());
  std::atomic<bool> interrupted = false;
  struct Interrupter : Observer {
    explicit Interrupter(std::atomic<bool>& f) : flag(f) {}
    void judged(const CaseResult&, std::size_t done, std::size_t) override { flag = done >= 10; }
    std::atomic<bool>& flag;
  } observer(interrupted);
  auto options = hasty(server.address());
  options.interrupted = &interrupted;
  const auto suite = suite_of(good_cases(500));
  const auto run = run_cases(suite, all_of(suite), options, &observer);
  expect_complete(run, 500);
  EXPECT_TRUE(run.interrupted);
  EXPECT_GE(count(run, Verdict::pass), 10);
  EXPECT_GT(count(run, Verdict::not_run), 0);
  EXPECT_EQ(exit_of(run, {}), Exit::interrupted);
}

TEST(Runner, TheBudgetLeavesTheRestNotRun) {
  Server server(reference_peer());
  auto options = hasty(server.address());
  options.probe = false;
  options.rate = 50;
  options.budget = 200ms;
  const auto suite = suite_of(good_cases(100));
  const auto run = run_cases(suite, all_of(suite), options);
  expect_complete(run, 100);
  EXPECT_GT(count(run, Verdict::not_run), 50);
  EXPECT_NE(run.results.back().reason.find("budget"), std::string::npos);
}

TEST(Runner, TheRateIsKept) {
  Server server(reference_peer());
  auto options = hasty(server.address());
  options.probe = false;
  options.rate = 100;
  const auto suite = suite_of(good_cases(30));
  const auto run = run_cases(suite, all_of(suite), options);
  EXPECT_EQ(count(run, Verdict::pass), 30);
  EXPECT_GE(run.duration, 280ms);
  EXPECT_LT(run.duration, 2s);
}

TEST(Runner, AVerdictThatChangesWhenRepeatedIsFlaky) {
  auto world = PeerWorld::make({}).value();
  auto connections = std::make_shared<std::atomic<int>>(0);
  Server server([=]() -> std::unique_ptr<Endpoint> {
    // The first is the look whether we serve, the second fails.
    if ((*connections)++ == 1)
      return std::make_unique<testkit::Scripted>(std::vector{until_octets(1), act(Action::close())});
    return std::make_unique<Peer>(world);
  });
  auto options = hasty(server.address());
  options.probe = false;
  const auto suite = suite_of(good_cases(1));
  const auto run = run_cases(suite, all_of(suite), options);
  expect_complete(run, 1);
  EXPECT_TRUE(run.results[0].flaky) << run.results[0].reason;
  EXPECT_EQ(run.results[0].repeats.size(), 1U);
  EXPECT_EQ(exit_of(run, {}), Exit::red);
  Gate lenient;
  lenient.allow_flaky = true;
  EXPECT_EQ(exit_of(run, lenient), Exit::as_expected);
}

TEST(Runner, DestructiveCasesAreSkippedWhereNotAllowed) {
  Server server(reference_peer());
  auto options = hasty(server.address());
  options.allow_destructive = false;
  const auto suite = suite_of("case harm\n  tags destructive\n  open\n  finish\n" + good_cases(1));
  const auto run = run_cases(suite, all_of(suite), options);
  EXPECT_EQ(run.results[0].verdict, Verdict::skipped);
  EXPECT_EQ(plan_of(all_of(suite), options)[0], "harm  (skipped: destructive; needs --allow-destructive)");
}

TEST(Runner, LongCasesAreSkippedUnlessNamed) {
  Server server(reference_peer());
  const auto suite = suite_of("case still.long\n  tags long\n  open\n  finish\n" + good_cases(1));
  const auto run = run_cases(suite, *select(suite, {}), hasty(server.address()));
  EXPECT_EQ(run.results[0].verdict, Verdict::skipped);
  EXPECT_EQ(run.results[0].reason, "it measures for minutes, when it is asked to: --filter still");
  const auto named = run_cases(suite, *select(suite, {.include = {"still"}}), hasty(server.address()));
  EXPECT_EQ(named.results[0].verdict, Verdict::pass) << named.results[0].reason;
}

// However broken the target is: what may be lost by that is known before the first connection.
TEST(Runner, SaysAtPlanningWhatFaultsMayCost) {
  struct Planned : Observer {
    void planned(const RunResult&, std::size_t, Duration for_faults) override { told = for_faults; }
    Duration told{};
  } observer;
  const auto suite = suite_of(good_cases(1));
  auto options = default_run_options(parse_address("ws://127.0.0.1:1/").value());
  options.profile.time_scale = 2;
  options.profile.features.clear();
  run_cases(suite, all_of(suite), options, &observer);
  EXPECT_EQ(observer.told, 2 * Losses::kMost);
}

TEST(Polite, IsTheDefaultElsewhereOnly) {
  const auto far = default_run_options(parse_address("wss://echo.example/").value());
  EXPECT_FALSE(far.allow_destructive);
  EXPECT_GT(far.rate, 0);
  EXPECT_LE(far.jobs, 2);
  EXPECT_TRUE(far.stop_at_harm);
  EXPECT_FALSE(far.profile.features.contains("loopback"));
  const auto near = default_run_options(parse_address("ws://127.0.0.1:9001/").value());
  EXPECT_TRUE(near.allow_destructive);
  EXPECT_EQ(near.rate, 0);
  // The loopback of a proxy is its own, and a name only promises.
  EXPECT_GT(default_run_options(parse_address("ws://127.0.0.1:9001/").value(), true).rate, 0);
  EXPECT_GT(
      default_run_options(parse_address("ws://no-such-name.localhost.localhost.invalid:9001/").value()).rate,
      0);
  EXPECT_EQ(default_run_options(parse_address("ws://[::1]:9001/").value()).rate, 0);
}

TEST(Schedule, EachCaseHasOnePlace) {
  const auto suite = suite_of(
      "case a\n  tags slow\n  open\n  finish\ncase b\n  tags timing\n  open\n  finish\ncase c\n  tags "
      "destructive slow\n  open\n  finish\ncase d\n  tags limit\n  open\n  finish\n" +
      good_cases(2));
  const auto plan = schedule(all_of(suite));
  EXPECT_EQ(plan.patient, std::vector<std::size_t>{0});
  EXPECT_EQ(plan.alone, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(plan.large, std::vector<std::size_t>{3});
  EXPECT_EQ(plan.together, (std::vector<std::size_t>{4, 5}));
}

TEST(Evidence, OnlyALaterConnectionVouches) {
  Evidence evidence;
  evidence.ended(1, 10ms, true);
  evidence.ended(2, 20ms, true);
  evidence.served(15ms);
  EXPECT_EQ(evidence.suspects(), std::vector<std::size_t>{2});
  evidence.served(19ms);
  EXPECT_FALSE(evidence.complete());
  evidence.ended(3, 20ms, false);
  evidence.ended(4, 21ms, false);
  evidence.served(20ms);
  EXPECT_TRUE(evidence.complete());
  EXPECT_EQ(evidence.bystanders(), std::vector<std::size_t>{4});
}

}  // namespace
}  // namespace wsspec::runner_test
