// HopPassage: the answers of the server, and those of the hop's own.
#include <fmt/format.h>

#include <utility>

#include "peer/edits.h"
#include "peer/hop_head.h"
#include "peer/hop_passage.h"
#include "peer/request.h"

namespace wsspec {

void HopPassage::read_back(BytesView bytes) {
  const HopLeg* leg = back_;
  while (!bytes.empty() && back_ == leg) {
    switch (phase_) {
      case Phase::answer:
        if (!answer_.feed(bytes)) {
          if (answer_.too_large() || !may_become_reply(answer_.raw())) do_step(HopStep::refuse, 0, bytes);
          return;
        }
        take_answer(bytes);
        break;
      case Phase::body: pass_answer(bytes); break;
      case Phase::tunnel: return pass_on(down_, bytes);
      case Phase::request:  // Nobody has asked.
      case Phase::over: return drop_back();
    }
  }
}

HopStep HopPassage::judge_answer(const Head& answer, int status) const {
  if (!is_sound_answer(answer)) return HopStep::refuse;
  if (status == 101) return s_.upgrades && switches_to_websocket(answer) ? HopStep::tunnel : HopStep::refuse;
  // A client of HTTP/1.0 knows no interim answer (RFC 9110 15.2).
  if (status < 200) return is_http10(s_.request) ? HopStep::drop : HopStep::interim;
  return HopStep::pass;
}

void HopPassage::take_answer(BytesView& rest) {
  const auto line = parse_status_line(answer_.head().start);
  const int status = line ? line->status : 0;
  HopStep step = judge_answer(answer_.head(), status);
  if (conduct_.missteps != nullptr) step = conduct_.missteps(step, answer_.head(), status, s_);
  do_step(step, status, rest);
}

void HopPassage::do_step(HopStep step, int status, BytesView& rest) {
  switch (step) {
    case HopStep::interim:
      ++s_.interims;
      return_head(status);
      answer_ = HeadParser(conduct_.head);
      return;
    case HopStep::pass:
      begin_body(status);
      return_head(status);
      phase_ = Phase::body;
      deadline_ = kNever;
      return pass_answer(rest);
    case HopStep::tunnel:
      s_.extensions = answer_.head().count("Sec-WebSocket-Extensions") != 0;
      if (!reopened_) return_head(status);
      open_tunnel(rest);
      rest = {};
      return;
    case HopStep::refuse: return answer_self(conduct_.when_bad);
    case HopStep::drop: answer_ = HeadParser(conduct_.head); return;
    case HopStep::hang: return answer_self(0);
    case HopStep::again: drop_back(); return want_back();
    case HopStep::part: return leave_front();
  }
}

// What follows an answer whose end only the connection's end shows is not for this client.
void HopPassage::begin_body(int status) {
  const Head& answer = answer_.head();
  const bool to_head = s_.request.start.starts_with("HEAD ");
  answer_body_ = HopBody(response_body(answer, status, to_head));
  answer_octets_ = 0;
  const bool until_end = answer_body_.kind() == BodyLength::Kind::until_end;
  const bool counted = answer_body_.kind() == BodyLength::Kind::counted;
  rechunks_ = conduct_.chunks_answers && (until_end || counted) && !is_http10(s_.request);
  back_lasts_ = conduct_.keeps_back && !until_end && request_body_.done() &&
                !ends_connection(answer, answer.start.starts_with("HTTP/1.0"));
  if ((until_end && !rechunks_) || !request_body_.done() || conduct_.parts_behind_refusal)
    last_request_ = true;
}

void HopPassage::return_head(int status) {
  Head returned = answer_for_client(answer_.head(), status, status >= 200 && last_request_);
  if (status >= 200 && rechunks_) {
    edits::drop(returned.fields, "Content-Length");
    returned.fields.push_back({"Transfer-Encoding", "chunked"});
  }
  if (conduct_.misreturns != nullptr) conduct_.misreturns(returned, answer_.head(), status, s_);
  front_->send(render_head(returned));
}

void HopPassage::pass_answer(BytesView& rest) {
  Bytes piece(answer_body_.take(rest));
  if (answer_body_.failed()) return end_answer(false);
  const std::uint64_t offset = answer_octets_;
  answer_octets_ += piece.size();
  if (conduct_.mispasses_answer != nullptr) conduct_.mispasses_answer(piece, offset);
  if (rechunks_ && !piece.empty()) piece = fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  front_->send(std::move(piece));
  if (answer_body_.done()) end_answer(true);
}

// A body that is cut short must not look whole: the client's connection ends (RFC 9112 8).
void HopPassage::end_answer(bool whole) {
  if (whole && rechunks_) front_->send("0\r\n\r\n");
  if (!whole) return leave_front();
  if (!back_lasts_) drop_back();
  if (back_ != nullptr && conduct_.pools_back) std::exchange(back_, nullptr)->rest(s_.commons->pool);
  next_request();
}

void HopPassage::answer_self(int status) {
  if (!request_body_.done() || status / 100 == 4) last_request_ = true;
  deadline_ = kNever;
  drop_back();
  if (conduct_.only_parts && status != 0) return leave_front();
  if (status == 0) {
    phase_ = Phase::over;
    return;
  }
  front_->send(own_answer(status, last_request_, s_.request.start.starts_with("HEAD ")));
  next_request();
}

void HopPassage::lose_back() {
  HopStep step = HopStep::refuse;
  if (conduct_.missteps != nullptr) step = conduct_.missteps(step, Head{}, 0, s_);
  BytesView nothing;
  step == HopStep::refuse ? answer_self(conduct_.when_lost) : do_step(step, 0, nothing);
}

}  // namespace wsspec
