// Growth: answers whose time grows faster than what was asked: a pattern that tries all ways to match, a list
// that is copied for each of its elements. The server works for few octets of a stranger, and for nobody else
// meanwhile.
//
// Cases tagged `growth` stand in families: what their first `each` says is a size, and three of them, of n,
// 2n and 4n, are compared. What it is not: a limit on how slow a server may be, or a verdict beyond `weak`.
// Times are those between what we have sent and what came next, by the transcripts.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "play/result.h"

namespace wsspec {

inline constexpr std::string_view kGrowthTag = "growth";

/// Below that nobody is kept waiting, and a busy machine adds as much.
inline constexpr Duration kNoticed = std::chrono::milliseconds(150);

/// Three cases of a family, by their places among the ids.
struct GrowthFamily {
  std::size_t once, twice, four_times;
};
/// `ids` of cases that are so tagged.
std::vector<GrowthFamily> growth_families(const std::vector<std::string_view>& ids);

/// The longest time that the target took for an answer.
Duration time_to_answer(const CaseResult& result);

struct AnswerTimes {
  Duration once{}, twice{}, four_times{};
};
/// Above `noticed`, eight times as long for four times as much, and more than twice as long for twice as
/// much.
bool grows_too_fast(const AnswerTimes& times, Duration noticed = kNoticed);

/// Makes a pass `weak`, with the times in the reason.
void blame_growth(CaseResult& result, const AnswerTimes& times);

/// For results that come one after the other, in made-up time, which needs no second look.
class GrowthWatch {
 public:
  void see(CaseResult& result);

 private:
  std::map<std::pair<std::string, std::uint64_t>, Duration> times_;  ///< By family and size.
};

}  // namespace wsspec
