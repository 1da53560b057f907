#include "run/cost_budget.h"

#include <gtest/gtest.h>

namespace wsspec::cost_budget_test {
namespace {

using namespace std::chrono_literals;

TEST(CostBudget, NamesTheFirstCostAboveItsBudgetAndNoneThatWasNotDeclared) {
  const Cost cost{.cpu_seconds = 0.5, .memory_peak = 3 << 20, .descriptors = 2, .threads = 1};
  EXPECT_EQ(excess_of(cost, {}), "");
  EXPECT_FALSE(CostBudget{}.declared());
  EXPECT_EQ(excess_of(cost, {.cpu = 500ms, .memory = 3 << 20, .descriptors = 2, .threads = 1}), "");
  EXPECT_EQ(excess_of(cost, {.cpu = 400ms}), "used 0.50 s of CPU; the budget is 0.40 s");
  EXPECT_EQ(excess_of(cost, {.memory = 1 << 20}), "took 3.0 MiB of memory; the budget is 1.0 MiB");
  EXPECT_EQ(excess_of(cost, {.descriptors = 0}), "left 2 descriptors open; the budget is 0");
  EXPECT_EQ(excess_of(cost, {.threads = 0}), "left 1 threads running; the budget is 0");
}

TEST(CostBudget, ProportionIsToWhatWasOnTheWire) {
  constexpr std::uint64_t kMiB = 1 << 20;
  EXPECT_EQ(
      disproportion_of({.cpu_seconds = 1.9, .memory_peak = 64 * kMiB, .descriptors = 16, .threads = 90}, 9),
      "");
  EXPECT_EQ(disproportion_of({.memory_peak = 130 * kMiB}, 131093),
            "took 130.0 MiB of memory for 131093 octets on the wire");
  EXPECT_EQ(disproportion_of({.memory_peak = 130 * kMiB}, 9 * kMiB), "");
  EXPECT_EQ(disproportion_of({.cpu_seconds = 2.5}, 100'000),
            "used 2.50 s of CPU for 100000 octets on the wire");
  EXPECT_EQ(disproportion_of({.cpu_seconds = 2.5}, 200'000), "");
  EXPECT_EQ(disproportion_of({.descriptors = 17}, kMiB), "left 17 descriptors open");
}

TEST(CostBudget, CountsWhatWasSentUnlessTheTranscriptWasCut) {
  CaseResult result;
  EXPECT_EQ(octets_sent(result), "");
  const auto add = [&](Event::Kind kind, std::uint64_t octets) {
    auto& event = result.transcript.events.emplace_back();
    event.kind = kind;
    event.octets = octets;
  };
  add(Event::Kind::sent, 10);
  add(Event::Kind::received, 99);
  add(Event::Kind::manners, 6);
  EXPECT_EQ(octets_sent(result), ", for 16 octets sent");
  result.transcript.dropped = 1;
  EXPECT_EQ(octets_sent(result), "");
}

}  // namespace
}  // namespace wsspec::cost_budget_test
