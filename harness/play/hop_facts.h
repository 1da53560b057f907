// HopFacts: what a hop does that is no fault, as sentences that a person can act on: how long a silent tunnel
// lives, which heads pass, how long one way takes. Read from the notes of the cases that measure it, so that
// every report of a run says the same.
//
// What it is not: a judge. A fact becomes a check where somebody asks for it (play/expected_fact.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "play/result.h"
#include "script/ast.h"

namespace wsspec {

struct HopFact {
  std::string name;      ///< That of its kind.
  std::string sentence;  ///< Not measured: why, and how it would be.
  bool measured = false;
  /// Nanoseconds, octets or a count, by its kind; for words nothing. What is known of the true value: not
  /// below `least`, not above `most` (nothing: no bound was found).
  std::optional<double> least, most;
  std::string word;
};

struct FactKind {
  enum class Holds { time, octets, count, word };
  std::string_view name;
  Holds holds;
  std::string_view cases;    ///< Patterns of --filter, by blanks: those that measure it.
  std::string_view meaning;  ///< For help and manual.
  std::string_view words;    ///< Its values, by blanks, if it holds one.
  double slack;              ///< By what share a time that somebody has set may differ from what is seen.
};
std::span<const FactKind> fact_kinds();
/// Null: there is none of that name.
const FactKind* find_fact_kind(std::string_view name);

/// One for each kind, in their order; none where the target is no hop, or one end of it is not ours.
std::vector<HopFact> facts_of(const RunResult& run);
/// What the same cases have measured without the hop goes into the notes of `run`, to be subtracted.
void add_direct(const RunResult& direct, RunResult& run);
/// What the hop has sent to the server behind it without being asked, health checks, in words.
void add_own_accord(const std::string& what, RunResult& run);
/// A case that tells how long nothing happens: without a hop that is our own patience.
bool watches(const Case& one);

/// What the hop calls itself, and what it adds to heads; empty where nothing was seen.
std::vector<std::string> introduction_of(const RunResult& run);

}  // namespace wsspec
