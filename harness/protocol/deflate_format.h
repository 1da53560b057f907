// What RFC 1951 fixes for writers and readers of blocks alike.
#pragma once

#include <cstdint>

namespace wsspec {

/// The literal symbol behind which a block has nothing (3.2.5).
inline constexpr unsigned kEndOfBlock = 256;
/// The order in which a dynamic block gives the lengths of its code for lengths (3.2.7).
inline constexpr std::uint8_t kLengthOrder[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};

}  // namespace wsspec
