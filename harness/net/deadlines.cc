#include "net/deadlines.h"

namespace wsspec {

void Deadlines::set(Timed& member, Instant deadline) {
  constexpr auto kNowhere = static_cast<std::size_t>(-1);
  if (member.slot == kNowhere) {
    if (deadline == kNever) return;
    member.deadline = deadline;
    heap_.push_back(&member);
    member.slot = heap_.size() - 1;
    up(member.slot);
    return;
  }
  if (deadline == kNever) {
    const auto slot = std::exchange(member.slot, kNowhere);
    member.deadline = kNever;
    Timed* last = heap_.back();
    heap_.pop_back();
    if (last == &member) return;
    place(slot, last);
    up(slot);
    down(last->slot);
    return;
  }
  const bool earlier = deadline < member.deadline;
  member.deadline = deadline;
  earlier ? up(member.slot) : down(member.slot);
}

void Deadlines::up(std::size_t slot) {
  Timed* member = heap_[slot];
  while (slot > 0) {
    const auto parent = (slot - 1) / 2;
    if (heap_[parent]->deadline <= member->deadline) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, member);
}

void Deadlines::down(std::size_t slot) {
  Timed* member = heap_[slot];
  for (;;) {
    auto child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->deadline < heap_[child]->deadline) ++child;
    if (heap_[child]->deadline >= member->deadline) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, member);
}

}  // namespace wsspec
