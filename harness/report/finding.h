// What a fuzzing campaign found, for the reports: plain values, filled by the fuzzer.
//
// Invariants: `signature` is equal for equal causes over runs and machines (rule, model state, reply class),
// so that it deduplicates; the reproducer is a runnable case file.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "play/result.h"

namespace wsspec {

struct FuzzFinding {
  std::string signature;
  std::string cause;                ///< "crash", "hang", "accepts-invalid", "rejects-valid", "memory" ...
  Verdict verdict = Verdict::fail;  ///< fail, weak, info, or inconclusive.
  std::string clause;               ///< "RFC 6455 section 5.5"; may be empty for crashes.
  std::string requirement;          ///< Ledger id; may be empty.
  std::string message;              ///< One line for people.
  std::string reproducer;           ///< The minimised case as text.
  std::string file;                 ///< Where the reproducer was written, relative; may be empty.
  bool stable = true;               ///< Every replay on a fresh connection showed it.
  std::uint64_t hits = 1;
  Duration first_seen{};
  std::uint64_t first_input = 0;  ///< Inputs digested by then.
  bool gone = false;              ///< A later run replayed it, and it did not show.
  std::string log = {};           ///< The end of what a target that died had printed.
};

/// One point of the campaign's course.
struct FuzzSample {
  Duration at{};
  std::uint64_t inputs = 0;  ///< So far.
  std::uint64_t states = 0;  ///< Model state and reply class pairs seen so far.
  std::uint64_t edges = 0;   ///< Edges of the target, 0 when it is not instrumented.
  std::uint64_t findings = 0;
};

struct FuzzCampaign {
  std::string tool_version, target_name, url, engine;
  std::vector<std::string> way;  ///< How a client comes, as words of the command line; empty: it is a server.
  std::uint64_t seed = 0, inputs = 0, connections = 0, corpus = 0;
  bool interrupted = false;
  std::string fatal;  ///< Why it ended early, or empty.
  std::string started;
  Duration duration{};
  /// How often each kind of input was met that is tried on purpose, by its name.
  std::vector<std::pair<std::string, std::uint64_t>> habits;
  std::vector<FuzzSample> samples;  ///< In the order of time.
  std::vector<FuzzFinding> findings;
};

}  // namespace wsspec
