// Runner: plays selected cases against a target over the network and never claims more than was seen.
//
// Rules (docs/design.md "Never silently green"): planned = judged + skipped + not run; a case in which we
// broke the protocol counts only when the target served somebody afterwards; a target that dies is found out,
// the case that killed it named, and what was judged so far kept. Memory is bounded by the number of cases,
// not by what a target sends.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "net/dialer.h"
#include "play/player.h"
#include "play/profile.h"
#include "play/result.h"
#include "run/cost_budget.h"
#include "run/crossing.h"
#include "run/hosting.h"
#include "run/nodes.h"
#include "run/suite.h"
#include "script/cast.h"
#include "target/probe.h"
#include "target/target.h"

namespace wsspec {

/// Who watches a run: the terminal. Called from run()'s thread.
class Observer {
 public:
  virtual ~Observer() = default;
  /// `for_faults`: see time_for_faults().
  virtual void planned(const RunResult& run, std::size_t cases, Duration for_faults) {
    (void)run, (void)cases, (void)for_faults;
  }
  virtual void judged(const CaseResult& result, std::size_t done, std::size_t cases) {
    (void)result, (void)done, (void)cases;
  }
  virtual void remark(const std::string& text) { (void)text; }  ///< "target died, restarting"
};

struct RunOptions {
  std::string target_name;
  Address address;
  DialOptions dial;
  Profile profile;
  Declared declared;
  std::optional<Launch> launch;
  std::optional<Serving>
      serving;  ///< The target is a client (profile.tested): `address`, `dial`, `launch` do not count.
  Nodes nodes;  ///< Of a server: `address` is where all cases connect to that name none.
  std::optional<Behind> behind;  ///< The target is a hop: `address` is its front.
  /// There is a hop before the server, which is like this by itself. What it does not do through the hop is
  /// not left out, but for an extension: that may be declined on the way.
  std::optional<TargetFingerprint> by_itself;
  CostBudget cost_budget;  ///< Needs `launch`. When declared, all cases but the slow ones are played alone.

  std::uint64_t seed = 0;
  int jobs = 8;                                          ///< Connections in flight.
  int connections = static_cast<int>(kMostConnections);  ///< That one case may have open.
  double rate = 0;  ///< New connections a second at most; 0 = as fast as it goes.
  int repeat = 1;   ///< How often a fail, error or inconclusive is played again, alone.
  Duration repeat_budget = std::chrono::seconds(20);  ///< All repetitions and plays of one alone together.
  std::optional<Duration> budget;                     ///< For the whole run; what is left then is `not_run`.
  bool allow_destructive = true;                      ///< false: cases tagged `destructive` are skipped.
  bool stop_at_harm = false;  ///< Stop when the target dies or gets worse, even if it comes back.
  bool probe = true;          ///< Ask for capabilities first; false: the profile is taken as it is.
  bool paced = false;
  std::vector<std::string> arguments;  ///< For the report.
  std::string tool_version;
  const std::atomic<bool>* interrupted = nullptr;
};

/// Settings for targets that are not ours: slow, few connections, nothing that can hurt.
void be_polite(RunOptions& options);
/// be_polite() for other than loopback addresses, and through a proxy, whose loopback is its own; what the
/// user set himself must be set after this call.
RunOptions default_run_options(const Address& address, bool proxied = false);

/// Never throws; `fatal` is set in the result when the run ended early.
RunResult run_cases(const Suite& suite, const Selected& selected, const RunOptions& options,
                    Observer* observer = nullptr);

/// The most that silence, slowness and deaths of the target add to the time that the cases need (losses.h).
Duration time_for_faults(const RunOptions& options);

/// What a run would do, one line a case: for --dry-run.
std::vector<std::string> plan_of(const Selected& selected, const RunOptions& options);

}  // namespace wsspec
