// The opening handshake of a session: the request, whole or spoilt, and what the reply to it may be.
#include <fmt/format.h>

#include <algorithm>

#include "fuzzer/handshake_oracle.h"
#include "fuzzer/session.h"
#include "play/request.h"
#include "protocol/handshake.h"

namespace wsspec {

void FuzzSession::begin(Instant now) {
  const FuzzOpening& opening = transcript_.opening;
  if (!opening.cut.empty()) {
    request_ = opening.cut;
  } else if (!opening.lines.empty()) {
    for (const Bytes& line : opening.lines) request_ += line + "\r\n";
    request_ += "\r\n";
  } else {
    OpenOptions open;
    open.offer = opening.offer;
    request_ = make_request(profile_, open, opening.edits, environment_).value_or(Bytes{});
  }
  progress_ = now;
}

Action FuzzSession::send_request(Instant now) {
  if (request_at_ == 0) begin(now);
  const FuzzOpening& opening = transcript_.opening;
  if (ended_ || request_at_ >= request_.size()) {
    phase_ = Phase::head;
    progress_ = now;
    if (opening.cut.empty()) return wait_for_head(now);
    over_ = opening.resets;
    cut_off_ = true;
    return over_ ? Action::reset() : Action::half_close();
  }
  const std::size_t most = opening.chop == 0 ? request_.size() : opening.chop;
  const BytesView piece = BytesView(request_).substr(request_at_, most);
  request_at_ += piece.size();
  return Action::send(piece);
}

Action FuzzSession::wait_for_head(Instant now) {
  const Duration patience = cut_off_ && !options_.patient ? options_.pause : options_.silence;
  if (now < progress_ + patience) return Action::wait(progress_ + patience);
  over_ = true;
  if (cut_off_) return Action::reset();
  silent_ = true;
  const bool plain = transcript_.opening.plain();
  unanswered_ = true;
  add_breach(BreachKind::stalled, plain ? "6455-4.2.2-1" : "6455-4.2.1-1",
             plain ? "a correct opening handshake gets no answer"
                   : "a request gets neither an answer nor the end of the connection");
  return Action::reset();
}

void FuzzSession::read_head(MutableBytes bytes) {
  BytesView rest = view(bytes);
  if (cut_off_ || head_.done() || !head_.feed(rest)) return;
  const std::size_t left = rest.size();
  judge_reply();
  if (judge_ && left > 0) take(bytes.subspan(bytes.size() - left));
}

void FuzzSession::judge_reply() {
  HeadParser parser;
  BytesView sent = request_;
  parser.feed(sent);
  Reply reply;
  own_ = judge_handshake(profile_, transcript_.opening, parser.head(), head_.head(), reply);
  const auto status = parse_status_line(head_.head().start);
  const bool broken = std::ranges::any_of(own_, [](const Breach& b) { return b.severity == Severity::fail; });
  if (broken || !transcript_.opening.plain() || !status || status->status != 101) {
    over_ = true;
    return;
  }
  accept(reply);
}

std::string FuzzSession::granted() const {
  return head_.head().joined("Sec-WebSocket-Extensions").value_or("");
}

void FuzzSession::accept(const Reply& reply) {
  if (!reply.extensions.empty()) {
    const auto offers = parse_extensions(transcript_.opening.offer);
    const auto settings = offers ? read_deflate_reply(reply.extensions.front(), *offers)
                                 : Result<DeflateSettings>(fail_with("", "no offer"));
    if (!settings) {
      add_breach(BreachKind::malformed_output, settings.error().where, settings.error().what);
      over_ = true;
      return;
    }
    deflate_ = *settings;
    compressor_.emplace(deflate_->client_max_window_bits, !deflate_->client_no_context_takeover);
    environment_.compressor = &*compressor_;
  }
  Agreement agreement;
  agreement.deflate = deflate_;
  agreement.echoes = profile_.features.contains("echo");
  agreement.pushes = profile_.greets;
  if (profile_.message_limit) agreement.limits = {*profile_.message_limit, *profile_.message_limit};
  judge_.emplace(agreement);
  if (options_.log) log_reader_.emplace(Role::server, deflate_, 64u << 20);
  phase_ = Phase::inputs;
}

}  // namespace wsspec
