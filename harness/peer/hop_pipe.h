// HopPipe: one direction of a tunnel through a hop.
//
// A conforming one is blind (RFC 9110 9.3.6): every octet once, in order, at once, and the end behind them.
// Frames are looked at only where the conduct wants it. What it is not: in charge of the other direction.
#pragma once

#include <optional>

#include "peer/hop_conduct.h"
#include "peer/hop_leg.h"

namespace wsspec {

class HopPipe {
 public:
  /// `pings`: so often the receiver is sent one; zero: never. `masked`: whether frames go to a server.
  HopPipe(const HopFlowConduct& conduct, HopSituation& s, Duration pings, bool masked);

  /// Both must outlive it.
  void open(HopLeg& from, HopLeg& to, Instant now);
  void pass(Bytes octets, Instant now);
  /// True when the other direction ends as well.
  bool end(End how);
  void pass_time(Instant now);
  Instant due() const;
  const HopFlow& flow() const { return flow_; }
  /// A piece that passed was the last, for both directions.
  bool over() const { return over_; }

 private:
  bool looks_at_frames() const;
  Bytes reframe(Bytes octets);
  void take_piece(HopPiece piece, Bytes& out);
  void write(const HopPiece& piece, Bytes& out);
  void write_cut(const HopPiece& piece, Bytes& out);
  void hold(Bytes octets, Instant now);
  void release(std::size_t count);
  MaskKey draw();

  const HopFlowConduct& conduct_;
  HopFlow flow_;
  HopLeg *from_ = nullptr, *to_ = nullptr;

  FrameDecoder decoder_;
  Bytes control_;                ///< The payload so far of a control frame.
  std::optional<MaskKey> mask_;  ///< With which the present frame is sent on,
  std::uint64_t sent_ = 0;       ///< and so much of its payload was.
  bool cut_begun_ = false;       ///< Its first frame of several was.
  Bytes frame_, frame_before_;   ///< Of holds_frame.
  std::uint64_t keys_drawn_ = 0;

  Bytes held_;
  Instant held_until_ = kNever;
  Duration pings_;
  bool masked_, closing_ = false, over_ = false;
  Instant ping_at_ = kNever;
};

}  // namespace wsspec
