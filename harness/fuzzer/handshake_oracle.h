// The oracle of the opening handshake: what is wrong with the answer to a request, edited or not.
//
// What it is not: the rules themselves (protocol/handshake.h). Whom to serve is the server's own choice, so a
// refusal is only held against it where a plain request is welcome and the other one differs in nothing that
// a server may mind (RFC 6455 4.2.1, RFC 9112).
#pragma once

#include <vector>

#include "fuzzer/input.h"
#include "model/breach.h"
#include "play/profile.h"
#include "protocol/handshake.h"
#include "protocol/http.h"

namespace wsspec {

/// `request` is the head as sent; `granted` gets what a 101 reply agrees to.
std::vector<Breach> judge_handshake(const Profile& profile, const FuzzOpening& opening, const Head& request,
                                    const Head& reply, Reply& granted);
/// Whether a server that serves plain requests has to serve this one.
bool must_be_served(const Profile& profile, const FuzzOpening& opening, const Head& request);

}  // namespace wsspec
