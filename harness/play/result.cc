#include "play/result.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "protocol/spec.h"

namespace wsspec {
namespace {

struct VerdictWord {
  Verdict verdict;
  std::string_view word;
};
constexpr VerdictWord kWords[] = {{Verdict::pass, "pass"},       {Verdict::weak, "weak"},
                                  {Verdict::info, "info"},       {Verdict::fail, "fail"},
                                  {Verdict::error, "error"},     {Verdict::inconclusive, "inconclusive"},
                                  {Verdict::skipped, "skipped"}, {Verdict::not_run, "not_run"}};

bool red_by_verdict(Verdict verdict, const Gate& gate) {
  switch (verdict) {
    case Verdict::fail:
    case Verdict::error: return true;
    case Verdict::weak: return gate.weak;
    case Verdict::info: return gate.info;
    case Verdict::inconclusive: return gate.inconclusive;
    case Verdict::pass:
    case Verdict::skipped:
    case Verdict::not_run: return false;
  }
  return true;
}

/// True when every planned case stands in the results exactly once and says why it has no verdict.
bool adds_up(const RunResult& run) {
  std::unordered_set<std::string_view> ids;
  return std::ranges::all_of(run.results, [&](const CaseResult& result) {
    return !result.id.empty() && ids.insert(result.id).second &&
           (result.verdict == Verdict::pass || !result.reason.empty());
  });
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  for (const auto& word : kWords)
    if (word.verdict == verdict) return word.word;
  return "error";
}

std::optional<Verdict> verdict_from(std::string_view name) {
  for (const auto& word : kWords)
    if (word.word == name) return word.verdict;
  return std::nullopt;
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::must: return "MUST";
    case Level::should: return "SHOULD";
    case Level::may: return "MAY";
  }
  return "MAY";
}

std::string clause_of(const Requirement& requirement) {
  return clause_text(requirement.spec, requirement.section);
}

std::string link_of(const Requirement& requirement) {
  return section_link(requirement.spec, requirement.section);
}

void hide_secrets(CaseResult& result, const Secrets& secrets) {
  if (secrets.empty()) return;
  const auto hide = [&](std::string& text) { text = secrets.mask(std::move(text)); };
  for (auto* text : {&result.reason, &result.expected, &result.actual, &result.script, &result.target_log})
    hide(*text);
  for (auto& note : result.notes) hide(note);
  const auto hide_in = [&](Transcript& transcript) {
    for (auto& let : transcript.lets) hide(let);
    for (auto& event : transcript.events) hide(event.line), hide(event.comment), hide(event.decoded);
  };
  hide_in(result.transcript);
  if (!result.direct) return;
  hide(result.direct->reason);
  hide_in(result.direct->transcript);
}

void hide_secrets(RunResult& run, const Secrets& secrets) {
  if (secrets.empty()) return;
  const auto hide = [&](std::string& text) { text = secrets.mask(std::move(text)); };
  for (auto* text : {&run.target_name, &run.url, &run.server, &run.fatal}) hide(*text);
  for (auto& word : run.arguments) hide(word);
  if (run.fingerprint) {
    hide(run.fingerprint->server_field), hide(run.fingerprint->extensions);
    for (auto& remark : run.fingerprint->remarks) hide(remark);
  }
  for (auto& result : run.results) hide_secrets(result, secrets);
}

std::map<Verdict, int> tally(const RunResult& run) {
  std::map<Verdict, int> counts;
  for (const Verdict verdict : kVerdicts) counts[verdict] = 0;
  for (const auto& result : run.results) ++counts[result.verdict];
  return counts;
}

bool is_red(const CaseResult& result, const Gate& gate) {
  if (result.baseline) return false;
  if (result.unexpected_pass) return result.verdict != Verdict::pass;
  // A target that dies now and then has died: no tolerance for flakiness excuses that.
  if (result.target_died && result.verdict == Verdict::fail) return true;
  if (result.flaky) return !gate.allow_flaky;
  return red_by_verdict(result.verdict, gate);
}

Exit exit_of(const RunResult& run, const Gate& gate) {
  if (!run.fatal.empty()) return Exit::unreachable;
  if (run.interrupted) return Exit::interrupted;
  if (run.results.empty()) return Exit::nothing_selected;
  if (!adds_up(run)) return Exit::internal;
  const auto red = [&](const CaseResult& result) { return is_red(result, gate); };
  if (std::ranges::any_of(run.results, red)) return Exit::red;
  // What was not played may be broken.
  const auto missed = [](const CaseResult& result) { return result.verdict == Verdict::not_run; };
  if (!gate.allow_not_run && std::ranges::any_of(run.results, missed)) return Exit::red;
  // All skipped or not run: nothing was judged, so nothing may look green.
  if (std::ranges::none_of(run.results, was_judged)) return Exit::nothing_selected;
  const auto unexpected = [](const CaseResult& result) { return result.unexpected_pass; };
  if (!run.stale_baseline.empty() || std::ranges::any_of(run.results, unexpected))
    return Exit::stale_baseline;
  return Exit::as_expected;
}

}  // namespace wsspec
