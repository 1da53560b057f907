#include "autobahn/autobahn_wire.h"

#include <algorithm>

#include "protocol/close.h"
#include "protocol/mask.h"
#include "script/assemble.h"
#include "script/functions.h"
#include "script/parse.h"

namespace wsspec {
namespace {

Environment environment_of(const Transcript& transcript) {
  std::string text = "wire 1\n";
  for (const std::string& let : transcript.lets) text += let + "\n";
  Environment environment;
  environment.define(parse(text, "lets").file.lets);
  return environment;
}

std::optional<Statement> statement_of(const std::string& line) {
  auto parsed = parse_steps(line + "\n");
  if (!parsed.errors.empty() || parsed.steps.size() != 1) return std::nullopt;
  return std::move(parsed.steps.front().statement);
}

std::optional<Bytes> payload_of(const Payload& payload, Environment& environment) {
  auto bytes = evaluate(payload, environment);
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

class Reader {
 public:
  explicit Reader(const Transcript& transcript) : environment_(environment_of(transcript)) {}

  void read(const Event& event) {
    const bool ours = event.kind == Event::Kind::sent || event.kind == Event::Kind::manners;
    if (event.failing) {
      wire_.before_failure = wire_.arrivals.size();
      decided_ = true;
    }
    if (event.kind == Event::Kind::note) return;
    const auto statement = statement_of(event.line);
    if (ours && statement)
      send(*statement, event.frame);
    else if (!ours)
      receive(event, statement);
    else if (event.frame)
      add_ours({true, true, *event.frame, std::nullopt});
  }

  Wire take() {
    if (!decided_) wire_.before_failure = wire_.arrivals.size();
    return std::move(wire_);
  }

 private:
  void send(const Statement& statement, const std::optional<FrameHeader>& header) {
    if (const auto* burst = std::get_if<Burst>(&statement)) {
      for (const Step& one : burst->sends) send(one.statement, std::nullopt);
    } else if (std::holds_alternative<SendBytes>(statement)) {
      if (auto made = assemble(statement, environment_, Role::client)) send_raw(made->bytes);
    } else if (const auto* finish = std::get_if<Finish>(&statement)) {
      const auto code = finish->code ? evaluate(*finish->code, environment_) : Result<std::uint64_t>(1000);
      if (code) add_frame(Opcode::close, make_close(static_cast<std::uint16_t>(*code)));
    } else if (const auto* frame = std::get_if<SendFrame>(&statement)) {
      send_frame(*frame, statement, header);
    }
  }

  void send_frame(const SendFrame& frame, const Statement& statement,
                  const std::optional<FrameHeader>& header) {
    raw_.clear();
    auto made = assemble(statement, environment_, Role::client);
    if (!made || made->frames.empty()) {
      if (header) add_ours({true, true, *header, std::nullopt});
      return;
    }
    const bool written = header || frame.fields.mask.has_value();
    for (const AssembledFrame& one : made->frames) {
      Bytes payload = made->bytes.substr(one.payload, one.end - one.payload);
      if (one.header.mask) apply_mask(payload, *one.header.mask);
      const bool exact = header && made->frames.size() == 1;
      add_ours({true, written, exact ? *header : one.header, std::move(payload)});
    }
  }

  // Octets by hand may be one frame in several statements.
  void send_raw(const Bytes& bytes) {
    raw_ += bytes;
    while (true) {
      FrameHeader header;
      const std::size_t size = decode_header(raw_, header);
      if (size == 0 || header.length > raw_.size() - size) return;
      const auto length = static_cast<std::size_t>(header.length);
      Bytes payload = raw_.substr(size, length);
      if (header.mask) apply_mask(payload, *header.mask);
      raw_.erase(0, size + length);
      add_ours({true, true, header, std::move(payload)});
    }
  }

  void add_frame(Opcode opcode, Bytes payload) {
    FrameHeader header;
    header.opcode = static_cast<std::uint8_t>(opcode);
    header.length = payload.size();
    header.mask = 0;  // There is one; which, the line does not say.
    add_ours({true, false, header, std::move(payload)});
  }

  void add_ours(WireFrame frame) {
    if (frame.header.is(Opcode::close) && !wire_.our_close) {
      const CloseBody body = parse_close(frame.payload.value_or(Bytes()));
      wire_.our_close = WireClose{body.code, body.reason};
      wire_.we_closed_first = !wire_.their_close;
    }
    wire_.frames.push_back(std::move(frame));
  }

  void receive(const Event& event, const std::optional<Statement>& statement) {
    wire_.target_ended |= event.line.starts_with("< eof") || event.line.starts_with("< reset");
    const auto* expect = statement ? std::get_if<ExpectFrame>(&*statement) : nullptr;
    if (!event.frame && !expect) return;
    WireFrame frame{false, true, event.frame.value_or(FrameHeader{}), std::nullopt};
    if (expect) {
      if (const auto opcode = opcode_of(expect->fields.kind))
        frame.header.opcode = static_cast<std::uint8_t>(*opcode);
      frame.header.fin = !expect->fields.fin || evaluate(*expect->fields.fin, environment_).value_or(1) != 0;
      // A message too long for the transcript stands there without its payload.
      if (expect->payload) frame.payload = payload_of(*expect->payload, environment_);
    }
    if (frame.header.is(Opcode::close)) {
      Bytes body = close(event, expect);
      frame.payload.reset();
      if (body.size() == frame.header.length) frame.payload = std::move(body);
    }
    arrive(frame, event);
    wire_.frames.push_back(std::move(frame));
  }

  Bytes close(const Event& event, const ExpectFrame* expect) {
    wire_.close_decided |= event.failing;
    WireClose body;
    if (expect && !expect->codes.empty() && !expect->codes.front().none)
      if (const auto code = evaluate(expect->codes.front().number, environment_))
        body.code = static_cast<std::uint16_t>(*code);
    if (expect && expect->payload)
      if (const auto reason = evaluate(*expect->payload, environment_)) body.reason = *reason;
    Bytes payload = make_close(body.code, body.reason);
    if (!wire_.their_close) wire_.their_close = std::move(body);
    return payload;
  }

  // Fragments, where the case looks at single frames, become one message.
  void arrive(const WireFrame& frame, const Event& event) {
    if (frame.header.is(Opcode::pong)) {
      wire_.arrivals.push_back({Opcode::pong, frame.payload, frame.header.length});
    } else if (frame.header.is(Opcode::text) || frame.header.is(Opcode::binary)) {
      open_ = {frame.header.is(Opcode::text) ? Opcode::text : Opcode::binary, frame.payload, event.octets};
      if (frame.header.fin) wire_.arrivals.push_back(*open_), open_.reset();
    } else if (frame.header.is(Opcode::cont) && open_) {
      if (open_->payload && frame.payload)
        *open_->payload += *frame.payload;
      else
        open_->payload.reset();
      open_->octets += event.octets;
      if (frame.header.fin) wire_.arrivals.push_back(*open_), open_.reset();
    }
  }

  Environment environment_;
  Wire wire_;
  Bytes raw_;
  std::optional<WireArrival> open_;
  bool decided_ = false;
};

void collect(const std::vector<Step>& steps, WantedClose& wanted) {
  const Environment nothing;
  const auto take = [&](const std::vector<Code>& codes) {
    wanted.from_target = true;
    wanted.any |= codes.empty();
    for (const Code& code : codes) {
      if (code.none) continue;
      if (const auto value = evaluate(code.number, nothing))
        wanted.codes.push_back(static_cast<std::uint16_t>(*value));
      else
        wanted.any = true;
    }
  };
  for (const Step& step : steps) {
    if (const auto* fail = std::get_if<ExpectFail>(&step.statement)) take(fail->codes);
    const auto* frame = std::get_if<ExpectFrame>(&step.statement);
    if (frame && frame->fields.kind == FrameKind::close) take(frame->codes);
    if (const auto* either = std::get_if<Either>(&step.statement))
      for (const auto& branch : either->branches) collect(branch.steps, wanted);
    if (const auto* repeat = std::get_if<Repeat>(&step.statement)) collect(repeat->steps, wanted);
  }
}

}  // namespace

Wire wire_of(const CaseResult& result) {
  Reader reader(result.transcript);
  for (const Event& event : result.transcript.events) reader.read(event);
  Wire wire = reader.take();
  if (!wire.their_close && result.close_code) wire.their_close = WireClose{result.close_code, {}};
  if (wire.their_close && !wire.their_close->code) wire.their_close->code = result.close_code;
  return wire;
}

std::optional<WireArrival> wanted_arrival(const CaseResult& result) {
  const auto statement = statement_of(result.expected);
  const auto* expect = statement ? std::get_if<ExpectFrame>(&*statement) : nullptr;
  if (!expect) return std::nullopt;
  const auto opcode = opcode_of(expect->fields.kind);
  if (opcode != Opcode::text && opcode != Opcode::binary && opcode != Opcode::pong) return std::nullopt;
  Environment environment = environment_of(result.transcript);
  auto payload = expect->payload ? payload_of(*expect->payload, environment) : std::nullopt;
  const std::uint64_t octets = payload ? payload->size() : 0;
  return WireArrival{*opcode, std::move(payload), octets};
}

WantedClose wanted_close(const CaseResult& result) {
  WantedClose wanted;
  const std::string& script = result.script;
  const auto parsed = parse(script.starts_with("wire") ? script : "wire 1\n" + script, "script");
  for (const Case& one : parsed.file.cases) collect(one.steps, wanted);
  if (wanted.codes.empty() && !wanted.from_target) wanted.codes = {1000};
  return wanted;
}

}  // namespace wsspec
