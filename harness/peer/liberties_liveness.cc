// Liberties of keeping a connection alive: how one pings, and how one leaves. No text says any of it
// (RFC 6455 5.5.2, 7.1.7).
#include "peer/edits.h"
#include "peer/liberties.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr const char *kPing = "rfc6455-5.5.2-4", *kLeaves = "rfc6455-7.1.7-8";

template <void (*change)(KeepAliveConduct& k)>
void keep(Conduct& c) {
  change(c.keep_alive);
}

const Liberty kLiveness[] = {
    {"never-pings", "It does not ping", kPing, kSound, "no-pings",
     keep<[](KeepAliveConduct& k) { k.never_pings = true; }>},
    {"pings-at-once", "The first ping comes right behind the handshake", kPing, kSound, "",
     keep<[](KeepAliveConduct& k) { k.pings_at_once = true; }>},
    {"pings-one-at-a-time", "It does not ping while a ping is not answered", kPing, kSound, "",
     keep<[](KeepAliveConduct& k) { k.one_ping_at_a_time = true; }>, nullptr, "liveness.newest-only"},
    {"pings-when-idle", "What comes puts off its next ping", kPing, kSound, "",
     keep<[](KeepAliveConduct& k) { k.pings_when_idle = true; }>},
    {"pings-without-data", "Its pings have no data", "rfc6455-5.5.2-1", kSound, "",
     keep<[](KeepAliveConduct& k) { k.empty_pings = true; }>, nullptr, "liveness.foreign-pong*"},
    {"takes-any-sign-of-life", "Whatever comes answers its pings", kLeaves, kSound, "",
     keep<[](KeepAliveConduct& k) { k.any_octets_answer = true; }>, nullptr,
     "liveness.foreign-pong* liveness.data-only"},
    {"leaves-with-1001", "It leaves with Close 1001 when no pong comes", kLeaves, kSound, "",
     keep<[](KeepAliveConduct& k) { k.code = 1001; }>},
    {"leaves-with-4408", "It leaves with a code of its own when no pong comes", "rfc6455-7.4.2-4", kSound, "",
     keep<[](KeepAliveConduct& k) { k.code = 4408; }>},
    {"leaves-without-code", "It leaves with an empty Close when no pong comes", kLeaves, kSound, "",
     keep<[](KeepAliveConduct& k) { k.code.reset(); }>},
    {"leaves-without-close", "It ends TCP when no pong comes", kLeaves, kSound, "",
     keep<[](KeepAliveConduct& k) { k.bare = true; }>},
    {"leaves-with-reset", "It resets TCP when no pong comes", kLeaves, kSound, "",
     keep<[](KeepAliveConduct& k) { k.resets = true; }>, nullptr, "liveness.stalled"},
};

}  // namespace

std::span<const Liberty> liveness_liberties() {
  return kLiveness;
}

}  // namespace wsspec
