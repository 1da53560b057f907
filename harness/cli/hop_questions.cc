#include "cli/hop_questions.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kIdleMax = 75s;  ///< Beyond the minute that is usual.
constexpr const char* kWatching = "hop-facts.idle";

std::vector<std::string> families_of(const ExpectedFact& expected) {
  std::vector<std::string> out;
  for (const auto name : std::views::split(expected.kind->cases, ' '))
    out.emplace_back(std::string_view(name));
  return out;
}

/// How long has to be watched until it is known whether that holds.
Duration time_for(const ExpectedFact& expected) {
  constexpr double kSpare = 1.05;
  const bool is_long = expected.kind->name == "idle" || expected.kind->name == "unanswered";
  return is_long ? Duration(static_cast<Duration::rep>(expected.value * kSpare)) + 1s : Duration::zero();
}

}  // namespace

std::vector<ExpectedFact> expectations_of(const Settings& settings) {
  std::vector<ExpectedFact> out;
  for (const std::string& text : settings.expect)
    if (auto expected = read_expectation(text)) out.push_back(std::move(*expected));
  return out;
}

Result<void> ask_of_hop(const CommandLine& line, bool of_hop, Settings& settings, Selection& selection) {
  if (!of_hop && !settings.expect.empty())
    return fail_with("expect", "a fact about a hop is expected, and the target is none",
                     "wsspec path judges hops");
  if (!of_hop) return {};
  if (!settings.expect.empty() && line.has("--shard"))
    return fail_with("--expect", "a shard does not play all cases of a fact",
                     "leave out --shard, or check the facts in a run of their own");
  if (settings.idle_max) selection.also = {kWatching, "hop-facts.unanswered"};
  Duration least = kIdleMax;
  for (const ExpectedFact& expected : expectations_of(settings)) {
    for (std::string& family : families_of(expected)) selection.also.push_back(std::move(family));
    least = std::max(least, time_for(expected));
  }
  if (!settings.idle_max || least > kIdleMax)
    settings.idle_max = std::max(least, settings.idle_max.value_or(least));
  return {};
}

Result<void> check_questions(const Settings& settings, const Selected& selected) {
  for (const ExpectedFact& expected : expectations_of(settings)) {
    for (const std::string& family : families_of(expected)) {
      const auto is_of = [&](const Case* one) { return family_of(one->id) == family; };
      if (std::ranges::none_of(selected.cases, is_of))
        return fail_with("--expect",
                         fmt::format("'{}' is measured by {}, which is excluded", expected.text, family),
                         "leave out the --exclude, or the expectation");
    }
  }
  return {};
}

}  // namespace wsspec
