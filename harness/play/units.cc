#include "play/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

namespace wsspec {
namespace {

/// Three digits that count, and no zeros behind a point.
std::string three_digits(double value) {
  if (value >= 100) return fmt::format("{:.0f}", value);
  std::string text = fmt::format("{:.{}f}", value, value >= 10 ? 1 : value >= 0.1 ? 2 : 3);
  text.resize(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

using Unit = std::pair<std::string_view, double>;

constexpr Unit kTimes[] = {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"min", 60e9}, {"h", 3600e9}};
constexpr Unit kOctets[] = {{"octets", 1},    {"B", 1},       {"KiB", 1024.0},     {"K", 1024.0},
                            {"MiB", 1048576}, {"M", 1048576}, {"GiB", 1073741824}, {"G", 1073741824}};

/// A number and one of the units behind it, perhaps with a blank between.
std::optional<double> read_quantity(std::string_view text, std::span<const Unit> units) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto unit = std::ranges::find(units, text, &Unit::first);
  if (unit == units.end() || number * unit->second > 1e18) return std::nullopt;
  return number * unit->second;
}

}  // namespace

std::string in_words(Duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return seconds < 0.9995 ? three_digits(seconds * 1e3) + " ms" : three_digits(seconds) + " s";
}

std::string octets_in_words(std::uint64_t octets) {
  const auto value = static_cast<double>(octets);
  if (octets < 1024) return fmt::format("{} octet{}", octets, octets == 1 ? "" : "s");
  return octets < (1u << 20) ? three_digits(value / 1024) + " KiB"
                             : three_digits(value / (1u << 20)) + " MiB";
}

std::optional<Duration> read_time(std::string_view text) {
  const auto time = read_quantity(text, kTimes);
  return time ? std::optional(Duration(std::llround(*time))) : std::nullopt;
}

std::optional<std::uint64_t> read_octets_in_words(std::string_view text) {
  const auto octets = text == "1 octet" ? 1 : read_quantity(text, kOctets);
  return octets ? std::optional(static_cast<std::uint64_t>(std::llround(*octets))) : std::nullopt;
}

}  // namespace wsspec
