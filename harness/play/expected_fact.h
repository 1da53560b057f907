// ExpectedFact: a fact of a hop that somebody counts on (`--expect 'idle>=60s'`), and with that a check.
//
// Invariant: what was not measured, or lies between what passed and what did not, does not hold.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "play/hop_facts.h"
#include "protocol/error.h"

namespace wsspec {

struct ExpectedFact {
  enum class Relation { least, more, most, less, is };
  const FactKind* kind = nullptr;
  Relation relation = Relation::is;
  double value = 0;  ///< As HopFact::least.
  std::string word;
  std::string text;  ///< As it was given.
};

/// `NAME>=VALUE`, `>`, `<=`, `<`, `=`; of words `=` alone.
Result<ExpectedFact> read_expectation(std::string_view text);

/// Empty: it holds. Else how it does not, in one sentence.
std::string disappointment(const ExpectedFact& expected, const HopFact& fact);

/// Makes red what does not hold: the case that measures the fact fails, with the sentence. Each such case
/// must be among the results. `run.fatal` and an interrupt need no more than they are.
void hold_to(std::span<const ExpectedFact> expectations, RunResult& run);

/// "Facts: idle (a time): ...": all that can be expected, in one sentence.
std::string expectation_manual();

}  // namespace wsspec
