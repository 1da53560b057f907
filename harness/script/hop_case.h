// Cases about a hop (proxy, load balancer, TLS end): both ends are ours. `near` is the connection that we
// make to it as a client, `far` the one that it makes to us as to a server; of a group, `far[2]` belongs to
// `near[2]`.
//
// What it is not: a judge of what the hop may change (play/kept.h).
#pragma once

#include <string_view>
#include <vector>

#include "script/ast.h"

namespace wsspec {

inline constexpr std::string_view kNear = "near", kFar = "far";

/// Some line is about `near` or `far`.
bool names_hop(const std::vector<Step>& steps);

/// The case with each `near: open` written out: the request, that it comes to `far`, the 101 there, and that
/// it comes back. What `open` asks for is granted.
Case written_out(const Case& one);

}  // namespace wsspec
