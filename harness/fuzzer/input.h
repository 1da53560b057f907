// A fuzzing input: what is sent over one connection, as statements of the notation (script/ast.h).
//
// What it is not: a case; it expects nothing, because the oracle (model/rules_judge.h) says what is right.
// Invariants: steps only send (frames, octets, bursts, FIN, RST), or say when (pause, stall, read); a
// transcript played again on a fresh connection sends the same octets, but for what `deflate(...)` makes of
// the connection's context.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "script/ast.h"

namespace wsspec {

/// How a connection begins. Unless it is plain() nothing is sent behind it.
struct FuzzOpening {
  std::string offer;         ///< Value of Sec-WebSocket-Extensions; empty: none.
  std::vector<Edit> edits;   ///< Of an otherwise correct request.
  std::vector<Bytes> lines;  ///< A head written out, in place of the request; CR LF is added to each line.
  Bytes cut;                 ///< Octets in place of a head, then FIN or RST.
  bool resets = false;       ///< Behind `cut`.
  std::uint32_t chop = 0;    ///< Octets per write of the head; 0: all in one.

  bool plain() const { return edits.empty() && lines.empty() && cut.empty(); }
  bool operator==(const FuzzOpening&) const = default;
};

/// All that was sent since the connection was made: the journal, and what a reproducer holds.
struct FuzzTranscript {
  FuzzOpening opening;
  std::vector<Step> steps;
  std::vector<Let> lets;   ///< Of the file it came from.
  std::uint64_t seed = 0;  ///< Of the session: handshake key, masking keys. 0: any.
};

/// Whether a statement of an input sends,
bool is_fuzz_send(const Statement& statement);
/// or says when what follows is sent, or what comes is read.
bool is_fuzz_timing(const Statement& statement);

/// The sends of a case, in order; nothing when it holds what an input cannot (repeat, several connections).
std::vector<FuzzTranscript> transcripts_of(const std::vector<Case>& cases);
/// The statements that open the connection, as a case writes them. `reply_follows`: the next statement says
/// how the target answers, so that an `open`, which expects success, will not do.
std::vector<Step> opening_steps(const FuzzOpening& opening, bool reply_follows);

inline Step step_of(Statement statement) {
  Step step;
  step.statement = std::move(statement);
  return step;
}

/// Octets as one part, which is quick to make; print.h's payload_of() makes the readable form.
Payload plain_payload(Bytes bytes, bool text);

/// One frame as a step.
Step fuzz_frame(FrameKind kind, BytesView payload);
/// A data frame; `compressed`: RSV1 is set where the message begins.
Step fuzz_data(FrameKind kind, Payload payload, bool compressed, bool fin = true);
Step fuzz_pause(Duration time);
/// `unit` so many times, as one part.
Part fuzz_repeated(Bytes unit, std::size_t times, bool text);
/// `count` octets of text that stay short in an input, and differ from others by `label`.
Payload fuzz_text(std::size_t count, Bytes label);
/// What a function of the notation makes of a payload.
Payload fuzz_deflated(Payload payload, std::string how = "deflate");

}  // namespace wsspec
