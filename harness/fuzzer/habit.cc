#include "fuzzer/habit.h"

namespace wsspec {

std::string_view habit_name(Habit habit) {
  switch (habit) {
    case Habit::stall: return "stall";
    case Habit::deep_stall: return "deep-stall";
    case Habit::paced_cut: return "paced-cut";
    case Habit::long_run: return "long-run";
    case Habit::first_and_next: return "first-and-next";
    case Habit::control_inside: return "control-inside";
    case Habit::equal_keys: return "equal-keys";
    case Habit::border_size: return "border-size";
    case Habit::border_character: return "border-character";
    case Habit::context_after_large: return "context-after-large";
    case Habit::company: return "company";
  }
  return "";
}

}  // namespace wsspec
