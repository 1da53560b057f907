#include "peer/outbox.h"

#include <algorithm>

namespace wsspec {

void Outbox::append(BytesView bytes) {
  octets_ += bytes.size();
  if (queue_.empty() || queue_.back().bytes.size() >= kLarge) {
    queue_.push_back({std::move(spare_), 0});
    queue_.back().bytes.clear();
    spare_ = Bytes();
  }
  queue_.back().bytes.append(bytes);
}

void Outbox::push(Bytes bytes, std::size_t begin) {
  if (bytes.size() - begin < kLarge) return append(BytesView(bytes).substr(begin));
  octets_ += bytes.size() - begin;
  queue_.push_back({std::move(bytes), begin});
}

void Outbox::spoil(BytesView with) {
  constexpr std::size_t kKept = 14;  // The frame's header is right.
  if (queue_.empty()) return;
  Part& part = queue_.front();
  const std::size_t begin = std::min(part.begin + kKept, part.bytes.size());
  const std::size_t count = std::min(with.size(), part.bytes.size() - begin);
  std::copy_n(with.data(), count, part.bytes.data() + begin);
}

// Needs is_blocked(); `at` becomes the place within the part.
Outbox::Part& Outbox::part_there(std::size_t& at) {
  std::size_t before = 0;
  for (Part& part : queue_) {
    const std::size_t size = part.bytes.size() - part.begin;
    if (before + size > kHeld) {
      at = part.begin + (kHeld - before);
      return part;
    }
    before += size;
  }
  at = queue_.back().bytes.size();
  return queue_.back();
}

void Outbox::cut_in(BytesView bytes) {
  std::size_t at = 0;
  part_there(at).bytes.insert(at, bytes);
  octets_ += bytes.size();
}

void Outbox::overtake(Bytes bytes) {
  octets_ += bytes.size();
  queue_.insert(queue_.end() - 1, {std::move(bytes), 0});
}

void Outbox::repeat_piece() {
  constexpr std::size_t kPiece = 1000;
  std::size_t at = 0;
  Part& part = part_there(at);
  const std::size_t begin = std::max(part.begin, at - std::min(at, kPiece));
  const Bytes piece(BytesView(part.bytes).substr(begin, at - begin));
  part.bytes.insert(at, piece);
  octets_ += piece.size();
}

void Outbox::lose_rest() {
  std::size_t at = 0;
  Part& part = part_there(at);
  octets_ -= part.bytes.size() - at;
  part.bytes.resize(at);
}

std::optional<Action> Outbox::next(Instant now) {
  if (queue_.empty()) {
    due_.reset();
    return std::nullopt;
  }
  if (delay_ > Duration::zero()) {
    if (!due_) due_ = now + delay_;
    if (now < *due_) return Action::wait(*due_);
  }
  Part& part = queue_.front();
  const std::size_t left = part.bytes.size() - part.begin;
  const std::size_t taken = segment_ == 0 ? left : std::min(left, segment_);
  octets_ -= taken;
  if (taken < left) {
    part.begin += taken;
    return Action::send(BytesView(part.bytes).substr(part.begin - taken, taken));
  }
  if (writing_.capacity() > spare_.capacity() && writing_.capacity() <= 4 * kLarge)
    spare_ = std::move(writing_);
  writing_ = std::move(part.bytes);
  const std::size_t begin = part.begin;
  queue_.pop_front();
  return Action::send(BytesView(writing_).substr(begin));
}

}  // namespace wsspec
