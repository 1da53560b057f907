// Diagnostic: one thing wrong in a *.wire file, said so that its author can mend it without the manual.
//
// What it is not: a failed run (Error in protocol/error.h) or a verdict. Several are reported per file.
// Invariant: rendered text holds no control character except the line feeds it adds itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "script/ast.h"

namespace wsspec {

struct Diagnostic {
  Place place;
  std::string message;      ///< One sentence without a full stop: "unknown frame field 'fim'".
  std::string source_line;  ///< The physical line at `place`; empty when the text is not at hand.
  std::string hint;         ///< "did you mean 'fin'?"; may be empty.
  int width = 1;            ///< Characters to underline from the column.
  std::string word;  ///< The offending word as written; attach_source() moves the caret to it. May be empty.
};

/// `close.wire:12:10: unknown frame field 'fim'; did you mean 'fin'?`, then the line and a caret line.
std::string render(const Diagnostic& diagnostic);

/// `close.wire:12:10`, or `-` for a place that no file has.
std::string render(const Place& place);

/// Appends `d` unless the same message stands there for the same place (the same mistake in each instance of
/// a family).
void add_once(std::vector<Diagnostic>& all, Diagnostic d);

/// Fills `source_line` of those diagnostics that point into `file_name` and lack it, and aims the caret at
/// `word`.
void attach_source(std::vector<Diagnostic>& diagnostics, std::string_view file_name, std::string_view text);

/// "did you mean 'fin'?" with the candidate nearest to `word` (edit distance with transpositions), or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace wsspec
