// Expansion: families with `each` tables to single cases, one per combination of rows.
//
// Every `each` variable is replaced; names of `let`, `repeat … as` and predefined facts stay and are
// evaluated at play time. Instances come in the order of the file, the last `each` varying fastest, with ids
// `id[row,row]`. Invariant: the result holds no `each`, no kind_name, no edit variable, and only those file
// lets that it uses.
#pragma once

#include <cstddef>
#include <vector>

#include "script/ast.h"
#include "script/diagnostics.h"

namespace wsspec {

inline constexpr std::size_t kMaxInstances = 100'000;

struct Expanded {
  std::vector<Case> cases;
  std::vector<Diagnostic> errors;
};

Expanded expand(const File& file);

}  // namespace wsspec
