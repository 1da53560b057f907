// Boost.Beast's WebSocket server reading frames from memory. In a file of its own: Beast takes long to
// compile.
#pragma once

#include <cstdint>
#include <string_view>

/// Accepts a handshake, then reads all of `frames` (complete messages of a client). Returns the payload
/// octets seen, so that a wrong benchmark shows.
std::uint64_t read_with_beast(std::string_view frames);
