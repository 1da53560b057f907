// The opening handshake of a session with a client: its request, our reply, whole or spoilt, and what the
// client makes of that.
#include <fmt/format.h>

#include <algorithm>

#include "fuzzer/session.h"
#include "play/opening.h"
#include "script/assemble.h"

namespace wsspec {

// --- The request ---

void FuzzSession::hear_request(BytesView bytes, Instant now) {
  const bool early = head_.done();
  if (!early && !head_.feed(bytes)) return;
  if (!early) {
    asked_ = now;
    for (const Violation& broken : check_request_of_client(head_.head()))
      add_breach(BreachKind::malformed_output, broken.requirement, broken.what);
  }
  if (!bytes.empty())
    add_breach(BreachKind::malformed_output, "rfc6455-4.1-37", "octets come ahead of the reply");
}

Action FuzzSession::await_request(Instant now) {
  constexpr int kRequestPatience = 4;  // Silences, however the head drips.
  const Instant due = asked_ + transcript_.opening.delay;
  if (head_.done()) return now < due ? Action::wait(due) : compose_reply(now);
  const Instant deadline = std::min(progress_ + options_.silence, kRequestPatience * options_.silence);
  if (now < deadline && !head_.too_large()) return Action::wait(deadline);
  over_ = silent_ = true;
  unanswered_ = head_.raw().empty();
  if (!unanswered_) add_breach(BreachKind::stalled, "rfc6455-4.1-2", "the request has no end");
  return Action::reset();
}

std::optional<Bytes> FuzzSession::fact_of_request(std::string_view name) const {
  return ours_ == Role::server ? wsspec::fact_of_request(head_.head(), name) : std::nullopt;
}

// --- The reply ---

Result<Head> FuzzSession::reply_head() {
  const FuzzOpening& opening = transcript_.opening;
  if (opening.status != 0) return make_response(Number{opening.status, {}}, opening.edits, environment_);
  OpenOptions open;
  open.offer = opening.offer;
  return make_reply(head_.head(), open, opening.edits, environment_);
}

// Else the client must not take it, and nothing but that is tried.
void FuzzSession::settle_grant(FuzzOpening& opening) const {
  const std::string fitting = fitting_grant(opening.offer, head_.head());
  if (opening.as_written && fitting != opening.offer)
    opening.edits = {{Edit::Kind::set, "Sec-WebSocket-Extensions", plain_payload(opening.offer, true)}};
  opening.offer = opening.edits.empty() ? fitting : "";
}

// What speaks of a subprotocol cannot be said to a client that asks for none: it gets a correct reply.
Action FuzzSession::compose_reply(Instant now) {
  FuzzOpening& opening = transcript_.opening;
  phase_ = Phase::reply;
  settle_grant(opening);
  auto octets = head_octets();
  if (!octets) {
    opening = {};
    octets = head_octets();
  }
  our_head_ = octets.value_or("");
  demand_ = demand_of_reply(opening, head_.head(), our_head_);
  if (opening.plain()) {
    demand_.kind = ReplyDemand::Kind::take;
    accept(demand_.granted);
    if (!over_ && opening.joined) join_reply(now);
    phase_ = Phase::reply;
  }
  return send_reply(now);
}

// The first write of the first input goes out in one write with the reply, if it is one of octets.
void FuzzSession::join_reply(Instant now) {
  transcript_.opening.joined = false;
  if (!fetch_input(now) || input_.steps.empty()) return;
  perform(std::move(input_.steps[step_++]), now);
  if (!out_ || out_->kind != Outgoing::Kind::octets || out_->cuts.size() != 1) return;
  const auto action = put_out(now);
  if (!action || action->kind != Action::Kind::send) return;
  our_head_ += action->bytes;
  transcript_.opening.joined = true;
}

Action FuzzSession::send_reply(Instant now) {
  const FuzzOpening& opening = transcript_.opening;
  progress_ = now;
  if (over_) return Action::reset();
  if (our_head_at_ < our_head_.size()) return send_piece();
  told_at_ = input_began_ = now;
  heard_ = 0;
  if (judge_) {
    phase_ = Phase::inputs;
    if (!have_input_) ask_whether_taken(now);
    return next(now);
  }
  phase_ = Phase::watch;
  watch_reader_.emplace(other(ours_), std::nullopt, 1u << 20);
  if (opening.cut.empty()) return probe_client();
  over_ = opening.resets;
  finned_ = true;
  return over_ ? Action::reset() : Action::half_close();
}

// A barrier in front of the first input.
void FuzzSession::ask_whether_taken(Instant now) {
  hello_ = have_input_ = true;
  input_ = {};
  step_ = 0;
  barrier_sent_ = probed_ = false;
  progress_ = now;
}

Action FuzzSession::probe_client() {
  Step probe = make_barrier();
  auto assembled = assemble(probe.statement, environment_, ours_);
  scratch_ = assembled ? std::move(assembled->bytes) : Bytes{};
  if (options_.log) log_.push_back(probe);
  transcript_.steps.push_back(std::move(probe));
  return Action::send(scratch_);
}

// --- What the client makes of it ---

// Frames that are none of HTTP: who keeps the connection for another request does not use it.
class FuzzSession::Watch final : public OutputReader::Sink {
 public:
  explicit Watch(FuzzSession& session) : session_(session) {}
  void output(Output&& output) override {
    if (session_.speaks_http_) return;
    (output.opcode == 8 ? session_.closes_ : session_.used_) = true;
    if (!session_.options_.log || output.opcode == 8) return;
    ExpectFrame expected;
    expected.fields.kind = kind_of(output.opcode);
    session_.log_.push_back(step_of(expected));
  }
  void malformed(std::string_view, std::string_view, std::uint64_t) override { session_.speaks_http_ = true; }

 private:
  FuzzSession& session_;
};

void FuzzSession::watch(MutableBytes bytes) {
  Watch watch(*this);
  watch_reader_->read(bytes, watch);
}

Action FuzzSession::watch_client(Instant now) {
  constexpr int kWatchPatience = 4;  // Silences, whatever trickles in.
  if (used_) return watch_over();
  const bool waits = demand_.may_wait || demand_.kind == ReplyDemand::Kind::gone;
  const Instant cap = input_began_ + kWatchPatience * options_.silence;
  const bool soon = demand_.kind == ReplyDemand::Kind::open || (waits && !finned_);
  const Instant deadline = std::min(cap, progress_ + (soon ? 2 * options_.pause : options_.silence));
  if (now < deadline && heard_ <= options_.most_octets) return Action::wait(deadline);
  if (demand_.kind == ReplyDemand::Kind::open) return watch_over();
  if (waits && !finned_) {
    finned_ = true;
    progress_ = now;
    return Action::half_close();
  }
  silent_ = true;
  return watch_over();
}

// What it did in the end, or that it did nothing, held against what it had to do.
Action FuzzSession::watch_over() {
  over_ = true;
  const std::string because = demand_.what.empty() ? "" : " (" + demand_.what + ")";
  const auto tell = [&](BreachKind kind, Severity severity, std::string_view rule, std::string text) {
    add_breach(kind, rule, std::move(text));
    own_.back().severity = severity;
  };
  switch (demand_.kind) {
    case ReplyDemand::Kind::open: break;
    case ReplyDemand::Kind::take:
      if (used_) break;
      tell(ended_ ? BreachKind::rejects_legal : BreachKind::stalled, demand_.severity, demand_.requirement,
           ended_ ? "a correct reply is refused" : "a correct reply is neither used nor refused");
      break;
    case ReplyDemand::Kind::refuse:
      if (used_)
        tell(BreachKind::accepts_illegal, demand_.severity, demand_.requirement,
             "the reply is taken in spite of what is wrong with it" + because);
      else if (ended_ && closes_)
        tell(BreachKind::malformed_output, Severity::weak, "rfc6455-7.2.1-1",
             "a Close is sent though no connection was established" + because);
      [[fallthrough]];
    case ReplyDemand::Kind::gone:
      if (used_ || ended_) break;
      tell(BreachKind::stalled, Severity::fail, finned_ ? "rfc6455-7.2.1-2" : "rfc6455-7.2.1-1",
           (finned_ ? "TCP is ended behind the reply, and the client stays"
                    : "the reply is neither used nor is the connection failed") +
               because);
      break;
  }
  opened_ = used_;
  return next(told_at_);
}

// It ends TCP and has not sent one frame, with nothing said to it that it may refuse.
bool FuzzSession::is_turned_away() const {
  const Expectation& now = judge_->model().now();
  return ours_ == Role::server && !opened_ && own_.empty() && !now.may_fail() && !now.close &&
         !now.half_closed && !now.reset;
}

void FuzzSession::turn_away() {
  over_ = true;
  add_breach(BreachKind::rejects_legal, "rfc6455-4.1-38", "a correct reply is refused");
  own_.back().severity = demand_.severity;
}

}  // namespace wsspec
