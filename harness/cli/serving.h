// What the command line says about serving clients: how they come, and how long they are waited for. What
// `serve`, `fuzz --serve`, `replay --serve` and their like do alike.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "protocol/error.h"
#include "run/hosting.h"

namespace wsspec {

/// `--listen`: HOST:PORT, HOST or PORT. 127.0.0.1 and any port where it does not say.
Result<std::pair<std::string, std::uint16_t>> parse_listen(const std::string& where);

/// Of fuzzing: it takes as long as this to find that a client hangs.
inline constexpr Duration kFuzzPatience = std::chrono::seconds(10);

/// --exec, --start, --page, --listen and the times. `what`: what the client connects for, in words.
/// `patience`: where --patience does not say.
Result<Serving> serving_of(const CommandLine& line, const std::string& what,
                           Duration patience = Serving{}.patience);

/// What the line says of all this and of TLS, as words that say it again.
std::vector<std::string> way_of(const CommandLine& line);
/// What a client that comes so is called where nobody has given it a name.
std::string name_of_client(const std::vector<std::string>& way);

}  // namespace wsspec
