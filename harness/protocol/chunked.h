// ChunkedBody: where a chunked body ends (RFC 9112 7.1), octet by octet.
//
// What it is not: a keeper of the data unless it is asked, or a judge of how it is written: line ends of LF
// alone, extensions and trailer fields are read over. Invariants: how the octets are cut never matters; a
// line or a trailer without end, and a size that is no number, end in failed(), never in memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/bytes.h"

namespace wsspec {

class ChunkedBody {
 public:
  /// Takes what belongs to the body off the front of `bytes`. Nothing more is taken once done() or failed().
  /// `data`: where the data are appended; null: nowhere.
  void feed(BytesView& bytes, Bytes* data = nullptr);
  bool done() const { return state_ == State::done; }
  bool failed() const { return state_ == State::failed; }
  std::uint64_t octets() const { return octets_; }  ///< Of data so far.

 private:
  enum class State { size, extension, data, data_end, trailer, trailer_line, done, failed };
  void take(char c);
  void take_size(char c);
  State state_ = State::size;
  std::uint64_t left_ = 0, octets_ = 0;
  std::size_t digits_ = 0;
  std::size_t overhead_ = 0;  ///< Octets of the line, or of all trailer fields.
};

}  // namespace wsspec
