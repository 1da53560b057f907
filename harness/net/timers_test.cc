#include "net/timers.h"

#include <gtest/gtest.h>

#include <optional>

#include "net/driver.h"

namespace wsspec::timers_test {
namespace {

using namespace std::chrono_literals;

TEST(Timers, OneThatIsDroppedOrReplacedIsNotCalled) {
  const auto timers = std::make_shared<Timers>();
  int first = 0, second = 0;
  Timer timer = timers->add(1s, {}, [&] { ++first; });
  timer = timers->add(2s, {}, [&] { ++second; });
  {
    const Timer dropped = timers->add(1s, {}, [&] { ++first; });
  }
  while (timers->call_due(5s)) {
  }
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
  EXPECT_TRUE(timers->empty());
  EXPECT_FALSE(timer.pending());
}

TEST(Timers, OneThatRepeatsIsCalledOncePerPeriodAndNotAtOnceForThoseMissed) {
  const auto timers = std::make_shared<Timers>();
  int calls = 0;
  const Timer timer = timers->add(20ms, 20ms, [&] { ++calls; });
  for (auto now = 0ms; now <= 1000ms; now += 5ms)
    while (timers->call_due(now)) {
      ASSERT_LT(calls, 100) << "it breeds";
    }
  EXPECT_EQ(calls, 50);
}

TEST(Timers, OneMayCancelItselfAndOthersWhileItIsCalled) {
  const auto timers = std::make_shared<Timers>();
  std::optional<Timer> self, other;
  int calls = 0;
  self = timers->add(1s, 1s, [&] {
    ++calls;
    other.reset();
    self.reset();
  });
  other = timers->add(1s, {}, [&] { calls += 100; });
  EXPECT_TRUE(timers->call_due(3s));
  EXPECT_FALSE(timers->call_due(9s));
  EXPECT_EQ(calls, 1);
}

TEST(Timers, AHandleMayOutliveTheDriver) {
  Timer timer;
  {
    Driver driver;
    timer = driver.every(1s, [] {});
    EXPECT_TRUE(timer.pending());
  }
  EXPECT_FALSE(timer.pending());
}

TEST(Timers, ADriverWithNoTimerLeftHasNothingToDo) {
  Driver driver;
  int calls = 0;
  {
    const Timer tick = driver.every(1ms, [&] {
      if (++calls == 5) driver.stop();
    });
    driver.run();
  }
  driver.run();  // Returns: the tick went with its handle.
  EXPECT_EQ(calls, 5);
}

}  // namespace
}  // namespace wsspec::timers_test
