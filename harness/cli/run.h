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

/// `--listen`: HOST:PORT, HOST or PORT. 127.0.0.1 and any port where it does not say.
Result<std::pair<std::string, std::uint16_t>> parse_listen(const std::string& where);

}  // namespace wsspec
