// Company: whether a target serves a second connection while a first is open.
//
// Some hold one at a time: the second waits until the first ends, or is refused. Played side by side most
// cases would fail there, and none of them through its own fault.
#pragma once

#include "net/dialer.h"
#include "play/profile.h"

namespace wsspec {

/// True when it serves one connection, and not two at once. Blocks, for twice `patience` at most (times the
/// profile's scale), and for a moment where the target serves both.
bool serves_one_at_a_time(const Dialer& dialer, const Profile& profile,
                          Duration patience = std::chrono::seconds(1));

}  // namespace wsspec
