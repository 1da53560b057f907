#include "play/outgoing.h"

#include <algorithm>

namespace wsspec {

namespace {

// Of what we compress no more is inflated again: a bomb must not harm its sender.
constexpr std::uint64_t kInflatedMost = 8ull << 20, kFrameMost = 1ull << 30;

}  // namespace

void Outgoing::begin_frames(std::optional<DeflateSettings> deflate) {
  if (in_frames_) return;
  agreed_ = deflate;
  const auto line = parse_status_line(head_.head().start);
  const bool upgraded = head_.done() && line && line->status == 101;
  if (ours_ == Role::server && !upgraded) return;
  in_frames_ = true;
  said_.begin_frames(deflate);
  if (deep_)
    reader_.emplace(other(ours_), deflate, MessageLimits{deflate ? kInflatedMost : kFrameMost, kFrameMost});
}

// A client may send frames in the same breath as its request: then nothing can be negotiated yet. A server's
// frames begin behind its 101.
void Outgoing::take_head(BytesView& bytes) {
  if (ours_ == Role::server && head_.done()) head_ = HeadParser(kOwnHead);  // The last was a refusal.
  head_.feed(bytes);
  if (head_.done() && (ours_ == Role::server || !bytes.empty())) begin_frames(agreed_);
}

void Outgoing::sent(BytesView bytes) {
  while (!in_frames_ && !bytes.empty() && !(ours_ == Role::client && head_.done())) {
    take_head(bytes);
    if (head_.too_large()) return;
  }
  if (!in_frames_ || bytes.empty()) return;
  said_.sent(bytes);
  if (reader_ && !fault_) {
    Bytes copy(bytes);
    reader_->feed({copy.data(), copy.size()}, [this](Incoming&& incoming) { take(std::move(incoming)); });
  }
  scan(bytes);
}

void Outgoing::take(Incoming&& incoming) {
  if (incoming.kind == Incoming::Kind::fault && incoming.code == 1009 && incoming.compressed) return;
  if (incoming.kind == Incoming::Kind::fault) {
    fault_ = std::move(incoming);
  } else if (incoming.kind == Incoming::Kind::ping) {
    ++pings_read_;
  } else if (incoming.kind == Incoming::Kind::text || incoming.kind == Incoming::Kind::binary) {
    messages.push_back({incoming.kind == Incoming::Kind::text, std::move(incoming.payload)});
  }
}

std::optional<std::size_t> Outgoing::unanswered_ping(BytesView payload) const {
  const auto found = pings_.find(Bytes(payload));
  if (found == pings_.end()) return std::nullopt;
  const auto number = std::ranges::lower_bound(found->second, answered_);
  return number == found->second.end() ? std::nullopt : std::optional(*number);
}

bool Outgoing::pinged_later(BytesView payload, std::size_t number) const {
  const auto found = pings_.find(Bytes(payload));
  return found != pings_.end() && found->second.back() > number;
}

void Outgoing::begin_data(const FrameHeader& header) {
  data_sent_ = true;
  if (!header.is(Opcode::cont)) message_octets_ = 0;
  message_octets_ += header.length;
  longest_message_ = std::max(longest_message_, message_octets_);
}

// Pings and closes are noted by their frames alone, so that they count also in cases without the deep
// reading.
void Outgoing::scan(BytesView bytes) {
  while (!bytes.empty()) {
    if (scanner_.left == 0) {
      scanner_.head.push_back(bytes.front());
      bytes.remove_prefix(1);
      if (decode_header(scanner_.head, scanner_.header) == 0) continue;
      scanner_.head.clear();
      scanner_.left = scanner_.header.length;
      control_.clear();
      if (!is_control(scanner_.header.opcode)) begin_data(scanner_.header);
    }
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(scanner_.left, bytes.size()));
    if (is_control(scanner_.header.opcode) && control_.size() < 256) control_.append(bytes.substr(0, take));
    bytes.remove_prefix(take);
    scanner_.left -= take;
    if (scanner_.left != 0) return;
    const FrameHeader& header = scanner_.header;
    if (header.mask) apply_mask({control_.data(), control_.size()}, *header.mask);
    if (header.is(Opcode::ping)) pings_[control_].push_back(ping_count_++);
    if (header.is(Opcode::close) && !close_sent_) {
      close_sent_ = true;
      close_code_ = parse_close(control_).code;
    }
  }
}

}  // namespace wsspec
