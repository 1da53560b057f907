#include "play/tally.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsspec {
namespace {

constexpr std::size_t kRangesNamed = 8;

/// "5, 8 to 9, ...": ascending numbers.
std::string ranges(const std::vector<std::uint64_t>& numbers) {
  std::string out;
  std::size_t named = 0;
  for (std::size_t i = 0; i < numbers.size(); ++named) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (named == kRangesNamed) return out + ", ...";
    out += named == 0 ? "" : ", ";
    out +=
        end - i == 1 ? fmt::format("{}", numbers[i]) : fmt::format("{} to {}", numbers[i], numbers[end - 1]);
    i = end;
  }
  return out;
}

}  // namespace

void Tally::take(std::uint64_t number) {
  if (number >= seen_.size()) return;
  if (seen_[number]++ > 0) {
    ++copies_;
    return;
  }
  ++came_;
  if (number < next_)
    late_.push_back(number);
  else
    next_ = number + 1;
}

std::string Tally::words(bool missing_too, bool copies_too, bool late_too) const {
  std::vector<std::uint64_t> absent, again, behind = late_;
  for (std::uint64_t i = 0; i < seen_.size(); ++i) {
    if (seen_[i] == 0) absent.push_back(i);
    if (seen_[i] > 1) again.push_back(i);
  }
  std::ranges::sort(behind);
  std::string out;
  const auto add = [&](bool wanted, std::uint64_t count, const char* what,
                       const std::vector<std::uint64_t>& which) {
    if (!wanted || count == 0) return;
    out += out.empty() ? fmt::format("of {} messages ", seen_.size()) : ", ";
    out += fmt::format("{} {} ({})", count, what, ranges(which));
  };
  add(missing_too, missing(), missing() == 1 ? "is missing" : "are missing", absent);
  add(copies_too, copies_, "came again", again);
  add(late_too, late_.size(), "came behind a later one", behind);
  return out;
}

}  // namespace wsspec
