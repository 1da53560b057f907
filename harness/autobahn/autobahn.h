// The report of the Autobahn test suite (wstest), so that gates written for it go on working.
//
// `index.json` is {agent: {case: {behavior, behaviorClose, duration, remoteCloseCode, reportfile}}}, and
// each case has a file with the suite's keys; both with keys sorted, an indent of three and without a
// final line feed, as the suite writes. The agent is the target's name, or its Server field, or
// "UnknownServer". Cases of ours stand under the numbers that they name with `see autobahn/N`; where
// several do, the worst counts: fail, error, not run, skipped, inconclusive, weak, info, pass. Their words:
// autobahn_words.h.
//
// Invariants: file names hold digits, lower-case letters and `_` only, whatever the target is called.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "play/result.h"

namespace wsspec {

/// A section of a spec, and where it is to be read.
struct AutobahnClause {
  std::string name, link;  ///< "RFC 6455 5.2"; without a link when the spec is not known here.
  bool operator==(const AutobahnClause&) const = default;
};

/// One case of one agent in the index.
struct AutobahnEntry {
  std::string number, behavior, close;
  std::string file;  ///< Name of its case file.
  std::string id, about, reason;
  std::vector<AutobahnClause> clauses;
  std::int64_t duration = 0;  ///< Milliseconds.
  std::optional<std::uint16_t> code;

  /// As most gates read it: either word says that something is wrong.
  bool bad() const;
};

struct AutobahnAgent {
  std::string name, server_field, started, tool_version;
  std::vector<AutobahnEntry> entries;  ///< In numeric order.
};

AutobahnAgent autobahn_agent(const RunResult& run);

/// The files of the single cases: name -> content.
std::map<std::string, std::string> autobahn_case_files(const RunResult& run);

/// index.json.
std::string autobahn_index(std::span<const AutobahnAgent> agents);

/// The exit code that a run of Autobahn's cases deserves: never `as_expected` beside an entry that is bad,
/// and never `red` without one but by the wish of `gate`.
Exit autobahn_exit(const RunResult& run, const Gate& gate, const AutobahnAgent& agent);

/// "2.10" behind "2.9".
bool autobahn_before(const std::string& a, const std::string& b);

/// The agent as it stands in file names. Different names may give the same.
std::string autobahn_slug(std::string_view agent);
/// `name`, or with a number behind it when one of `slugs`, to which it is added, is that of its files.
std::string unique_agent(const std::string& name, std::set<std::string>& slugs);

}  // namespace wsspec
