// Fate: what became of a tunnel through a hop since the command of the hop's operator, a graceful reload or a
// graceful stop.
//
// No clause says how long a tunnel outlives either. So nothing here is more than `weak`: what a graceful
// command need not do to who is connected. What it is not: a judge of octets; play/kept.h is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/endpoint.h"
#include "script/ast.h"

namespace wsspec {

struct Fate {
  /// What one of our ends saw.
  struct Seen {
    bool close = false;                 ///< A Close of the hop's own,
    std::optional<std::uint16_t> code;  ///< its code,
    bool masked = false;                ///< and whether it was masked.
    bool lacks = false;                 ///< Not all came that was sent to it.
    std::optional<End::Way> end;        ///< Nothing: it still lives.
  };
  Seen near, far;
  Duration lived{};         ///< From the command to the first end.
  bool in_message = false;  ///< A message of ours was under way.

  bool lives() const { return !near.end && !far.end; }
};

/// "lives on"; "lived for 1.2s; the client saw Close 1001 and FIN, the server FIN".
std::string in_words(const Fate& fate);

struct Assessment {
  Grade grade = Grade::pass;
  std::string why;
};
/// A reset, or an end that only one side was told of, is weak; so is an end by a reload without a Close that
/// tells of it, but in mid-message. Such a Close at a reload, and a bare end at a stop, are to be known.
Assessment assess(const Fate& fate, const Operate& operation);

/// Tunnels that were asked for behind the command.
struct Newcomers {
  std::size_t served = 0, refused = 0, unanswered = 0;
  std::string first_refusal;  ///< "status 503", "connection refused"; empty: the end without an answer.
};
std::string in_words(const Newcomers& newcomers);
/// Who comes behind a reload is to be served; behind a stop nobody is.
Assessment assess(const Newcomers& newcomers, const Operate& operation);

}  // namespace wsspec
