#include "model/breach.h"

#include <utility>

namespace wsspec {

std::string_view breach_name(BreachKind kind) {
  static constexpr std::string_view kNames[] = {
      "accepts-illegal", "rejects-legal",    "malformed-output", "wrong-echo", "missing-pong",  "wrong-pong",
      "no-close-reply",  "data-after-close", "wrong-code",       "stalled",    "foreign-octets"};
  return kNames[static_cast<std::size_t>(kind)];
}

Breach breach(BreachKind kind, Severity severity, std::string_view requirement, std::string text) {
  return {kind, severity, std::string(requirement), std::move(text), 0, 0};
}

}  // namespace wsspec
