#include "fuzzer/input.h"

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

// A request that only offers extensions is a plain opening.
void take_request(const SendRequest& request, FuzzOpening& out) {
  const auto* only = request.edits.size() == 1 ? &request.edits[0] : nullptr;
  if (request.layout.chop) out.chop = static_cast<std::uint32_t>(request.layout.chop->value);
  if (only != nullptr && only->kind == Edit::Kind::set && only->header == "Sec-WebSocket-Extensions") {
    if (auto offer = octets_of(only->value)) {
      out.offer = std::move(*offer);
      return;
    }
  }
  out.edits = request.edits;
}

// Octets instead of a head, then the end of TCP.
bool take_cut(const Statement& statement, FuzzOpening& out) {
  if (const auto* bytes = std::get_if<SendBytes>(&statement)) {
    auto octets = octets_of(bytes->payload);
    if (!octets || !out.cut.empty()) return false;
    out.cut = std::move(*octets);
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

// Takes the sends of `steps`; false when something cannot be taken over. Of branches none is taken: they
// expect.
bool take_sends(const std::vector<Step>& steps, FuzzTranscript& out, bool& opened) {
  bool connected = false;
  for (const Step& step : steps) {
    if (!step.on.name.empty()) return false;
    if (is_short_timing(step.statement)) {
      if (opened) out.steps.push_back(step_of(step.statement));
      continue;
    }
    if (is_fuzz_send(step.statement)) {
      if (!opened && !connected) return false;
      if (!opened && !take_cut(step.statement, out.opening)) return false;
      if (opened) out.steps.push_back(step_of(step.statement));
      continue;
    }
    if (const auto* open = std::get_if<Open>(&step.statement)) {
      if (opened) return false;
      opened = true;
      for (const Open::Option& option : open->options) {
        const bool plain = option.value.parts.size() == 1 && option.value.parts[0].kind == Part::Kind::text;
        if (option.name != "offer" || !plain) return false;
        out.opening.offer = option.value.parts[0].bytes;
      }
    } else if (const auto* request = std::get_if<SendRequest>(&step.statement)) {
      if (opened) return false;
      opened = true;
      take_request(*request, out.opening);
    } else if (const auto* head = std::get_if<SendHead>(&step.statement)) {
      if (opened) return false;
      opened = true;
      for (const Payload& line : head->lines) {
        auto octets = octets_of(line);
        if (!octets) return false;
        out.opening.lines.push_back(std::move(*octets));
      }
      if (head->layout.chop) out.opening.chop = static_cast<std::uint32_t>(head->layout.chop->value);
    } else if (const auto* finish = std::get_if<Finish>(&step.statement)) {
      SendFrame close;
      close.fields.kind = FrameKind::close;
      close.code = finish->code.value_or(Number{1000, {}});
      out.steps.push_back(step_of(close));
    } else if (std::holds_alternative<Connect>(step.statement)) {
      if (opened) return false;
      connected = true;
    } else if (std::holds_alternative<Repeat>(step.statement)) {
      return false;
    }
  }
  return true;
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

std::vector<FuzzTranscript> transcripts_of(const std::vector<Case>& cases) {
  std::vector<FuzzTranscript> out;
  for (const Case& one : cases) {
    FuzzTranscript transcript;
    transcript.lets = one.lets;
    bool opened = false;
    const bool taken = take_sends(one.steps, transcript, opened);
    const bool begins = opened || !transcript.opening.cut.empty();
    if (one.target.value_or(Target::server) == Target::server && taken && begins)
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
    SendHead head;
    for (const Bytes& line : opening.lines) head.lines.push_back(payload_of(line));
    head.layout = layout;
    return {step_of(Connect{}), step_of(std::move(head))};
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
