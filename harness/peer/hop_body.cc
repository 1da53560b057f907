#include "peer/hop_body.h"

#include <algorithm>

namespace wsspec {

BytesView HopBody::take(BytesView& bytes) {
  const BytesView all = bytes;
  switch (length_.kind) {
    case BodyLength::Kind::none: break;
    case BodyLength::Kind::until_end: bytes = {}; break;
    case BodyLength::Kind::chunked: chunks_.feed(bytes); break;
    case BodyLength::Kind::counted: {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= count;
      bytes.remove_prefix(count);
    }
  }
  return all.substr(0, all.size() - bytes.size());
}

bool HopBody::done() const {
  using Kind = BodyLength::Kind;
  if (length_.kind == Kind::chunked) return chunks_.done();
  return length_.kind == Kind::none || (length_.kind == Kind::counted && left_ == 0);
}

// A request without a length has no body, and a last coding that is not chunked leaves it without an end
// (RFC 9112 6.3): the hop refuses that.
BodyLength request_body(const Head& head) {
  const BodyLength as_answer = response_body(head, 200);
  return as_answer.kind == BodyLength::Kind::until_end ? BodyLength{} : as_answer;
}

}  // namespace wsspec
