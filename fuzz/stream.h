// The input of all targets that read frames: two octets of choices, then the octets on the wire.
//
//   octet 0  bit 0: the endpoint is a client (it reads unmasked frames)   bit 1: permessage-deflate
//            bit 2: client_no_context_takeover   bit 3: server_no_context_takeover
//            bit 4: small limits (message 2000, frame 1000)   bits 5-7: window of 15, 15, 14 ... 9 bits
//   octet 1  how the stream is cut (ChunkCutter)
//
// What it is not: a script. Any octets decode, and the mutator (mutator.h) knows the form.
#pragma once

#include <optional>

#include "fuzz/property.h"
#include "model/rules.h"

namespace wsspec {

inline constexpr std::size_t kStreamChoices = 2;

struct StreamInput {
  std::uint8_t choices = 0, cut = 0;
  BytesView octets;

  explicit StreamInput(BytesView input) {
    InputCursor in(input);
    choices = in.octet();
    cut = in.octet();
    octets = in.rest();
  }
  /// The endpoint that reads the stream.
  Role reader() const { return (choices & 1) != 0 ? Role::client : Role::server; }
  std::optional<DeflateSettings> deflate() const {
    if ((choices & 2) == 0) return std::nullopt;
    const int bits = std::min(15, 16 - (choices >> 5));
    return DeflateSettings{(choices & 8) != 0, (choices & 4) != 0, bits, bits};
  }
  MessageLimits limits() const {
    return (choices & 16) != 0 ? MessageLimits{2000, 1000} : MessageLimits{1u << 20, 1u << 20};
  }
  Agreement agreement() const { return {.tested = reader(), .deflate = deflate(), .limits = limits()}; }
  ChunkCutter cutter() const { return ChunkCutter(cut); }
};

}  // namespace wsspec
