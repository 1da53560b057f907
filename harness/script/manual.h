// The tables of the manual (cases/README.md), made from words.h and check.h, so that the manual cannot lag
// behind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wsspec {

/// `text` with the content of each `<!-- words: KIND -->`, `<!-- features -->` and `<!-- facts -->` up to its
/// `<!-- end -->` replaced by the current table.
std::string fill_tables(std::string_view text);

/// The contents of the fenced code blocks of `language`.
std::vector<std::string> code_blocks(std::string_view text, std::string_view language);

}  // namespace wsspec
