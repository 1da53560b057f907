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

/// --exec, --start, --page, --listen and the times. `what`: what the client connects for, in words.
Result<Serving> serving_of(const CommandLine& line, const std::string& what);

/// The same as words of a command line; what is empty is left out.
std::vector<std::string> way_of(const std::string& exec, const std::string& start, const std::string& listen);
/// What such a client is called where nobody has given it a name.
std::string name_of_client(const std::string& exec, const std::string& start);

}  // namespace wsspec
