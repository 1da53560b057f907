// Habits (habit.h) as inputs. All of them are legal.
#include <algorithm>
#include <string_view>

#include "fuzzer/generate.h"
#include "protocol/deflate.h"
#include "protocol/frame.h"
#include "protocol/mix.h"
#include "protocol/utf8.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

// What a segment of TCP holds on common links, and what TLS puts into a record.
constexpr std::uint32_t kSegments[] = {536, 1220, 1448, 1460, 8960, 16384};
constexpr std::string_view kWide[] = {"\xc2\x80",     "\xc3\xa9",     "\xdf\xbf",         "\xe2\x82\xac",
                                      "\xed\x9f\xbf", "\xef\xbf\xbd", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"};
constexpr std::size_t kShapes = 14;

// Our own compression refers to nothing before the message. The connection's compressor does not hear of it,
// so that nothing before may be in its window.
bool may_compress_apart(const FuzzContext& context, Role ours) {
  return context.deflate != nullptr && !context.in_message &&
         (context.index == 0 || !context.deflate->keeps_context(ours));
}

Bytes compressed_apart(BytesView message, const FuzzContext& context, Role ours) {
  return Compressor(context.deflate->window_bits_of(ours), false).compress(message);
}

// Octets of the frame's head, by the payload's size.
std::size_t head_size(std::size_t payload, bool masked) {
  return (payload < 126 ? 2 : payload < 65536 ? 4 : 10) + (masked ? 4 : 0);
}

}  // namespace

// --- When ---

std::optional<Habit> InputMaker::habit(const FuzzContext& context, bool seldom) {
  // A minute has some ten thousand connections, and is to meet each habit a hundred times.
  constexpr std::uint64_t kDeepStallShare = 80, kFirstDeepStall = 40;
  const bool deflate = context.deflate != nullptr;
  if (context.index == 0) {
    if (!seldom && context.session % kDeepStallShare == kFirstDeepStall) return Habit::deep_stall;
    if (one_in(10)) return Habit::first_and_next;
  }
  // On a connection that lives long anyway, and once. The others get many messages one by one.
  if (context.most > 100 && context.index == 2 && !one_in(4)) return Habit::long_run;
  if (!one_in(seldom ? 60 : 24)) return std::nullopt;
  if (deflate && one_in(10)) return Habit::context_after_large;
  if (one_in(25)) return Habit::stall;
  static constexpr Habit kUsual[] = {Habit::paced_cut, Habit::control_inside, Habit::equal_keys,
                                     Habit::border_size, Habit::border_character};
  const Habit one = pick(kUsual);
  return one == Habit::equal_keys && ours_ == Role::server ? Habit::paced_cut : one;
}

std::vector<Step> InputMaker::practise(Habit habit, const FuzzContext& context) {
  std::vector<Step> out;
  if (context.in_message) finish_message(out, "end");
  switch (habit) {
    case Habit::stall: stall(out); break;
    case Habit::deep_stall: deep_stall(out); break;
    case Habit::paced_cut: paced_cut(out, context); break;
    case Habit::long_run: long_run(out, context); break;
    case Habit::first_and_next: first_and_next(out, context); break;
    case Habit::control_inside: control_inside(out, context); break;
    case Habit::equal_keys: equal_keys(out, context); break;
    case Habit::border_size:
      for (std::uint32_t n = 1 + below(2); n > 0; --n)
        send_data(out, fuzz_text(border_size(), short_text(1 + below(40))), data_kind(), context);
      break;
    case Habit::border_character: border_character(out, context); break;
    case Habit::context_after_large: context_after_large(out, context); break;
    case Habit::company: break;
  }
  return out;
}

// --- Sizes and octets ---

// Mostly small: what is large costs time, and few implementations have a border there.
std::size_t InputMaker::border() {
  if (one_in(2)) return std::size_t{1} << (one_in(30) ? 17 + below(4) : 2 + below(15));
  return std::size_t{pick(kSegments)} * (1 + below(one_in(20) ? 64 : 6));
}

std::size_t InputMaker::border_size() {
  if (one_in(4)) return below(2001);
  switch (below(4)) {
    case 0: return border() - 1 + below(2);
    case 1: return border() + 1 + below(8);
    case 2: return border() + 131 + below(19);
    default: return border() + (one_in(2) ? 256 : 0);
  }
}

Bytes InputMaker::any_octets(std::size_t count) {
  Bytes out(count, '\0');
  for (char& c : out) c = static_cast<char>(below(256));
  return out;
}

// A character that begins before `place` and ends behind it; sometimes there is nothing else than such.
Payload InputMaker::with_character(std::size_t place, std::size_t behind) {
  const std::string_view character = pick(kWide);
  const std::size_t into = 1 + below(static_cast<std::uint32_t>(character.size() - 1)),
                    before = place > into ? place - into : 0;
  Payload out;
  if (one_in(4)) {
    const std::size_t first = before % character.size(), times = (before + behind) / character.size() + 1;
    if (first > 0) out.parts.push_back(plain_payload(Bytes(first, 'x'), true).parts[0]);
    out.parts.push_back(fuzz_repeated(Bytes(character), times, true));
    return out;
  }
  if (before > 0) out.parts.push_back(fuzz_repeated("x", before, true));
  out.parts.push_back(plain_payload(Bytes(character), true).parts[0]);
  if (behind > 0) out.parts.push_back(fuzz_repeated("y", behind, true));
  return out;
}

void InputMaker::send_data(std::vector<Step>& out, Payload payload, FrameKind kind,
                           const FuzzContext& context) {
  const bool compresses = context.deflate != nullptr && !one_in(3);
  Step step =
      fuzz_data(kind, compresses ? fuzz_deflated(std::move(payload)) : std::move(payload), compresses);
  if (one_in(4)) {
    auto& frame = std::get<SendFrame>(step.statement);
    frame.layout.split = piece(frame.payload, 1500);
  }
  out.push_back(std::move(step));
}

void InputMaker::border_character(std::vector<Step>& out, const FuzzContext& context) {
  send_data(out, with_character(border(), below(one_in(2) ? 8 : 600)), FrameKind::text, context);
}

void InputMaker::context_after_large(std::vector<Step>& out, const FuzzContext& context) {
  constexpr std::uint32_t kLarge = 256u << 10;
  const std::size_t size = kLarge + 1 + below(kLarge / 4);
  const Bytes words = short_text(20 + below(60));
  Payload large = fuzz_text(size, words);
  const bool compressed = context.deflate != nullptr && !one_in(4);
  if (compressed && one_in(6)) {  // Of other octets all along, which take longer to compress.
    Part fill;
    fill.kind = Part::Kind::call;
    fill.name = "fill";
    fill.arguments.push_back({fuzz_number(size), false});
    large = Payload{{std::move(fill)}};
  }
  out.push_back(
      fuzz_data(data_kind(), compressed ? fuzz_deflated(std::move(large)) : std::move(large), compressed));
  for (std::uint32_t n = 2 + below(3); n > 0; --n) {
    const bool again = context.deflate != nullptr;
    Payload small = plain_payload(one_in(3) ? short_text(below(200)) : words, true);
    out.push_back(
        fuzz_data(FrameKind::text, again ? fuzz_deflated(std::move(small)) : std::move(small), again));
  }
}

// --- Reading late ---

void InputMaker::stall(std::vector<Step>& out) {
  out.push_back(step_of(Stall{}));
  for (std::uint32_t n = 2 + below(30), i = 0; i < n; ++i) {
    if (one_in(6))
      out.push_back(control());
    else
      out.push_back(fuzz_data(data_kind(), fuzz_text(below(9000), "late " + std::to_string(i) + " "), false));
  }
  out.push_back(fuzz_pause(std::chrono::milliseconds(3 + below(15))));
  out.push_back(step_of(ReadOn{}));
}

// More than the sockets of both sides take, so that the target has to keep it or to stop reading.
void InputMaker::deep_stall(std::vector<Step>& out) {
  constexpr std::size_t kOwed = (8u << 20) + (512u << 10);
  const std::size_t each = one_in(2) ? 65'536 : 10'000 + below(200'000);
  out.push_back(step_of(Stall{}));
  std::size_t sum = 0;
  for (std::size_t i = 0; sum < kOwed; ++i, sum += each)
    out.push_back(fuzz_data(data_kind(), fuzz_text(each, "owed " + std::to_string(i) + " "), false));
  out.push_back(fuzz_pause(100ms));
  out.push_back(step_of(ReadOn{}));
}

// --- Cuts ---

// The first part goes out behind a ping where that may stand, so that the pong tells when it was read;
// else a pause has to do.
void InputMaker::paced_cut(std::vector<Step>& out, const FuzzContext& context) {
  if (one_in(5)) return paced_fragments(out);
  const bool apart = may_compress_apart(context, ours_) && !one_in(3);
  if (context.deflate != nullptr && !apart && one_in(2)) {
    // Cut by its layout, because the connection's context decides what the octets are.
    Step step =
        fuzz_data(FrameKind::text, fuzz_deflated(plain_payload(short_text(30 + below(200)), true)), true);
    auto& layout = std::get<SendFrame>(step.statement).layout;
    layout.chop = fuzz_number(5 + below(60));
    layout.gap = 1ms;
    out.push_back(std::move(step));
    return;
  }
  const std::size_t size = one_in(12) ? 65'536 + below(300) : one_in(2) ? below(126) : 126 + below(2000);
  Bytes payload = one_in(2) ? any_octets(size) : Bytes(pick(kWide)) + short_text(size);
  const bool text = is_utf8(payload);
  if (apart) payload = compressed_apart(payload, context, ours_);
  std::optional<MaskKey> key;
  if (ours_ == Role::client) key = static_cast<MaskKey>(random_.next());
  const Bytes octets = make_frame(text ? Opcode::text : Opcode::binary, payload, key, true, apart ? 4 : 0);
  // Behind each octet of the head, behind the first of the payload or within its first character, anywhere.
  const std::size_t head = head_size(payload.size(), key.has_value()), room = octets.size() - 1,
                    wanted = one_in(4) ? 1 + below(static_cast<std::uint32_t>(room))
                                       : 1 + below(static_cast<std::uint32_t>(head) + 2),
                    cut = std::clamp<std::size_t>(wanted, 1, room);
  Step first = step_of(SendBytes{plain_payload(octets.substr(0, cut), false), {}});
  if (!one_in(3)) {
    Burst burst;
    burst.sends = {fuzz_frame(FrameKind::ping, "read? " + std::to_string(below(1000))), std::move(first)};
    first = step_of(std::move(burst));
  }
  out.push_back(std::move(first));
  out.push_back(fuzz_pause(std::chrono::milliseconds(1 + below(3))));
  out.push_back(step_of(SendBytes{plain_payload(octets.substr(cut), false), {}}));
}

// Fragments that end inside a character or an octet before or behind it, each read before the next comes.
void InputMaker::paced_fragments(std::vector<Step>& out) {
  const Bytes whole = short_text(below(20)) + Bytes(pick(kWide)) + Bytes(pick(kWide)) + short_text(below(20));
  std::size_t at = 0;
  for (bool first = true; at < whole.size(); first = false) {
    const std::size_t take =
        std::min<std::size_t>(whole.size() - at - (first ? 1 : 0), 1 + below(one_in(2) ? 4 : 24));
    const FrameKind kind = first ? FrameKind::text : FrameKind::cont;
    const Bytes part = whole.substr(at, take);
    at += take;
    out.push_back(fuzz_data(kind, plain_payload(part, is_utf8(part)), false, at == whole.size()));
    if (at < whole.size() && out.size() < 12) out.push_back(fuzz_pause(1ms));
  }
}

// --- Many ---

// Few pings at once: a target may hold many of them, whose pongs are not sent, for a flood.
void InputMaker::long_run(std::vector<Step>& out, const FuzzContext& context) {
  constexpr std::size_t kRun = 1200, kPings = 30;
  const std::uint32_t kind = below(context.deflate != nullptr ? 5 : 4);
  for (std::size_t sum = 0; sum < kRun;) {
    Burst burst;
    const std::size_t most = kind == 1 ? kPings : 200 + below(400);
    for (std::size_t pings = 0; burst.sends.size() < most;) {
      const Bytes words = std::to_string(sum + burst.sends.size()) + " of many";
      std::uint32_t what = kind == 3 ? below(3) : kind;
      if (what == 1 && ++pings > kPings) what = 0;
      switch (what) {
        case 0: burst.sends.push_back(fuzz_frame(data_kind(), words)); break;
        case 1: burst.sends.push_back(fuzz_frame(FrameKind::ping, words)); break;
        case 2:
          burst.sends.push_back(fuzz_data(data_kind(), plain_payload(words, true), false, false));
          burst.sends.push_back(fuzz_data(FrameKind::cont, plain_payload(words, true), false));
          break;
        default:
          burst.sends.push_back(fuzz_data(FrameKind::text, fuzz_deflated(plain_payload(words, true)), true));
          break;
      }
    }
    sum += burst.sends.size();
    out.push_back(step_of(std::move(burst)));
    out.push_back(fuzz_pause({}));  // All pongs come first.
  }
}

// --- Orders ---

// One message or control frame of the given shape.
void InputMaker::shape(std::vector<Step>& out, std::size_t which, const FuzzContext& context) {
  const bool deflate = context.deflate != nullptr;
  const auto data = [&](FrameKind kind, std::size_t size, bool compressed) {
    Payload payload = fuzz_text(size, short_text(20));
    out.push_back(
        fuzz_data(kind, compressed ? fuzz_deflated(std::move(payload)) : std::move(payload), compressed));
  };
  switch (which) {
    case 0: return data(FrameKind::text, 1 + below(100), false);
    case 1: return data(FrameKind::binary, 1 + below(100), false);
    case 2: return data(FrameKind::text, 126 + below(1000), false);
    case 3: return data(FrameKind::binary, one_in(3) ? 65'536 : 126 + below(3000), false);
    case 4: return data(FrameKind::text, 0, false);
    case 5: return data(FrameKind::binary, 0, false);
    case 6: out.push_back(fuzz_frame(FrameKind::ping, "")); return;
    case 7: out.push_back(fuzz_frame(FrameKind::ping, any_octets(125))); return;
    case 8: out.push_back(fuzz_frame(FrameKind::pong, any_octets(below(126)))); return;
    case 9:
      out.push_back(fuzz_data(FrameKind::text, Payload{{Part{}}}, false, false));
      out.push_back(fuzz_data(FrameKind::cont, plain_payload(short_text(below(40)), true), false));
      return;
    case 10:
      out.push_back(fuzz_data(FrameKind::binary, plain_payload(any_octets(10), false), false, false));
      out.push_back(fuzz_data(FrameKind::cont, Payload{{Part{}}}, false));
      return;
    case 11: return data(FrameKind::text, 1 + below(300), deflate);
    case 12: return data(FrameKind::binary, 0, deflate);
    default:
      out.push_back(fuzz_data(FrameKind::text,
                              deflate ? fuzz_deflated(plain_payload("first, ", true), "deflate-keep-tail")
                                      : plain_payload("first, ", true),
                              deflate, false));
      out.push_back(fuzz_data(
          FrameKind::cont,
          deflate ? fuzz_deflated(plain_payload("first, last", true)) : plain_payload("last", true), false));
      return;
  }
}

// Every pair in its turn, by the number of the connection.
void InputMaker::first_and_next(std::vector<Step>& out, const FuzzContext& context) {
  const std::size_t pair = mix(context.session) % (kShapes * kShapes);
  shape(out, pair / kShapes, context);
  shape(out, pair % kShapes, context);
  if (one_in(3)) shape(out, below(kShapes), context);
  if (one_in(2)) burst(out);
}

void InputMaker::control_inside(std::vector<Step>& out, const FuzzContext& context) {
  const bool deflate = context.deflate != nullptr && !one_in(4);
  const FrameKind kind = data_kind();
  const std::uint32_t pieces = 2 + below(4);
  const auto any_control = [&] {
    out.push_back(fuzz_frame(one_in(4) ? FrameKind::pong : FrameKind::ping, any_octets(below(126))));
  };
  if (one_in(2)) any_control();
  for (std::uint32_t n = 0; n < pieces; ++n) {
    const bool last = n + 1 == pieces;
    Payload payload = plain_payload(one_in(6) ? Bytes{} : short_text(below(80)), true);
    if (deflate) payload = fuzz_deflated(std::move(payload), last ? "deflate" : "deflate-keep-tail");
    out.push_back(fuzz_data(n == 0 ? kind : FrameKind::cont, std::move(payload), deflate, last));
    for (std::uint32_t i = one_in(3) ? 2 : 1; i > 0 && !last; --i) any_control();
  }
  if (one_in(2)) any_control();
  if (one_in(2)) burst(out);
}

void InputMaker::equal_keys(std::vector<Step>& out, const FuzzContext& context) {
  const auto key = static_cast<MaskKey>(random_.next());
  for (std::uint32_t n = 2 + below(3); n > 0; --n) shape(out, below(kShapes), context);
  for (Step& step : out)
    if (auto* frame = std::get_if<SendFrame>(&step.statement)) set_key(*frame, key);
  if (one_in(2)) burst(out);
}

}  // namespace wsspec
