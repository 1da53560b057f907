#include "fuzzer/generate.h"

#include <algorithm>
#include <string_view>

#include "protocol/utf8.h"

namespace wsspec {
namespace {

using namespace std::string_view_literals;

constexpr std::uint16_t kSizes[] = {0,   1,   2,   3,   4,   5,   7,   8,   15,  16,   17,   31,   32, 64,
                                    100, 123, 124, 125, 126, 127, 128, 129, 255, 256,  257,  512,  0,  1,
                                    2,   5,   8,   20,  40,  60,  80,  125, 126, 127,  1000, 1001, 6,  9,
                                    10,  11,  12,  13,  14,  50,  90,  99,  101, 1024, 4096, 4097};
constexpr std::uint32_t kLargeSizes[] = {16384, 32768, 65534, 65535, 65536, 65537, 70000, 100'000};
constexpr std::uint32_t kHugeSizes[] = {262'144, 500'000, 1'048'575, 1'048'576, 1'500'000};
constexpr std::size_t kMostPayload = 2'000'000;
constexpr std::string_view kCharacters[] = {"a",
                                            "b",
                                            " ",
                                            "\0"sv,
                                            "\x7f",
                                            "\r\n",
                                            "\xc2\x80",
                                            "\xc3\xa9",
                                            "\xdf\xbf",
                                            "\xe0\xa0\x80",
                                            "\xe1\x80\x80",
                                            "\xe2\x82\xac",
                                            "\xec\xbf\xbf",
                                            "\xed\x80\x80",
                                            "\xed\x9f\xbf",
                                            "\xee\x80\x80",
                                            "\xef\xb7\x90",
                                            "\xef\xbb\xbf",
                                            "\xef\xbf\xb9",
                                            "\xef\xbf\xbc",
                                            "\xef\xbf\xbd",
                                            "\xef\xbf\xbe",
                                            "\xef\xbf\xbf",
                                            "\xf0\x90\x80\x80",
                                            "\xf0\x9f\xbf\xbf",
                                            "\xf0\x9f\x98\x80",
                                            "\xf1\x80\x80\x80",
                                            "\xf3\xbf\xbf\xbf",
                                            "\xf4\x80\x80\x80",
                                            "\xf4\x8f\xbf\xbf",
                                            "0123456789abcdef",
                                            "{\"k\":1}"};
constexpr std::uint16_t kCodes[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999,
                                    4000, 4999, 1000, 3000, 0,    1,    100,  999,  1004, 1005, 1006,
                                    1012, 1013, 1014, 1015, 1016, 1100, 2000, 2999, 5000, 65535};
// The legal half of the codes: nothing may be wrong with a Close that carries one.
constexpr std::size_t kLegalCodes = 15;
constexpr std::string_view kDeflate[] = {"deflate",       "deflate",         "deflate",
                                         "deflate",       "deflate-stored",  "deflate-fixed",
                                         "deflate-fixed", "deflate-dynamic", "deflate-final"};

// About how many octets a payload has; compressed ones are guessed by what goes in.
std::size_t length_of(const Payload& payload) {
  std::size_t sum = 0;
  for (const Part& part : payload.parts) {
    sum += part.bytes.size() * static_cast<std::size_t>(part.times ? part.times->value : 1);
    for (const Argument& argument : part.arguments) {
      if (const auto* inner = std::get_if<Payload>(&argument.value)) sum += length_of(*inner);
      if (const auto* number = std::get_if<Number>(&argument.value); number != nullptr && part.name == "fill")
        sum += static_cast<std::size_t>(number->value);
    }
  }
  return sum;
}

}  // namespace

// Into how many octets to cut: seldom into a thousand pieces, which is slow, and some targets are only wrong
// then.
Number InputMaker::piece(const std::optional<Payload>& payload, std::uint32_t most) {
  const std::size_t octets = payload ? length_of(*payload) : 0;
  const bool fine = octets < 600 || (octets < 10'000 && one_in(20));
  return fuzz_number((fine ? 1 : static_cast<std::uint32_t>(octets / 40)) + below(most));
}

std::span<const std::uint16_t> fuzz_close_codes() {
  return kCodes;
}

std::size_t InputMaker::size(std::size_t most) {
  const std::size_t wanted = one_in(120) ? one_in(40) ? pick(kHugeSizes) : pick(kLargeSizes)
                             : one_in(3) ? below(one_in(2) ? 130 : 300)
                                         : pick(kSizes);
  return std::min(most, wanted);
}

Bytes InputMaker::short_text(std::size_t most) {
  Bytes out;
  const std::string_view usual = pick(kCharacters);
  while (out.size() < most) {
    const std::string_view character = one_in(4) ? pick(kCharacters) : usual;
    if (out.size() + character.size() > most) break;
    out += character;
  }
  out.resize(most, 'z');
  return out;
}

Payload InputMaker::text(std::size_t most) {
  const std::size_t wanted = size(most);
  if (wanted <= 300) return plain_payload(short_text(wanted), true);
  // Long ones are a short stretch, repeated, so that an input stays small.
  Payload out = plain_payload(short_text(10 + below(60)), true);
  const std::size_t unit = out.parts[0].bytes.size(), times = wanted / unit;
  out.parts[0].times = fuzz_number(times);
  if (wanted % unit != 0) out.parts.push_back(plain_payload(Bytes(wanted % unit, 'z'), true).parts[0]);
  return out;
}

Payload InputMaker::octets(std::size_t most) {
  if (one_in(3)) return text(most);
  const std::size_t wanted = size(most), unit = std::min<std::size_t>(wanted, 200);
  Bytes out(unit, '\0');
  for (char& c : out) c = static_cast<char>(below(256));
  Payload payload = plain_payload(std::move(out), false);
  if (wanted > unit) {
    payload.parts[0].times = fuzz_number(wanted / unit);
    if (wanted % unit != 0) payload.parts.push_back(plain_payload(Bytes(wanted % unit, 'z'), true).parts[0]);
  }
  return payload;
}

FrameKind InputMaker::data_kind() {
  return one_in(3) ? FrameKind::binary : FrameKind::text;
}

Step InputMaker::control() {
  SendFrame frame;
  frame.fields.kind = one_in(5) ? FrameKind::pong : FrameKind::ping;
  frame.payload = one_in(6) ? Payload{{Part{}}} : one_in(2) ? text(125) : octets(125);
  return step_of(std::move(frame));
}

Step InputMaker::close() {
  Step step = fuzz_frame(FrameKind::close, {});
  auto& frame = std::get<SendFrame>(step.statement);
  if (one_in(8)) return step;
  if (one_in(12)) {
    frame.payload = plain_payload("x", true);
    return step;
  }
  frame.code = fuzz_number(one_in(8) ? below(65536) : one_in(2) ? kCodes[below(kLegalCodes)] : pick(kCodes));
  frame.payload.reset();
  if (one_in(2)) return step;
  Bytes reason = short_text(one_in(3) ? 100 + below(24) : below(124));
  if (one_in(5)) {
    reason = reason.substr(0, below(100)) + Bytes(wrong_characters()) + (one_in(2) ? "z" : "");
  }
  const bool good = is_utf8(reason);
  frame.payload = plain_payload(std::move(reason), good);
  return step;
}

void InputMaker::finish_message(std::vector<Step>& out, BytesView rest) {
  out.push_back(fuzz_frame(FrameKind::cont, rest));
}

// Cuts a message into frames, with control frames between them.
void InputMaker::fragments(std::vector<Step>& out) {
  const bool text_message = data_kind() == FrameKind::text;
  const Bytes whole = short_text(one_in(8) ? 1000 + below(3000) : below(400));
  std::size_t at = 0;
  const std::uint32_t pieces = one_in(12) ? 5 + below(60) : 1 + below(4);
  for (std::uint32_t n = 0; n < pieces; ++n) {
    const auto left = static_cast<std::uint32_t>(whole.size() - at);
    const std::size_t take = one_in(5) ? 0 : below(std::min(left, 2 * left / (pieces - n) + 1) + 1);
    if (n > 0 && one_in(100)) {
      Step large = fuzz_frame(FrameKind::cont, {});
      auto& frame = std::get<SendFrame>(large.statement);
      frame.payload = plain_payload("x", true);
      frame.payload->parts[0].times = fuzz_number(pick(kLargeSizes));
      frame.fields.fin = fuzz_number(0);
      // Inside a character no other may begin.
      if (!text_message || is_utf8(BytesView(whole).substr(0, at))) out.push_back(std::move(large));
    }
    const FrameKind kind = n > 0 ? FrameKind::cont : text_message ? FrameKind::text : FrameKind::binary;
    Step step = fuzz_frame(kind, BytesView(whole).substr(at, take));
    std::get<SendFrame>(step.statement).fields.fin = fuzz_number(0);
    out.push_back(std::move(step));
    at += take;
    if (one_in(4)) out.push_back(control());
  }
  if (!one_in(16)) finish_message(out, BytesView(whole).substr(at));
}

// Compressed fragments with something between them: each but the last keeps the end of its flush.
void InputMaker::compressed_fragments(std::vector<Step>& out) {
  const auto call = [](const char* name, Bytes text) {
    Part part;
    part.kind = Part::Kind::call;
    part.name = name;
    part.arguments.push_back({plain_payload(std::move(text), true), false});
    return part;
  };
  SendFrame first;
  first.fields.kind = data_kind();
  first.fields.rsv = fuzz_number(4);
  if (one_in(3)) {
    first.payload = Payload{{call("deflate-keep-tail", short_text(below(60))), call("deflate", "the rest")}};
    out.push_back(step_of(std::move(first)));
    return;
  }
  first.fields.fin = fuzz_number(0);
  first.payload = Payload{{call("deflate-keep-tail", short_text(below(60)))}};
  out.push_back(step_of(std::move(first)));
  if (one_in(2)) out.push_back(control());
  SendFrame last;
  last.fields.kind = FrameKind::cont;
  last.payload = Payload{{call("deflate", "Hello, Hello")}};
  out.push_back(step_of(std::move(last)));
}

void InputMaker::compressed(std::vector<Step>& out) {
  if (one_in(10)) return compressed_fragments(out);
  SendFrame frame;
  frame.fields.kind = data_kind();
  frame.fields.rsv = fuzz_number(4);
  Part call;
  call.kind = Part::Kind::call;
  call.name = pick(kDeflate);
  // A text that the connection has seen before refers back into the window, if there is one.
  const bool usual = one_in(2);
  call.arguments.push_back(
      {usual ? plain_payload(Bytes(one_in(3)   ? "the same text as ever, the same text as ever"
                                   : one_in(2) ? "0123456789abcdef0123456789abcdef"
                                               : "Hello, Hello, Hello"),
                             true)
       : frame.fields.kind == FrameKind::text ? text(kMostPayload)
                                              : octets(kMostPayload),
       false});
  if (one_in(40)) {
    // Far enough apart that only a large window reaches back.
    Part distant;
    distant.kind = Part::Kind::call;
    distant.name = "fill";
    distant.arguments.push_back({fuzz_number(one_in(2) ? 20'000 : 300 + below(4000)), false});
    call.arguments.front().value = Payload{{std::move(distant)}};
    call.name = "deflate";
  } else if (one_in(10)) {
    call.name = "deflate-blocks";
    call.arguments.push_back({fuzz_number(5 + below(60)), false});
  }
  frame.payload = Payload{{std::move(call)}};
  if (one_in(3)) frame.layout.split = piece(frame.payload, 200);
  out.push_back(step_of(std::move(frame)));
}

void InputMaker::message(std::vector<Step>& out, const FuzzContext& context) {
  if (context.deflate != nullptr && !one_in(3)) return compressed(out);
  if (one_in(4)) return fragments(out);
  SendFrame frame;
  frame.fields.kind = data_kind();
  frame.payload = frame.fields.kind == FrameKind::text ? text(kMostPayload) : octets(kMostPayload);
  if (one_in(6)) frame.layout.split = piece(frame.payload, 130);
  if (one_in(12)) {
    const std::uint32_t octet = below(256);
    const bool equal = one_in(2);
    set_key(frame, one_in(3) ? 0 : equal ? octet * 0x01010101u : octet << (8 * below(4)));
  }
  out.push_back(step_of(std::move(frame)));
}

// Where a segment may end is for TCP alone to say.
void InputMaker::layout(Step& step) {
  auto* frame = std::get_if<SendFrame>(&step.statement);
  if (frame == nullptr || !one_in(20)) return;
  frame->layout.chop = piece(frame->payload, one_in(2) ? 8 : 130);
}

// Several statements in one write; a quick client does that always.
void InputMaker::burst(std::vector<Step>& steps) {
  if (steps.size() < 2) return;
  const auto fits = [](const Step& step) {
    return std::holds_alternative<SendFrame>(step.statement) ||
           std::holds_alternative<SendBytes>(step.statement);
  };
  if (!std::ranges::all_of(steps, fits)) return;
  Burst burst;
  burst.sends = std::move(steps);
  for (Step& step : burst.sends)
    if (auto* frame = std::get_if<SendFrame>(&step.statement)) frame->layout.chop.reset();
  if (one_in(10)) {
    Payload all;
    for (const Step& step : burst.sends)
      if (const auto* frame = std::get_if<SendFrame>(&step.statement); frame != nullptr && frame->payload)
        all.parts.insert(all.parts.end(), frame->payload->parts.begin(), frame->payload->parts.end());
    burst.layout.chop = piece(all, one_in(2) ? 9 : 200);
  }
  steps.clear();
  steps.push_back(step_of(std::move(burst)));
}

void InputMaker::operations(std::vector<Step>& out, const FuzzContext& context) {
  if (context.in_message) {
    if (one_in(3)) out.push_back(control());
    finish_message(out, "end");
  }
  for (std::uint32_t n = one_in(40) ? 4 + below(20) : 1 + below(3); n > 0; --n) {
    if (one_in(4))
      out.push_back(control());
    else
      message(out, context);
    // An unfinished message is continued by the next input.
    const auto* last = std::get_if<SendFrame>(&out.back().statement);
    const bool data = last->fields.kind != FrameKind::ping && last->fields.kind != FrameKind::pong;
    if (data && last->fields.fin) return;
    if (!data && out.size() > 1) {
      const auto* before = std::get_if<SendFrame>(&out[out.size() - 2].statement);
      if (before != nullptr && before->fields.fin) return;
    }
  }
}

std::vector<Step> InputMaker::legal(const FuzzContext& context) {
  std::vector<Step> out;
  operations(out, context);
  const bool one_write = !one_in(4);
  if (!one_write) {
    for (Step& step : out) layout(step);
  } else if (out.size() == 1) {
    layout(out.front());
  } else {
    burst(out);
  }
  return out;
}

}  // namespace wsspec
