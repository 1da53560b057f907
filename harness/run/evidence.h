// Evidence: that the target still serves after we broke the protocol (docs/design.md "Never silently green").
//
// A case in which we sent something illegal is `open` until a connection that began after its end is served
// in full. All others that ended since then are bystanders: were the target dead already, their results would
// tell of its death and not of them. What it is not: the judgement; the runner decides what to do about those
// that stay open.
#pragma once

#include <cstddef>
#include <vector>

#include "play/result.h"
#include "protocol/endpoint.h"

namespace wsspec {

/// A message or a pong came, which only follows an upgrade: the target served this connection.
bool shows_service(const CaseResult& result);

class Evidence {
 public:
  /// The connection of case `index` ended then; `illegal`: we broke the protocol in it.
  void ended(std::size_t index, Instant when, bool illegal);
  /// A connection that began at `began` was served.
  void served(Instant began);
  void clear() { open_.clear(); }
  Instant last_service() const { return last_service_; }  ///< The begin of the youngest one seen.

  bool complete() const { return suspects().empty(); }
  std::vector<std::size_t> suspects() const;    ///< In the order of their ends, like the bystanders.
  std::vector<std::size_t> bystanders() const;  ///< Ended since the last service, and nothing illegal sent.

 private:
  struct Open {
    std::size_t index;
    Instant ended;
    bool illegal;
  };
  std::vector<std::size_t> indices(bool illegal) const;
  std::vector<Open> open_;
  Instant last_service_{};
};

}  // namespace wsspec
