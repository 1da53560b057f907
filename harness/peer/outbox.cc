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
