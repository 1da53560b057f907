#include "play/recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "play/share.h"
#include "play/stomp_frames.h"
#include "script/print.h"
#include "script/walk.h"

namespace wsspec {

namespace {

void resolve(std::optional<Number>& number, const Environment& environment) {
  if (!number || number->name.empty()) return;
  auto value = evaluate(*number, environment);
  if (value) *number = {*value, {}};
}

void resolve(Payload& payload, const Environment& environment) {
  for (Part& part : payload.parts) {
    resolve(part.times, environment);
    if (const auto number = environment.numbers.find(part.name);
        part.kind == Part::Kind::variable && number != environment.numbers.end()) {
      part.kind = Part::Kind::text;
      part.bytes = fmt::format("{}", number->second);
      part.name.clear();
    }
    for (Argument& argument : part.arguments) {
      if (auto* inner = std::get_if<Payload>(&argument.value)) resolve(*inner, environment);
      auto* number = std::get_if<Number>(&argument.value);
      if (!number || number->name.empty()) continue;
      if (auto value = evaluate(*number, environment)) *number = {*value, {}};
    }
  }
}

void resolve(Layout& layout, const Environment& environment) {
  resolve(layout.split, environment);
  resolve(layout.chop, environment);
}

std::string describe_sent(const Assembled& assembled) {
  if (assembled.frames.empty()) return fmt::format("{} octets", assembled.bytes.size());
  const FrameHeader& header = assembled.frames.front().header;
  if (assembled.frames.size() > 1) {
    return fmt::format("{} frames, {} octets", assembled.frames.size(), assembled.bytes.size());
  }
  return fmt::format("{} frame, FIN {}, RSV {}, {}, {} octets of payload", opcode_name(header.opcode),
                     header.fin ? 1 : 0, header.rsv, header.mask ? "masked" : "not masked", header.length);
}

std::string end_name(End end) {
  return end == End::fin ? "eof" : end == End::reset ? "reset" : "eof";
}

/// A log has the times as they were, so that it needs no declared facts.
void resolve(Time& time, const Environment& environment) {
  const auto declared = environment.numbers.find(time.fact);
  if (declared == environment.numbers.end()) return;
  time = time.fixed + share_of(std::chrono::milliseconds(static_cast<Duration::rep>(declared->second)), time);
}

}  // namespace

Step resolved(Step step, const Environment& environment) {
  if (step.within) resolve(*step.within, environment);
  walk(step.statement, [&](auto& member) {
    if constexpr (std::is_same_v<std::decay_t<decltype(member)>, Time>) resolve(member, environment);
  });
  if (auto* frame = std::get_if<SendFrame>(&step.statement)) {
    FrameFields& fields = frame->fields;
    for (auto* number : {&fields.fin, &fields.rsv, &fields.op, &fields.len, &fields.lenbits, &frame->code})
      resolve(*number, environment);
    if (frame->payload) resolve(*frame->payload, environment);
    resolve(frame->layout, environment);
  } else if (auto* expect = std::get_if<ExpectFrame>(&step.statement)) {
    for (auto& code : expect->codes) {
      std::optional<Number> number = code.number;
      resolve(number, environment);
      code.number = *number;
    }
    if (expect->payload) resolve(*expect->payload, environment);
  } else if (auto* stomp = std::get_if<SendStomp>(&step.statement)) {
    for (Edit& edit : stomp->edits) resolve(edit.value, environment);
    if (stomp->body) resolve(*stomp->body, environment);
    if (stomp->tail) resolve(*stomp->tail, environment);
    resolve(stomp->pieces, environment);
    resolve(stomp->layout, environment);
  } else if (auto* bytes = std::get_if<SendBytes>(&step.statement)) {
    resolve(bytes->payload, environment);
    resolve(bytes->layout, environment);
  } else if (auto* burst = std::get_if<Burst>(&step.statement)) {
    for (Step& send : burst->sends) send = resolved(std::move(send), environment);
  }
  return step;
}

// Masked before it is cut: half a secret is one, too.
std::string Recorder::shown(const Bytes& head) const {
  return profile_.secrets.mask(head).substr(0, kPayloadShown);
}

std::string Recorder::prefixed(std::string line) const {
  if (on_.name.empty()) return line;
  const std::size_t at = line.starts_with("# ") ? 2 : 0;
  return line.insert(at, print(on_) + ": ");
}

int Recorder::add(Event event) {
  if (!enabled_) return -1;
  event.line = profile_.secrets.mask(std::move(event.line));
  event.decoded = profile_.secrets.mask(std::move(event.decoded));
  if (hidden_) {
    event.kind = Event::Kind::note;
    event.frame.reset();
    event.decoded.clear();
  }
  auto& first = transcript_.events;
  if (first.size() < kEventsKept / 2) {
    first.push_back(std::move(event));
    return static_cast<int>(first.size()) - 1;
  }
  // Keep the beginning and the end; the middle of a flood tells least.
  if (latest_.size() == kEventsKept / 2) {
    latest_.pop_front();
    ++transcript_.dropped;
  }
  latest_.push_back(std::move(event));
  return static_cast<int>(first.size() + transcript_.dropped + latest_.size()) - 1;
}

Event* Recorder::find(int event) {
  if (!enabled_ || event < 0) return nullptr;
  auto index = static_cast<std::size_t>(event);
  auto& first = transcript_.events;
  if (index < first.size()) return &first[index];
  index -= first.size();
  if (index < transcript_.dropped || index - transcript_.dropped >= latest_.size()) return nullptr;
  return &latest_[index - transcript_.dropped];
}

Transcript Recorder::take(std::size_t most) {
  auto& events = transcript_.events;
  std::ranges::move(latest_, std::back_inserter(events));
  latest_.clear();
  if (events.size() > most) {
    const auto half = static_cast<std::ptrdiff_t>(most / 2);
    transcript_.dropped += events.size() - most;
    events.erase(events.begin() + half, events.end() - (static_cast<std::ptrdiff_t>(most) - half));
  }
  return std::move(transcript_);
}

void Recorder::meta(const std::string& line) {
  if (enabled_) transcript_.lets.push_back(line);
}

void Recorder::lets(const std::vector<Let>& lets) {
  if (!enabled_) return;
  for (const Let& let : lets) transcript_.lets.push_back("let " + let.name + " = " + print(let.payload));
}

void Recorder::sent(const Step& step, const Assembled& assembled, const Environment& environment,
                    Instant now) {
  if (!enabled_) return;
  Event event;
  event.kind = Event::Kind::sent;
  event.at = now;
  Step exact = resolved(step, environment);
  if (!exact.on.name.empty()) exact.on = on_;
  const bool single = assembled.frames.size() == 1 && assembled.frames[0].header.mask;
  if (auto* frame = std::get_if<SendFrame>(&exact.statement); frame && single)
    frame->fields.mask = MaskField{MaskField::Kind::key, *assembled.frames[0].header.mask};
  exact.comment.clear();
  exact.at.reset();
  event.line = hidden_ ? "preamble, sent: " + describe_sent(assembled) : print(exact, 0);
  if (assembled.frames.size() == 1) event.frame = assembled.frames[0].header;
  event.octets = assembled.bytes.size();
  event.decoded = describe_sent(assembled);
  add(std::move(event));
}

void Recorder::sent_head(const std::string& line, BytesView head, Instant now) {
  if (!enabled_) return;
  Event event;
  event.kind = Event::Kind::sent;
  event.at = now;
  event.line = line;
  event.octets = head.size();
  event.decoded = shown(Bytes(head));
  add(std::move(event));
}

void Recorder::kept(const std::string& line, std::size_t octets, Instant now) {
  if (!enabled_) return;
  Event event;
  event.kind = Event::Kind::received;
  event.at = now;
  event.line = line;
  event.octets = octets;
  event.decoded = fmt::format("{} octets", octets);
  add(std::move(event));
}

void Recorder::manners(BytesView frame, Role ours, Instant now) {
  if (!enabled_) return;
  Event event;
  event.kind = Event::Kind::manners;
  event.at = now;
  event.octets = frame.size();
  auto steps = disassemble(frame, ours);
  event.line = prefixed(steps.empty() ? "> bytes" : print(steps.front(), 0));
  event.decoded = "sent by the player itself, as any endpoint must";
  add(std::move(event));
}

void Recorder::reset(Instant now) {
  if (!enabled_) return;
  Event event;
  event.kind = Event::Kind::manners;
  event.at = now;
  event.line = prefixed("> reset");
  event.decoded = "the verdict was fixed, so the player ended the connection with RST";
  add(std::move(event));
}

void Recorder::received(Arrival& arrival, bool single_frames, Instant now) {
  if (!enabled_) return;
  Event event;
  event.kind = Event::Kind::received;
  event.at = now;
  event.line = hidden_ ? "preamble, came: " + describe(arrival) : prefixed(notation(arrival, single_frames));
  event.octets = arrival.octets;
  const bool framed = arrival.kind != Arrival::Kind::head && arrival.kind != Arrival::Kind::end &&
                      arrival.kind != Arrival::Kind::secured && arrival.kind != Arrival::Kind::fault;
  if (framed) event.frame = arrival.header;
  event.decoded = arrival.kind == Arrival::Kind::head ? shown(arrival.raw_head) : describe(arrival);
  for (const StompHeader& header : arrival.stomp.headers)
    event.comment += (event.comment.empty() ? "" : ", ") + header.name + ":" + header.value;
  event.comment = profile_.secrets.mask(event.comment).substr(0, kPayloadShown);
  if (arrival.payload.size() > kPayloadShown)
    event.comment = fmt::format("{} octets", arrival.payload.size());
  arrival.event = add(std::move(event));
}

void Recorder::note(std::string text, Instant now) {
  Event event;
  event.at = now;
  event.line = std::move(text);
  add(std::move(event));
}

void Recorder::rewrite(int event, std::string line) {
  if (Event* found = find(event)) found->line = line.starts_with('#') ? prefixed(line) : std::move(line);
}

void Recorder::mark_failing(int event, std::string comment, Instant now) {
  if (!enabled_) return;
  Event* found = find(event);
  if (!found) {
    Event nothing;
    nothing.at = now;
    nothing.line = "nothing came";
    found = find(add(std::move(nothing)));
  }
  found->comment = profile_.secrets.mask(std::move(comment));
  found->failing = true;
}

std::string describe(const Arrival& arrival) {
  switch (arrival.kind) {
    case Arrival::Kind::head:
      if (arrival.request)
        return parse_request_line(arrival.head.start) ? "an HTTP request"
                                                      : "something that is no HTTP request";
      return arrival.status ? fmt::format("an HTTP answer with status {}", arrival.status)
                            : "something that is no HTTP answer";
    case Arrival::Kind::text:
    case Arrival::Kind::binary:
      return fmt::format("a {} message of {} octets{}",
                         arrival.kind == Arrival::Kind::text ? "text" : "binary", arrival.payload.size(),
                         arrival.compressed ? ", compressed" : "");
    case Arrival::Kind::stomp: return describe(arrival.stomp);
    case Arrival::Kind::frame:
      return fmt::format("a {} frame of {} octets", opcode_name(arrival.header.opcode),
                         arrival.payload.size());
    case Arrival::Kind::ping: return fmt::format("a ping of {} octets", arrival.payload.size());
    case Arrival::Kind::pong: return fmt::format("a pong of {} octets", arrival.payload.size());
    case Arrival::Kind::close: {
      const CloseBody body = parse_close(arrival.payload);
      if (!body.code) return "a Close frame without a code";
      const auto name = close_code_name(*body.code);
      std::string text = fmt::format("a Close frame with code {}", *body.code);
      if (!name.empty()) text += fmt::format(" ({})", name);
      return body.reason.empty() ? text : text + ", reason " + print_payload(body.reason, 200);
    }
    case Arrival::Kind::secured: {
      const auto alpn = arrival.head.joined("alpn");
      return fmt::format("TLS {}, {}", arrival.head.joined("version").value_or("?"),
                         alpn ? "ALPN " + quote(*alpn) : "no ALPN");
    }
    case Arrival::Kind::fault: return arrival.what;
    case Arrival::Kind::end:
      return arrival.end == End::fin     ? "the end of TCP (FIN)"
             : arrival.end == End::reset ? "the end of TCP (RST)"
                                         : "the end of TCP without a TLS close_notify";
  }
  return "";
}

std::string notation(const Arrival& arrival, bool single_frames) {
  switch (arrival.kind) {
    case Arrival::Kind::head:
      if (arrival.request) return "< request";
      return arrival.status == 101 ? "< upgrade"
             : arrival.status      ? fmt::format("< refused {}", arrival.status)
                                   : "< refused";
    case Arrival::Kind::secured: return "< secured";
    case Arrival::Kind::stomp: {
      Step step;
      step.statement = ExpectStomp{arrival.stomp.command, {}, {}};
      const bool shows = !arrival.payload.empty() && arrival.payload.size() <= kPayloadShown;
      return print(step, 0) + (shows ? " body " + print_payload(arrival.payload) : "");
    }
    case Arrival::Kind::end: return "< " + end_name(arrival.end);
    case Arrival::Kind::fault: return "# " + arrival.what;
    case Arrival::Kind::close: {
      const CloseBody body = parse_close(arrival.payload);
      if (body.stray_octet) return "< close";
      if (!body.code) return "< close none";
      return fmt::format("< close {}{}", *body.code,
                         body.reason.empty() ? "" : " " + print_payload(body.reason, 600));
    }
    default: break;
  }
  std::string line = "< ";
  if (arrival.kind == Arrival::Kind::frame && single_frames) {
    line += opcode_name(arrival.header.opcode);
    line += fmt::format(" fin={}", arrival.header.fin ? 1 : 0);
    if (arrival.header.rsv) line += fmt::format(" rsv={}", arrival.header.rsv);
  } else {
    line += arrival.kind == Arrival::Kind::text     ? "text"
            : arrival.kind == Arrival::Kind::binary ? "binary"
            : arrival.kind == Arrival::Kind::ping   ? "ping"
                                                    : "pong";
  }
  if (arrival.payload.size() <= kPayloadShown) line += " " + print_payload(arrival.payload);
  return line;
}

}  // namespace wsspec
