// Tally: which messages of a numbered series have come, and how.
//
// What it is not: a judge; it counts. A copy is one that came before; late is one that came the first time,
// but behind one with a higher number.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wsspec {

class Tally {
 public:
  explicit Tally(std::uint64_t count) : seen_(count, 0) {}

  void take(std::uint64_t number);
  bool complete() const { return came_ == seen_.size(); }
  std::uint64_t missing() const { return seen_.size() - came_; }
  std::uint64_t copies() const { return copies_; }
  std::uint64_t late() const { return late_.size(); }
  /// "of 20 messages 3 are missing (5, 8 to 9), 1 came again (4), 1 came behind a later one (3)": what is
  /// named true. Empty: nothing of that.
  std::string words(bool missing, bool copies, bool late) const;

 private:
  std::vector<std::uint32_t> seen_;  ///< How often each came.
  std::vector<std::uint64_t> late_;
  std::uint64_t came_ = 0, copies_ = 0, next_ = 0;
};

}  // namespace wsspec
