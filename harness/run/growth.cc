#include "run/growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace wsspec {
namespace {

constexpr int kSteep = 8;  // Linear growth has 4, that of a square 16.

struct Sized {
  std::string family;  ///< All but the size.
  std::uint64_t size = 0;
};

/// "security.head.growth[14000,blanks]" is of the family "security.head.growth[,blanks]".
std::optional<Sized> sized(std::string_view id) {
  const auto begin = id.find('[') + 1;  // 0 where there is none.
  const auto end = id.find_first_of(",]", begin);
  if (begin == 0 || end == id.npos) return std::nullopt;
  std::uint64_t size = 0;
  const auto [behind, error] = std::from_chars(id.data() + begin, id.data() + end, size);
  const std::string_view unit(behind, static_cast<std::size_t>(id.data() + end - behind));
  const bool known = unit.empty() || unit == "K" || unit == "M";
  if (error != std::errc() || size == 0 || !known) return std::nullopt;
  if (!unit.empty()) size <<= unit == "K" ? 10 : 20;
  return Sized{std::string(id.substr(0, begin)) + std::string(id.substr(end)), size};
}

double milliseconds(Duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

std::vector<GrowthFamily> growth_families(const std::vector<std::string_view>& ids) {
  std::map<std::pair<std::string, std::uint64_t>, std::size_t> places;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (auto one = sized(ids[i])) places.try_emplace({std::move(one->family), one->size}, i);
  std::vector<GrowthFamily> out;
  for (const auto& [key, place] : places) {
    const auto twice = places.find({key.first, 2 * key.second});
    const auto four_times = places.find({key.first, 4 * key.second});
    if (twice != places.end() && four_times != places.end())
      out.push_back({place, twice->second, four_times->second});
  }
  return out;
}

Duration time_to_answer(const CaseResult& result) {
  Duration longest{};
  std::optional<Instant> asked;
  for (const auto& event : result.transcript.events) {
    if (event.kind == Event::Kind::sent) asked = event.at;
    if (event.kind == Event::Kind::received && asked) longest = std::max(longest, event.at - *asked);
    if (event.kind == Event::Kind::received) asked.reset();
  }
  return longest;
}

bool grows_too_fast(const AnswerTimes& times, Duration noticed) {
  return times.four_times > noticed && times.four_times > kSteep * times.once &&
         times.four_times > 2 * times.twice;
}

void blame_growth(CaseResult& result, const AnswerTimes& times) {
  if (result.verdict != Verdict::pass) return;
  result.verdict = Verdict::weak;
  result.clause = "RFC 6455 section 10.1";
  result.reason = fmt::format(
      "the answer took {:.0f} ms; for half as much it took {:.0f} ms, for a quarter {:.0f} ms: time that "
      "grows faster than what is sent",
      milliseconds(times.four_times), milliseconds(times.twice), milliseconds(times.once));
}

void GrowthWatch::see(CaseResult& result) {
  if (std::ranges::find(result.tags, kGrowthTag) == result.tags.end()) return;
  const auto one = sized(result.id);
  if (!one) return;
  const auto time = time_to_answer(result);
  times_[{one->family, one->size}] = time;
  const auto twice = times_.find({one->family, one->size / 2});
  const auto once = times_.find({one->family, one->size / 4});
  if (twice == times_.end() || once == times_.end()) return;
  const AnswerTimes times{once->second, twice->second, time};
  if (grows_too_fast(times)) blame_growth(result, times);
}

}  // namespace wsspec
