// Masking (RFC 6455 5.3): payload octet i is combined by XOR with key octet i modulo 4.
//
// What it is not: a source of keys; those come from whoever has randomness or a seed.
#pragma once

#include <cstdint>

#include "protocol/bytes.h"

namespace wsspec {

/// The four octets of a key in wire order, the first one most significant: 0x9c01aa40 is `9c 01 aa 40`.
using MaskKey = std::uint32_t;

/// Masks or unmasks `bytes` in place; `offset` is the position of bytes[0] in its frame's payload.
void apply_mask(MutableBytes bytes, MaskKey key, std::uint64_t offset = 0);

}  // namespace wsspec
