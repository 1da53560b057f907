// HopHost: the reference hop on real connections, between clients that come and a server behind it.
//
// What it is not: a proxy for anybody's use. Each hop that is made is one process for all that come.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "net/driver.h"
#include "peer/hop.h"
#include "run/late_end.h"

namespace wsspec {

class HopHost {
 public:
  /// `back`: how the server behind is reached. `driver` must outlive it, and be at rest when it goes.
  HopHost(Driver& driver, std::unique_ptr<Hop> hop, Dialer back);
  /// Where clients come; answers the port.
  Result<std::uint16_t> listen(const ListenOptions& options);

 private:
  struct Leg {
    std::unique_ptr<Endpoint> hops;  ///< The hop's end.
    std::unique_ptr<LateEnd> end;    ///< By the one clock of the hop.
  };
  Leg& add(std::unique_ptr<Endpoint> hops);
  Driver::Guest welcome();
  void attend();
  void dial();

  Driver& driver_;
  std::unique_ptr<Hop> hop_;
  const Dialer back_;
  std::map<Endpoint*, Leg> legs_;  ///< By the hop's end.
};

}  // namespace wsspec
