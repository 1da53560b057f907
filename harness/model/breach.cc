#include "model/breach.h"

namespace wsspec {

std::string_view breach_name(BreachKind kind) {
  static constexpr std::string_view kNames[] = {
      "accepts-illegal", "rejects-legal",  "malformed-output", "wrong-echo", "missing-pong",
      "wrong-pong",      "no-close-reply", "data-after-close", "wrong-code", "stalled"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace wsspec
