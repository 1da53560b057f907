// Commons: what the connections of one server share. A conforming server shares nothing of a connection, so
// but for the counts only defects look here.
//
// What it is not: safe for connections that live in several threads, except for the counts.
#pragma once

#include <atomic>
#include <cstdint>

#include "protocol/bytes.h"

namespace wsspec {

struct Commons {
  std::atomic<unsigned> open = 0;        ///< Connections behind their handshake and not over.
  std::atomic<unsigned> half_heads = 0;  ///< Connections whose request has begun and is not complete.
  std::atomic<unsigned> leaving = 0;     ///< Connections that have said farewell and are not over.

  // A buffer and a number in it that a defect lets all of them use.
  std::uint64_t owner = 0;  ///< The connection that used it last; 0: none.
  Bytes octets;
  std::uint64_t memo = 0;

  std::uint64_t unread = 0;   ///< The connection whose client does not read what it is owed; 0: none.
  std::uint64_t uproars = 0;  ///< How often all connections were dropped for one.
  std::uint64_t dropped = 0;  ///< The connection that is dropped in the place of another; 0: none.

  bool belongs_to_other(std::uint64_t connection) const { return owner != 0 && owner != connection; }
};

}  // namespace wsspec
