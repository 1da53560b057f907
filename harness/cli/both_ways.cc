#include "cli/both_ways.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "compare/detour.h"
#include "target/probe.h"

namespace wsspec {
namespace {

/// Says of the direct plays that they are direct.
class Alone final : public Observer {
 public:
  explicit Alone(Observer& then) : then_(then) {}
  void planned(const RunResult& run, std::size_t cases, Duration for_faults) override {
    then_.planned(run, cases, for_faults);
  }
  void judged(const CaseResult& result, std::size_t done, std::size_t cases) override {
    CaseResult told = result;
    told.reason = "without the hop" + (told.reason.empty() ? "" : ": " + told.reason);
    then_.judged(told, done, cases);
  }
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
    CaseResult fresh;
    fresh.id = one.id, fresh.topic = one.topic, fresh.about = one.about;
    fresh.covers = one.covers, fresh.clause = one.clause;
    fresh.reason = direct.fatal.empty() ? "interrupted" : "the server is not there without the hop";
    one = std::move(fresh);
  }
  return out;
}

/// Why the server does not serve any more without the hop; empty: it does, or that is not known of us.
std::string is_gone(const RunOptions& direct) {
  const auto dialer = Dialer::prepare(direct.address, direct.dial);
  if (!dialer) return dialer.error().what;
  const auto said = check_liveness(*dialer, direct.profile, std::chrono::seconds(5), direct.interrupted);
  const bool serves = said.ours || said.reach == Reach::serves || said.reach == Reach::wrong;
  return serves ? "" : said.message;
}

/// What of the time for everything is left behind `spent`.
void spend(RunOptions& options, Duration spent) {
  if (options.budget) options.budget = std::max(Duration::zero(), *options.budget - spent);
}

void repeat_doubts(const Suite& suite, const Selected& selected, RunOptions direct, RunOptions through,
                   Observer& observer, RunResult& run) {
  const auto ids = doubts(run);
  if (ids.empty() || through.repeat == 0) return;
  observer.remark(fmt::format("{} worse through the hop: once more, both ways", ids.size()));
  Selected again = selected;
  std::erase_if(again.cases, [&](const Case* one) { return std::ranges::find(ids, one->id) == ids.end(); });
  for (RunOptions* options : {&direct, &through}) {
    options->jobs = 1;
    options->repeat = 0;
    options->budget = std::min(options->repeat_budget, options->budget.value_or(Duration::max()));
  }
  const auto by_itself = run_cases(suite, again, direct);
  if (by_itself.fatal.empty() && !by_itself.interrupted)
    confirm(run, by_itself, run_cases(suite, again, through));
  run.interrupted |= by_itself.interrupted;
}

}  // namespace

RunResult run_both_ways(const Suite& suite, const Selected& selected, const RunOptions& direct,
                        RunOptions through, Observer& of_direct, Observer& observer) {
  Alone alone(of_direct);
  const auto by_itself = run_cases(suite, selected, direct, &alone);
  if (!by_itself.fatal.empty() || by_itself.interrupted)
    return detour(by_itself, not_asked(by_itself, through));
  through.by_itself = by_itself.fingerprint;
  spend(through, by_itself.duration);
  Comparing comparing(by_itself, observer);
  auto run = detour(by_itself, run_cases(suite, selected, through, &comparing));
  spend(through, run.duration - by_itself.duration);
  if (run.fatal.empty() && !run.interrupted) repeat_doubts(suite, selected, direct, through, observer, run);
  const bool blamed = !run.fatal.empty() || !doubts(run).empty();
  if (const auto why = blamed && !run.interrupted ? is_gone(direct) : ""; !why.empty()) lose_server(run, why);
  return run;
}

}  // namespace wsspec
