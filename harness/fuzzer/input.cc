#include "fuzzer/input.h"

#include "script/print.h"

namespace wsspec {
namespace {

// Takes the sends of `steps`; false when something cannot be taken over. Of branches none is taken: they
// expect.
bool take_sends(const std::vector<Step>& steps, FuzzTranscript& out, bool& opened) {
  for (const Step& step : steps) {
    if (is_fuzz_send(step.statement)) {
      if (!opened) return false;
      out.steps.push_back(step_of(step.statement));
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
      out.opening.edits = request->edits;
    } else if (const auto* finish = std::get_if<Finish>(&step.statement)) {
      SendFrame close;
      close.fields.kind = FrameKind::close;
      close.code = finish->code.value_or(Number{1000, {}});
      out.steps.push_back(step_of(close));
    } else if (std::holds_alternative<Repeat>(step.statement) ||
               std::holds_alternative<Connect>(step.statement) ||
               std::holds_alternative<SendHead>(step.statement)) {
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

std::vector<FuzzTranscript> transcripts_of(const std::vector<Case>& cases) {
  std::vector<FuzzTranscript> out;
  for (const Case& one : cases) {
    FuzzTranscript transcript;
    transcript.lets = one.lets;
    bool opened = false;
    if (one.target.value_or(Target::server) == Target::server && take_sends(one.steps, transcript, opened) &&
        opened)
      out.push_back(std::move(transcript));
  }
  return out;
}

Step fuzz_frame(FrameKind kind, BytesView payload) {
  SendFrame frame;
  frame.fields.kind = kind;
  frame.payload = payload_of(payload);
  return step_of(std::move(frame));
}

}  // namespace wsspec
