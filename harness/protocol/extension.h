// The grammar of Sec-WebSocket-Extensions (RFC 6455 9.1) and the negotiation of permessage-deflate (RFC
// 7692 7.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/role.h"

namespace wsspec {

/// The name of the one extension that we speak (RFC 7692 7).
inline constexpr std::string_view kPermessageDeflate = "permessage-deflate";

struct ExtensionParameter {
  std::string name;
  std::optional<std::string> value;  ///< Unquoted.
  bool quoted = false;
  bool operator==(const ExtensionParameter&) const = default;
};
struct ExtensionOffer {
  std::string name;
  std::vector<ExtensionParameter> parameters;
  bool operator==(const ExtensionOffer&) const = default;
};

/// Parses a list of offers. An error names what breaks the grammar: no element, a missing name or value, an
/// open quote, a quoted value that is no token (9.1). Empty elements beside others are skipped.
Result<std::vector<ExtensionOffer>> parse_extensions(std::string_view text);
std::string print_extensions(const std::vector<ExtensionOffer>& offers);

/// The agreed settings of permessage-deflate.
struct DeflateSettings {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  int server_max_window_bits = 15;
  int client_max_window_bits = 15;
  bool operator==(const DeflateSettings&) const = default;

  /// The window that this end compresses with, in bits.
  int window_bits_of(Role sender) const {
    return sender == Role::client ? client_max_window_bits : server_max_window_bits;
  }
  /// This end keeps its window from message to message.
  bool keeps_context(Role sender) const {
    return !(sender == Role::client ? client_no_context_takeover : server_no_context_takeover);
  }
};

/// What one offer of permessage-deflate asks for (7.1.2.1, 7.1.2.2).
struct DeflateOffer {
  bool server_no_context_takeover = false;
  bool client_no_context_takeover = false;
  std::optional<int> server_max_window_bits;
  bool client_max_window_bits = false;  ///< The parameter is there, with or without a value.
  std::optional<int> client_max_window_bits_hint;
};
/// The offer, or why it must be declined: unknown or repeated parameter, a value where none or out of range
/// (rfc7692-7).
Result<DeflateOffer> read_deflate_offer(const ExtensionOffer& offer);

/// The settings that a reply agrees to, checked against the offers it answers; an error says which rule it
/// breaks (its `where` holds the ledger id).
Result<DeflateSettings> read_deflate_reply(const ExtensionOffer& reply,
                                           const std::vector<ExtensionOffer>& offers);
/// Whether a reply grants the client a larger window than was hinted at by each offer that it fits: RFC 7692
/// 7.1.2.2 lets a server ignore the hint, and wants an equal or smaller value where it is used.
bool exceeds_hint(const ExtensionOffer& reply, const std::vector<ExtensionOffer>& offers);

}  // namespace wsspec
