// UTF-8 validation (RFC 3629, RFC 6455 8.1), whole or in chunks of any size.
//
// Surrogates, overlong forms and code points above U+10FFFF are invalid; NUL, BOM and noncharacters are
// valid.
#pragma once

#include "protocol/bytes.h"

namespace wsspec {

/// True when all of `bytes` is complete, valid UTF-8. Vectorised.
bool is_utf8(BytesView bytes);

/// Validates a stream: feed() any chunks, then ask complete(). Keeps at most three octets.
class Utf8Validator {
 public:
  /// False as soon as the octets so far cannot be continued to valid UTF-8; stays false until reset().
  bool feed(BytesView chunk);
  /// True when all octets so far are valid and none is missing.
  bool complete() const { return valid_ && held_ == 0; }
  bool valid() const { return valid_; }
  void reset() { *this = {}; }

 private:
  char tail_[4] = {};
  unsigned held_ = 0;
  bool valid_ = true;
};

}  // namespace wsspec
