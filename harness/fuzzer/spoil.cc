// Inputs that break a rule, or end the connection in the middle of something.
#include <algorithm>
#include <string_view>

#include "fuzzer/generate.h"
#include "protocol/close.h"
#include "protocol/utf8.h"

namespace wsspec {
namespace {

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
                                       "\xed\xaf\xbf",
                                       "\xed\xb0\x80",
                                       "\xed\xbf\xbf",
                                       "\xed\xa1\x8c\xed\xbe\xb4",
                                       "\xf0\x80\x80\xaf",
                                       "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80",
                                       "\xf4\xbf\xbf\xbf",
                                       "\xf5\x80\x80\x80",
                                       "\xf7\xbf\xbf\xbf",
                                       "\xf8\x88\x80\x80\x80",
                                       "\xfc\x84\x80\x80\x80\x80",
                                       "\xce",
                                       "\xe2\x82",
                                       "\xf0\x9f\x98",
                                       "\xf0\x9f",
                                       "\xc3\x28",
                                       "\xe2\x28\xa1",
                                       "\xe2\x82\x28",
                                       "\xf0\x28\x8c\xbc",
                                       "\xf0\x90\x28\xbc",
                                       "\xf0\x90\x8c\x28"};

bool is_data(const SendFrame& frame) {
  return frame.fields.kind == FrameKind::text || frame.fields.kind == FrameKind::binary ||
         frame.fields.kind == FrameKind::cont;
}

}  // namespace

std::string_view InputMaker::wrong_characters() {
  return pick(kWrong);
}

void InputMaker::wrong_text(std::vector<Step>& out, const FuzzContext& context) {
  const Bytes before = short_text(one_in(2) ? below(10) : below(200)), wrong(pick(kWrong)),
              after = one_in(2) ? short_text(below(one_in(4) ? 1500 : 50)) : Bytes{},
              whole = before + wrong + after;
  if (context.deflate != nullptr && one_in(3)) {
    SendFrame frame;
    frame.fields.rsv = fuzz_number(4);
    Part call;
    call.kind = Part::Kind::call;
    call.name = "deflate";
    call.arguments.push_back({plain_payload(whole, is_utf8(whole)), false});
    frame.payload = Payload{{std::move(call)}};
    out.push_back(step_of(std::move(frame)));
    return;
  }
  if (one_in(2)) {
    out.push_back(fuzz_frame(FrameKind::text, whole));
    return;
  }
  // Cut somewhere, often inside the bad sequence.
  const std::size_t cut = one_in(2) ? before.size() + below(static_cast<std::uint32_t>(wrong.size()) + 1)
                                    : below(static_cast<std::uint32_t>(whole.size()) + 1);
  Step first = fuzz_frame(FrameKind::text, BytesView(whole).substr(0, cut));
  std::get<SendFrame>(first.statement).fields.fin = fuzz_number(0);
  out.push_back(std::move(first));
  if (one_in(3)) out.push_back(control());
  const bool third = one_in(3);
  Step second = fuzz_frame(FrameKind::cont, BytesView(whole).substr(cut));
  if (third) std::get<SendFrame>(second.statement).fields.fin = fuzz_number(0);
  out.push_back(std::move(second));
  if (third) out.push_back(fuzz_frame(FrameKind::cont, ""));
}

// A compressed message whose data are broken, cut or followed by something.
void InputMaker::wrong_deflate(std::vector<Step>& out, const FuzzContext& context) {
  static constexpr std::string_view kBroken[] = {"\x07",
                                                 "\xff\xff\xff",
                                                 "\x06\x00",
                                                 "\x00\x05\x00\x00\x00hello",
                                                 "\xf2\x48\xcd\xff\xff\x9f",
                                                 "\x4a\x4c\x04\x63\xff",
                                                 "\x63",
                                                 "\x1b\xff\xff"};
  SendFrame frame;
  frame.fields.kind = data_kind();
  frame.fields.rsv = fuzz_number(4);
  if (context.message_limit > 0 && one_in(3)) {
    // More than what is declared to be taken, in few octets.
    Part bomb;
    bomb.kind = Part::Kind::call;
    bomb.name = "bomb";
    bomb.arguments.push_back({fuzz_number(context.message_limit + 1 + below(1000)), false});
    frame.fields.kind = FrameKind::binary;
    frame.payload = Payload{{std::move(bomb)}};
    out.push_back(step_of(std::move(frame)));
    return;
  }
  Bytes data(pick(kBroken));
  for (std::uint32_t n = below(12); n > 0; --n) data += static_cast<char>(below(256));
  frame.payload = plain_payload(std::move(data), false);
  out.push_back(step_of(std::move(frame)));
}

// Breaks one rule of the frame.
void InputMaker::spoil(SendFrame& frame, bool deflate) {
  FrameFields& f = frame.fields;
  switch (below(9)) {
    case 0:
    case 1: f.mask = MaskField{MaskField::Kind::bad, 0}; break;
    case 2:
      f.rsv = fuzz_number(deflate ? one_in(2) ? 1 + below(3) : 4 : one_in(2) ? 1u << below(3) : 1 + below(7));
      break;
    case 3: {
      static constexpr std::uint8_t kReserved[] = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15};
      f.kind = FrameKind::frame, f.op = fuzz_number(pick(kReserved)), frame.code.reset();
      break;
    }
    case 4: f.fin = fuzz_number(0); break;
    case 5:
      f.kind = one_in(3) ? FrameKind::close : one_in(2) ? FrameKind::ping : FrameKind::pong;
      frame.code.reset();
      frame.payload = plain_payload((f.kind == FrameKind::close ? make_close(1000) : Bytes{}) +
                                        Bytes(one_in(3) ? 126 : 124 + below(10), 'l'),
                                    false);
      break;
    case 6: f.kind = FrameKind::cont, frame.code.reset(); break;
    case 7: f.lenbits = fuzz_number(one_in(2) ? 16 : 64); break;
    default:
      f.lenbits = fuzz_number(64);
      f.len = fuzz_number((std::uint64_t{1} << 63) | below(1000));
      frame.layout.split.reset();
      break;
  }
  if (f.kind != FrameKind::frame) f.op.reset();  // The notation gives all others their own.
}

void InputMaker::spoilt(std::vector<Step>& out, const FuzzContext& context) {
  const bool inside = one_in(3);
  if (inside) {
    out.push_back(fuzz_frame(data_kind(), "begun "));
    std::get<SendFrame>(out.back().statement).fields.fin = fuzz_number(0);
  }
  Step step = one_in(3)   ? control()
              : one_in(6) ? close()
                          : fuzz_frame(inside ? FrameKind::cont : data_kind(), short_text(below(300)));
  auto& frame = std::get<SendFrame>(step.statement);
  if (frame.fields.kind == FrameKind::ping && one_in(3)) frame.fields.kind = FrameKind::pong;
  if (one_in(6)) frame.payload = Payload{{Part{}}}, frame.code.reset();
  if (inside && is_data(frame) && one_in(3))
    frame.fields.kind = data_kind(), frame.code.reset();
  else
    spoil(frame, context.deflate != nullptr);
  if (inside && is_data(frame) && one_in(2)) frame.fields.fin = fuzz_number(0);
  out.push_back(std::move(step));
  if (inside && one_in(2)) out.push_back(fuzz_frame(FrameKind::cont, "ended"));
}

// A Close, and what must not be served behind it.
void InputMaker::behind_close(std::vector<Step>& out, const FuzzContext& context) {
  if (one_in(4)) {
    out.push_back(fuzz_frame(data_kind(), "unfinished"));
    std::get<SendFrame>(out.back().statement).fields.fin = fuzz_number(0);
  }
  out.push_back(close());
  for (std::uint32_t n = one_in(2) ? below(3) : 0; n > 0; --n) {
    if (one_in(2))
      out.push_back(fuzz_frame(FrameKind::ping, "behind"));
    else
      message(out, context);
  }
}

// The end of TCP between frames, inside a message or inside a frame.
void InputMaker::cut_off(std::vector<Step>& out, const FuzzContext& context) {
  if (one_in(2)) {
    out.push_back(fuzz_frame(data_kind(), "unfinished"));
    auto& frame = std::get<SendFrame>(out.back().statement);
    if (one_in(2))
      frame.fields.fin = fuzz_number(0);
    else
      frame.fields.len = fuzz_number(10 + below(one_in(2) ? 100 : 100'000));
  } else if (out.empty()) {
    operations(out, context);
  }
  if (one_in(2))
    out.push_back(step_of(SendEof{}));
  else
    out.push_back(step_of(SendReset{}));
}

Step InputMaker::raw() {
  Bytes out(1 + below(20), '\0');
  for (char& c : out) c = static_cast<char>(below(256));
  if (one_in(2)) out[0] = static_cast<char>(0x80 | below(11));
  const unsigned masked = ours_ == Role::client ? 0x80 : 0;
  if (out.size() > 1 && one_in(2)) out[1] = static_cast<char>(masked | below(127));
  return step_of(SendBytes{plain_payload(std::move(out), false), {}});
}

std::vector<Step> InputMaker::illegal(const FuzzContext& context) {
  std::vector<Step> out;
  if (context.in_message || one_in(3)) operations(out, context);
  switch (below(16)) {
    case 0:
    case 1:
    case 2:
    case 3: behind_close(out, context); break;
    case 4:
    case 5:
    case 6:
    case 7: wrong_text(out, context); break;
    case 8: out.push_back(raw()); break;
    case 9: cut_off(out, context); break;
    case 10:
      if (context.deflate != nullptr) {
        wrong_deflate(out, context);
        break;
      }
      [[fallthrough]];
    default: spoilt(out, context); break;
  }
  for (std::uint32_t n = one_in(3) ? 1 + below(2) : 0; n > 0; --n) message(out, context);
  for (Step& step : out) layout(step);
  if (one_in(2)) burst(out);
  return out;
}

}  // namespace wsspec
