// CostBudget: what one case may cost a launched target, as its owner declares it (issue "cost oracle").
//
// What it is not: a rule of the protocol. RFC 6455 section 10.4 only advises limits, so nothing is judged
// that was not declared. Costs are of the whole process group, by /proc: CPU in clock ticks, memory resident.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "play/result.h"
#include "protocol/endpoint.h"

namespace wsspec {

struct CostBudget {
  std::optional<Duration> cpu = {};
  std::optional<std::uint64_t> memory = {};  ///< Octets above the level before the case.
  std::optional<int> descriptors = {};       ///< Left open after the case.
  std::optional<int> threads = {};           ///< Left running after the case.

  bool declared() const { return cpu || memory || descriptors || threads; }
};

/// "used 2.31s of CPU; the budget is 500ms" for the first cost that is above its budget; empty when none is.
std::string excess_of(const Cost& cost, const CostBudget& budget);

/// ", for 1220 octets sent": what the cost has to be seen against; empty when the transcript was cut.
std::string octets_sent(const CaseResult& result);

}  // namespace wsspec
