// HopBody: the body of a message that a hop passes on, and where it ends (RFC 9112 6.3).
//
// What it is not: a reader of the content; chunks stay as they came.
#pragma once

#include "protocol/chunked.h"
#include "protocol/http.h"

namespace wsspec {

class HopBody {
 public:
  HopBody() = default;
  explicit HopBody(BodyLength length) : length_(length), left_(length.octets) {}

  /// The octets of the body at the front of `bytes`, which loses them.
  BytesView take(BytesView& bytes);
  /// The other side's end: whether the body is whole.
  bool ends() const { return done() || length_.kind == BodyLength::Kind::until_end; }
  bool done() const;
  bool failed() const { return chunks_.failed(); }
  BodyLength::Kind kind() const { return length_.kind; }

 private:
  BodyLength length_;
  std::uint64_t left_ = 0;
  ChunkedBody chunks_;
};

/// How the body of a request is delimited.
BodyLength request_body(const Head& head);

}  // namespace wsspec
