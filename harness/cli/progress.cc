#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "cli/files.h"
#include "report/text.h"

namespace wsspec {

namespace {
constexpr std::string_view kErase = "\r\x1b[K";
constexpr auto kPause = std::chrono::milliseconds(50);
}  // namespace

TerminalProgress::TerminalProgress(Detail detail, const Gate& gate)
    : detail_(detail),
      gate_(gate),
      terminal_(is_terminal(STDERR_FILENO)),
      colours_(wants_colours(STDERR_FILENO)) {}

TerminalProgress::~TerminalProgress() {
  clear();
}

void TerminalProgress::clear() {
  if (!line_shown_) return;
  fmt::print(stderr, "{}", kErase);
  std::fflush(stderr);
  line_shown_ = false;
}

void TerminalProgress::planned(const RunResult& run, std::size_t cases) {
  if (detail_ == Detail::quiet) return;
  clear();
  fmt::print(stderr, "wsspec {}: {} cases against {}, seed {}\n", run.tool_version, cases,
             run.url.empty() ? run.target_name : run.url, run.seed);
}

void TerminalProgress::judged(const CaseResult& result, std::size_t done, std::size_t cases) {
  const bool red = is_red(result, gate_);
  if (red) ++red_;
  if (detail_ == Detail::quiet) return;
  if (detail_ == Detail::each || (red && !terminal_)) {
    clear();
    fmt::print(stderr, "{:12} {}{}{}\n", verdict_name(result.verdict), result.id,
               result.reason.empty() ? "" : ": ", one_line(result.reason));
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || (done != cases && now - last_ < kPause)) return;
  last_ = now;
  line_shown_ = true;
  fmt::print(stderr, "{}{}/{} judged, {} red  {}", kErase, done, cases, red_, one_line(result.id, 60));
  std::fflush(stderr);
}

void TerminalProgress::remark(const std::string& text) {
  if (detail_ == Detail::quiet) return;
  clear();
  fmt::print(stderr, "wsspec: {}\n", one_line(text));
}

}  // namespace wsspec
