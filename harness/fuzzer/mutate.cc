// Changes of inputs that were worth keeping.
#include <algorithm>

#include "fuzzer/generate.h"
#include "protocol/utf8.h"

namespace wsspec {
namespace {

constexpr std::size_t kMostSteps = 40;

// The only part of a payload, when it is plain octets.
Part* plain_part(SendFrame& frame) {
  if (!frame.payload || frame.payload->parts.size() != 1) return nullptr;
  Part& part = frame.payload->parts[0];
  const bool plain = (part.kind == Part::Kind::text || part.kind == Part::Kind::hex) && !part.times;
  return plain ? &part : nullptr;
}

bool whole_message(const SendFrame& frame) {
  const FrameFields& f = frame.fields;
  return (f.kind == FrameKind::text || f.kind == FrameKind::binary) && !f.fin && !f.rsv && !f.len &&
         !f.lenbits;
}

bool is_ping(const SendFrame& frame) {
  return (frame.fields.kind == FrameKind::ping || frame.fields.kind == FrameKind::pong) &&
         !frame.fields.fin && !frame.fields.rsv && !frame.fields.len && !frame.fields.lenbits;
}

// Whether a message is begun and not finished behind a step.
bool in_message_after(const Step& step, bool before) {
  if (const auto* burst = std::get_if<Burst>(&step.statement)) {
    for (const Step& inner : burst->sends) before = in_message_after(inner, before);
    return before;
  }
  const auto* frame = std::get_if<SendFrame>(&step.statement);
  if (frame == nullptr) return before;
  const FrameKind kind = frame->fields.kind;
  const bool data = kind == FrameKind::text || kind == FrameKind::binary || kind == FrameKind::cont;
  return data ? frame->fields.fin && frame->fields.fin->value == 0 : before;
}

std::vector<Step>* sends_of(std::vector<Step>& steps, std::size_t at) {
  auto* burst = std::get_if<Burst>(&steps[at].statement);
  return burst == nullptr ? nullptr : &burst->sends;
}

}  // namespace

// --- Changes that keep a legal input legal ---

// A new message where none is open, or a control frame.
void InputMaker::insert(std::vector<Step>& list, std::size_t at, bool open, const FuzzContext& context) {
  for (std::size_t i = 0; i < at; ++i) open = in_message_after(list[i], open);
  std::vector<Step> more;
  if (open || list.size() >= 12 || one_in(3)) {
    more.push_back(control());
  } else {
    message(more, context);
    bool unfinished = false;
    for (const Step& step : more) unfinished = in_message_after(step, unfinished);
    if (unfinished) return;
  }
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), more.begin(), more.end());
}

void InputMaker::vary_once(std::vector<Step>& steps, const FuzzContext& context) {
  const std::size_t at = below(static_cast<std::uint32_t>(steps.size()));
  std::vector<Step>* inner = sends_of(steps, at);
  const bool within = inner != nullptr && !inner->empty();
  std::vector<Step>& list = within ? *inner : steps;
  const std::size_t i = within ? below(static_cast<std::uint32_t>(list.size())) : at;
  auto* frame = std::get_if<SendFrame>(&list[i].statement);
  if (frame == nullptr || frame->fields.kind == FrameKind::close) return;
  bool open = false;
  for (std::size_t n = 0; within && n < at; ++n) open = in_message_after(steps[n], open);
  // On either side, so that a sequence also grows at its end.
  const std::size_t beside = i + below(2);
  switch (below(9)) {
    case 0:
      if (whole_message(*frame)) frame->layout.split = piece(frame->payload, 64);
      break;
    case 1:
      if (inner == nullptr) layout(list[i]);
      break;
    case 2:
      if (whole_message(*frame) || is_ping(*frame))
        list.insert(list.begin() + static_cast<std::ptrdiff_t>(beside), Step(list[i]));
      break;
    case 3: set_key(*frame, static_cast<MaskKey>(random_.next())); break;
    case 4: insert(list, beside, open, context); break;
    case 5:
    case 6: insert(list, list.size(), open, context); break;
    default:
      if (is_ping(*frame)) {
        frame->payload = one_in(2) ? text(125) : octets(125);
      } else if (whole_message(*frame)) {
        frame->payload = frame->fields.kind == FrameKind::text ? text(100'000) : octets(100'000);
      }
      break;
  }
}

std::vector<Step> InputMaker::vary(std::vector<Step> parent, const FuzzContext& context) {
  if (parent.empty() || context.in_message) return legal(context);
  for (std::uint32_t n = 1 + below(one_in(2) ? 1 : 4); n > 0; --n) vary_once(parent, context);
  if (parent.size() > kMostSteps) return legal(context);
  if (parent.size() > 1 && one_in(3)) burst(parent);
  return parent;
}

// --- Changes of any kind ---

void InputMaker::mutate_payload(SendFrame& frame) {
  const bool none = !frame.payload;
  Part* part = none ? nullptr : plain_part(frame);
  if (!none && part == nullptr) return;
  Bytes bytes = part == nullptr ? Bytes{} : std::move(part->bytes);
  const auto where = [&] { return below(static_cast<std::uint32_t>(bytes.size()) + 1); };
  const auto one = [&]() -> char& { return bytes[below(static_cast<std::uint32_t>(bytes.size()))]; };
  switch (below(6)) {
    case 0: bytes.resize(size(70'000), 'r'); break;
    case 1: bytes.insert(where(), short_text(1 + below(6))); break;
    case 2: bytes.insert(where(), wrong_characters()); break;
    case 3: bytes.resize(where()); break;
    case 4:
      if (!bytes.empty()) one() = static_cast<char>(below(256));
      break;
    default:
      if (!bytes.empty()) one() ^= static_cast<char>(1 << below(8));
      break;
  }
  const bool text_payload = is_utf8(bytes);
  frame.payload = plain_payload(std::move(bytes), text_payload);
}

void InputMaker::mutate_frame(SendFrame& frame) {
  switch (below(8)) {
    case 0: frame.fields.fin = fuzz_number(frame.fields.fin && frame.fields.fin->value == 0 ? 1 : 0); break;
    case 1: spoil(frame, one_in(2)); break;
    case 2:
      frame.fields.mask =
          MaskField{MaskField::Kind::key, one_in(3) ? 0 : static_cast<MaskKey>(random_.next())};
      break;
    case 3: frame.layout.chop = piece(frame.payload, 8); break;
    case 4:
      if (frame.code) frame.code = fuzz_number(one_in(2) ? pick(fuzz_close_codes()) : below(65536));
      break;
    default: mutate_payload(frame); break;
  }
}

void InputMaker::split_frame(std::vector<Step>& steps, std::size_t at) {
  auto* frame = std::get_if<SendFrame>(&steps[at].statement);
  if (frame == nullptr || frame->fields.len) return;
  frame->layout.split = piece(frame->payload, 64);
}

void InputMaker::mutate_once(std::vector<Step>& steps, std::span<const Step> other,
                             const FuzzContext& context) {
  const std::size_t at = below(static_cast<std::uint32_t>(steps.size()));
  const auto place = steps.begin() + static_cast<std::ptrdiff_t>(at);
  switch (below(10)) {
    case 0:
      if (steps.size() > 1) steps.erase(place);
      return;
    case 1: steps.insert(place, Step(steps[at])); return;
    case 2: std::swap(steps[at], steps[below(static_cast<std::uint32_t>(steps.size()))]); return;
    case 3: return split_frame(steps, at);
    case 4: {
      const auto fresh = one_in(2) ? legal(context) : illegal(context);
      steps.insert(place, fresh.begin(), fresh.end());
      return;
    }
    case 5:
      if (!other.empty()) {
        const std::size_t from = below(static_cast<std::uint32_t>(other.size()));
        steps.insert(place, other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      }
      return;
    default: break;
  }
  std::vector<Step>* inner = sends_of(steps, at);
  if (inner != nullptr && !inner->empty()) {
    const std::size_t i = below(static_cast<std::uint32_t>(inner->size()));
    auto* frame = std::get_if<SendFrame>(&(*inner)[i].statement);
    if (frame == nullptr) return;
    mutate_frame(*frame);
    frame->layout.chop.reset();
  } else if (auto* frame = std::get_if<SendFrame>(&steps[at].statement)) {
    mutate_frame(*frame);
  }
}

std::vector<Step> InputMaker::mutate(std::vector<Step> parent, std::span<const Step> other,
                                     const FuzzContext& context) {
  if (parent.empty()) return illegal(context);
  for (std::uint32_t n = 1 + below(4); n > 0; --n) mutate_once(parent, other, context);
  if (parent.size() > kMostSteps) parent.resize(kMostSteps);
  return parent;
}

}  // namespace wsspec
