#include "protocol/header_rules.h"

#include <fmt/format.h>

namespace wsspec {

std::string in_words(const HeaderRule& rule, const FrameHeader& header) {
  switch (rule.fault) {
    case HeaderFault::opcode: return fmt::format("{} ({})", rule.what, header.opcode);
    case HeaderFault::bits:
      return fmt::format("{} (rsv={} on a {} frame)", rule.what, header.rsv, opcode_name(header.opcode));
    case HeaderFault::long_form:
      return fmt::format("{} ({} in {} bits)", rule.what, header.length, static_cast<int>(header.form));
    default: return std::string(rule.what);
  }
}

}  // namespace wsspec
