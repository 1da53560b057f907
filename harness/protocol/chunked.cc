#include "protocol/chunked.h"

#include <algorithm>

namespace wsspec {
namespace {

constexpr std::size_t kMostOverhead = 16 * 1024;
constexpr std::size_t kMostDigits = 15;  // 2^60 octets

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void ChunkedBody::feed(BytesView& bytes, Bytes* data) {
  while (!bytes.empty() && !done() && !failed()) {
    if (state_ == State::data) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      left_ -= part;
      octets_ += part;
      if (data != nullptr) data->append(bytes.substr(0, part));
      bytes.remove_prefix(part);
      if (left_ == 0) state_ = State::data_end;
      continue;
    }
    const char c = bytes.front();
    bytes.remove_prefix(1);
    if (++overhead_ > kMostOverhead)
      state_ = State::failed;
    else
      take(c);
  }
}

void ChunkedBody::take(char c) {
  switch (state_) {
    case State::size:
    case State::extension: return take_size(c);
    case State::data_end:
      if (c == '\r') return;
      state_ = c == '\n' ? State::size : State::failed;
      overhead_ = digits_ = 0;
      return;
    case State::trailer:  // At the begin of a line: an empty one is the end.
      if (c == '\r') return;
      state_ = c == '\n' ? State::done : State::trailer_line;
      return;
    case State::trailer_line:
      if (c == '\n') state_ = State::trailer;
      return;
    default: return;
  }
}

void ChunkedBody::take_size(char c) {
  if (c == '\n') {
    if (digits_ == 0)
      state_ = State::failed;
    else
      state_ = left_ > 0 ? State::data : State::trailer;
    overhead_ = 0;
    return;
  }
  if (state_ == State::extension) return;
  if (const int value = hex_digit(c); value >= 0) {
    left_ = left_ * 16 + static_cast<unsigned>(value);
    if (++digits_ > kMostDigits) state_ = State::failed;
  } else {
    const bool ends_size = c == ';' || c == ' ' || c == '\t' || c == '\r';
    state_ = digits_ > 0 && ends_size ? State::extension : State::failed;
  }
}

}  // namespace wsspec
