// Deadlines: a binary heap of instants that members can move within; one operating system timer serves all of
// them.
//
// Invariant: each member is in the heap at most once; its `slot` is its place there.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "protocol/endpoint.h"

namespace wsspec {

/// Base of whatever has a deadline.
struct Timed {
  Instant deadline = kNever;
  std::size_t slot = static_cast<std::size_t>(-1);
};

class Deadlines {
 public:
  /// Sets or moves the member's deadline; kNever takes it out.
  void set(Timed& member, Instant deadline);
  void remove(Timed& member) { set(member, kNever); }
  /// The member due first, or null.
  Timed* first() const { return heap_.empty() ? nullptr : heap_.front(); }

 private:
  void place(std::size_t slot, Timed* member) {
    heap_[slot] = member;
    member->slot = slot;
  }
  void up(std::size_t slot);
  void down(std::size_t slot);
  std::vector<Timed*> heap_;
};

}  // namespace wsspec
