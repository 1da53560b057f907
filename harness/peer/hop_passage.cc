#include "peer/hop_passage.h"

#include <algorithm>
#include <utility>

#include "protocol/close.h"
#include "protocol/frame.h"

namespace wsspec {
namespace {

// So long the server has for its answer once the client has ended its side.
constexpr Duration kPatienceAfterEnd = std::chrono::seconds(10);

}  // namespace

HopPassage::HopPassage(const HopConduct& conduct, HopSituation s, std::deque<HopPassage*>& queue,
                       std::vector<Endpoint*>& stirred)
    : conduct_(conduct),
      s_(std::move(s)),
      queue_(queue),
      stirred_(stirred),
      head_(conduct.head),
      answer_(conduct.head),
      up_(conduct.up, s_, conduct.pings, true),
      down_(conduct.down, s_, conduct.pings, false) {}

std::unique_ptr<HopLeg> HopPassage::make_front() {
  auto leg = std::make_unique<HopLeg>(*this, stirred_);
  front_ = leg.get();
  return leg;
}

std::unique_ptr<HopLeg> HopPassage::make_back() {
  auto leg = std::make_unique<HopLeg>(*this, stirred_);
  back_ = leg.get();
  const Bytes tells = introduction();
  back_->send(conduct_.introduces_late ? sent_ + tells : tells + sent_);
  if (conduct_.tunnels_on_intent && s_.upgrades) open_tunnel({});
  return leg;
}

/// What the server is told of the client ahead of all else.
Bytes HopPassage::introduction() const {
  if (!s_.tells) return {};
  return conduct_.introduces == nullptr ? proxy_header_1(s_.name) : conduct_.introduces(s_.name);
}

void HopPassage::refuse_back() {
  answer_self(conduct_.when_refused);
}

void HopPassage::turn_away() {
  front_->abort();
}

void HopPassage::drain(const HopDrain& drain) {
  if (phase_ != Phase::tunnel) return;
  loses_next_ = drain.loses_once;
  if (drain.leave == HopDrain::Leave::stays) return;
  drain_ = &drain;
  front_->stir();
}

/// As the drain wants it: both sides are told.
void HopPassage::leave_tunnel() {
  const auto leave = std::exchange(drain_, nullptr)->leave;
  using Leave = HopDrain::Leave;
  if (leave == Leave::resets) {
    front_->abort();
    return back_->abort();
  }
  if (leave != Leave::ends) {
    const Bytes close = make_close(leave == Leave::normal ? 1000 : 1001);
    const std::optional<MaskKey> key(static_cast<MaskKey>(s_.seed));
    front_->send(make_frame(Opcode::close, close, std::nullopt));
    back_->send(make_frame(Opcode::close, close, leave == Leave::bare ? std::nullopt : key));
  }
  leave_front();
}

void HopPassage::received(HopLeg& leg, BytesView bytes, Instant now) {
  now_ = now;
  &leg == front_ ? read_front(bytes) : read_back(bytes);
}

void HopPassage::ended(HopLeg& leg, End how, Instant now) {
  now_ = now;
  &leg == front_ ? end_front(how) : end_back(how);
}

void HopPassage::ease(const HopLeg& leg) {
  HopLeg* other = &leg == front_ ? back_ : front_;
  if (other != nullptr) other->stir();
}

bool HopPassage::reading(const HopLeg& leg) const {
  const bool up = &leg == front_;
  const HopLeg* other = up ? back_ : front_;
  const std::size_t waiting = (other == nullptr ? 0 : other->waiting()) + (up ? early_.size() : 0);
  return waiting <= HopLeg::kMostWaiting || (up ? conduct_.up : conduct_.down).always_reads;
}

Instant HopPassage::due() const {
  return phase_ == Phase::tunnel ? std::min({deadline_, up_.due(), down_.due(), drained_at_}) : deadline_;
}

void HopPassage::pass_time(Instant now) {
  now_ = now;
  if (phase_ == Phase::tunnel) up_.pass_time(now), down_.pass_time(now);
  if (drain_ != nullptr && drained_at_ == kNever) drained_at_ = now + drain_->after;
  if (now >= drained_at_) {
    drained_at_ = kNever;
    if (phase_ == Phase::tunnel) return leave_tunnel();
  }
  if (now < deadline_) return;
  deadline_ = kNever;
  switch (phase_) {
    case Phase::request: return answer_self(408);
    case Phase::answer: return answer_self(conduct_.when_late);
    case Phase::tunnel:
      if (!conduct_.idle_tells_one) return leave_front();
      phase_ = Phase::over;
      return drop_back();
    case Phase::body:
    case Phase::over: return;
  }
}

void HopPassage::forget(const HopLeg& leg) {
  if (&leg == back_) {
    back_ = nullptr;
    phase_ = Phase::over;
  } else {
    front_ = nullptr;
    leave_front();
  }
}

// With an idle limit, each octet puts it off.
void HopPassage::grow_old() {
  if (conduct_.idle > Duration::zero()) deadline_ = now_ + conduct_.idle;
}

void HopPassage::open_tunnel(BytesView behind) {
  phase_ = Phase::tunnel;
  deadline_ = kNever;
  grow_old();
  up_.open(*front_, *back_, now_);
  down_.open(*back_, *front_, now_);
  Bytes follows(behind), early = std::exchange(early_, {});
  if (conduct_.misfollows != nullptr) conduct_.misfollows(follows, s_);
  if (conduct_.misholds != nullptr) conduct_.misholds(early, s_);
  down_.pass(std::move(follows), now_);
  up_.pass(std::move(early), now_);
  if (up_.over() || down_.over()) return leave_front();
  front_->stir();
  if (front_end_ && up_.end(*front_end_)) leave_front();
}

void HopPassage::pass_on(HopPipe& pipe, BytesView octets) {
  grow_old();
  pipe.pass(Bytes(octets), now_);
  if (pipe.over()) leave_front();
}

void HopPassage::end_front(End how) {
  if (phase_ == Phase::tunnel) {
    if (up_.end(how)) leave_front();
  } else if (how != End::fin) {
    if (back_ != nullptr) back_->abort();
    leave_front();
  } else if (phase_ == Phase::answer || phase_ == Phase::body) {
    front_end_ = how;
    if (phase_ == Phase::answer) deadline_ = std::min(deadline_, now_ + kPatienceAfterEnd);
  } else {
    leave_front();
  }
}

void HopPassage::end_back(End how) {
  switch (phase_) {
    case Phase::answer: return lose_back();
    case Phase::body:
      if (how != End::fin) front_->abort();
      return end_answer(how == End::fin && answer_body_.ends());
    case Phase::tunnel:
      if (conduct_.reopens != nullptr && conduct_.reopens(down_.flow())) {
        reopened_ = true;
        phase_ = Phase::answer;
        drop_back();
        return want_back();
      }
      if (down_.end(how)) leave_front();
      return;
    case Phase::request:
    case Phase::over: return drop_back();
  }
}

// The whole passage is at its end.
void HopPassage::leave_front() {
  phase_ = Phase::over;
  deadline_ = kNever;
  drop_back();
  if (front_ != nullptr) std::exchange(front_, nullptr)->leave();
}

void HopPassage::drop_back() {
  std::erase(queue_, this);
  if (back_ != nullptr) std::exchange(back_, nullptr)->leave();
}

}  // namespace wsspec
