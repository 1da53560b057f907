#include "run/spread.h"

#include <fmt/format.h>

#include <algorithm>

#include "play/delays.h"

namespace wsspec {

void judge_first_delays(std::vector<CaseResult>& results, const std::map<std::string, Requirement>& ledger) {
  std::vector<CaseResult*> passed;
  std::vector<Duration> firsts;
  for (CaseResult& result : results) {
    const bool asked = std::ranges::find(result.covers, kFirstIsRandom) != result.covers.end();
    if (!asked || result.verdict != Verdict::pass || result.delays.empty()) continue;
    passed.push_back(&result);
    firsts.push_back(result.delays.front());
  }
  if (passed.empty()) return;
  if (firsts.size() < kFirstDelays) {
    for (CaseResult* one : passed) {
      one->verdict = Verdict::info;
      one->reason = fmt::format("{} first delays do not tell whether they are drawn at random; {} would",
                                firsts.size(), kFirstDelays);
    }
    return;
  }
  passed.front()->notes.push_back(
      fmt::format("the first delays of {} starts: {}", firsts.size(), in_seconds(firsts)));
  const auto fault = find_no_jitter(firsts);
  if (!fault) return;
  passed.front()->verdict = Verdict::weak;
  passed.front()->reason = fault->what;
  if (const auto clause = ledger.find(fault->requirement); clause != ledger.end())
    passed.front()->clause = clause_of(clause->second);
}

}  // namespace wsspec
