// The spec files of Autobahn|Testsuite's fuzzing client and fuzzing server (fuzzingclient.json,
// fuzzingserver.json), so that a project can switch without a change.
//
// What it is not: its verdicts; only which servers, which agents and which case numbers. An unknown number
// without `*` is an error; a pattern may match nothing, as those of section 11 do, which many files exclude.
// Its options tune Autobahn's own endpoint; those that have a meaning here are used, the others named.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "autobahn/autobahn_pattern.h"
#include "protocol/error.h"
#include "protocol/role.h"

namespace wsspec {

struct AutobahnServer {
  std::string url;
  std::string agent;     ///< Empty: the Server field of its reply, or UnknownServer.
  std::string hostname;  ///< For SNI, and what its certificate is checked against; empty: not checked.
  std::string origin;
  std::vector<std::string> protocols;
  std::optional<double>
      handshake_seconds;  ///< Option openHandshakeTimeout, its own or that of the whole file.
};

struct AutobahnSpec {
  /// Leaves out `cases` where an agent's name matches.
  struct AgentExclusion {
    AutobahnPattern agent;
    std::vector<AutobahnPattern> cases;
  };
  std::string outdir;
  std::string url;  ///< Where to listen, of a fuzzingserver.json.
  std::vector<AutobahnServer> servers;
  std::vector<AutobahnPattern> cases;  ///< Empty: none. A file without the member means all.
  std::vector<AutobahnPattern> exclude;
  std::vector<AgentExclusion> exclude_by_agent;
  std::vector<std::string> ignored;  ///< Members and options that change nothing here, for a warning.
};

/// `tested`: of which role the file is to be, a fuzzingclient.json of servers, a fuzzingserver.json of
/// clients.
Result<AutobahnSpec> parse_autobahn_spec(std::string_view json, const std::string& name,
                                         Role tested = Role::server);

/// The numbers among `known` that a spec plays against `agent`, in numeric order.
Result<std::vector<std::string>> selected_numbers(const AutobahnSpec& spec, const std::string& agent,
                                                  const std::set<std::string>& known);

/// The patterns of `cases` and of the two lists of exclusions that match no number, for a warning; those of
/// sections that do not exist (`8.*`, `11.*`), which many files carry along, are left out.
std::vector<std::string> idle_patterns(const AutobahnSpec& spec, const std::set<std::string>& known);

/// "6.4.10" behind "6.4.2": compares numbers part by part.
bool number_before(const std::string& a, const std::string& b);

}  // namespace wsspec
