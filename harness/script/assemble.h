// Between statements and octets: assemble() one send statement, disassemble() octets to statements.
//
// What it is not: the opening handshake; `request`, `upgrade` and `response` need the target's profile and
// the client's key, so the player lends Environment::make_head. Invariant: for every octet string B and role,
// assembling disassemble(B, role) in order gives B.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"
#include "protocol/frame.h"
#include "protocol/http.h"
#include "protocol/message.h"
#include "script/ast.h"
#include "script/functions.h"

namespace wsspec {

/// That of a frame written as `text`, `ping`, ...; none for `frame`, which says its own.
std::optional<Opcode> opcode_of(FrameKind kind);
/// The other way round: `frame` for an opcode without a name.
FrameKind kind_of(std::uint8_t opcode);

/// A frame within assembled octets, for transcripts.
struct AssembledFrame {
  FrameHeader header;
  std::size_t offset = 0;   ///< Of the header's first octet.
  std::size_t payload = 0;  ///< Of the payload's first octet.
  std::size_t end = 0;      ///< One past the payload's last octet.
};

struct Assembled {
  Bytes bytes;
  std::vector<std::size_t>
      cuts;        ///< Ends of the writes, ascending, the last one bytes.size(); empty when no octets.
  Duration gap{};  ///< Pause between two writes.
  std::vector<AssembledFrame> frames;
  std::optional<Head> head;      ///< `bytes` begin with this head, made by `request`, `upgrade`, `response`.
  std::size_t head_octets = 0;   ///< How long it is in HTTP/1.1.
  std::size_t heads_octets = 0;  ///< Of all the heads that `bytes` begin with, however they were written.
};

/// The octets of one `>` statement or burst as sent by `role`. Draws masking keys and uses the deflate
/// context of `environment`. `eof`, `reset` and whatever is no `>` statement is an error. Writes: one; with
/// `chop=` one for so many octets; with `split=` and `gap=` one for each fragment.
Result<Assembled> assemble(const Statement& statement, Environment& environment, Role role);

/// Cuts octets made elsewhere as `layout` says; `split` is an error, since they are no frames.
Result<Assembled> layout_head(Bytes head, const Layout& layout, const Environment& environment);

/// Statements that send exactly `bytes`: frames as far as they are whole frames, with those fields left out
/// that are correct for `role` anyway, then `> bytes` with the rest.
std::vector<Step> disassemble(BytesView bytes, Role role);

/// The same for one frame: header and payload as they were sent (payload not masked).
Step frame_step(const FrameHeader& header, BytesView payload, Role role);

}  // namespace wsspec
