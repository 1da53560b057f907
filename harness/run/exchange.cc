#include "run/exchange.h"

namespace wsspec {
namespace {

bool is_last(const Head& head) {
  return head.start.find("HTTP/1.1") == head.start.npos || head.has_token("Connection", "close");
}

}  // namespace

void Exchange::asked(BytesView octets) {
  if (octets.empty() || stage_ == Stage::lost) return;
  if (stage_ == Stage::rest) {
    stage_ = Stage::open;
    request_ = answer_ = HeadParser();
    request_body_ = answer_body_ = {};
  }
  if (!request_.done() && request_.feed(octets)) request_body_ = HopBody(request_body(request_.head()));
  if (request_.done()) request_body_.take(octets);
  if (!octets.empty() || request_.too_large() || request_body_.failed()) stage_ = Stage::lost;
  end_if_whole();
}

void Exchange::answered(BytesView octets) {
  if (octets.empty() || stage_ == Stage::lost) return;
  if (stage_ == Stage::rest || !request_.done()) {
    stage_ = Stage::lost;
    return;
  }
  while (!answer_.done() && !octets.empty() && stage_ == Stage::open)
    if (answer_.feed(octets)) begin_answer();
  if (answer_.done()) answer_body_.take(octets);
  if (!octets.empty() || answer_.too_large() || answer_body_.failed()) stage_ = Stage::lost;
  end_if_whole();
}

// An interim answer is followed by another one, a 101 by no HTTP.
void Exchange::begin_answer() {
  const auto line = parse_status_line(answer_.head().start);
  if (!line || line->status == 101) {
    stage_ = Stage::lost;
  } else if (line->status < 200) {
    answer_ = HeadParser();
  } else {
    const bool to_head = request_.head().start.starts_with("HEAD ");
    answer_body_ = HopBody(response_body(answer_.head(), line->status, to_head));
  }
}

void Exchange::end_if_whole() {
  if (stage_ != Stage::open || !request_.done() || !answer_.done()) return;
  if (!request_body_.done() || !answer_body_.done()) return;
  stage_ = is_last(request_.head()) || is_last(answer_.head()) ? Stage::lost : Stage::rest;
}

}  // namespace wsspec
