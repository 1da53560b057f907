// The opening handshake of a session: the request, whole or spoilt, and what the reply to it may be.
#include <fmt/format.h>

#include <algorithm>

#include "fuzzer/handshake_oracle.h"
#include "fuzzer/session.h"
#include "play/opening.h"
#include "protocol/handshake.h"
#include "script/assemble.h"

namespace wsspec {

void FuzzSession::begin(Instant now) {
  our_head_ = head_octets().value_or("");
  began_ = progress_ = now;
}

// Of our request, or of our reply.
Result<Bytes> FuzzSession::head_octets() {
  const FuzzOpening& opening = transcript_.opening;
  if (!opening.cut.empty()) return opening.cut;
  if (!opening.lines.empty()) {
    auto written = assemble(SendHead{opening.lines, {}}, environment_, ours_);
    if (!written) return std::unexpected(written.error());
    return std::move(written->bytes);
  }
  OpenOptions open;
  open.offer = opening.offer;
  const auto head =
      ours_ == Role::server ? reply_head() : make_request(profile_, open, opening.edits, environment_);
  if (!head) return std::unexpected(head.error());
  return render_head(*head);
}

// The next write of our head.
Action FuzzSession::send_piece() {
  const std::size_t most = transcript_.opening.chop == 0 ? our_head_.size() : transcript_.opening.chop;
  const BytesView piece = BytesView(our_head_).substr(our_head_at_, most);
  our_head_at_ += piece.size();
  return Action::send(piece);
}

Action FuzzSession::send_request(Instant now) {
  if (our_head_at_ == 0 && options_.joins > 0 && options_.may_begin && !options_.may_begin(options_.joins) &&
      !ended_)
    return Action::wait(now + std::chrono::milliseconds(5));
  if (our_head_at_ == 0) begin(now);
  const FuzzOpening& opening = transcript_.opening;
  if (ended_ || our_head_at_ >= our_head_.size()) {
    phase_ = Phase::head;
    progress_ = input_began_ = now;
    if (opening.cut.empty()) return wait_for_head(now);
    over_ = opening.resets;
    cut_off_ = true;
    return over_ ? Action::reset() : Action::half_close();
  }
  // Beside others the pieces come by turns.
  if (our_head_at_ > 0 && options_.may_begin && now < progress_ + kOpeningGap)
    return Action::wait(progress_ + kOpeningGap);
  progress_ = now;
  return send_piece();
}

Action FuzzSession::wait_for_head(Instant now) {
  constexpr int kHeadPatience = 4;  // Silences, however the head drips.
  if (head_.too_large()) return give_up_on_head(true);
  const Duration patience = cut_off_ && !options_.patient ? options_.pause : options_.silence;
  const Instant quiet = progress_ + patience,
                deadline = std::min(quiet, input_began_ + kHeadPatience * patience);
  if (now < deadline) return Action::wait(deadline);
  return give_up_on_head(now < quiet);
}

// A head that goes on and on is poor, but no clause says how long one may be.
Action FuzzSession::give_up_on_head(bool endless) {
  over_ = true;
  if (cut_off_) return Action::reset();
  const bool plain = transcript_.opening.plain();
  endless_ = endless;
  silent_ = unanswered_ = !endless;
  add_breach(BreachKind::stalled, plain ? "rfc6455-4.2.2-1" : "rfc6455-4.2.1-1",
             endless ? fmt::format("the head of the answer has no end after {} octets", head_.raw().size())
             : plain ? "a correct opening handshake gets no answer"
                     : "a request gets neither an answer nor the end of the connection");
  if (endless) own_.back().severity = Severity::weak;
  return Action::reset();
}

void FuzzSession::read_head(MutableBytes bytes) {
  BytesView rest = view(bytes);
  if (cut_off_ || head_.done() || !head_.feed(rest)) return;
  const std::size_t left = rest.size();
  judge_reply();
  if (left == 0) return;
  if (judge_) take(bytes.subspan(bytes.size() - left));
  if (phase_ == Phase::preamble) hear_preamble(bytes.subspan(bytes.size() - left));
}

void FuzzSession::judge_reply() {
  HeadParser parser;
  BytesView sent = our_head_;
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
  // One that was offered and that we do not speak: its right, and the end of what we can judge.
  const bool foreign = std::ranges::any_of(
      reply.extensions, [](const ExtensionOffer& one) { return !same_text(one.name, "permessage-deflate"); });
  if (foreign) {
    over_ = true;
    return;
  }
  if (!reply.extensions.empty()) {
    const auto offers = parse_extensions(offered());
    const auto settings = offers ? read_deflate_reply(reply.extensions.front(), *offers)
                                 : Result<DeflateSettings>(fail_with("", "no offer"));
    if (!settings) {
      add_breach(BreachKind::malformed_output, settings.error().where, settings.error().what);
      over_ = true;
      return;
    }
    deflate_ = *settings;
    compressor_.emplace(deflate_->window_bits_of(ours_), deflate_->keeps_context(ours_));
    environment_.compressor = &*compressor_;
  }
  opened_ = ours_ == Role::client;
  if (profile_.preamble.empty() || ours_ == Role::server) return begin_inputs();
  preamble_reader_.emplace(other(ours_), deflate_, options_.most_octets);
  phase_ = Phase::preamble;
}

std::string FuzzSession::offered() const {
  if (ours_ == Role::client) return transcript_.opening.offer;
  return head_.head().joined("Sec-WebSocket-Extensions").value_or("");
}

void FuzzSession::begin_inputs() {
  Agreement agreement;
  agreement.tested = other(ours_);
  agreement.deflate = deflate_;
  agreement.echoes = profile_.features.contains("echo");
  agreement.echoes_text = !profile_.features.contains("no-text-echo");
  agreement.echoes_binary = !profile_.features.contains("no-binary-echo");
  agreement.echoes_empty = !profile_.features.contains("no-empty-echo");
  agreement.pushes = profile_.greets;
  if (profile_.message_limit) agreement.limits = {*profile_.message_limit, *profile_.message_limit};
  judge_.emplace(agreement);
  if (!options_.strange.empty()) stranger_reader_.emplace(other(ours_), deflate_, 64u << 20);
  if (options_.log) log_reader_.emplace(other(ours_), deflate_, 64u << 20);
  phase_ = Phase::inputs;
}

// --- The preamble ---

// Counts the messages of a target that is logged in to. Nothing of it is judged, nor written down: it may
// hold a password.
class FuzzSession::Login final : public OutputReader::Sink {
 public:
  explicit Login(std::size_t& messages) : messages_(messages) {}
  void output(Output&& output) override { messages_ += output.opcode <= 2; }
  void malformed(std::string_view, std::string_view, std::uint64_t) override {}

 private:
  std::size_t& messages_;
};

void FuzzSession::hear_preamble(MutableBytes bytes) {
  Login login(told_);
  preamble_reader_->read(bytes, login);
}

Action FuzzSession::log_in(Instant now) {
  constexpr int kLoginPatience = 12;  // Silences, whatever else it says.
  const auto& steps = profile_.preamble;
  const Instant cap = input_began_ + kLoginPatience * options_.silence;
  for (; preamble_at_ < steps.size(); ++preamble_at_) {
    const Step& step = steps[preamble_at_];
    if (std::holds_alternative<ExpectFrame>(step.statement)) {
      const Instant deadline = std::min(cap, progress_ + options_.silence);
      if (told_ == 0 && now < deadline && heard_ <= options_.most_octets) return Action::wait(deadline);
      if (told_ == 0) break;
      --told_;
      progress_ = now;
      continue;
    }
    if (!is_fuzz_send(step.statement)) continue;
    auto assembled = assemble(step.statement, environment_, ours_);
    if (!assembled || assembled->bytes.empty()) continue;
    ++preamble_at_;
    progress_ = now;
    scratch_ = std::move(assembled->bytes);
    return Action::send(scratch_);
  }
  const Instant deadline = std::min(cap, progress_ + options_.silence);
  if (preamble_at_ == steps.size() && preamble_reader_->at_boundary()) {
    begin_inputs();
    return next(now);
  }
  if (preamble_at_ == steps.size() && now < deadline) return Action::wait(deadline);
  locked_out_ = over_ = true;
  return Action::reset();
}

}  // namespace wsspec
