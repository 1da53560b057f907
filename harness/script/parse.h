// Parser of the notation: the text of one *.wire file to a tree.
//
// What it is not: it knows no rule beyond the grammar (check.h does) and reads no files.
// Invariants: never throws and never crashes on any octets; when `errors` is empty, print(file) parses to an
// equal tree. Limits, each a diagnostic: text 64 MiB, blocks and calls nested 32 deep, 50 errors a file.
#pragma once

#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "script/ast.h"
#include "script/diagnostics.h"

namespace wsspec {

inline constexpr std::size_t kMaxFileSize = 64U << 20;
inline constexpr int kMaxNesting = 32;
inline constexpr std::size_t kMaxDiagnostics = 50;

struct Parsed {
  File file;  ///< What could be understood; complete only when there is no error.
  std::vector<Diagnostic> errors;
};

/// `file_name` is only shown in places.
Parsed parse(std::string_view text, std::string_view file_name);

/// Steps alone, as the fuzzer and tests write them: no `wire 1`, no `case`.
struct ParsedSteps {
  std::vector<Step> steps;
  std::vector<Diagnostic> errors;
};
ParsedSteps parse_steps(std::string_view text, std::string_view file_name = "steps");

/// A payload alone: `fill(16) "x"*3`.
Result<Payload> parse_payload(std::string_view text);

}  // namespace wsspec
