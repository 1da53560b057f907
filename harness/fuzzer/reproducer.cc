#include "fuzzer/reproducer.h"

#include <fmt/format.h>

#include <memory>

#include "script/print.h"

namespace wsspec {
namespace {

// Comments are one line each, whatever a target put into them.
std::string remark(std::string_view label, std::string_view text) {
  if (text.empty()) return {};
  const std::string quoted = quote(text);
  return fmt::format("# {:<9} {}\n", fmt::format("{}:", label), quoted.substr(1, quoted.size() - 2));
}

std::string write(const FuzzTranscript& transcript, std::vector<Step> body, const FuzzCause& cause,
                  const ReproducerNotes& notes) {
  Case one;
  one.id = "fuzz." + cause.kind;
  one.about = cause.text;
  if (!cause.requirement.empty()) one.covers = {cause.requirement};
  one.tags = {"fuzz"};
  one.lets = transcript.lets;
  if (transcript.opening.edits.empty()) {
    Open open;
    if (!transcript.opening.offer.empty()) open.options = {{"offer", payload_of(transcript.opening.offer)}};
    one.steps.push_back(step_of(open));
  } else {
    one.steps.push_back(step_of(SendRequest{transcript.opening.edits, {}}));
  }
  one.steps.insert(one.steps.end(), body.begin(), body.end());
  std::string text = print(File{{}, {one}});
  std::string notes_text = remark("finding", fmt::format("{} {}", cause.kind, notes.clause)) +
                           remark("seen", cause.text) + remark("expected", notes.demand) +
                           remark("target", notes.target) + remark("seed", std::to_string(notes.seed)) +
                           remark("replays", notes.stability);
  const std::size_t line = text.find('\n');
  return text.insert(line == std::string::npos ? text.size() : line + 1, notes_text);
}

}  // namespace

std::string write_reproducer(const FuzzSession& session, const FuzzCause& cause,
                             const ReproducerNotes& notes) {
  std::vector<Step> body = session.log();
  if (!session.opened() || !session.transcript().opening.edits.empty()) {
    body = {step_of(cause.reaction == "reply" ? Statement(ExpectUpgrade{}) : Statement(ExpectRefused{}))};
  } else if (cause.reaction == "end" || cause.reaction == "reset") {
    body.push_back(step_of(ExpectGone{}));
  } else if (session.silent() && !cause.reaction.starts_with("close")) {
    body.push_back(step_of(Quiet{std::chrono::seconds(1)}));
  }
  return write(session.transcript(), std::move(body), cause, notes);
}

std::string write_reproducer(const FuzzTranscript& transcript, const FuzzCause& cause,
                             const ReproducerNotes& notes) {
  std::vector<Step> body = transcript.steps;
  const bool ends = !body.empty() && std::holds_alternative<SendReset>(body.back().statement);
  if (!ends) body.push_back(step_of(ExpectGone{}));
  return write(transcript, std::move(body), cause, notes);
}

std::vector<std::vector<Step>> inputs_of(const FuzzTranscript& transcript) {
  std::vector<std::vector<Step>> out(1);
  for (const Step& step : transcript.steps) {
    const auto* frame = std::get_if<SendFrame>(&step.statement);
    const bool barrier = frame != nullptr && frame->fields.kind == FrameKind::ping && frame->payload &&
                         frame->payload->parts.size() == 1 &&
                         frame->payload->parts[0].bytes.starts_with("wsspec ");
    if (barrier)
      out.emplace_back();
    else
      out.back().push_back(step);
  }
  if (out.back().empty() && out.size() > 1) out.pop_back();
  return out;
}

std::unique_ptr<FuzzSession> replay_session(const Profile& profile, const FuzzTranscript& transcript,
                                            FuzzSessionOptions options) {
  auto inputs = std::make_shared<std::vector<std::vector<Step>>>(inputs_of(transcript));
  options.most_inputs = inputs->size();
  auto session = std::make_unique<FuzzSession>(
      profile, transcript.opening, options,
      [inputs, at = std::size_t{0}](
          const std::optional<DeflateSettings>&) mutable -> std::optional<std::vector<Step>> {
        if (at >= inputs->size()) return std::nullopt;
        return (*inputs)[at++];
      });
  session->define(transcript.lets);
  return session;
}

}  // namespace wsspec
