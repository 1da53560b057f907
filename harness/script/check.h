// Static rules on expanded cases: what the grammar lets through but no run should start with.
//
// Also infers what a case does not write: `target` from its handshake statements and `needs` from what it
// expects. Not a judgement about the protocol: a case may send anything; it may not contradict itself.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "script/ast.h"
#include "script/diagnostics.h"

namespace wsspec {

struct CheckContext {
  /// Ids of the requirement ledger; null: `covers` is not checked.
  const std::set<std::string, std::less<>>* requirements = nullptr;
  /// Ids of cases seen so far, filled by check(), so that duplicates over several files show.
  std::map<std::string, Place, std::less<>>* ids = nullptr;
};

/// Checks and completes `cases` (instances made by expand()).
std::vector<Diagnostic> check(std::vector<Case>& cases, const CheckContext& context);

/// Every feature a case can need, with what a target must do or declare to have it.
struct Feature {
  std::string_view name, meaning;
};
std::span<const Feature> features();

/// A variable that the target's declared facts define, and the feature that promises it; without a feature:
/// a fact that comes about in the play.
struct Predefined {
  enum class Holds { payload, number, time };  ///< As a number a time is one of milliseconds.
  std::string_view name, feature;
  Holds holds = Holds::payload;
  std::string_view source = "an opening request";  ///< Without a feature: what has to come first.
  bool is_number() const { return holds != Holds::payload; }
};
std::span<const Predefined> predefined();

/// The text of one case file.
struct Source {
  std::string name, text;
};

/// parse, expand and check of all files: what every verb does before the first connection.
struct Loaded {
  std::vector<Case> cases;  ///< In the order of the files; to be used only when there is no error.
  std::vector<Diagnostic> errors;
};
Loaded load(std::span<const Source> sources,
            const std::set<std::string, std::less<>>* requirements = nullptr);

}  // namespace wsspec
