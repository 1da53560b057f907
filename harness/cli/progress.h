// Progress: what a person sees while a run goes on. On a terminal one line that is rewritten, with a bar and
// the remaining time; in a pipe plain lines: each red verdict, and now and then how far it is. Always on
// standard error, so that standard output stays for results.
#pragma once

#include <chrono>
#include <set>

#include "report/pen.h"
#include "run/runner.h"

namespace wsspec {

/// How far a run is.
struct ProgressState {
  std::size_t done = 0, cases = 0, red = 0;
  std::chrono::duration<double> elapsed{};
  std::string id;  ///< Of the case that was judged last.
};

/// "about 31 s left"; empty as long as nothing can be said, and at the end.
std::string time_left(const ProgressState& state);

/// One line of fewer than `columns` columns, without a line feed: bar, share, counts, remaining time, case.
/// `blocks`: the terminal shows more than ASCII.
std::string progress_line(const ProgressState& state, std::size_t columns, const Pen& pen, bool blocks);

class TerminalProgress final : public Observer {
 public:
  enum class Detail { quiet, normal, each };
  TerminalProgress(Detail detail, const Gate& gate);
  ~TerminalProgress() override;

  void planned(const RunResult& run, std::size_t cases, Duration for_faults) override;
  void judged(const CaseResult& result, std::size_t done, std::size_t cases) override;
  void remark(const std::string& text) override;

 private:
  using Clock = std::chrono::steady_clock;
  void clear();
  void draw(Clock::time_point now);

  Detail detail_;
  Gate gate_;
  bool terminal_, blocks_, line_shown_ = false;
  Pen pen_;
  ProgressState state_;
  std::set<std::string> said_;  ///< Remarks.
  Clock::time_point began_ = Clock::now(), last_ = began_;
};

}  // namespace wsspec
