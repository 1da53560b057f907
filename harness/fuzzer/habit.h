// Habits of the generator: kinds of input that faults told of in public were met by, each tried so often that
// a minute does not pass without it.
//
// What it is not: an oracle, nor all that is tried; most inputs are of no habit in particular. Invariants:
// names are stable, as reports carry them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wsspec {

enum class Habit : std::uint8_t {
  stall,           ///< What is owed is not read for a while, then all of it.
  deep_stall,      ///< The same with 8 MiB owed, more than kernels take.
  paced_cut,       ///< A frame is cut where it matters, and goes on when the target has read the first part.
  long_run,        ///< Thousands of messages on one connection.
  first_and_next,  ///< Each kind of first frame, then each kind of message.
  control_inside,  ///< Control frames of any octets at each place inside a message.
  equal_keys,      ///< Frame behind frame is masked with the same key.
  border_size,     ///< Sizes beside powers of two and multiples of what packets hold.
  border_character,     ///< A character lies across such a border.
  context_after_large,  ///< The compression context is used behind a message of more than 256 KiB.
  company,              ///< Connections beside each other at one instant.
};
inline constexpr std::size_t kHabits = 11;

/// "paced-cut".
std::string_view habit_name(Habit habit);

/// How often each was met.
class HabitCounts {
 public:
  std::uint64_t& operator[](Habit habit) { return counts_[static_cast<std::size_t>(habit)]; }
  std::uint64_t operator[](Habit habit) const { return counts_[static_cast<std::size_t>(habit)]; }

 private:
  std::array<std::uint64_t, kHabits> counts_{};
};

}  // namespace wsspec
