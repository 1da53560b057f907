// A fuzzing input: what is sent over one connection, as statements of the notation (script/ast.h).
//
// What it is not: a case; it expects nothing, because the oracle (protocol/rules_judge.h) says what is right.
// Invariants: steps only send (frames, octets, bursts, FIN, RST); a transcript played again on a fresh
// connection sends the same octets, but for what `deflate(...)` makes of the connection's context.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "script/ast.h"

namespace wsspec {

/// The opening handshake of a connection.
struct FuzzOpening {
  std::string offer;        ///< Value of Sec-WebSocket-Extensions; empty: none.
  std::vector<Edit> edits;  ///< Of an otherwise correct request; then nothing is sent behind the handshake.
  bool operator==(const FuzzOpening&) const = default;
};

/// All that was sent since the connection was made: the journal, and what a reproducer holds.
struct FuzzTranscript {
  FuzzOpening opening;
  std::vector<Step> steps;
  std::vector<Let> lets;  ///< Of the file it came from.
};

/// Whether a statement may stand in an input.
bool is_fuzz_send(const Statement& statement);

/// The sends of a case, in order; nothing when it holds what an input cannot (repeat, several connections).
std::vector<FuzzTranscript> transcripts_of(const std::vector<Case>& cases);

inline Step step_of(Statement statement) {
  Step step;
  step.statement = std::move(statement);
  return step;
}

/// One frame as a step.
Step fuzz_frame(FrameKind kind, BytesView payload);

}  // namespace wsspec
