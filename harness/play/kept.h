// Kept: how what came out of a hop relates to what was sent into it.
//
// Behind the upgrade a hop is a tunnel (RFC 9110 7.8), blind to what crosses it. An intermediary that knows
// frames may cut messages anew where no extension was agreed upon (RFC 6455 5.4), and each leg masks for
// itself. It may answer a Close as any endpoint does (5.5.1), and fail a connection on which something comes
// that is none (7.1.7). What it is not: a judge of time or of heads' fields, but for kept_field().
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/bytes.h"
#include "protocol/http.h"
#include "protocol/role.h"

namespace wsspec {

struct Kept {
  enum class Level {
    octets,    ///< All of it, octet by octet.
    frames,    ///< The same frames, masked with other keys.
    messages,  ///< The same messages and control frames, cut anew.
    part,      ///< Its begin, and nothing that contradicts it.
    closed,    ///< In place of the last frame the hop's own Close: that frame is not whole, or it is a Close
               ///< and the hop has answered the receiver's itself, with its code or without one.
    refused,   ///< All ahead of a frame that no endpoint may send, and the hop's own Close.
    changed,   ///< Something else.
  };
  Level level = Level::octets;
  std::string what;          ///< changed: in words.
  std::size_t farewell = 0;  ///< Octets behind it: a Close of the hop's own.
};

/// What is known of a tunnel and of one way through it.
struct Way {
  Role sender = Role::client;
  bool extended = false;  ///< An extension was agreed upon: frames are not to be cut anew.
  /// The code of the Close that the receiver has sent the other way, if it has sent one.
  std::optional<std::optional<std::uint16_t>> closed{};
  bool leaves = false;  ///< The hop goes away: its Close may stand for what it has not brought any more.
};

/// `agreed`: so many octets at the begin are known to be the same; the work is in those behind them, unless
/// the frames have to be read.
Kept compare_kept(BytesView sent, BytesView came, const Way& way, std::size_t agreed = 0);

/// How far `came` agrees with `sent` beyond the first `agreed` octets.
std::size_t agreement(BytesView sent, BytesView came, std::size_t agreed);

/// Whether a field, or `method`, `request-target`, `version`, `status` and `octets`, means in `came` what it
/// means in `sent`: the same values in the same order, on one line or several (RFC 9110 5.3; Set-Cookie: on
/// as many). Empty: it does; else how it does not.
std::string changed_field(const std::string& name, const Head& sent, const Head& came);

}  // namespace wsspec
