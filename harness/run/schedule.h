// Schedule: in which order and company cases are played.
//
// Cases that take long begin first, so that their waiting overlaps with the rest. Those tagged `limit`
// follow, few at a time, for their messages take memory on both sides. Those tagged `timing` (their verdict
// hangs on how fast we are) and `destructive` (they may slow the target down for others) are played alone at
// the end. Invariant: each index of the selection stands in exactly one of the lists.
#pragma once

#include <cstddef>
#include <vector>

#include "run/suite.h"

namespace wsspec {

struct Schedule {
  std::vector<std::size_t> patient;  ///< Mostly waiting; they do not count against the number of jobs.
  std::vector<std::size_t> together;
  std::vector<std::size_t> large;  ///< At most three at a time.
  std::vector<std::size_t> alone;
  /// Those in which something is done to the target: its nodes are ended, or the operator of a hop has it
  /// reloaded. Then those in which the hop is stopped; behind them nothing more can be asked.
  std::vector<std::size_t> operated;
};

Schedule schedule(const Selected& selected);

}  // namespace wsspec
