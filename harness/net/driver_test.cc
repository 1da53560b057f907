#include "net/driver.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>

#include "net/socket.h"
#include "net/testing_endpoints.h"

namespace wsspec::driver_test {
namespace {

using namespace std::chrono_literals;
using testkit::act, testkit::EchoOctets, testkit::say, testkit::Scripted, testkit::until_end,
    testkit::until_octets;

Address at_port(std::uint16_t port) {
  Address address;
  address.port = port;
  return address;
}

/// A listener in a thread of its own.
class Server {
 public:
  explicit Server(Driver::Welcome factory, Address address = at_port(0), TlsOptions tls = {})
      : address_(address) {
    auto port = driver_.listen({.address = address, .tls = std::move(tls)}, std::move(factory));
    EXPECT_TRUE(port) << port.error().what;
    if (port && !address.is_unix()) address_.port = *port;
    thread_ = std::thread([this] {
      while (!stop_) driver_.run();
    });
  }
  ~Server() {
    stop_ = true;
    driver_.wake();
    thread_.join();
  }
  const Address& address() const { return address_; }

 private:
  Driver driver_;
  Address address_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

Ending dial_and_run(const Address& address, Endpoint& endpoint, const DialOptions& options = {}) {
  Driver driver;
  const auto dialer = Dialer::prepare(address, options);
  EXPECT_TRUE(dialer) << dialer.error().what;
  Ending result;
  driver.dial(*dialer, endpoint, [&](const Ending& ending) { result = ending; });
  driver.run();
  return result;
}

Driver::Welcome echoes() {
  return [] { return std::make_unique<EchoOctets>(); };
}

// Whoever waits for clients is told how each of them went, and may play them itself.
TEST(Driver, TheListenerIsToldOfEachEnd) {
  Driver driver;
  Scripted server({until_octets(5), say("world"), act(Action::half_close()), until_end()});
  std::vector<Ending> told;
  const auto port = driver.listen({.address = at_port(0)}, [&] {
    return Driver::Guest(server, [&](const Ending& ending) { told.push_back(ending); });
  });
  ASSERT_TRUE(port);
  Scripted client({say("hello"), until_octets(5), act(Action::half_close()), until_end()});
  const auto dialer = Dialer::prepare(at_port(*port));
  ASSERT_TRUE(dialer);
  bool over = false;
  driver.dial(*dialer, client, [&](const Ending&) { over = true; });
  while (!over || told.empty()) driver.run(driver.now() + 10ms);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].failure, Failure::none);
  EXPECT_EQ(told[0].received, 5U);
  EXPECT_EQ(told[0].sent, 5U);
  EXPECT_EQ(server.seen, "hello");
}

TEST(Driver, EchoOverTcpThenOrderlyEnd) {
  Server server(echoes());
  Scripted client({say("hello"), until_octets(5), act(Action::half_close()), until_end()});
  const auto ending = dial_and_run(server.address(), client);
  EXPECT_EQ(ending.failure, Failure::none) << ending.detail;
  EXPECT_EQ(client.seen, "hello");
  EXPECT_EQ(client.end, End::fin);
  EXPECT_EQ(ending.sent, 5U);
  EXPECT_EQ(ending.received, 5U);
}

TEST(Driver, EchoOverAUnixSocketThatIsRemovedAfterwards) {
  auto address = parse_address("ws+unix://" + ::testing::TempDir() + "wsspec-driver-test-" +
                               std::to_string(::getpid()) + ".sock")
                     .value();
  {
    Server server(echoes(), address);
    Scripted client({say("hello"), until_octets(5), act(Action::close())});
    EXPECT_EQ(dial_and_run(address, client).failure, Failure::none);
    EXPECT_EQ(client.seen, "hello");
  }
  Scripted client({});
  EXPECT_EQ(dial_and_run(address, client).failure, Failure::unreachable);
}

TEST(Driver, TellsWhyNoConnectionCameAbout) {
  std::uint16_t port = 0;
  {
    Driver listener;
    port = listener.listen({.address = at_port(0)}, echoes()).value();
  }
  Scripted client({});
  const auto refused = dial_and_run(at_port(port), client);
  EXPECT_EQ(refused.failure, Failure::refused);
  EXPECT_EQ(refused.detail, "connection refused");
  EXPECT_FALSE(Dialer::prepare(parse_address("ws://no-such-host.invalid/").value()));
}

TEST(Driver, GivesUpConnectingInTime) {
  // A listener whose backlog is full answers no further SYN.
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  Driver filler;
  auto address = at_port(0);
  address.unix_path = ::testing::TempDir() + "wsspec-full-" + std::to_string(::getpid()) + ".sock";
  ASSERT_TRUE(filler.listen({.address = address, .backlog = 0, .most = 0}, echoes()));
  Driver driver;
  const auto dialer = Dialer::prepare(address, {.connect_timeout = 100ms}).value();
  std::vector<Failure> failures;
  std::vector<std::unique_ptr<Scripted>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<Scripted>(
        std::vector<Scripted::Line>{act(Action::wait(200ms)), act(Action::reset())}));
    driver.dial(dialer, *clients.back(), [&](const Ending& ending) { failures.push_back(ending.failure); });
  }
  driver.run(2s);
  EXPECT_EQ(failures.size(), 8U);
  EXPECT_GT(std::ranges::count(failures, Failure::timeout), 0);
  ::close(fd);
}

/// A listener on 127.0.0.2 whose backlog is full: it answers no further SYN.
class Swallower {
 public:
  explicit Swallower(std::uint16_t port) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const auto to = resolve("127.0.0.2", port, {}).value().front();
    const auto* raw = reinterpret_cast<const sockaddr*>(to.bytes);
    const int on = 1;
    ::setsockopt(listener_.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    EXPECT_EQ(::bind(listener_.fd(), raw, to.size), 0) << std::strerror(errno);
    EXPECT_EQ(::listen(listener_.fd(), 0), 0);
    for (int i = 0; i < 4; ++i) {
      fill_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      ::connect(fill_.back().fd(), raw, to.size);
    }
  }

 private:
  Socket listener_;
  std::vector<Socket> fill_;
};

TEST(Driver, AnAddressThatSwallowsWhatWeSendLeavesTimeForTheNext) {
  Server server(echoes());
  const Swallower swallower(server.address().port);
  const auto both = [](const std::string&, std::uint16_t port, const std::string&) {
    auto all = resolve("127.0.0.2", port, {}).value();
    all.push_back(resolve("127.0.0.1", port, {}).value().front());
    return Result<std::vector<SocketAddress>>(all);
  };
  const auto dialer = Dialer::prepare(server.address(), {.connect_timeout = 2s}, both).value();
  Driver driver;
  for (const bool first : {true, false}) {
    Scripted client({say("x"), until_octets(1), act(Action::reset())});
    Ending ending;
    driver.dial(dialer, client, [&](const Ending& one) { ending = one; });
    driver.run();
    EXPECT_EQ(ending.failure, Failure::none) << ending.detail;
    EXPECT_EQ(client.seen, "x");
    // The good address is tried first from now on.
    EXPECT_TRUE(first || ending.connecting < 900ms);
  }
}

// Many connections share the memory of which address is good; each must still try all of its own.
TEST(Driver, EveryAddressIsTriedThoughOthersMoveTheGoodOne) {
  Server server(echoes());
  const auto both = [](const std::string&, std::uint16_t port, const std::string&) {
    auto all = resolve("127.0.0.3", port, {}).value();  // Nobody listens there.
    all.push_back(resolve("127.0.0.1", port, {}).value().front());
    return Result<std::vector<SocketAddress>>(all);
  };
  Driver driver;
  for (int round = 0; round < 20; ++round) {
    const auto dialer = Dialer::prepare(server.address(), {}, both).value();
    std::vector<std::unique_ptr<Scripted>> clients;
    int good = 0;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(
          std::make_unique<Scripted>(std::vector{say("x"), until_octets(1), act(Action::reset())}));
      driver.dial(dialer, *clients.back(),
                  [&](const Ending& ending) { good += ending.failure == Failure::none; });
    }
    driver.run();
    ASSERT_EQ(good, 8);
  }
}

/// Not more than `spare` further descriptors for this process while it lives.
class FewDescriptors {
 public:
  explicit FewDescriptors(int spare) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    std::vector<Socket> next;  // The lowest free numbers; others above them may be in use.
    for (int i = 0; i <= spare; ++i) next.emplace_back(::dup(0));
    auto less = before_;
    less.rlim_cur = static_cast<rlim_t>(next.back().fd());
    ::setrlimit(RLIMIT_NOFILE, &less);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Driver, WantOfDescriptorsIsOurOwnFault) {
  Server server(echoes());
  const auto dialer = Dialer::prepare(server.address()).value();
  for (int spare : {0, 3}) {  // None for the queue of events; none for the socket.
    const FewDescriptors few(spare);
    Driver driver;
    Scripted client({act(Action::reset())});
    Ending ending;
    driver.dial(dialer, client, [&](const Ending& one) { ending = one; });
    driver.run(5s);
    EXPECT_EQ(ending.failure, Failure::local) << spare << ": " << ending.detail;
    EXPECT_TRUE(spare > 0 || !driver.listen({.address = at_port(0)}, echoes()));
  }
}

/// Of this thread, in microseconds.
std::int64_t cpu_used() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 + used.ru_utime.tv_usec +
         used.ru_stime.tv_usec;
}

TEST(Driver, ADriverWithoutAQueueOfEventsDoesNotSpin) {
  const FewDescriptors few(0);
  Driver driver;
  const auto before = cpu_used();
  driver.rest(300ms);
  EXPECT_LT(cpu_used() - before, 100'000);
}

TEST(Driver, AnInstantBeyondTheSystemsClockIsNoAlarmNow) {
  Server server(echoes());
  const auto far = kNever - 1s;
  const auto dialer = Dialer::prepare(server.address(), {.connect_timeout = far}).value();
  Scripted client({say("x"), until_octets(1), act(Action::wait(far)), act(Action::reset())});
  Driver driver;
  driver.dial(dialer, client, [](const Ending&) {});
  const auto timer = driver.at(far, [] { ADD_FAILURE(); });
  const auto end = driver.at(driver.now() + 300ms, [&] { driver.stop(); });
  const auto before = cpu_used();
  driver.run(far);
  EXPECT_EQ(client.seen, "x");
  EXPECT_GE(driver.now(), 300ms);
  EXPECT_LT(cpu_used() - before, 150'000);
}

TEST(Driver, ALimitThatHasPassedEndsNoLaterRun) {
  Driver driver;
  for (int i = 0; i < 20; ++i) {
    const auto when = driver.now() + 2ms;
    {
      const auto same = driver.at(when, [&] { driver.stop(); });
      driver.run(when);
    }
    bool called = false;
    const auto later = driver.at(driver.now() + 10ms, [&] {
      called = true;
      driver.stop();
    });
    driver.run();
    ASSERT_TRUE(called) << i;
  }
}

TEST(Driver, ResetReachesTheOtherSideAsReset) {
  Server server(
      [] { return std::make_unique<Scripted>(std::vector{until_octets(1), act(Action::reset())}); });
  Scripted client({say("x"), until_end()});
  dial_and_run(server.address(), client);
  EXPECT_EQ(client.end, End::reset);
}

TEST(Driver, OrderlyCloseLosesNothingThoughInputIsUnread) {
  // The server closes while our octets still come in: what it had said must arrive all the same.
  Server server([] {
    return std::make_unique<Scripted>(std::vector{until_octets(1), say("bye"), act(Action::close())});
  });
  for (int i = 0; i < 50; ++i) {
    Scripted client({say("x"), say(Bytes(200'000, 'y')), until_octets(3), until_end()});
    dial_and_run(server.address(), client);
    ASSERT_EQ(client.seen, "bye");
    ASSERT_EQ(client.end, End::fin);
  }
}

TEST(Driver, TwoFullDirectionsDoNotLockEachOther) {
  Server server(echoes());
  constexpr std::size_t kSize = 32 << 20;
  Scripted client({say(Bytes(kSize, 'z')), until_octets(1), act(Action::half_close()), until_end()});
  client.keep = false;
  const auto ending = dial_and_run(server.address(), client);
  EXPECT_EQ(client.octets, kSize);
  EXPECT_FALSE(ending.write_given_up);
  EXPECT_EQ(client.end, End::fin);
}

TEST(Driver, APeerThatNeverReadsIsGivenUp) {
  Server server([] { return std::make_unique<Scripted>(std::vector{act(Action::stall(30s))}); });
  Scripted client({say(Bytes(64 << 20, 'z')), act(Action::wait(400ms)), act(Action::reset())});
  const auto ending = dial_and_run(server.address(), client, {.write_patience = 200ms});
  EXPECT_TRUE(ending.write_given_up);
  EXPECT_LT(ending.duration, 1500ms);
}

TEST(Driver, AStalledEndpointIsHandedNothing) {
  Server server([] { return std::make_unique<Scripted>(std::vector{say("early"), until_end(20s)}); });
  struct Staller : Endpoint {
    Action next(Instant now) override {
      if (now < 100ms) return Action::stall(100ms);
      return got || now >= 5s ? Action::reset() : Action::wait(5s);
    }
    void received(MutableBytes, Instant now) override { got = true, when = now; }
    void ended(End, Instant) override {}
    bool got = false;
    Instant when{};
  } client;
  dial_and_run(server.address(), client);
  EXPECT_TRUE(client.got);
  EXPECT_GE(client.when, 100ms);
  EXPECT_LT(client.when, 1s);
}

TEST(Driver, WhoAsksIsToldWhenTheOtherEndHasRead) {
  // A reader that takes his time gets one write at each read all the same.
  const Socket listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  Address address;
  address.unix_path = fmt::format("{}/read-{}.sock", ::testing::TempDir(), ::getpid());
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  address.unix_path.copy(name.sun_path, sizeof name.sun_path - 1);
  ASSERT_EQ(::bind(listener.fd(), reinterpret_cast<sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(::listen(listener.fd(), 1), 0);
  std::vector<std::string> reads;
  std::thread slow([&] {
    const Socket end(::accept(listener.fd(), nullptr, nullptr));
    std::array<char, 16> room{};
    for (;;) {
      std::this_thread::sleep_for(20ms);
      const auto octets = ::read(end.fd(), room.data(), room.size());
      if (octets <= 0) return;
      reads.emplace_back(room.data(), static_cast<std::size_t>(octets));
    }
  });
  struct Pieces : Endpoint {
    Action next(Instant) override {
      if (waiting) return Action::wait_until_read(9s);
      if (sent == 3) return Action::close();
      waiting = true;
      return Action::send(BytesView("abcdef").substr(2 * static_cast<std::size_t>(sent++), 2));
    }
    void received(MutableBytes, Instant) override {}
    void ended(End, Instant) override {}
    void was_read(bool seen, Instant) override { waiting = !seen; }
    bool waiting = false;
    int sent = 0;
  } client;
  dial_and_run(address, client);
  slow.join();
  ::unlink(address.unix_path.c_str());
  EXPECT_EQ(reads, (std::vector<std::string>{"ab", "cd", "ef"}));
}

TEST(Driver, AWriteIntoAClosedConnectionIsTold) {
  Server server([] {
    return std::make_unique<Scripted>(std::vector{act(Action::wait(50ms)), say("bye"), act(Action::reset())});
  });
  Scripted client({act(Action::stall(150ms)), say("x"), say("y"), until_end()});
  dial_and_run(server.address(), client);
  EXPECT_EQ(client.end, End::reset);
}

TEST(Driver, SendingAfterOurOwnEndIsSwallowed) {
  Server server(
      [] { return std::make_unique<Scripted>(std::vector{until_end(), say("late"), act(Action::close())}); });
  Scripted client({act(Action::half_close()), say("x"), until_end()});
  dial_and_run(server.address(), client);
  EXPECT_EQ(client.seen, "late");
  EXPECT_EQ(client.end, End::fin);
}

TEST(Driver, ManyTimersCostNoConnectionItsTurn) {
  Server server(echoes());
  Driver driver;
  const auto dialer = Dialer::prepare(server.address()).value();
  std::vector<std::unique_ptr<Scripted>> clients;
  int done = 0;
  for (int i = 0; i < 500; ++i) {
    clients.push_back(
        std::make_unique<Scripted>(std::vector{act(Action::wait(std::chrono::milliseconds(i % 50))),
                                               say("tick"), until_octets(4), act(Action::reset())}));
    driver.dial(dialer, *clients.back(),
                [&](const Ending& ending) { done += ending.failure == Failure::none; });
  }
  driver.run(5s);
  EXPECT_EQ(done, 500);
  for (const auto& client : clients) EXPECT_EQ(client->seen, "tick");
}

TEST(Driver, HangUp) {
  Server server(echoes());
  Driver driver;
  const auto dialer = Dialer::prepare(server.address()).value();
  Scripted client({until_end(60s)});
  bool hung_up = false;
  const auto id = driver.dial(dialer, client, [&](const Ending& ending) { hung_up = ending.hung_up; });
  const auto timer = driver.at(40ms, [&] { driver.hang_up(id); });
  driver.run(2s);
  EXPECT_TRUE(hung_up);
  EXPECT_EQ(driver.open_connections(), 0U);
  driver.hang_up(id);  // Unknown by now: ignored.
}

TEST(Driver, WakeStopsTheLoopFromAnotherThread) {
  Driver driver;
  const auto timer = driver.at(60s, [] {});
  std::thread other([&] {
    std::this_thread::sleep_for(20ms);
    driver.wake();
  });
  driver.run(10s);
  EXPECT_LT(driver.now(), 5s);
  other.join();
}

TEST(Driver, EveryDialEndsInOneCallEvenWhenTheDriverGoes) {
  Server server(echoes());
  const auto dialer = Dialer::prepare(server.address()).value();
  Scripted a({until_end(60s)}), b({});
  int calls = 0;
  {
    Driver driver;
    driver.dial(dialer, a, [&](const Ending& ending) { calls += ending.hung_up; });
    driver.run(50ms);
    driver.dial(dialer, b, [&](const Ending& ending) { calls += ending.failure == Failure::dropped; });
  }
  EXPECT_EQ(calls, 2);
}

TEST(Driver, AGibibyteOfGarbageTakesNoMemory) {
  struct Hose : Endpoint {
    Action next(Instant) override { return over ? Action::close() : Action::send(block); }
    void received(MutableBytes, Instant) override {}
    void ended(End, Instant) override { over = true; }
    Bytes block = Bytes(1 << 20, '\xff');
    bool over = false;
  };
  Server server([] { return std::make_unique<Hose>(); });
  struct Sink : Endpoint {
    Action next(Instant) override { return octets < (1ULL << 30) ? Action::wait(20s) : Action::reset(); }
    void received(MutableBytes bytes, Instant) override {
      octets += bytes.size(), largest = std::max(largest, bytes.size());
    }
    void ended(End, Instant) override {}
    std::uint64_t octets = 0;
    std::size_t largest = 0;
  } sink;
  dial_and_run(server.address(), sink);
  EXPECT_GE(sink.octets, 1ULL << 30);
  EXPECT_LE(sink.largest, 256U * 1024);
}

TEST(Driver, ListenersTakeNoMoreThanTheirMost) {
  Driver listener;
  const auto port =
      listener.listen({.address = at_port(0), .most = 2}, [] { return std::make_unique<EchoOctets>(); })
          .value();
  Driver driver;
  const auto dialer = Dialer::prepare(at_port(port)).value();
  std::vector<std::unique_ptr<Scripted>> clients;
  int echoed = 0;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(
        std::make_unique<Scripted>(std::vector{say("x"), until_octets(1), act(Action::reset())}));
    driver.dial(dialer, *clients.back(), [&](const Ending&) { ++echoed; });
  }
  for (int i = 0; i < 400 && echoed < 6; ++i) {
    listener.run(listener.now() + 1ms);
    EXPECT_LE(listener.open_connections(), 2U);
    driver.run(driver.now() + 1ms);
  }
  EXPECT_EQ(echoed, 6);
}

}  // namespace
}  // namespace wsspec::driver_test
