// Where clients are fuzzed: a process for each connection, or one that comes again and again (run/hosting.h).
//
// Invariants: those of every arena (arena.h); a process that dies is told by death() until restart(), and
// nobody new is invited before that.
#pragma once

#include <memory>

#include "fuzzer/arena.h"
#include "run/hosting.h"

namespace wsspec {

class HostedArena : public FuzzArena {
 public:
  /// Finds out, as `serve` does, what the client is like.
  virtual Probed meet(const Profile& profile, const ProbeOptions& how) = 0;
};

/// An error when we cannot listen or the client cannot be started. `scale`: of the times in `serving`.
Result<std::unique_ptr<HostedArena>> hosted_arena(const Serving& serving, double scale);

}  // namespace wsspec
