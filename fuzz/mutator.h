// A structure-aware mutator for streams of frames: takes octets as frames, changes frames, and writes octets.
//
// What it is not: a judge; it makes legal and illegal streams alike. It serves every engine: the byte mutator
// of the engine is lent to it, for payloads (unmasked) and, one time in ten, for the whole input. Invariants:
// a pure function of its arguments and the byte mutator; never writes beyond `most`; any octets are welcome.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "protocol/bytes.h"

namespace wsspec {

/// Changes `size` octets at `data` in place, at most to `most` octets; returns how many there are then.
using ByteMutator = std::function<std::size_t(std::uint8_t* data, std::size_t size, std::size_t most)>;

/// A mutated `input`, at most `most` octets. The first `choices` octets are no frames but the target's
/// choices.
Bytes mutate_stream(BytesView input, std::size_t choices, std::size_t most, std::uint32_t seed,
                    const ByteMutator& mutate_bytes);
/// The beginning of `a` up to some frame, then frames of `b`.
Bytes cross_streams(BytesView a, BytesView b, std::size_t choices, std::size_t most, std::uint32_t seed);

}  // namespace wsspec
