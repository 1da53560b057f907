#include "protocol/rules_output.h"

#include <algorithm>
#include <utility>

namespace wsspec {
namespace {

constexpr std::uint8_t kRsv1 = 4;
constexpr std::uint64_t kTopBit = std::uint64_t{1} << 63;

bool is_data(const FrameHeader& h) {
  return h.opcode <= 2;
}

}  // namespace

OutputReader::OutputReader(Role sender, const std::optional<DeflateSettings>& deflate, std::uint64_t most)
    : sender_(sender), deflate_(deflate.has_value()), most_(most) {
  if (!deflate) return;
  inflater_ = sender == Role::server
                  ? Decompressor(deflate->server_max_window_bits, !deflate->server_no_context_takeover)
                  : Decompressor(deflate->client_max_window_bits, !deflate->client_no_context_takeover);
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
  const auto bad = [&](std::string_view requirement, std::string_view what) {
    sink.malformed(requirement, what, frame_begin_);
  };
  if (sender_ == Role::server && h.mask) bad("6455-5.1-4", "a server's frame is masked");
  if (sender_ == Role::client && !h.mask) bad("6455-5.1-1", "a client's frame is not masked");
  if (is_reserved(h.opcode)) bad("6455-5.2-4", "a frame has a reserved opcode");
  if ((h.rsv & ~kRsv1) != 0 || (h.rsv != 0 && !deflate_))
    bad("6455-5.2-2", "a reserved bit is set that no extension defines");
  if ((h.rsv & kRsv1) != 0 && deflate_ && (!is_data(h) || h.is(Opcode::cont))) {
    bad("7692-6.1-3", "RSV1 is set on a control frame or a later fragment");
  }
  if (h.form != minimal_form(h.length)) bad("6455-5.2-6", "a length takes more octets than it needs");
  if ((h.length & kTopBit) != 0) bad("6455-5.2-5", "the top bit of a length is set");
  if (is_control(h.opcode) && !h.fin) bad("6455-5.5-2", "a control frame is fragmented");
  if (is_control(h.opcode) && h.length > 125) bad("6455-5.5-1", "a control frame has more than 125 octets");
  if (h.is(Opcode::cont) && opcode_ == 0) bad("6455-5.4-1", "a continuation frame continues no message");
  if (is_data(h) && !h.is(Opcode::cont) && opcode_ != 0)
    bad("6455-5.4-7", "a message begins inside another one");
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
  if (sender_ == Role::server && requirement == "7692-7.2.1-13") requirement = "7692-7.2.1-15";
  if (sender_ == Role::server && requirement == "7692-7.2.1-8") requirement = "7692-7.2.1-11";
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
