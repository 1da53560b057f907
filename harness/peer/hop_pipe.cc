#include "peer/hop_pipe.h"

#include <algorithm>
#include <utility>

#include "protocol/mix.h"

namespace wsspec {

HopPipe::HopPipe(const HopFlowConduct& conduct, HopSituation& s, Duration pings, bool masked)
    : conduct_(conduct), pings_(pings), masked_(masked) {
  flow_.s = &s;
}

void HopPipe::open(HopLeg& from, HopLeg& to, Instant now) {
  from_ = &from;
  to_ = &to;
  if (pings_ > Duration::zero()) ping_at_ = now + pings_;
}

bool HopPipe::looks_at_frames() const {
  return conduct_.misframes != nullptr || conduct_.holds_frame || pings_ > Duration::zero();
}

void HopPipe::pass(Bytes octets, Instant now) {
  if (octets.empty() || over_) return;
  ++flow_.chunks;
  const std::size_t came = octets.size();
  if (conduct_.mispasses != nullptr) conduct_.mispasses(octets, flow_);
  flow_.octets += came;
  if (looks_at_frames()) octets = reframe(std::move(octets));
  hold(std::move(octets), now);
}

void HopPipe::hold(Bytes octets, Instant now) {
  const bool holds = conduct_.holds_octets != 0 || conduct_.holds_tail != 0;
  if (!holds) return to_->send(std::move(octets));
  if (held_.empty() && conduct_.holds_for != kNever) held_until_ = now + conduct_.holds_for;
  held_ += octets;
  if (held_.size() >= conduct_.holds_octets)
    release(held_.size() - std::min(held_.size(), conduct_.holds_tail));
}

void HopPipe::release(std::size_t count) {
  to_->send(held_.substr(0, count));
  held_.erase(0, count);
  if (held_.empty()) held_until_ = kNever;
}

bool HopPipe::end(End how) {
  HopParting parting;
  parting.how = how == End::fin ? End::fin : End::reset;
  if (conduct_.misparts != nullptr) conduct_.misparts(parting, flow_);
  if (!parting.passed) return parting.both;
  if (!conduct_.end_drops_held) release(held_.size());
  to_->send(std::exchange(frame_before_, {}) + std::exchange(frame_, {}) + parting.ahead);
  parting.how == End::reset ? to_->abort() : to_->finish();
  return parting.both;
}

Instant HopPipe::due() const {
  return std::min(held_until_, ping_at_);
}

void HopPipe::pass_time(Instant now) {
  if (now >= held_until_) release(held_.size());
  if (now < ping_at_) return;
  ping_at_ = now + pings_;
  if (closing_ || !decoder_.at_boundary()) return;
  to_->send(make_frame(Opcode::ping, "hop", masked_ ? std::optional(draw()) : std::nullopt));
}

MaskKey HopPipe::draw() {
  return static_cast<MaskKey>(mix(flow_.s->seed ^ mix(flow_.s->client << 32 | ++keys_drawn_)));
}

Bytes HopPipe::reframe(Bytes octets) {
  constexpr std::uint64_t kLongestControl = 125;
  Bytes out;
  MutableBytes rest(octets);
  while (const auto piece = over_ ? std::nullopt : decoder_.next(rest)) {
    const FrameHeader& h = piece->header;
    if (piece->first) ++flow_.frames;
    if (h.is(Opcode::close)) closing_ = true;
    if (!is_control(h.opcode) || h.length > kLongestControl) {
      take_piece({h, Bytes(view(piece->payload)), piece->first, piece->last}, out);
      continue;
    }
    control_ += view(piece->payload);
    if (piece->last) take_piece({h, std::exchange(control_, {}), true, true}, out);
  }
  flow_.in_frame = !decoder_.at_boundary();
  return out;
}

void HopPipe::take_piece(HopPiece piece, Bytes& out) {
  if (conduct_.misframes != nullptr) conduct_.misframes(piece, flow_);
  if (!piece.reply.empty()) from_->send(piece.reply);
  over_ = piece.ends;
  Bytes octets = std::move(piece.ahead);
  if (!piece.lost) piece.cut == 0 ? write(piece, octets) : write_cut(piece, octets);
  octets += piece.behind;
  if (!conduct_.holds_frame) {
    out += octets;
    return;
  }
  frame_ += octets;
  if (!piece.last) return;
  out += frame_before_;
  frame_before_ = std::exchange(frame_, {});
}

// What is not known whole keeps its declared length.
void HopPipe::write(const HopPiece& piece, Bytes& out) {
  FrameHeader header = piece.header;
  const bool changed = piece.first && piece.last && header.length != piece.payload.size();
  if (changed) header.length = piece.payload.size(), header.form = minimal_form(header.length);
  if (piece.first) {
    char head[kMaxHeader];
    out.append(head, encode_header(header, head));
    mask_ = header.mask;
    sent_ = 0;
  }
  const std::size_t begin = out.size();
  out += piece.payload;
  if (mask_) apply_mask(MutableBytes(out).subspan(begin), *mask_, sent_);
  sent_ += piece.payload.size();
}

void HopPipe::write_cut(const HopPiece& piece, Bytes& out) {
  BytesView rest = piece.payload;
  if (piece.first) cut_begun_ = false;
  while (!rest.empty() || piece.last) {
    const std::size_t count = std::min(rest.size(), piece.cut);
    const bool last = piece.last && count == rest.size();
    FrameHeader header = piece.header;
    header.fin = header.fin && last;
    if (cut_begun_) header.opcode = 0, header.rsv = 0;
    if (header.mask) header.mask = draw();
    header.length = count;
    header.form = minimal_form(count);
    append_frame(out, header, rest.substr(0, count));
    cut_begun_ = true;
    rest.remove_prefix(count);
    if (last) return;
  }
}

}  // namespace wsspec
