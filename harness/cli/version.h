// The program's version, from CMakeLists.txt.
#pragma once

#include <string_view>

namespace wsspec {

inline constexpr std::string_view kVersion = WSSPEC_VERSION;

}  // namespace wsspec
