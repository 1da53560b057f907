#include "run/open_errors.h"

#include <algorithm>
#include <string_view>

#include "play/stomp_frames.h"

namespace wsspec {

void tell_open_errors_once(std::vector<CaseResult>& results) {
  constexpr std::string_view kJudge = "stomp.error.closes";
  const auto keeps_open = [](const CaseResult& result) {
    return result.verdict == Verdict::fail && result.requirement == kErrorEnds;
  };
  const auto judge = std::ranges::find(results, kJudge, &CaseResult::id);
  if (judge == results.end() || !keeps_open(*judge)) return;
  for (auto& result : results) {
    if (result.id == kJudge || !keeps_open(result)) continue;
    result.verdict = Verdict::weak;
    result.reason += " (follows from stomp.error.closes)";
  }
}

}  // namespace wsspec
