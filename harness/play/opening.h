// The heads that a case sends: a correct request for the target's profile, or a correct reply to a client's
// request, then the case's edits. Heads are values; who carries them makes octets or fields of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "play/profile.h"
#include "protocol/error.h"
#include "script/ast.h"
#include "script/functions.h"

namespace wsspec {

/// A Sec-WebSocket-Key of 16 octets, the same for the same seed.
std::string handshake_key(std::uint64_t seed);

/// What `open NAME=...` changes in an otherwise correct request or, where we are the server, reply: there
/// `offer` is what is granted and `protocol` what is chosen.
struct OpenOptions {
  std::string path, offer, protocol, origin;  ///< Empty: as the profile says.
};
Result<OpenOptions> read_options(const Open& open, Environment& environment);

/// What the user has us send with every request (the subprotocol, fields) and this one has not; empty:
/// nothing. Without it a refusal is no wonder.
std::string left_out(const Profile& profile, const Head& request);

/// `$key`, `$asked-host`, `$asked-protocol` or `$protocol-field` of an opening request. Nothing: no such
/// fact, or no request yet.
std::optional<Bytes> fact_of_request(const Head& request, std::string_view name);

/// The beginning of a URL that names another origin of ours than the client has asked, by its other name
/// (RFC 6454 4), and the same port. Nothing: there was no request.
std::optional<Bytes> other_origin(const Head& request, bool secure);

/// A correct request, then the edits.
Result<Head> make_request(const Profile& profile, const OpenOptions& options, const std::vector<Edit>& edits,
                          Environment& environment);
/// A correct 101 to `request` (RFC 6455 4.2.2), then the edits: of the subprotocols asked for it chooses the
/// first, since many clients give up without one; it grants no extension.
Result<Head> make_reply(const Head& request, const OpenOptions& options, const std::vector<Edit>& edits,
                        Environment& environment);
/// What a case for either role means by `open offer=WISH` where we are the server: the roles are turned, so
/// that what the case as a client asks of the server's data is granted of the client's, and the other way
/// round. The answer to the first offer that allows it; an error says what the client does not let us agree
/// upon.
Result<std::string> turned_grant(const std::string& wish, const Head& request);
/// A refusal or redirect without a body, then the edits.
Result<Head> make_response(const Number& status, const std::vector<Edit>& edits, Environment& environment);

}  // namespace wsspec
