// The nonces of a client's handshakes, and the first masking keys of its connections, as rows (RFC 6455 4.1,
// 5.3): does it show that they are not new, or not drawn at random?
//
// What it is not: a proof of randomness (mask_keys.h says the same of the keys of one connection). What it
// reports happens with good numbers less than once in a million rows.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/bytes.h"
#include "protocol/mask.h"

namespace wsspec {

/// `nonces`: those of 16 octets count. Nothing: nothing speaks against them, or they are too few to tell.
std::optional<std::string> find_pattern_of_nonces(std::span<const Bytes> nonces);
/// `keys`: the first of each connection. A generator that begins anew each time shows only here.
std::optional<std::string> find_pattern_of_first_keys(std::span<const MaskKey> keys);

}  // namespace wsspec
