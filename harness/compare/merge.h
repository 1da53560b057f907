// The shards of one run put together again.
//
// Refused: shards of different targets, case sets, programs, selections or seeds; a shard that is missing
// or there twice; a case that two of them judged differently. Runs without a shard may be merged too, then
// all must be without.
//
// Invariants: merge_runs() of all shards has the results of the whole run, ordered by source file, line
// and instance whatever the order of the shards; it is interrupted or ended early if any shard was.
#pragma once

#include <vector>

#include "play/result.h"
#include "protocol/error.h"

namespace wsspec {

Result<RunResult> merge_runs(std::vector<RunResult> shards);

}  // namespace wsspec
