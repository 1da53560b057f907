// Progress: what a person sees while a run goes on. On a terminal one line that is rewritten, in a pipe a few
// plain lines; always on standard error, so that standard output stays for results.
#pragma once

#include <chrono>

#include "run/runner.h"

namespace wsspec {

class TerminalProgress final : public Observer {
 public:
  enum class Detail { quiet, normal, each };
  TerminalProgress(Detail detail, const Gate& gate);
  ~TerminalProgress() override;

  void planned(const RunResult& run, std::size_t cases) override;
  void judged(const CaseResult& result, std::size_t done, std::size_t cases) override;
  void remark(const std::string& text) override;

 private:
  void clear();
  Detail detail_;
  Gate gate_;
  bool terminal_, colours_, line_shown_ = false;
  std::size_t red_ = 0;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace wsspec
