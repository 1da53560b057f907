#include "report/json_model.h"

#include <fmt/format.h>

#include "report/cause.h"
#include "report/ci_log.h"
#include "report/headline.h"
#include "report/text.h"

namespace wsspec {
namespace {

Json strings(const std::vector<std::string>& list) {
  Json out = Json::array();
  for (const auto& text : list) out.push_back(valid(text));
  return out;
}

std::string_view kind_name(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::sent: return "sent";
    case Event::Kind::manners: return "manners";
    case Event::Kind::received: return "received";
    case Event::Kind::note: return "note";
  }
  return "note";
}

Json frame_json(const FrameHeader& frame) {
  Json out = {{"fin", frame.fin},
              {"rsv", frame.rsv},
              {"opcode", frame.opcode},
              {"length", frame.length},
              {"lenbits", static_cast<int>(frame.form)}};
  out["mask"] = frame.mask ? Json(fmt::format("{:08x}", *frame.mask)) : Json(nullptr);
  return out;
}

Json event_json(const Event& event) {
  Json out = {{"kind", kind_name(event.kind)}, {"line", valid(event.line)}};
  if (!event.comment.empty()) out["comment"] = valid(event.comment);
  if (event.frame) out["frame"] = frame_json(*event.frame);
  if (event.octets != 0) out["octets"] = event.octets;
  if (!event.decoded.empty()) out["decoded"] = valid(event.decoded);
  if (event.failing) out["failing"] = true;
  return out;
}

Json events_json(const Transcript& transcript) {
  Json out = Json::array();
  for (const auto& event : transcript.events) out.push_back(event_json(event));
  return out;
}

Json times_json(const Transcript& transcript) {
  Json out = Json::array();
  for (const auto& event : transcript.events) out.push_back(milliseconds(event.at));
  return out;
}

Json direct_json(const DirectPlay& direct) {
  return {{"verdict", verdict_name(direct.verdict)},
          {"reason", valid(direct.reason)},
          {"flaky", direct.flaky},
          {"through", verdict_name(direct.through)},
          {"transcript", events_json(direct.transcript)},
          {"transcript_dropped", direct.transcript.dropped},
          {"transcript_lets", strings(direct.transcript.lets)}};
}

/// How many cases each cause of red verdicts has, and the first of them.
Json causes_json(const RunResult& run, const Gate& gate) {
  Json out = Json::array();
  for (const Cause& cause : red_causes(run, gate))
    out.push_back({{"cause", valid(cause.key)},
                   {"cases", cause.results.size()},
                   {"first", valid(cause.results.front()->id)}});
  return out;
}

Json fingerprint_json(const TargetFingerprint& print) {
  return {{"server_field", valid(print.server_field)},
          {"extensions", valid(print.extensions)},
          {"subprotocols", valid(print.subprotocols)},
          {"echoes", print.echoes},
          {"greets", print.greets},
          {"limits_messages", print.limits_messages},
          {"checks_origin", print.checks_origin},
          {"message_limit", print.message_limit ? Json(*print.message_limit) : Json(nullptr)},
          {"remarks", strings(print.remarks)}};
}

}  // namespace

double milliseconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

std::string dump(const Json& value, int indent) {
  return json_without_commands(value.dump(indent, ' ', false, Json::error_handler_t::replace));
}

Json run_json(const RunResult& run) {
  Json out = {{"tool_version", valid(run.tool_version)},
              {"caseset_version", valid(run.caseset_version)},
              {"target", valid(run.target_name)},
              {"url", valid(run.url)},
              {"transport", valid(run.transport)},
              {"tested", valid(run.tested)},
              {"seed", run.seed},
              {"arguments", strings(run.arguments)},
              {"filter", valid(run.filter)},
              {"shard", valid(run.shard)},
              {"interrupted", run.interrupted},
              {"destructive_allowed", run.destructive_allowed},
              {"bulk", run.bulk},
              {"fingerprint", run.fingerprint ? fingerprint_json(*run.fingerprint) : Json(nullptr)},
              {"stale_baseline", strings(run.stale_baseline)},
              {"fatal", valid(run.fatal)}};
  if (!run.server.empty()) out["server"] = valid(run.server);
  return out;
}

Json summary_json(const RunResult& run, const Gate& gate) {
  const auto counts = tally(run);
  Json verdicts = Json::object();
  for (const Verdict verdict : kVerdicts) verdicts[std::string(verdict_name(verdict))] = counts.at(verdict);
  Json red = Json::array();
  int flaky = 0, expected = 0;
  for (const auto& result : run.results) {
    if (is_red(result, gate)) red.push_back(valid(result.id));
    flaky += result.flaky;
    expected += result.baseline.has_value();
  }
  const int skipped = counts.at(Verdict::skipped), not_run = counts.at(Verdict::not_run);
  const int planned = static_cast<int>(run.results.size());
  return {{"planned", planned},
          {"judged", planned - skipped - not_run},
          {"skipped", skipped},
          {"not_run", not_run},
          {"verdicts", verdicts},
          {"flaky", flaky},
          {"expected_by_baseline", expected},
          {"headline", valid(headline(run, gate))},
          {"causes", causes_json(run, gate)},
          {"red", red},
          {"gate",
           {{"weak", gate.weak},
            {"info", gate.info},
            {"inconclusive", gate.inconclusive},
            {"allow_flaky", gate.allow_flaky}}},
          {"exit_code", static_cast<int>(exit_of(run, gate))}};
}

Json requirements_json(const RunResult& run) {
  Json out = Json::object();
  for (const auto& [id, r] : run.requirements) {
    out[valid(id)] = {{"spec", valid(r.spec)},
                      {"section", valid(r.section)},
                      {"clause", valid(clause_of(r))},
                      {"link", valid(link_of(r))},
                      {"level", level_name(r.level)},
                      {"negative", r.negative},
                      {"role", valid(r.role)},
                      {"text", valid(r.text)},
                      {"testable", valid(r.testable)},
                      {"how", valid(r.how)},
                      {"not_covered", valid(r.not_covered)}};
  }
  return out;
}

Json result_json(const CaseResult& r) {
  Json repeats = Json::array();
  for (const Verdict verdict : r.repeats) repeats.push_back(verdict_name(verdict));
  Json out = {{"id", valid(r.id)},
              {"topic", valid(r.topic)},
              {"about", valid(r.about)},
              {"verdict", verdict_name(r.verdict)},
              {"reason", valid(r.reason)},
              {"notes", strings(r.notes)},
              {"clause", valid(r.clause)},
              {"level", level_name(r.level)},
              {"requirement", valid(r.requirement)},
              {"covers", strings(r.covers)},
              {"autobahn", strings(r.autobahn)},
              {"see", strings(r.see)},
              {"tags", strings(r.tags)},
              {"expected", valid(r.expected)},
              {"actual", valid(r.actual)},
              {"script", valid(r.script)},
              {"failing_line", r.failing_line},
              {"source", {{"file", valid(r.file)}, {"line", r.line}}},
              {"transcript", events_json(r.transcript)},
              {"transcript_dropped", r.transcript.dropped},
              {"transcript_lets", strings(r.transcript.lets)},
              {"close_code", r.close_code ? Json(*r.close_code) : Json(nullptr)},
              {"sent_illegal", r.sent_illegal},
              {"target_died", r.target_died},
              {"target_log", valid(r.target_log)},
              {"flaky", r.flaky},
              {"repeats", std::move(repeats)},
              {"baseline", r.baseline ? Json(valid(*r.baseline)) : Json(nullptr)},
              {"unexpected_pass", r.unexpected_pass}};
  if (r.direct) out["direct"] = direct_json(*r.direct);
  return out;
}

Json case_timing_json(const CaseResult& result) {
  Json out = {{"started_ms", milliseconds(result.started)}, {"events_ms", times_json(result.transcript)}};
  if (result.direct) out["direct_events_ms"] = times_json(result.direct->transcript);
  if (!result.delays.empty()) {
    Json delays = Json::array();
    for (const Duration delay : result.delays) delays.push_back(milliseconds(delay));
    out["delays_ms"] = std::move(delays);
  }
  if (result.cost)
    out["cost"] = {{"cpu_s", result.cost->cpu_seconds},
                   {"memory_peak", result.cost->memory_peak},
                   {"descriptors", result.cost->descriptors},
                   {"threads", result.cost->threads}};
  return out;
}

Json timing_json(const RunResult& run) {
  Json cases = Json::object(), details = Json::object();
  for (const auto& result : run.results) {
    cases[valid(result.id)] = milliseconds(result.duration);
    details[valid(result.id)] = case_timing_json(result);
  }
  return {{"started", valid(run.started)},
          {"duration_ms", milliseconds(run.duration)},
          {"jobs", run.jobs},
          {"own_cpu_s", run.own_cpu_seconds},
          {"own_memory_peak", run.own_memory_peak},
          {"target_cpu_s", run.target_cpu_seconds ? Json(*run.target_cpu_seconds) : Json(nullptr)},
          {"cases", std::move(cases)},
          {"details", std::move(details)}};
}

}  // namespace wsspec
