#include "net/tunnel.h"

namespace wsspec {

Action Tunnel::next(Instant now) {
  const auto action = present().next(now);
  if (!open_ && side_ == Side::proxy && action.kind == Action::Kind::send) watch(action.bytes);
  return action;
}

void Tunnel::received(MutableBytes bytes, Instant now) {
  constexpr char kClientHello = 0x16;  // The kind of its record (RFC 8446 5.1).
  if (!std::exchange(heard_, true) && side_ == Side::proxy && bytes.front() == kClientHello) open_ = true;
  Endpoint& hears = present();
  if (!open_ && side_ == Side::client) watch(view(bytes));
  hears.received(bytes, now);
}

/// An interim answer, or a refusal, leaves the connection as it is.
void Tunnel::watch(BytesView answer) {
  while (!open_ && answer_.feed(answer)) {
    const auto line = parse_status_line(answer_.head().start);
    open_ = line && line->status / 100 == 2;
    answer_ = HeadParser();
  }
}

}  // namespace wsspec
