#include "fuzzer/generate.h"

#include <algorithm>
#include <string_view>

#include "protocol/close.h"
#include "protocol/utf8.h"
#include "script/print.h"

namespace wsspec {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t kSizes[] = {0,   1,   2,   3,   4,    5,    7,    8,    15,  16,
                                    17,  31,  64,  100, 123,  124,  125,  126,  127, 128,
                                    129, 255, 256, 257, 1000, 1024, 4096, 16384};
constexpr std::uint32_t kLargeSizes[] = {65534, 65535, 65536, 65537, 70000};
constexpr std::string_view kCharacters[] = {"a",
                                            "b",
                                            " ",
                                            "\0"sv,
                                            "\x7f",
                                            "\xc2\x80",
                                            "\xc3\xa9",
                                            "\xdf\xbf",
                                            "\xe0\xa0\x80",
                                            "\xe2\x82\xac",
                                            "\xed\x9f\xbf",
                                            "\xee\x80\x80",
                                            "\xef\xbb\xbf",
                                            "\xef\xbf\xbf",
                                            "\xf0\x90\x80\x80",
                                            "\xf0\x9f\x98\x80",
                                            "\xf4\x8f\xbf\xbf",
                                            "0123456789abcdef",
                                            "{\"k\":1}"};
constexpr std::string_view kWrong[] = {"\xff",
                                       "\xfe",
                                       "\x80",
                                       "\xbf",
                                       "\xc0\x80",
                                       "\xc0\xaf",
                                       "\xc1\xbf",
                                       "\xe0\x80\xaf",
                                       "\xe0\x9f\xbf",
                                       "\xed\xa0\x80",
                                       "\xed\xbf\xbf",
                                       "\xed\xa1\x8c\xed\xbe\xb4",
                                       "\xf0\x80\x80\xaf",
                                       "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80",
                                       "\xf8\x88\x80\x80\x80",
                                       "\xfc\x84\x80\x80\x80\x80",
                                       "\xce",
                                       "\xe2\x82",
                                       "\xf0\x9f\x98",
                                       "\xc3\x28",
                                       "\xe2\x28\xa1",
                                       "\xf0\x28\x8c\xbc"};
constexpr std::uint16_t kCodes[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999,
                                    4000, 4999, 1000, 1000, 3000, 0,    1,    100,  999,  1004, 1005,
                                    1006, 1012, 1013, 1014, 1015, 1016, 1100, 2000, 2999, 5000, 65535};
constexpr std::string_view kOffers[] = {
    "",
    "",
    "",
    "permessage-deflate",
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_no_context_takeover",
    "permessage-deflate; client_no_context_takeover",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; server_max_window_bits=10",
    "permessage-deflate; client_max_window_bits=9",
    "permessage-deflate; server_max_window_bits=8, permessage-deflate"};
constexpr std::string_view kDeflate[] = {"deflate",         "deflate",        "deflate",
                                         "deflate",         "deflate-stored", "deflate-fixed",
                                         "deflate-dynamic", "deflate-final",  "deflate-keep-tail"};

Number number(std::uint64_t value) {
  return {value, {}};
}

Edit edit(Edit::Kind kind, std::string header, std::string_view value = {}) {
  return {kind, std::move(header), payload_of(value)};
}

}  // namespace

// One connection in twelve spoils the request itself.
FuzzOpening InputMaker::opening() {
  FuzzOpening out;
  out.offer = pick(kOffers);
  if (!one_in(12)) return out;
  using enum Edit::Kind;
  static const Edit kEdits[] = {edit(drop, "Host"),
                                edit(drop, "Upgrade"),
                                edit(drop, "Connection"),
                                edit(drop, "Sec-WebSocket-Key"),
                                edit(drop, "Sec-WebSocket-Version"),
                                edit(set, "Upgrade", "h2c"),
                                edit(set, "Upgrade", "WebSocket"),
                                edit(set, "Connection", "keep-alive"),
                                edit(set, "Connection", "keep-alive, Upgrade"),
                                edit(set, "Sec-WebSocket-Version", "8"),
                                edit(set, "Sec-WebSocket-Version", "013"),
                                edit(set, "Sec-WebSocket-Version", "14"),
                                edit(set, "Sec-WebSocket-Version", "x"),
                                edit(set, "Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="),
                                edit(set, "Sec-WebSocket-Key", "%%%"),
                                edit(set, "Sec-WebSocket-Key", ""),
                                edit(method, "", "POST"),
                                edit(method, "", "get"),
                                edit(version, "", "HTTP/1.0"),
                                edit(add, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
                                edit(add, "Sec-WebSocket-Version", "13"),
                                edit(add, "X-Filler", Bytes(2000, 'f')),
                                edit(add, "Sec-WebSocket-Extensions", "permessage-deflate; nonsense=1"),
                                edit(add, "Sec-WebSocket-Extensions", "x-unknown"),
                                edit(add, "Sec-WebSocket-Protocol", "chat, chat"),
                                edit(add, "Sec-WebSocket-Protocol", "a b"),
                                edit(add, "Host", "other")};
  out.offer.clear();
  for (std::uint32_t n = one_in(4) ? 2 : 1; n > 0; --n) out.edits.push_back(pick(kEdits));
  return out;
}

std::size_t InputMaker::size(std::size_t most) {
  const std::size_t wanted = one_in(60) ? pick(kLargeSizes) : pick(kSizes);
  return std::min(most, one_in(5) ? below(300) : wanted);
}

Bytes InputMaker::text(std::size_t most) {
  const std::size_t wanted = size(most);
  Bytes out;
  if (wanted > 300) {
    const std::string_view character = pick(kCharacters);
    while (out.size() + character.size() <= wanted) out += character;
  } else {
    while (out.size() < wanted) {
      const std::string_view character = pick(kCharacters);
      if (out.size() + character.size() > wanted) break;
      out += character;
    }
  }
  out.resize(wanted, 'z');
  return out;
}

Bytes InputMaker::octets(std::size_t most) {
  Bytes out(size(most), 'x');
  if (one_in(3)) return out;
  for (char& c : out) c = static_cast<char>(below(256));
  return out;
}

FrameKind InputMaker::data_kind() {
  return one_in(3) ? FrameKind::binary : FrameKind::text;
}

Step InputMaker::control() {
  const FrameKind kind = one_in(4) ? FrameKind::pong : FrameKind::ping;
  return fuzz_frame(kind, one_in(2) ? text(125) : octets(125));
}

Step InputMaker::close() {
  Step step = fuzz_frame(FrameKind::close, {});
  auto& frame = std::get<SendFrame>(step.statement);
  if (one_in(6)) return step;
  if (one_in(12)) {
    frame.payload = payload_of("x");
    return step;
  }
  frame.code = number(pick(kCodes));
  frame.payload.reset();
  Bytes reason = one_in(2) ? text(123) : Bytes{};
  if (one_in(6)) reason = reason.substr(0, 100) + Bytes(pick(kWrong));
  if (!reason.empty()) frame.payload = payload_of(reason);
  return step;
}

// Cuts a message into frames, with control frames between them.
void InputMaker::fragments(std::vector<Step>& out, SendFrame first) {
  const Bytes whole = text(600);
  const bool plain = first.fields.rsv.has_value();
  SendFrame next = first;
  next.fields.fin = number(0);
  if (!plain) next.payload = payload_of(whole.substr(0, below(static_cast<std::uint32_t>(whole.size()) + 1)));
  std::size_t at = 0;
  for (std::uint32_t n = 1 + below(4); n > 0; --n) {
    if (!plain) {
      const std::size_t take = one_in(4) ? 0 : below(static_cast<std::uint32_t>(whole.size() - at) + 1);
      next.payload = payload_of(whole.substr(at, take));
      at += take;
    }
    out.push_back(step_of(next));
    next = {};
    next.fields.kind = FrameKind::cont;
    next.fields.fin = number(0);
    if (one_in(3)) out.push_back(control());
    if (plain) break;
  }
  next.fields.fin.reset();
  next.payload = payload_of(plain ? Bytes{} : whole.substr(at));
  if (!one_in(16)) out.push_back(step_of(next));
}

void InputMaker::message(std::vector<Step>& out, const std::optional<DeflateSettings>& deflate) {
  SendFrame frame;
  frame.fields.kind = data_kind();
  const bool squeeze = deflate && one_in(2);
  if (squeeze) {
    Part call;
    call.kind = Part::Kind::call;
    call.name = pick(kDeflate);
    call.arguments.push_back({payload_of(text(100'000)), false});
    frame.payload = Payload{{call}};
    frame.fields.rsv = number(4);
    if (one_in(3)) frame.layout.split = number(1 + below(200));
    out.push_back(step_of(std::move(frame)));
    return;
  }
  if (one_in(2)) return fragments(out, frame);
  frame.payload = payload_of(frame.fields.kind == FrameKind::text ? text(100'000) : octets(100'000));
  if (one_in(6)) frame.layout.split = number(1 + below(130));
  out.push_back(step_of(std::move(frame)));
}

void InputMaker::wrong_text(std::vector<Step>& out) {
  const Bytes before = text(200), wrong(pick(kWrong)), after = one_in(2) ? text(50) : Bytes{};
  if (one_in(2)) {
    out.push_back(fuzz_frame(FrameKind::text, before + wrong + after));
    return;
  }
  // Cut somewhere, often inside the bad sequence.
  const Bytes whole = before + wrong + after;
  const std::size_t cut = one_in(2) ? before.size() + below(static_cast<std::uint32_t>(wrong.size()) + 1)
                                    : below(static_cast<std::uint32_t>(whole.size()) + 1);
  Step first = fuzz_frame(FrameKind::text, whole.substr(0, cut));
  std::get<SendFrame>(first.statement).fields.fin = number(0);
  out.push_back(std::move(first));
  if (one_in(3)) out.push_back(control());
  out.push_back(fuzz_frame(FrameKind::cont, whole.substr(cut)));
}

// Breaks one rule of the frame.
void InputMaker::spoil(SendFrame& frame) {
  FrameFields& f = frame.fields;
  switch (below(8)) {
    case 0: f.mask = MaskField{MaskField::Kind::none, 0}; break;
    case 1: f.rsv = number(1 + below(7)); break;
    case 2: {
      static constexpr std::uint8_t kReserved[] = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15};
      f.kind = FrameKind::frame, f.op = number(pick(kReserved)), frame.code.reset();
      break;
    }
    case 3: f.fin = number(0); break;
    case 4:
      f.kind = one_in(3) ? FrameKind::close : one_in(2) ? FrameKind::ping : FrameKind::pong;
      frame.code.reset();
      frame.payload =
          payload_of((f.kind == FrameKind::close ? make_close(1000) : Bytes{}) + Bytes(124 + below(10), 'l'));
      break;
    case 5: f.kind = FrameKind::cont, frame.code.reset(); break;
    case 6: f.lenbits = number(one_in(2) ? 16 : 64); break;
    default:
      f.lenbits = number(64);
      f.len = number((std::uint64_t{1} << 63) | below(1000));
      break;
  }
}

void InputMaker::spoilt(std::vector<Step>& out) {
  const bool inside = one_in(3);
  if (inside) {
    out.push_back(fuzz_frame(data_kind(), "begun "));
    std::get<SendFrame>(out.back().statement).fields.fin = number(0);
  }
  Step step = one_in(3)   ? control()
              : one_in(8) ? close()
                          : fuzz_frame(inside ? FrameKind::cont : data_kind(), text(300));
  auto& frame = std::get<SendFrame>(step.statement);
  if (inside && one_in(3))
    frame.fields.kind = data_kind(), frame.code.reset();
  else
    spoil(frame);
  out.push_back(std::move(step));
  if (inside && one_in(2)) out.push_back(fuzz_frame(FrameKind::cont, "ended"));
}

Step InputMaker::raw() {
  Bytes out(1 + below(20), '\0');
  for (char& c : out) c = static_cast<char>(below(256));
  if (one_in(2)) out[0] = static_cast<char>(0x80 | below(11));
  if (out.size() > 1 && one_in(2)) out[1] = static_cast<char>(0x80 | below(127));
  return step_of(SendBytes{payload_of(out), {}});
}

void InputMaker::layout(Step& step) {
  auto* frame = std::get_if<SendFrame>(&step.statement);
  if (frame != nullptr && one_in(8)) frame->layout.chop = number(1 + below(one_in(2) ? 4 : 130));
}

// Now and then all goes out in one write.
void InputMaker::burst(std::vector<Step>& steps) {
  if (steps.size() < 2 || !one_in(4)) return;
  const auto fits = [](const Step& step) {
    return std::holds_alternative<SendFrame>(step.statement) ||
           std::holds_alternative<SendBytes>(step.statement);
  };
  if (!std::ranges::all_of(steps, fits)) return;
  Burst burst;
  for (Step& step : steps) {
    if (auto* frame = std::get_if<SendFrame>(&step.statement)) frame->layout.chop.reset();
    burst.sends.push_back(std::move(step));
  }
  if (one_in(3)) burst.layout.chop = number(1 + below(64));
  steps = {step_of(std::move(burst))};
}

std::vector<Step> InputMaker::input(const std::optional<DeflateSettings>& deflate) {
  std::vector<Step> out;
  for (std::uint32_t n = 1 + below(4); n > 0; --n) {
    switch (below(8)) {
      case 0:
      case 1: out.push_back(control()); break;
      default: message(out, deflate); break;
    }
  }
  switch (below(20)) {
    case 0: out.push_back(close()); break;
    case 1:
    case 2: wrong_text(out); break;
    case 3:
    case 4:
    case 5: spoilt(out); break;
    case 6: out.push_back(raw()); break;
    case 7:
      if (one_in(4)) out.push_back(step_of(SendEof{}));
      break;
    default: break;
  }
  if (one_in(6) && out.size() > 1) out.erase(out.begin(), out.end() - 1);
  for (Step& step : out) layout(step);
  const bool ends = std::holds_alternative<SendEof>(out.back().statement);
  if (!ends && one_in(2)) burst(out);
  return out;
}

void InputMaker::mutate_payload(SendFrame& frame) {
  if (!frame.payload || frame.payload->parts.size() > 1) return;
  if (!frame.payload->parts.empty()) {
    const Part& part = frame.payload->parts[0];
    if (part.kind != Part::Kind::text && part.kind != Part::Kind::hex) return;
    if (part.times) return;
  }
  Bytes bytes = frame.payload->parts.empty() ? Bytes{} : frame.payload->parts[0].bytes;
  const auto where = [&] { return below(static_cast<std::uint32_t>(bytes.size()) + 1); };
  switch (below(6)) {
    case 0: bytes.resize(size(70'000), 'r'); break;
    case 1: bytes.insert(where(), pick(kCharacters)); break;
    case 2: bytes.insert(where(), pick(kWrong)); break;
    case 3: bytes.resize(where()); break;
    case 4:
      if (!bytes.empty())
        bytes[below(static_cast<std::uint32_t>(bytes.size()))] = static_cast<char>(below(256));
      break;
    default:
      if (!bytes.empty())
        bytes[below(static_cast<std::uint32_t>(bytes.size()))] ^= static_cast<char>(1 << below(8));
      break;
  }
  frame.payload = payload_of(bytes);
}

void InputMaker::mutate_frame(SendFrame& frame) {
  switch (below(8)) {
    case 0: frame.fields.fin = number(frame.fields.fin && frame.fields.fin->value == 0 ? 1 : 0); break;
    case 1: spoil(frame); break;
    case 2:
      frame.fields.mask =
          MaskField{MaskField::Kind::key, one_in(3) ? 0 : static_cast<std::uint32_t>(random_.next())};
      break;
    case 3: frame.layout.chop = number(1 + below(8)); break;
    case 4:
      if (frame.code) frame.code = number(one_in(2) ? pick(kCodes) : below(65536));
      break;
    default: mutate_payload(frame); break;
  }
}

void InputMaker::split_frame(std::vector<Step>& steps, std::size_t at) {
  auto* frame = std::get_if<SendFrame>(&steps[at].statement);
  if (frame == nullptr || frame->fields.len) return;
  frame->layout.split = number(1 + below(64));
}

void InputMaker::mutate_once(std::vector<Step>& steps, std::span<const Step> other,
                             const std::optional<DeflateSettings>& deflate) {
  const std::size_t at = below(static_cast<std::uint32_t>(steps.size()));
  const auto place = steps.begin() + static_cast<std::ptrdiff_t>(at);
  switch (below(10)) {
    case 0:
      if (steps.size() > 1) steps.erase(place);
      break;
    case 1: steps.insert(place, Step(steps[at])); break;
    case 2: std::swap(steps[at], steps[below(static_cast<std::uint32_t>(steps.size()))]); break;
    case 3: split_frame(steps, at); break;
    case 4: {
      const auto fresh = input(deflate);
      steps.insert(place, fresh.begin(), fresh.end());
      break;
    }
    case 5:
      if (!other.empty()) {
        const std::size_t from = below(static_cast<std::uint32_t>(other.size()));
        steps.insert(place, other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
      }
      break;
    default: {
      Step& step = steps[at];
      if (auto* burst = std::get_if<Burst>(&step.statement); burst != nullptr && !burst->sends.empty()) {
        auto* inner = std::get_if<SendFrame>(&pick(burst->sends).statement);
        const Number* chop = burst->layout.chop ? &*burst->layout.chop : nullptr;
        if (inner != nullptr) {
          SendFrame changed = *inner;
          mutate_frame(changed);
          changed.layout.chop.reset();
          burst->sends.push_back(step_of(std::move(changed)));
        } else if (chop == nullptr) {
          burst->layout.chop = number(1 + below(9));
        }
      } else if (auto* frame = std::get_if<SendFrame>(&step.statement)) {
        mutate_frame(*frame);
      }
    }
  }
}

std::vector<Step> InputMaker::mutate(std::vector<Step> parent, std::span<const Step> other,
                                     const std::optional<DeflateSettings>& deflate) {
  if (parent.empty()) return input(deflate);
  for (std::uint32_t n = 1 + below(4); n > 0; --n) mutate_once(parent, other, deflate);
  constexpr std::size_t kMostSteps = 40;
  if (parent.size() > kMostSteps) parent.resize(kMostSteps);
  return parent;
}

}  // namespace wsspec
