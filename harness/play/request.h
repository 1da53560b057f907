// The opening request of a case: a correct one for the target's profile, then the case's edits.
#pragma once

#include <string>

#include "play/profile.h"
#include "protocol/error.h"
#include "script/ast.h"
#include "script/functions.h"

namespace wsspec {

/// A Sec-WebSocket-Key of 16 octets, the same for the same seed.
std::string handshake_key(std::uint64_t seed);

/// What `open NAME=...` changes in an otherwise correct request.
struct OpenOptions {
  std::string path, offer, protocol, origin;  ///< Empty: as the profile says.
};
Result<OpenOptions> read_options(const Open& open, Environment& environment);

/// What the user has us send with every request (the subprotocol, fields) and this one has not; empty:
/// nothing. Without it a refusal is no wonder.
std::string left_out(const Profile& profile, const Head& request);

/// The octets of a request head.
Result<Bytes> make_request(const Profile& profile, const OpenOptions& options, const std::vector<Edit>& edits,
                           Environment& environment);

}  // namespace wsspec
