// What a hop between a client and a server may do otherwise than the conforming one.
#include "peer/liberties.h"

namespace wsspec {

std::span<const Liberty> hop_liberties() {
  return {};
}

}  // namespace wsspec
