#include "compare/detour.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace wsspec {
namespace {

/// Whether the verdict stays an error when the case is played again.
bool is_steady(const CaseResult& result) {
  return !result.flaky && !result.repeats.empty();
}

/// How bad; nothing where nobody knows.
std::optional<int> rank_of(const CaseResult& result) {
  switch (result.verdict) {
    case Verdict::pass: return 0;
    case Verdict::info: return 1;
    case Verdict::weak: return 2;
    case Verdict::fail: return 3;
    case Verdict::error: return is_steady(result) ? std::optional(3) : std::nullopt;
    case Verdict::inconclusive:
    case Verdict::skipped:
    case Verdict::not_run: break;
  }
  return std::nullopt;
}

constexpr int kRed = 3;

/// Of a result of both plays; what is left open blames nobody.
bool is_worse(const CaseResult& one) {
  if (!one.direct || !was_judged(one) || one.verdict == Verdict::info) return false;
  CaseResult direct, through;
  direct.verdict = one.direct->verdict;
  through.verdict = one.direct->through;
  const auto without = rank_of(direct), with = rank_of(through);
  return without && (!with || *with > *without);
}

void set(CaseResult& result, Verdict verdict, std::string reason) {
  result.verdict = verdict;
  result.reason = std::move(reason);
  result.flaky = result.target_died = false;
  // They say how the verdict that is replaced came about.
  result.expected.clear(), result.actual.clear(), result.repeats.clear();
  result.failing_line = 0;
}

std::string said(const CaseResult& result) {
  const std::string verdict(verdict_name(result.verdict));
  return result.reason.empty() ? verdict : verdict + ": " + result.reason;
}

/// One of the two is no verdict.
void take_unjudged(CaseResult& through, const CaseResult& direct, bool direct_known, bool through_known) {
  if (through.verdict == Verdict::not_run) return;
  if (direct.verdict == Verdict::not_run)
    return set(through, Verdict::not_run, "without the hop: " + direct.reason);
  if (direct.verdict == Verdict::skipped && through.verdict == Verdict::skipped) return;
  if (direct.verdict == Verdict::skipped)
    return set(through, Verdict::skipped,
               "not compared: it cannot be played without the hop: " + direct.reason);
  if (through.verdict == Verdict::skipped) {
    through.reason = "not compared: it cannot be played through the hop: " + through.reason;
    return;
  }
  if (direct_known && !through_known) {
    through.reason =
        fmt::format("through the hop: {}; without it {}", through.reason, verdict_name(direct.verdict));
    return;
  }
  const Verdict verdict = direct.verdict == Verdict::error ? Verdict::error : Verdict::inconclusive;
  const std::string reason =
      through_known ? fmt::format("nothing is known of the server without the hop: {}", direct.reason)
                    : fmt::format("without the hop as through it: {}", direct.reason);
  set(through, verdict, reason);
}

const CaseResult* find(const std::unordered_map<std::string_view, const CaseResult*>& by_id,
                       const std::string& id) {
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : found->second;
}

std::unordered_map<std::string_view, const CaseResult*> by_id(const RunResult& run) {
  std::unordered_map<std::string_view, const CaseResult*> out;
  for (const CaseResult& one : run.results) out.emplace(one.id, &one);
  return out;
}

std::string through_hop(const RunResult& run) {
  return fmt::format("through the hop, {}: {}", run.url, run.fatal);
}

}  // namespace

CaseResult beside(const CaseResult& direct, CaseResult through) {
  const auto without = rank_of(direct), with = rank_of(through);
  through.direct =
      DirectPlay{direct.verdict, direct.reason, direct.transcript, direct.flaky, through.verdict};
  if (!without || !with) {
    take_unjudged(through, direct, without.has_value(), with.has_value());
  } else if (*with > *without) {
    through.reason = fmt::format("through the hop: {}; without it {}", through.reason, said(direct));
  } else if (*with < *without) {
    set(through, Verdict::info,
        fmt::format("better through the hop: {}; without it {}", said(through), said(direct)));
  } else if (*with == kRed) {
    set(through, Verdict::inconclusive, "the server's own, red without the hop, too: " + direct.reason);
  } else if (*with > 0) {
    set(through, Verdict::info,
        fmt::format("the server's own, {} without the hop, too: {}", verdict_name(direct.verdict),
                    direct.reason));
  }
  return through;
}

RunResult detour(const RunResult& direct, RunResult through) {
  const auto alone = by_id(direct);
  for (CaseResult& one : through.results)
    if (const auto* before = find(alone, one.id)) one = beside(*before, std::move(one));
  for (const auto& [id, requirement] : direct.requirements) through.requirements.emplace(id, requirement);
  through.tested = "hop";
  through.server = direct.url;
  through.interrupted |= direct.interrupted;
  if (!direct.fatal.empty())
    through.fatal = fmt::format("the server without the hop, {}: {}", direct.url, direct.fatal);
  else if (!through.fatal.empty())
    through.fatal = through_hop(through);
  through.started = direct.started;
  through.duration += direct.duration;
  return through;
}

std::vector<std::string> doubts(const RunResult& detour) {
  std::vector<std::string> out;
  for (const CaseResult& one : detour.results)
    if (!one.flaky && is_worse(one)) out.push_back(one.id);
  return out;
}

void confirm(RunResult& detour, const RunResult& direct, const RunResult& through) {
  const auto alone = by_id(direct), passed = by_id(through);
  for (CaseResult& one : detour.results) {
    const auto *before = find(alone, one.id), *after = find(passed, one.id);
    if (!before || !after) continue;
    if (!was_judged(*before) || !was_judged(*after)) {
      one.notes.push_back("it was not played both ways again: " +
                          (was_judged(*before) ? after : before)->reason);
      continue;
    }
    if (before->verdict != one.direct->verdict) {
      set(one, Verdict::inconclusive,
          fmt::format("the server is not steady: without the hop {} and, again, {}",
                      verdict_name(one.direct->verdict), said(*before)));
      continue;
    }
    const bool again = after->verdict == one.verdict;
    if (again || one.verdict == Verdict::fail || one.verdict == Verdict::error) {
      one.repeats.push_back(after->verdict);
      one.flaky |= !again;
    } else {  // No MUST: what comes now and then is no more than a note.
      const auto once = said(one);
      one = beside(*before, *after);
      one.notes.push_back("once only, " + once);
    }
  }
  detour.interrupted |= through.interrupted;
  if (!through.fatal.empty()) detour.fatal = through_hop(through);
}

void lose_server(RunResult& detour, const std::string& why) {
  for (CaseResult& one : detour.results)
    if (is_worse(one)) set(one, Verdict::inconclusive, "the server serves no more without the hop: " + why);
  detour.fatal =
      fmt::format("the server without the hop, {}: it served, and does no more: {}", detour.server, why);
}

}  // namespace wsspec
