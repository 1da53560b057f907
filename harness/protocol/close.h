// Close frames and their codes (RFC 6455 5.5.1, 7.4, the IANA registry as of 2026).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/bytes.h"

namespace wsspec {

/// What the specifications say of a code on the wire.
enum class CloseCodeClass {
  defined,      ///< 1000-1003, 1007-1011: defined by RFC 6455 for use in a frame.
  registered,   ///< 1012-1014: added to the registry after the RFC.
  reserved,     ///< 1004: set aside, never defined.
  forbidden,    ///< 1005, 1006, 1015: must not appear in a frame (7.4.1).
  unassigned,   ///< 1016-2999: for the protocol's future.
  library,      ///< 3000-3999.
  application,  ///< 4000-4999.
  invalid,      ///< 0-999 and 5000-65535.
};
CloseCodeClass classify(std::uint16_t code);
/// "protocol error" for 1002; empty when the code has no name.
std::string_view close_code_name(std::uint16_t code);

/// The parts of a Close frame's payload.
struct CloseBody {
  std::optional<std::uint16_t> code;  ///< Absent: empty payload.
  Bytes reason;
  bool stray_octet = false;  ///< The payload was one octet long, which is malformed (5.5.1).
};
CloseBody parse_close(BytesView payload);
Bytes make_close(std::optional<std::uint16_t> code, BytesView reason = {});

}  // namespace wsspec
