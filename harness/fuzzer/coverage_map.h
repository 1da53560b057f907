// The coverage counters of a target that was built with our runtime (fuzz/greybox/runtime.c), read through
// shared memory.
//
//   auto map = CoverageMap::make();     // before the target starts with map->environment()
//   options.feedback = &*map;           // of a FuzzLoop
//
// What it is not: instrumentation; the target's compiler does that
// (-fsanitize-coverage=inline-8bit-counters). Invariants: whatever the target claims, at most kMostCounters
// are read; collect() waits for the target at most kPatience; the memory goes when the map does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fuzzer/loop.h"
#include "protocol/error.h"

namespace wsspec {

inline constexpr std::uint32_t kMostCounters = 1u << 20;

class CoverageMap final : public FuzzFeedback {
 public:
  /// Creates shared memory under a name of its own.
  static Result<std::unique_ptr<CoverageMap>> make();
  ~CoverageMap() override;

  /// "NAME=value", by which the target finds the memory.
  std::string environment() const;
  /// Counters that the target has; 0 until it has waited for input once, or when it lacks the runtime.
  std::uint32_t counters() const;
  /// Waits until there are some; false when the time is over.
  bool await_counters(Duration most) const;

  /// Zeroes the counters once the target waits for input.
  void begin() override;
  /// Adds each counter that went up since begin(), once the target waits.
  void collect(std::vector<ReachedEdge>& reached) override;
  std::uint64_t edges() const override { return edges_; }

 private:
  struct Shared;
  CoverageMap(std::string name, Shared* shared) : name_(std::move(name)), shared_(shared) {}
  void await_idle() const;

  std::string name_;
  Shared* shared_;
  std::vector<bool> seen_;
  std::uint64_t edges_ = 0;
};

}  // namespace wsspec
