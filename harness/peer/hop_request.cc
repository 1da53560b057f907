// HopPassage: the requests of a client, one after the other.
#include <utility>

#include "peer/hop_head.h"
#include "peer/hop_passage.h"
#include "peer/reply.h"

namespace wsspec {

void HopPassage::read_front(BytesView bytes) {
  if (phase_ == Phase::tunnel) {
    grow_old();
    if (std::exchange(loses_next_, false)) return;
    return pass_on(up_, bytes);
  }
  if (phase_ == Phase::request) read_head(bytes);
  if (phase_ == Phase::request || phase_ == Phase::over) return;
  pass_body(bytes);
  if (conduct_.refuses_early && s_.upgrades && !bytes.empty()) return answer_self(400);
  early_ += bytes;
}

void HopPassage::read_head(BytesView& bytes) {
  if (head_.raw().empty()) deadline_ = now_ + conduct_.patience;
  last_request_ = true;  // Until it is known what the client wants.
  if (head_.feed(bytes)) return take_request();
  if (head_.too_large()) return answer_self(431);
  if (!may_become_request(head_.raw())) answer_self(400);
}

void HopPassage::take_request() {
  const Head& request = head_.head();
  s_.request = request;
  ++s_.requests;
  s_.interims = s_.attempts = 0;
  int status = judge_request(request);
  if (conduct_.misjudges != nullptr) status = conduct_.misjudges(status, request, s_);
  if (status != 0) return answer_self(status);

  last_request_ = ends_connection(request, is_http10(request));
  request_body_ = HopBody(conduct_.overlooks_body ? BodyLength{} : request_body(request));
  request_octets_ = 0;
  s_.upgrades = asks_for_upgrade(request);
  if (conduct_.misreads_upgrade != nullptr) s_.upgrades = conduct_.misreads_upgrade(s_.upgrades, request);
  Head forwarded = request_for_server(request, s_.upgrades, conduct_.keeps_back);
  if (conduct_.misforwards != nullptr) conduct_.misforwards(forwarded, request, s_);
  sent_ = render_head(forwarded);
  phase_ = Phase::answer;
  deadline_ = now_ + conduct_.patience;
  answer_ = HeadParser(conduct_.head);
  back_ != nullptr ? back_->send(sent_) : want_back();
}

void HopPassage::pass_body(BytesView& bytes) {
  Bytes piece(request_body_.take(bytes));
  if (request_body_.failed()) return answer_self(400);
  const std::uint64_t offset = request_octets_;
  request_octets_ += piece.size();
  if (conduct_.mispasses_body != nullptr) conduct_.mispasses_body(piece, offset);
  sent_ += piece;
  if (back_ != nullptr) back_->send(std::move(piece));
}

void HopPassage::want_back() {
  ++s_.attempts;
  answer_ = HeadParser(conduct_.head);
  if (s_.commons->pool.empty()) return queue_.push_back(this);
  back_ = s_.commons->pool.back();
  back_->serve(*this);
  back_->send(sent_);
}

void HopPassage::next_request() {
  if (last_request_) return leave_front();
  phase_ = Phase::request;
  deadline_ = kNever;
  head_ = HeadParser(conduct_.head);
  s_.request = Head{};
  const Bytes early = std::exchange(early_, {});
  if (!early.empty()) read_front(early);
  if (phase_ == Phase::request && front_end_) leave_front();
}

}  // namespace wsspec
