// Colours for a terminal: the codes of verdicts, and text in one of them or as it is.
#pragma once

#include <string>
#include <string_view>

#include "play/result.h"

namespace wsspec {

struct Pen {
  bool colours = false;

  std::string paint(std::string_view code, std::string_view text) const;
  std::string paint(Verdict verdict, std::string_view text) const;
  std::string bold(std::string_view text) const { return paint("1", text); }
  std::string dim(std::string_view text) const { return paint("2", text); }
};

/// The columns that `text` takes on a terminal, colours apart: one for each character.
std::size_t columns_of(std::string_view text);

/// `text` broken at blanks into lines of at most `width` columns, where a word allows it; lines behind the
/// first are indented by `indent`, which counts for the first line, too. `width` 0: as it is. Its own line
/// feeds stay.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace wsspec
