// What the close handshake demands: of the answer to a Close by the body it had, and of every Close by itself
// (RFC 6455 5.5.1, 7.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/breach.h"
#include "protocol/close.h"
#include "protocol/message.h"

namespace wsspec {

/// The Close that was sent.
struct SentClose {
  /// What is asked of the endpoint, by the body.
  enum class Demand {
    orderly,     ///< A Close with the same code, 1000 or none.
    registered,  ///< The same, but 1002 is only poor style (1012 to 1014).
    open,        ///< Orderly, 1002 or a bare end (1016 to 2999, 5000 and above; 1010 by a server).
    reserved,    ///< 1002 or a bare end; repeating the code is poor style (1004).
    refuse,      ///< 1002 or a bare end (0 to 999, 1005, 1006, 1015, a body of one octet).
    refuse_text  ///< 1007, 1002 or a bare end (the reason is not UTF-8).
  };
  CloseBody body;
  Demand demand = Demand::orderly;
  bool inside_message = false;      ///< 1002 is then no fault either.
  std::uint64_t begin = 0, at = 0;  ///< The frame's first octet, and how many octets were sent with its last.
};
SentClose::Demand demand_of(const CloseBody& body, Role sender);
/// The rule that such a body breaks, or that leaves it open.
std::string_view requirement_of(const CloseBody& body);

/// What is wrong with a Close frame as the answer to the Close that was sent; nothing when all is well.
std::optional<Breach> judge_close_answer(const SentClose& sent, const CloseBody& answer);
/// What is wrong with a Close frame by itself. `echoed`: the code that was sent, which may be repeated.
std::optional<Breach> judge_close_form(Role sender, const CloseBody& body, bool one_octet,
                                       std::optional<std::uint16_t> echoed);
/// Whether a code says that something was wrong.
bool is_fault_code(std::optional<std::uint16_t> code);
/// For a sentence: the number, or "no code".
std::string code_text(std::optional<std::uint16_t> code);

}  // namespace wsspec
