// HopPassage: one client's connection through a hop: its requests, the answers, the tunnel.
//
// What it is not: the two connections (HopLeg), or the rewriting of heads (hop_head.h).
// Invariants: one request is under way at a time, each on a connection to the server of its own; octets
// behind it wait until it is answered.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "peer/hop_body.h"
#include "peer/hop_leg.h"
#include "peer/hop_pipe.h"

namespace wsspec {

class HopPassage {
 public:
  /// What must outlive it: `queue`, of those that want a connection to the server, `stirred` (HopLeg).
  HopPassage(const HopConduct& conduct, HopSituation s, std::deque<HopPassage*>& queue,
             std::vector<Endpoint*>& stirred);

  // For the hop.
  std::unique_ptr<HopLeg> make_front();
  std::unique_ptr<HopLeg> make_back();  ///< The connection that it wanted is made,
  void refuse_back();                   ///< or cannot be.
  void turn_away();                     ///< Nobody is served any more.
  void drain(const HopDrain& drain);

  // For its legs.
  void received(HopLeg& leg, BytesView bytes, Instant now);
  void ended(HopLeg& leg, End how, Instant now);
  /// A leg has room again.
  void ease(const HopLeg& leg);
  bool reading(const HopLeg& leg) const;
  void pass_time(Instant now);
  Instant due() const;
  void forget(const HopLeg& leg);

 private:
  enum class Phase {
    request,  ///< Reading its head, or idle.
    answer,   ///< The request, at least its head, is passed on; reading the head of the answer.
    body,     ///< Passing on the body of the answer.
    tunnel,
    over,
  };

  // The request (hop_request.cc).
  void read_front(BytesView bytes);
  void read_head(BytesView& bytes);
  void take_request();
  void pass_body(BytesView& bytes);
  void want_back();
  void next_request();

  // The answer (hop_answer.cc).
  void read_back(BytesView bytes);
  void take_answer(BytesView& rest);
  HopStep judge_answer(const Head& answer, int status) const;
  void do_step(HopStep step, int status, BytesView& rest);
  void return_head(int status);
  void begin_body(int status);
  void pass_answer(BytesView& rest);
  void end_answer(bool whole);
  void answer_self(int status);
  void lose_back();

  // The tunnel and the ends.
  void open_tunnel(BytesView behind);
  void pass_on(HopPipe& pipe, BytesView octets);
  void end_front(End how);
  void end_back(End how);
  void leave_front();
  void drop_back();
  void grow_old();
  void leave_tunnel();
  Bytes introduction() const;

  const HopConduct& conduct_;
  HopSituation s_;
  HopLeg *front_ = nullptr, *back_ = nullptr;
  Phase phase_ = Phase::request;
  Instant now_{};
  Instant deadline_ = kNever;  ///< Of the phase.
  std::deque<HopPassage*>& queue_;
  std::vector<Endpoint*>& stirred_;

  HeadParser head_;
  HopBody request_body_;
  std::uint64_t request_octets_ = 0;  ///< Of the body, so far.
  Bytes sent_;                        ///< The request as it is passed on, its body so far included.
  Bytes early_;                       ///< What came behind it.
  bool last_request_ = false;         ///< The client's connection ends behind the answer,
  std::optional<End> front_end_;      ///< or has ended on its side.

  HeadParser answer_;
  HopBody answer_body_;
  std::uint64_t answer_octets_ = 0;
  bool back_lasts_ = false;  ///< The server's connection could be used again.
  bool rechunks_ = false;    ///< The body is passed on in chunks of ours.
  bool reopened_ = false;    ///< The client has its 101 already.

  const HopDrain* drain_ = nullptr;  ///< That is under way; null: none.
  Instant drained_at_ = kNever;      ///< When a tunnel is left; set when it is asked next.
  bool loses_next_ = false;

  HopPipe up_, down_;
};

}  // namespace wsspec
