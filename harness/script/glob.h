// Patterns over names: ids of cases, targets, defects.
#pragma once

#include <string_view>

namespace wsspec {

/// `*` stands for any characters, `?` for one; everything else, brackets too, for itself.
bool matches_glob(std::string_view glob, std::string_view text);

}  // namespace wsspec
