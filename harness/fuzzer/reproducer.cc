#include "fuzzer/reproducer.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "script/hash.h"
#include "script/print.h"

namespace wsspec {
namespace {

// Comments are one line each, whatever a target put into them.
std::string remark(std::string_view label, std::string_view text) {
  if (text.empty()) return {};
  const std::string quoted = quote(text);
  return fmt::format("# {:<9} {}\n", fmt::format("{}:", label), quoted.substr(1, quoted.size() - 2));
}

// The last lines that a target printed before it died.
std::string remarks_of_log(std::string_view log) {
  constexpr std::size_t kLogLines = 20, kLogLine = 200;
  std::vector<std::string_view> lines;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    if (end > at) lines.push_back(log.substr(at, std::min(end - at, kLogLine)));
    at = end + 1;
  }
  std::string out;
  for (std::size_t i = lines.size() - std::min(lines.size(), kLogLines); i < lines.size(); ++i)
    out += remark("log", lines[i]);
  return out;
}

// Payloads as print.h writes octets: runs shortened, hexadecimal only where needed.
void make_readable(Step& step) {
  constexpr std::size_t kMost = 1 << 20;
  if (auto* burst = std::get_if<Burst>(&step.statement)) {
    for (Step& inner : burst->sends) make_readable(inner);
    return;
  }
  auto* frame = std::get_if<SendFrame>(&step.statement);
  auto* bytes = std::get_if<SendBytes>(&step.statement);
  Payload* payload = frame != nullptr && frame->payload ? &*frame->payload : nullptr;
  if (bytes != nullptr) payload = &bytes->payload;
  if (payload == nullptr) return;
  Bytes octets;
  for (const Part& part : payload->parts) {
    const bool literal = part.kind == Part::Kind::text || part.kind == Part::Kind::hex;
    const std::uint64_t times = part.times ? part.times->value : 1;
    if (!literal || (part.times && !part.times->name.empty()) || times > kMost ||
        octets.size() + times * part.bytes.size() > kMost)
      return;
    if (times > 4 && payload->parts.size() <= 2) return;  // Short already.
    for (std::uint64_t i = 0; i < times; ++i) octets += part.bytes;
  }
  *payload = payload_of(octets);
}

bool begins_with_reply(const std::vector<Step>& body) {
  return !body.empty() && (std::holds_alternative<ExpectUpgrade>(body.front().statement) ||
                           std::holds_alternative<ExpectRefused>(body.front().statement));
}

// What the target did instead of an orderly handshake.
Statement handshake_reaction(const FuzzCause& cause, const std::string& granted) {
  if (cause.reaction == "reply-101") {
    ExpectUpgrade upgrade;
    if (!granted.empty()) upgrade.conditions = {{true, "Sec-WebSocket-Extensions", payload_of(granted)}};
    return upgrade;
  }
  if (cause.reaction == "none") return Quiet{Duration(std::chrono::seconds(1))};
  return ExpectRefused{};
}

std::string write(const FuzzTranscript& transcript, std::vector<Step> body, const FuzzCause& cause,
                  const ReproducerNotes& notes) {
  Case one;
  one.lets = transcript.lets;
  if (transcript.tested == Target::client) {
    one.target = Target::client;
    one.steps = reply_steps(transcript.opening, std::move(body));
  } else {
    one.steps = opening_steps(transcript.opening, begins_with_reply(body));
    one.steps.insert(one.steps.end(), body.begin(), body.end());
  }
  return write_reproducer(std::move(one), cause, notes);
}

}  // namespace

std::string write_reproducer(Case one, const FuzzCause& cause, const ReproducerNotes& notes) {
  one.id = fmt::format("fuzz.{}.{:08x}", cause.kind, fnv1a64(cause.signature()) & 0xffffffffu);
  one.about = cause.text;
  if (!cause.requirement.empty()) one.covers = {cause.requirement};
  one.tags.insert(one.tags.begin(), "fuzz");
  for (Step& step : one.steps) make_readable(step);
  std::string text = print(File{{}, {one}});
  std::string notes_text = remark("finding", fmt::format("{} {}", cause.kind, notes.clause)) +
                           remark("seen", cause.text) + remark("expected", notes.demand) +
                           remark("target", notes.target) + remark("seed", std::to_string(notes.seed)) +
                           remark("replays", notes.stability) + remark("company", notes.company) +
                           remarks_of_log(cause.log);
  const std::size_t line = text.find('\n');
  return text.insert(line == std::string::npos ? text.size() : line + 1, notes_text);
}

std::string_view kind_of_reproducer(std::string_view id) {
  constexpr std::string_view kFuzz = "fuzz.";
  if (!id.starts_with(kFuzz)) return {};
  id.remove_prefix(kFuzz.size());
  return id.substr(0, id.find('.'));
}

std::string write_reproducer(const FuzzSession& session, const FuzzCause& cause,
                             const ReproducerNotes& notes) {
  std::vector<Step> body = session.log();
  const bool ends = cause.reaction == "end" || cause.reaction == "reset";
  if (session.transcript().tested == Target::client && !session.opened()) {
    if (ends)
      body.push_back(step_of(ExpectRefused{}));
    else if (session.silent())
      body.push_back(step_of(Quiet{Duration(std::chrono::seconds(1))}));
  } else if (!session.opened()) {
    body = {step_of(handshake_reaction(cause, session.granted()))};
  } else if (ends) {
    body.push_back(step_of(ExpectGone{}));
  } else if (session.silent() && !cause.reaction.starts_with("close")) {
    body.push_back(step_of(Quiet{Duration(std::chrono::seconds(1))}));
  }
  return write(session.transcript(), std::move(body), cause, notes);
}

std::string write_reproducer(const FuzzTranscript& transcript, const FuzzCause& cause,
                             const ReproducerNotes& notes) {
  std::vector<Step> body = transcript.steps;
  if (!transcript.opening.cut.empty()) return write(transcript, {}, cause, notes);
  const bool ends = !body.empty() && std::holds_alternative<SendReset>(body.back().statement);
  if (!ends) body.push_back(step_of(ExpectGone{}));
  return write(transcript, std::move(body), cause, notes);
}

std::vector<FuzzInput> inputs_of(const FuzzTranscript& transcript, bool joined) {
  std::vector<FuzzInput> out;
  std::vector<Step> steps;
  const auto flush = [&] {
    FuzzInput input = without_barrier(std::move(steps));
    input.joined = input.joined && joined;
    if (!input.steps.empty()) out.push_back(std::move(input));
    steps.clear();
  };
  for (const Step& step : transcript.steps) {
    steps.push_back(step);
    if (is_barrier(step)) flush();
  }
  flush();
  return out;
}

std::unique_ptr<FuzzSession> replay_session(const Profile& profile, const FuzzTranscript& transcript,
                                            FuzzSessionOptions options, bool joined) {
  auto inputs = std::make_shared<std::vector<FuzzInput>>(inputs_of(transcript, joined));
  options.most_inputs = inputs->size();
  if (transcript.seed != 0) options.seed = transcript.seed;
  auto session = std::make_unique<FuzzSession>(
      profile, transcript.opening, options,
      [inputs, at = std::size_t{0}](const FuzzContext&) mutable -> std::optional<FuzzInput> {
        if (at >= inputs->size()) return std::nullopt;
        return (*inputs)[at++];
      });
  session->define(transcript.lets);
  return session;
}

}  // namespace wsspec
