#include "cli/both_ways.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "compare/detour.h"

namespace wsspec {
namespace {

/// Of the direct plays only what goes wrong with the server as a whole is of interest.
class Remarks final : public Observer {
 public:
  explicit Remarks(Observer& then) : then_(then) {}
  void remark(const std::string& text) override { then_.remark("without the hop: " + text); }

 private:
  Observer& then_;
};

/// Judges each play through the hop beside the direct one, as soon as it is known.
class Comparing final : public Observer {
 public:
  Comparing(const RunResult& direct, Observer& then) : then_(then) {
    for (const CaseResult& one : direct.results) direct_.emplace(one.id, &one);
  }
  void planned(const RunResult& run, std::size_t cases, Duration for_faults) override {
    then_.planned(run, cases, for_faults);
  }
  void judged(const CaseResult& result, std::size_t done, std::size_t cases) override {
    const auto found = direct_.find(result.id);
    then_.judged(found == direct_.end() ? result : beside(*found->second, result), done, cases);
  }
  void remark(const std::string& text) override { then_.remark("through the hop: " + text); }

 private:
  std::unordered_map<std::string_view, const CaseResult*> direct_;
  Observer& then_;
};

/// No hop is asked when there is nothing to compare with.
RunResult not_asked(const RunResult& direct, const RunOptions& through) {
  RunResult out = direct;
  out.target_name = shown_url(through.target_name);
  out.url = shown_url(through.address.url());
  out.transport = through.address.transport();
  out.fatal.clear();
  for (CaseResult& one : out.results) {
    one.verdict = Verdict::not_run;
    one.reason = direct.fatal.empty() ? "interrupted" : "the server is not there without the hop";
    one.transcript = {};
    one.flaky = one.target_died = false;
  }
  return out;
}

void repeat_doubts(const Suite& suite, const Selected& selected, RunOptions direct, RunOptions through,
                   Observer& observer, RunResult& detour) {
  const auto ids = doubts(detour);
  if (ids.empty() || through.repeat == 0) return;
  observer.remark(fmt::format("{} worse through the hop: once more, both ways", ids.size()));
  Selected again = selected;
  std::erase_if(again.cases, [&](const Case* one) { return std::ranges::find(ids, one->id) == ids.end(); });
  for (RunOptions* options : {&direct, &through}) {
    options->jobs = 1;
    options->repeat = 0;
    options->budget = options->repeat_budget;
  }
  const auto by_itself = run_cases(suite, again, direct);
  if (!by_itself.fatal.empty() || by_itself.interrupted) return;
  const auto with_hop = run_cases(suite, again, through);
  if (with_hop.fatal.empty() && !with_hop.interrupted) confirm(detour, by_itself, with_hop);
}

}  // namespace

RunResult run_both_ways(const Suite& suite, const Selected& selected, const RunOptions& direct,
                        RunOptions through, Observer& observer) {
  Remarks remarks(observer);
  const auto by_itself = run_cases(suite, selected, direct, &remarks);
  if (!by_itself.fatal.empty() || by_itself.interrupted)
    return detour(by_itself, not_asked(by_itself, through));
  through.by_itself = by_itself.fingerprint;
  Comparing comparing(by_itself, observer);
  auto run = detour(by_itself, run_cases(suite, selected, through, &comparing));
  if (run.fatal.empty() && !run.interrupted) repeat_doubts(suite, selected, direct, through, observer, run);
  return run;
}

}  // namespace wsspec
