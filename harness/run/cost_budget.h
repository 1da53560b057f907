// CostBudget: what one case may cost a launched target: what its owner declares, and what is out of all
// proportion.
//
// What it is not: a rule of the protocol. RFC 6455 section 10.4 only advises limits, so nothing is `fail`
// that was not declared; what is out of all proportion is `weak`. Costs are of the whole process group, by
// /proc: CPU in clock ticks, memory resident.
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

/// What each launched target is held to, declared or not: what a case costs it beside the octets on the wire,
/// both ways (docs/your-server.md "What a case may cost"). Above it a pass is `weak`: section 10.4 advises
/// limits.
struct Proportion {
  static constexpr std::uint64_t kMemory = 16;            ///< Octets taken for each on the wire,
  static constexpr std::uint64_t kMuchMemory = 64 << 20;  ///< when it is more than that.
  static constexpr double kCpuMicroseconds = 20;          ///< For each octet on the wire,
  static constexpr double kMuchCpu = 2;                   ///< when it is more seconds than that.
  static constexpr int kDescriptors = 16;                 ///< Left open, whatever was sent.
};

/// "took 130.0 MiB of memory for 131093 octets on the wire"; empty when nothing is out of proportion.
std::string disproportion_of(const Cost& cost, std::uint64_t octets);

/// ", for 1220 octets sent": what the cost has to be seen against; empty when the transcript was cut.
std::string octets_sent(const CaseResult& result);

}  // namespace wsspec
