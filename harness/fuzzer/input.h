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

#include "protocol/endpoint.h"
#include "script/ast.h"

namespace wsspec {

/// How a connection begins: our request, or our reply to a client's. Unless it is plain() nothing but a probe
/// is sent behind it.
struct FuzzOpening {
  /// Value of Sec-WebSocket-Extensions; empty: none. In a reply it is granted where the request allows it.
  std::string offer;
  std::vector<Edit> edits;  ///< Of an otherwise correct head.
  /// A head written out, in place of a correct one; CR LF is added to each line.
  std::vector<Payload> lines;
  Bytes cut;               ///< Octets in place of a head, then FIN or RST.
  bool resets = false;     ///< Behind `cut`.
  std::uint32_t chop = 0;  ///< Octets per write of the head; 0: all in one.
  // Of a reply alone:
  std::uint16_t status = 0;  ///< Of an answer that does not accept; 0: it does.
  bool as_written = false;   ///< `offer` is granted even where the request does not allow it.
  bool joined = false;       ///< What comes first goes out in one write with it.
  Duration delay{};          ///< Between request and reply.

  bool plain() const { return edits.empty() && lines.empty() && cut.empty() && status == 0; }
  bool operator==(const FuzzOpening&) const = default;
};

/// All that was sent since the connection was made: the journal, and what a reproducer holds.
struct FuzzTranscript {
  Target tested = Target::server;
  FuzzOpening opening;
  std::vector<Step> steps;
  std::vector<Let> lets;   ///< Of the file it came from.
  std::uint64_t seed = 0;  ///< Of the session: handshake key, masking keys. 0: any.
};

/// Whether a statement of an input sends,
bool is_fuzz_send(const Statement& statement);
/// or says when what follows is sent, or what comes is read.
bool is_fuzz_timing(const Statement& statement);

/// The sends of each case that is played against such a target, in order; nothing of one that holds what an
/// input cannot (repeat, several connections).
std::vector<FuzzTranscript> transcripts_of(const std::vector<Case>& cases, Target tested = Target::server);
/// The statements that open the connection, as a case writes them. `reply_follows`: the next statement says
/// how the target answers, so that an `open`, which expects success, will not do.
std::vector<Step> opening_steps(const FuzzOpening& opening, bool reply_follows);
/// The same where the target is a client, and `body` behind it, of which the first may go out with the reply.
std::vector<Step> reply_steps(const FuzzOpening& opening, std::vector<Step> body);

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
