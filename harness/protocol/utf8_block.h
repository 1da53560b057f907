// UTF-8 sixteen octets at a time, on processors that can look up sixteen octets in one instruction. utf8.cc
// asks it, and does without where there is none.
#pragma once

#include "protocol/bytes.h"

namespace wsspec {

constexpr std::size_t kUtf8Block = 16;  ///< Octets.

/// Whether this processor can. Before static initialisation is through it says no, which is only slower.
extern const bool kHasUtf8Blocks;

/// True when no octet of `octets`, one or several whole blocks, is wrong behind the one before it, at first
/// behind the lead octet `before` (0: behind a whole character). The last octet may be a lead that nothing
/// can follow. Only where kHasUtf8Blocks.
bool are_utf8_blocks(std::uint8_t before, BytesView octets);

}  // namespace wsspec
