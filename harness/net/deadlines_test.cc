#include "net/deadlines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <set>

namespace wsspec {
namespace {

TEST(Deadlines, ComeOutInOrderAndCanMove) {
  Deadlines heap;
  Timed a, b, c;
  heap.set(a, Instant(30));
  heap.set(b, Instant(10));
  heap.set(c, Instant(20));
  EXPECT_EQ(heap.first(), &b);
  heap.set(b, Instant(40));
  EXPECT_EQ(heap.first(), &c);
  heap.remove(c);
  EXPECT_EQ(heap.first(), &a);
  heap.remove(a);
  heap.remove(a);
  heap.remove(b);
  EXPECT_EQ(heap.first(), nullptr);
}

TEST(Deadlines, AgreesWithASortedSetUnderRandomMoves) {
  Deadlines heap;
  std::vector<Timed> members(200);
  std::multiset<Instant> model;
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    auto& member = members[random() % members.size()];
    if (member.deadline != kNever) model.erase(model.find(member.deadline));
    const auto to = random() % 4 == 0 ? kNever : Instant(random() % 1000);
    heap.set(member, to);
    if (to != kNever) model.insert(to);
    ASSERT_EQ(heap.first() == nullptr, model.empty());
    if (!model.empty()) {
      ASSERT_EQ(heap.first()->deadline, *model.begin());
    }
  }
}

}  // namespace
}  // namespace wsspec
