// What `wsspec run`, `wsspec serve` and `wsspec path` do alike: choose the cases, play them, judge, report,
// and say so with the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "cli/command_line.h"
#include "run/crossing.h"
#include "run/hosting.h"

namespace wsspec {

/// How we meet the target, where it is no server.
struct Meeting {
  std::optional<Serving> serving;  ///< It is a client, and comes to us.
  std::optional<Behind> behind;    ///< It is a hop: we stand before it, at the line's URL, and behind it.
  std::string server;              ///< It is a hop before a server of somebody's own, whose URL this is.
};

int run_with(const CommandLine& line, const Meeting& meeting);

}  // namespace wsspec
