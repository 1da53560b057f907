// Defects of a hop between a client and a server (RFC 9110 7, 9.3.6, RFC 9112, RFC 6455 5.4).
#include "peer/defects.h"

namespace wsspec {

std::span<const Defect> hop_defects() {
  return {};
}

}  // namespace wsspec
