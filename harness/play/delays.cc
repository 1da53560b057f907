#include "play/delays.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace wsspec {
namespace {

using namespace std::chrono_literals;
using Delays = std::span<const Duration>;

constexpr std::size_t kAttempts = 5;
constexpr Duration kHammers = 1s;    ///< For so many attempts.
constexpr Duration kLong = 5s;       ///< A delay that no server minds.
constexpr Duration kNothing = 50ms;  ///< No delay at all, but for what a connection takes.
constexpr Duration kNoise = 100ms;   ///< Below it a machine under load makes delays grow by itself.
constexpr double kGrown = 1.5, kPlateau = 5, kSpread = 0.05;

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

Duration mean(Delays delays) {
  return std::accumulate(delays.begin(), delays.end(), Duration{}) /
         static_cast<Duration::rep>(delays.size());
}

/// Of drawn delays a single one says nothing: the last two beside the first two, or a plateau far above the
/// first.
bool grows(Delays delays) {
  const auto last = seconds(mean(delays.last(2)));
  if (last < seconds(kNoise)) return false;
  return last >= kGrown * seconds(mean(delays.first(2))) || last >= kPlateau * seconds(delays.front());
}

}  // namespace

std::string in_seconds(Delays delays) {
  constexpr std::size_t kShown = 12;
  std::string text;
  const auto count = std::min(delays.size(), kShown);
  for (std::size_t i = 0; i < count; ++i)
    text += fmt::format("{}{:.2f}",
                        i == 0                   ? ""
                        : i + 1 == delays.size() ? " and "
                                                 : ", ",
                        seconds(delays[i]));
  return text + (count < delays.size() ? " ... s" : " s");
}

std::optional<DelayFault> find_hammering(Delays delays) {
  for (std::size_t begin = 0; begin + kAttempts <= delays.size(); ++begin) {
    const auto row = delays.subspan(begin, kAttempts);
    if (std::accumulate(row.begin(), row.end(), Duration{}) >= kHammers || grows(row)) continue;
    return DelayFault{"it connects again and again without backing off: after " + in_seconds(delays),
                      kBacksOff};
  }
  return std::nullopt;
}

bool is_patient(Delays delays) {
  return std::accumulate(delays.begin(), delays.end(), Duration{}) >= kHammers;
}

bool is_growing(Delays delays) {
  constexpr std::size_t kLeast = 3;
  if (delays.size() < kLeast) return false;
  const auto later = delays.subspan(1);
  if (later.size() > 2) return grows(later);
  return later.back() >= kNoise && seconds(later.back()) >= kGrown * seconds(later.front());
}

std::optional<DelayFault> find_no_growth(Delays delays) {
  if (delays.size() < kDelaysForGrowth) return std::nullopt;
  const auto later = delays.subspan(1);
  if (grows(later)) return std::nullopt;
  const bool all_long = std::ranges::all_of(later, [](Duration delay) { return delay >= kLong; });
  return DelayFault{
      (all_long ? "its delays are long from the start, and do not grow: " : "its delays do not grow: ") +
          in_seconds(delays),
      kDelaysGrow};
}

std::optional<DelayFault> find_no_jitter(Delays first_delays) {
  if (first_delays.size() < kFirstDelays) return std::nullopt;
  if (std::ranges::all_of(first_delays, [](Duration delay) { return delay < kNothing; }))
    return DelayFault{"it connects again without a delay: after " + in_seconds(first_delays), kFirstIsRandom};
  const auto middle = seconds(mean(first_delays));
  const bool alike = std::ranges::all_of(
      first_delays, [&](Duration delay) { return std::abs(seconds(delay) - middle) <= kSpread * middle; });
  if (!alike) return std::nullopt;
  return DelayFault{fmt::format("its first delay is not drawn at random: of {} starts all are within 5 % of "
                                "{:.2f} s",
                                first_delays.size(), middle),
                    kFirstIsRandom};
}

}  // namespace wsspec
