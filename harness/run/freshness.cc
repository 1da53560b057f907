#include "run/freshness.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/handshake.h"
#include "protocol/nonces.h"

namespace wsspec {

void Freshness::add(const Player& player) {
  if (nonces_.size() >= kMost) return;
  const auto key = player.request().joined("Sec-WebSocket-Key");
  if (!key) return;
  if (auto nonce = base64_decode(*key)) nonces_.push_back(std::move(*nonce));
  if (!player.keys().empty()) first_keys_.push_back(player.keys().front());
}

namespace {

void judge_row(std::vector<CaseResult>& results, const std::map<std::string, Requirement>& ledger,
               const std::string& requirement, const std::optional<std::string>& wrong, std::string seen) {
  const auto found = std::ranges::find_if(results, [&](const CaseResult& result) {
    return (result.verdict == Verdict::pass || result.verdict == Verdict::weak) &&
           std::ranges::find(result.covers, requirement) != result.covers.end();
  });
  if (found == results.end()) return;
  found->notes.push_back(std::move(seen));
  if (!wrong) return;
  found->verdict = Verdict::fail;
  found->reason = *wrong;
  if (const auto clause = ledger.find(requirement); clause != ledger.end())
    found->clause = clause_of(clause->second);
}

}  // namespace

void Freshness::judge(std::vector<CaseResult>& results,
                      const std::map<std::string, Requirement>& ledger) const {
  judge_row(results, ledger, "rfc6455-4.1-28", find_pattern_of_nonces(nonces_),
            fmt::format("the nonces of {} connections were seen", nonces_.size()));
  judge_row(results, ledger, "rfc6455-5.3-2", find_pattern_of_first_keys(first_keys_),
            fmt::format("the first masking keys of {} connections were seen", first_keys_.size()));
}

}  // namespace wsspec
