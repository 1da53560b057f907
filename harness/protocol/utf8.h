// UTF-8 validation (RFC 3629, RFC 6455 8.1), whole or in chunks of any size.
//
// Surrogates, overlong forms and code points above U+10FFFF are invalid; NUL, BOM and noncharacters are
// valid.
#pragma once

#include "protocol/bytes.h"

namespace wsspec {

/// True when all of `bytes` is complete, valid UTF-8. Vectorised.
bool is_utf8(BytesView bytes);

/// Validates a stream: feed() any chunks, then ask complete(). Keeps a state, no octets.
class Utf8Validator {
 public:
  /// False as soon as the octets so far cannot be continued to valid UTF-8; stays false until reset().
  bool feed(BytesView chunk);
  /// True when all octets so far are valid and none is missing.
  bool complete() const;
  bool valid() const;
  void reset() { state_ = 0; }

 private:
  bool feed_long(BytesView chunk);

  std::uint8_t state_ = 0;  ///< Of the automaton in utf8.cc; 0 between characters.
};

}  // namespace wsspec
