// A breach: one rule that the endpoint under test broke, as the judge (rules_judge.h) tells it.
//
// What it is not: a finding of a campaign (report/), which adds signature, reproducer and counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wsspec {

enum class BreachKind {
  accepts_illegal,   ///< It reacted to what it had to refuse.
  rejects_legal,     ///< It failed or dropped the connection although all was legal.
  malformed_output,  ///< It sent something that nobody may send.
  wrong_echo,  ///< A message came back changed, out of order or not at all, though later input was served.
  missing_pong,
  wrong_pong,
  no_close_reply,
  data_after_close,
  wrong_code,
  stalled,         ///< A required reaction did not come.
  foreign_octets,  ///< What only another connection has sent came on this one.
};
std::string_view breach_name(BreachKind kind);  ///< "accepts-illegal", ...

enum class Severity { fail, weak };

struct Breach {
  BreachKind kind = BreachKind::stalled;
  Severity severity = Severity::fail;
  std::string requirement;     ///< Ledger id.
  std::string text;            ///< One sentence.
  std::uint64_t sent = 0;      ///< Octets that had been sent by then,
  std::uint64_t received = 0;  ///< and that had come back.
  bool lacks = false;          ///< A message did not come, and nothing came in its place.
};

/// One that knows no octets yet.
Breach breach(BreachKind kind, Severity severity, std::string_view requirement, std::string text);

}  // namespace wsspec
