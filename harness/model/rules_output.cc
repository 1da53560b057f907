#include "model/rules_output.h"

#include <algorithm>
#include <utility>

#include "protocol/header_rules.h"

namespace wsspec {

OutputReader::OutputReader(Role sender, const std::optional<DeflateSettings>& deflate, std::uint64_t most)
    : sender_(sender), deflate_(deflate.has_value()), most_(most) {
  if (!deflate) return;
  inflater_.emplace(deflate->window_bits_of(sender), deflate->keeps_context(sender));
}

void OutputReader::read(MutableBytes octets, Sink& sink) {
  const std::uint64_t before = octets_;
  const std::size_t given = octets.size();
  while (auto piece = frames_.next(octets)) {
    octets_ = before + (given - octets.size());
    if (piece->first) begin_frame(piece->header, sink);
    if (!piece->payload.empty()) take_payload(piece->header, view(piece->payload), sink);
    if (piece->last) end_frame(piece->header, sink);
  }
  octets_ = before + given;
  if (frames_.at_boundary()) frame_begin_ = octets_;
}

void OutputReader::check_header(const FrameHeader& h, Sink& sink) {
  const HeaderFacts facts{sender_, deflate_, opcode_ != 0};
  for (const HeaderRule& rule : kHeaderRules)
    if (rule.broken(h, facts)) sink.malformed(rule.of_sender, rule.what, frame_begin_);
}

void OutputReader::begin_frame(const FrameHeader& h, Sink& sink) {
  check_header(h, sink);
  if (is_control(h.opcode)) {
    control_.clear();
    return;
  }
  if (h.is(Opcode::cont) && opcode_ != 0) return;
  opcode_ = h.is(Opcode::cont) ? 2 : h.opcode;
  compressed_ = (h.rsv & kRsv1) != 0 && deflate_;
  whole_ = !(compressed_ && context_lost_);
  message_.clear();
  utf8_.reset();
}

void OutputReader::lose_context(const Error& error, Sink& sink) {
  whole_ = false;
  context_lost_ = true;
  if (error.where == "limit") return;
  // The two rules that have one id for each role.
  std::string requirement = error.where;
  if (sender_ == Role::server && requirement == "rfc7692-7.2.1-13") requirement = "rfc7692-7.2.1-15";
  if (sender_ == Role::server && requirement == "rfc7692-7.2.1-8") requirement = "rfc7692-7.2.1-11";
  sink.malformed(requirement, error.what, frame_begin_);
}

void OutputReader::take_payload(const FrameHeader& h, BytesView piece, Sink& sink) {
  if (is_control(h.opcode)) {
    control_ += piece.substr(0, 125 - std::min<std::size_t>(125, control_.size()));
    return;
  }
  if (!whole_) return;
  const std::size_t from = message_.size();
  if (compressed_) {
    if (auto fed = inflater_->feed(piece, message_, most_); !fed) lose_context(fed.error(), sink);
  } else if (message_.size() + piece.size() > most_) {
    whole_ = false;
  } else {
    message_ += piece;
  }
  if (opcode_ == 1) utf8_.feed(BytesView(message_).substr(from));
}

void OutputReader::end_frame(const FrameHeader& h, Sink& sink) {
  if (is_control(h.opcode)) {
    if (!is_reserved(h.opcode)) sink.output({h.opcode, std::exchange(control_, {}), h.length <= 125, {}});
  } else if (h.fin) {
    end_message(sink);
  }
  frame_begin_ = octets_;
}

void OutputReader::end_message(Sink& sink) {
  if (compressed_ && whole_) {
    const std::size_t from = message_.size();
    if (auto done = inflater_->finish(message_, most_); !done) lose_context(done.error(), sink);
    if (opcode_ == 1) utf8_.feed(BytesView(message_).substr(from));
  }
  Output output{opcode_, std::exchange(message_, {}), whole_, {}};
  if (opcode_ == 1 && (whole_ ? !utf8_.complete() : !utf8_.valid()))
    output.text_fault = "a text message is not UTF-8";
  opcode_ = 0;
  if (!is_reserved(output.opcode)) sink.output(std::move(output));
}

}  // namespace wsspec
