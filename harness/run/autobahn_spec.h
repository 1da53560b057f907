// The spec file of Autobahn|Testsuite's fuzzing client (fuzzingclient.json), so that a project can switch
// without a change.
//
// What it is not: its verdicts; only which servers, which agents and which case numbers. Its patterns: `*`
// stands for any run, is matched at the start and open at the end (`1*` also selects 10, 12 and 13); without
// `*` a number is exact and an unknown one is an error; a pattern with `*` may match nothing, as section 11
// does, which many files exclude. Its options tune Autobahn's own endpoint; those that have a meaning here
// are used, the others named.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"

namespace wsspec {

struct AutobahnServer {
  std::string url;
  std::string agent;     ///< Empty: the Server field of its reply, or UnknownServer.
  std::string hostname;  ///< For SNI.
  std::string origin;
  std::vector<std::string> protocols;
  std::optional<double>
      handshake_seconds;  ///< Option openHandshakeTimeout, its own or that of the whole file.
};

struct AutobahnSpec {
  std::string outdir;
  std::vector<AutobahnServer> servers;
  std::vector<std::string> cases, exclude;
  std::map<std::string, std::vector<std::string>> exclude_by_agent;  ///< Agent pattern to case patterns.
  std::vector<std::string> ignored;  ///< Members and options that change nothing here, for a warning.
};

Result<AutobahnSpec> parse_autobahn_spec(std::string_view json, const std::string& name);

/// The numbers among `known` that a spec plays against `agent`, in numeric order.
Result<std::vector<std::string>> selected_numbers(const AutobahnSpec& spec, const std::string& agent,
                                                  const std::set<std::string>& known);

/// The patterns of `cases` and of the two lists of exclusions that match no number, for a warning.
std::vector<std::string> idle_patterns(const AutobahnSpec& spec, const std::set<std::string>& known);

/// Autobahn's pattern rule.
bool autobahn_matches(std::string_view pattern, std::string_view number);

/// "6.4.10" behind "6.4.2": compares numbers part by part.
bool number_before(const std::string& a, const std::string& b);

}  // namespace wsspec
