// Both ways: the cases against a server directly, and then through the hop in front of it (compare/detour.h).
#pragma once

#include "run/runner.h"

namespace wsspec {

/// `direct` and `through` differ in the address, and in what `through.launch` starts: the hop. One after the
/// other, because a server whose connections hear or hinder each other would be judged by the other half.
/// What differs to the hop's disadvantage is played both ways once more, unless `through.repeat` is 0. A hop
/// is not blamed when the server does not serve any more by itself: `fatal` says so. `through.budget` is for
/// all of it.
/// `observer` is told of the plays through the hop, as judged beside the direct ones, of which `of_direct`
/// is.
RunResult run_both_ways(const Suite& suite, const Selected& selected, const RunOptions& direct,
                        RunOptions through, Observer& of_direct, Observer& observer);

}  // namespace wsspec
