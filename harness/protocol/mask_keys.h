// The masking keys of a client as a row (RFC 6455 5.3, 10.3): does it show that they are not new, or not
// drawn at random?
//
// What it is not: a proof of randomness. A row can convict a weak source, never acquit one. What it reports
// happens with good keys less than once in a million rows.
#pragma once

#include <optional>
#include <span>

#include "protocol/handshake.h"
#include "protocol/mask.h"

namespace wsspec {

/// In the order in which they were sent. Nothing: nothing speaks against them, or they are too few to tell.
std::optional<Violation> find_pattern(std::span<const MaskKey> keys);

}  // namespace wsspec
