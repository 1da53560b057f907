// What `wsspec run` and `wsspec serve` do alike: choose the cases, play them, judge, report, and say so with
// the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "cli/command_line.h"
#include "run/hosting.h"

namespace wsspec {

/// `serving`: the target is a client, and comes to us; nothing: it is the server of the line's URLs.
int run_with(const CommandLine& line, const std::optional<Serving>& serving);

}  // namespace wsspec
