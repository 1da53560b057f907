#include "protocol/endpoint.h"

#include "protocol/http.h"

namespace wsspec {

void Endpoint::received_head(const Head& head, Instant now) {
  Bytes octets = render_head(head);
  received({octets.data(), octets.size()}, now);
}

}  // namespace wsspec
