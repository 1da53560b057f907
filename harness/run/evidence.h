// Evidence: that the target still serves after we broke the protocol (design.md "never silently green").
//
// A case in which we sent something illegal is `open` until a connection that began after its end is served
// in full. What it is not: the judgement; the runner decides what to do about those that stay open.
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/endpoint.h"

namespace wsspec {

class Evidence {
 public:
  /// The connection of case `index` ended then.
  void suspect(std::size_t index, Instant ended);
  /// A connection that began at `began` was served.
  void served(Instant began);
  void clear() { open_.clear(); }

  bool complete() const { return open_.empty(); }
  std::vector<std::size_t> open() const;  ///< In the order of their ends.

 private:
  struct Open {
    std::size_t index;
    Instant ended;
  };
  std::vector<Open> open_;
};

}  // namespace wsspec
