// What a hop that reads frames itself may make of them, for liberties, and for defects that go too far.
//
// What it is not: used by the conforming hop, which is blind to frames. All look at one direction: `up` is to
// the server.
#pragma once

#include <cstdint>
#include <optional>

#include "peer/hop_conduct.h"

namespace wsspec {

/// Whether no endpoint may send it where no extension is agreed; remembers in `flow.memo` whether a message
/// is open.
bool is_illegal_frame(const HopPiece& piece, HopFlow& flow, bool up);

/// In place of the piece a Close to the receiver, and one to the sender as well.
void close_both(HopPiece& piece, std::uint16_t code, bool up);

/// The first Close of the tunnel is passed on, and answered with `code`, or its own; later ones go no
/// further.
void answer_close(HopPiece& piece, HopFlow& flow, bool up, std::optional<std::uint16_t> code = {});

}  // namespace wsspec
