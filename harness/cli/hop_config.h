// Our own configurations of well-known hops: those of ci/zoo/hops, which its start.sh starts them with.
#pragma once

#include <cstdint>
#include <string>

#include "cli/command_line.h"
#include "protocol/error.h"

namespace wsspec {

struct HopConfig {
  std::string file;   ///< As it is called there: "nginx.conf".
  std::string text;   ///< With its places filled in.
  std::string start;  ///< The command, given that file in the folder.
};

/// That of the hop `name`, which passes on from `front` to `back`; `folder`: where the file will be, and what
/// the hop writes. An unknown name is an error with all names.
Result<HopConfig> hop_config(const std::string& name, std::uint16_t front, std::uint16_t back,
                             const std::string& folder, const std::string& user);

/// `wsspec path --print-config NAME [URL] [--behind PORT]`.
int print_hop_config(const CommandLine& line);

}  // namespace wsspec
