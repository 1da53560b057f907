#include "run/cost_budget.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsspec {
namespace {

double mib(std::uint64_t octets) {
  return static_cast<double>(octets) / (1 << 20);
}

}  // namespace

std::string excess_of(const Cost& cost, const CostBudget& budget) {
  const auto seconds = [](Duration time) { return std::chrono::duration<double>(time).count(); };
  if (budget.cpu && cost.cpu_seconds > seconds(*budget.cpu))
    return fmt::format("used {:.2f} s of CPU; the budget is {:.2f} s", cost.cpu_seconds,
                       seconds(*budget.cpu));
  if (budget.memory && cost.memory_peak > *budget.memory)
    return fmt::format("took {:.1f} MiB of memory; the budget is {:.1f} MiB", mib(cost.memory_peak),
                       mib(*budget.memory));
  if (budget.descriptors && cost.descriptors > *budget.descriptors)
    return fmt::format("left {} descriptors open; the budget is {}", cost.descriptors, *budget.descriptors);
  if (budget.threads && cost.threads > *budget.threads)
    return fmt::format("left {} threads running; the budget is {}", cost.threads, *budget.threads);
  return {};
}

std::string disproportion_of(const Cost& cost, std::uint64_t octets) {
  const auto on_wire = fmt::format("for {} octets on the wire", octets);
  const double fair_cpu = static_cast<double>(octets) * Proportion::kCpuMicroseconds / 1e6;
  if (cost.memory_peak > std::max(Proportion::kMuchMemory, octets * Proportion::kMemory))
    return fmt::format("took {:.1f} MiB of memory {}", mib(cost.memory_peak), on_wire);
  if (cost.cpu_seconds > std::max(Proportion::kMuchCpu, fair_cpu))
    return fmt::format("used {:.2f} s of CPU {}", cost.cpu_seconds, on_wire);
  if (cost.descriptors > Proportion::kDescriptors)
    return fmt::format("left {} descriptors open", cost.descriptors);
  return {};
}

std::string octets_sent(const CaseResult& result) {
  if (result.transcript.dropped > 0 || result.transcript.events.empty()) return {};
  std::uint64_t sum = 0;
  for (const auto& event : result.transcript.events)
    if (event.kind == Event::Kind::sent || event.kind == Event::Kind::manners) sum += event.octets;
  return fmt::format(", for {} octets sent", sum);
}

}  // namespace wsspec
