#include "fuzzer/input.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "protocol/utf8.h"
#include "script/print.h"

namespace wsspec {
namespace {

// The octets of a payload of literal parts; nothing for any other.
std::optional<Bytes> octets_of(const Payload& payload) {
  constexpr std::size_t kMost = 1 << 20;
  Bytes out;
  for (const Part& part : payload.parts) {
    const bool literal = part.kind == Part::Kind::text || part.kind == Part::Kind::hex;
    if (!literal || (part.times && !part.times->name.empty())) return std::nullopt;
    const std::uint64_t times = part.times ? part.times->value : 1;
    if (times > kMost || part.bytes.size() * times + out.size() > kMost) return std::nullopt;
    for (std::uint64_t i = 0; i < times; ++i) out += part.bytes;
  }
  return out;
}

// A head that only offers or grants extensions is a plain opening.
void take_head(const std::vector<Edit>& edits, const Layout& layout, FuzzOpening& out) {
  const auto* only = edits.size() == 1 ? &edits[0] : nullptr;
  if (layout.chop) out.chop = static_cast<std::uint32_t>(layout.chop->value);
  if (only != nullptr && only->kind == Edit::Kind::set && only->header == "Sec-WebSocket-Extensions") {
    if (auto offer = octets_of(only->value)) {
      out.offer = std::move(*offer);
      return;
    }
  }
  out.edits = edits;
}

// Octets instead of a head, then the end of TCP.
bool take_cut(const Statement& statement, FuzzOpening& out) {
  if (const auto* bytes = std::get_if<SendBytes>(&statement)) {
    auto octets = octets_of(bytes->payload);
    if (!octets || !out.cut.empty()) return false;
    out.cut = std::move(*octets);
    if (bytes->layout.chop) out.chop = static_cast<std::uint32_t>(bytes->layout.chop->value);
    return true;
  }
  out.resets = std::holds_alternative<SendReset>(statement);
  return !out.cut.empty() && (out.resets || std::holds_alternative<SendEof>(statement));
}

// A short pause, or not reading until `read`: what an input may hold of it. Longer ones wait for what the
// fuzzer waits for anyway.
bool is_short_timing(const Statement& statement) {
  constexpr Duration kMostPause = std::chrono::milliseconds(500);
  if (const auto* pause = std::get_if<Pause>(&statement))
    return pause->time.fact.empty() && pause->time.fixed <= kMostPause;
  if (const auto* stall = std::get_if<Stall>(&statement)) return !stall->time;
  return std::holds_alternative<ReadOn>(statement);
}

// Takes over what a case sends, statement by statement. Of branches none is taken: they expect.
class Taking {
 public:
  explicit Taking(FuzzTranscript& out) : out_(out) {}
  /// False when something cannot be taken over.
  bool take(const std::vector<Step>& steps) {
    return std::ranges::all_of(steps, [this](const Step& step) {
      return step.on.name.empty() && (takes_time(step.statement) || std::visit(*this, step.statement));
    });
  }
  bool begins() const { return opened_ || !out_.opening.cut.empty(); }

  bool operator()(const SendFrame& send) { return take_send(send); }
  bool operator()(const SendBytes& send) { return take_send(send); }
  bool operator()(const SendEof& send) { return take_send(send); }
  bool operator()(const SendReset& send) { return take_send(send); }
  bool operator()(const Burst& burst) {
    const auto* reply = burst.sends.empty() ? nullptr : std::get_if<SendUpgrade>(&burst.sends[0].statement);
    if (reply == nullptr) return take_send(burst);
    if (opened_) return false;
    (*this)(*reply);
    out_.opening.joined = true;
    Burst rest = burst;
    rest.sends.erase(rest.sends.begin());
    out_.steps.push_back(rest.sends.size() == 1 ? rest.sends[0] : step_of(std::move(rest)));
    return true;
  }
  bool operator()(const Open& open) {
    if (std::exchange(opened_, true)) return false;
    for (const Open::Option& option : open.options) {
      const bool plain = option.value.parts.size() == 1 && option.value.parts[0].kind == Part::Kind::text;
      if (option.name != "offer" || !plain) return false;
      out_.opening.offer = option.value.parts[0].bytes;
    }
    return true;
  }
  bool operator()(const SendRequest& request) {
    if (std::exchange(opened_, true)) return false;
    take_head(request.edits, request.layout, out_.opening);
    return true;
  }
  bool operator()(const SendUpgrade& reply) {
    if (std::exchange(opened_, true)) return false;
    take_head(reply.edits, reply.layout, out_.opening);
    out_.opening.as_written = true;
    return true;
  }
  bool operator()(const SendResponse& reply) {
    if (std::exchange(opened_, true)) return false;
    out_.opening.status = static_cast<std::uint16_t>(reply.status.value);
    out_.opening.edits = reply.edits;
    if (reply.layout.chop) out_.opening.chop = static_cast<std::uint32_t>(reply.layout.chop->value);
    return true;
  }
  bool operator()(const SendHead& head) {
    if (std::exchange(opened_, true)) return false;
    out_.opening.lines = head.lines;
    if (head.layout.chop) out_.opening.chop = static_cast<std::uint32_t>(head.layout.chop->value);
    return true;
  }
  bool operator()(const Finish& finish) {
    SendFrame close;
    close.fields.kind = FrameKind::close;
    close.code = finish.code.value_or(Number{1000, {}});
    out_.steps.push_back(step_of(close));
    return true;
  }
  bool operator()(const Connect&) { return !opened_ && (connected_ = true); }
  bool operator()(const ExpectRequest&) { return connected_ = true; }
  bool operator()(const Repeat&) { return false; }
  bool operator()(const auto&) { return true; }

 private:
  bool takes_time(const Statement& statement) {
    if (!is_short_timing(statement)) return false;
    const auto* pause = std::get_if<Pause>(&statement);
    if (opened_)
      out_.steps.push_back(step_of(statement));
    else if (pause != nullptr)
      out_.opening.delay = pause->time.fixed;
    return true;
  }
  bool take_send(const Statement& statement) {
    if (!opened_) return connected_ && take_cut(statement, out_.opening);
    out_.steps.push_back(step_of(statement));
    return true;
  }

  FuzzTranscript& out_;
  bool opened_ = false, connected_ = false;
};

// What has nothing to do with the connection's beginning, as one step for a burst or as it is.
std::vector<Step> joined_to(Step reply, std::vector<Step> body) {
  if (body.empty()) return {std::move(reply)};
  Burst burst;
  burst.sends = {std::move(reply)};
  if (auto* first = std::get_if<Burst>(&body[0].statement))
    burst.sends.insert(burst.sends.end(), first->sends.begin(), first->sends.end());
  else
    burst.sends.push_back(std::move(body[0]));
  body[0] = step_of(std::move(burst));
  return body;
}

}  // namespace

bool is_fuzz_send(const Statement& statement) {
  return std::holds_alternative<SendFrame>(statement) || std::holds_alternative<SendBytes>(statement) ||
         std::holds_alternative<SendEof>(statement) || std::holds_alternative<SendReset>(statement) ||
         std::holds_alternative<Burst>(statement);
}

bool is_fuzz_timing(const Statement& statement) {
  return std::holds_alternative<Pause>(statement) || std::holds_alternative<Stall>(statement) ||
         std::holds_alternative<ReadOn>(statement);
}

std::vector<FuzzTranscript> transcripts_of(const std::vector<Case>& cases, Target tested) {
  std::vector<FuzzTranscript> out;
  for (const Case& one : cases) {
    FuzzTranscript transcript;
    transcript.tested = tested;
    transcript.lets = one.lets;
    Taking taking(transcript);
    if (one.target.value_or(tested) == tested && taking.take(one.steps) && taking.begins())
      out.push_back(std::move(transcript));
  }
  return out;
}

std::vector<Step> opening_steps(const FuzzOpening& opening, bool reply_follows) {
  Layout layout;
  if (opening.chop > 0) layout.chop = Number{opening.chop, {}};
  if (!opening.cut.empty()) {
    const Statement end = opening.resets ? Statement(SendReset{}) : Statement(SendEof{});
    return {step_of(Connect{}), step_of(SendBytes{payload_of(opening.cut), layout}), step_of(end)};
  }
  if (!opening.lines.empty()) {
    return {step_of(Connect{}), step_of(SendHead{opening.lines, layout})};
  }
  if (!opening.edits.empty()) return {step_of(SendRequest{opening.edits, layout})};
  if (opening.chop > 0 || reply_follows) {
    SendRequest request{{}, layout};
    if (!opening.offer.empty())
      request.edits = {{Edit::Kind::set, "Sec-WebSocket-Extensions", payload_of(opening.offer)}};
    std::vector<Step> out = {step_of(std::move(request))};
    if (!reply_follows) out.push_back(step_of(ExpectUpgrade{}));
    return out;
  }
  Open open;
  if (!opening.offer.empty()) open.options = {{"offer", payload_of(opening.offer)}};
  return {step_of(std::move(open))};
}

std::vector<Step> reply_steps(const FuzzOpening& opening, std::vector<Step> body) {
  Layout layout;
  if (opening.chop > 0) layout.chop = Number{opening.chop, {}};
  std::vector<Step> out = {step_of(ExpectRequest{})};
  if (opening.delay > Duration{}) out.push_back(fuzz_pause(opening.delay));
  if (!opening.cut.empty()) {
    out.push_back(step_of(SendBytes{payload_of(opening.cut), layout}));
    out.push_back(opening.resets ? step_of(SendReset{}) : step_of(SendEof{}));
  } else if (!opening.lines.empty()) {
    out.push_back(step_of(SendHead{opening.lines, layout}));
  } else if (opening.status != 0) {
    out.push_back(step_of(SendResponse{Number{opening.status, {}}, opening.edits, layout}));
  } else {
    SendUpgrade reply{opening.edits, layout};
    if (!opening.offer.empty())
      reply.edits = {{Edit::Kind::set, "Sec-WebSocket-Extensions", payload_of(opening.offer)}};
    Step step = step_of(std::move(reply));
    if (opening.joined)
      body = joined_to(std::move(step), std::move(body));
    else
      out.push_back(std::move(step));
  }
  out.insert(out.end(), std::make_move_iterator(body.begin()), std::make_move_iterator(body.end()));
  return out;
}

Payload plain_payload(Bytes bytes, bool text) {
  Payload out;
  out.parts.resize(1);
  out.parts[0].kind = text ? Part::Kind::text : Part::Kind::hex;
  out.parts[0].bytes = std::move(bytes);
  return out;
}

Step fuzz_frame(FrameKind kind, BytesView payload) {
  SendFrame frame;
  frame.fields.kind = kind;
  frame.payload = plain_payload(Bytes(payload), is_utf8(payload));
  return step_of(std::move(frame));
}

Step fuzz_pause(Duration time) {
  return step_of(Pause{time});
}

Part fuzz_repeated(Bytes unit, std::size_t times, bool text) {
  Part part = plain_payload(std::move(unit), text).parts[0];
  part.times = fuzz_number(times);
  return part;
}

Payload fuzz_text(std::size_t count, Bytes label) {
  if (label.size() < 32) label.resize(32, '.');
  if (count <= label.size()) return plain_payload(label.size() == count ? label : Bytes(count, 'o'), true);
  const std::size_t rest = count % label.size();
  Payload out{{fuzz_repeated(label, count / label.size(), true)}};
  if (rest > 0) out.parts.push_back(plain_payload(Bytes(rest, 'z'), true).parts[0]);
  return out;
}

Payload fuzz_deflated(Payload payload, std::string how) {
  Part call;
  call.kind = Part::Kind::call;
  call.name = std::move(how);
  call.arguments.push_back({std::move(payload), false});
  return Payload{{std::move(call)}};
}

Step fuzz_data(FrameKind kind, Payload payload, bool compressed, bool fin) {
  SendFrame frame;
  frame.fields.kind = kind;
  frame.payload = std::move(payload);
  if (compressed && kind != FrameKind::cont) frame.fields.rsv = fuzz_number(4);
  if (!fin) frame.fields.fin = fuzz_number(0);
  return step_of(std::move(frame));
}

}  // namespace wsspec
