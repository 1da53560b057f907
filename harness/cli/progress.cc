#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "cli/files.h"
#include "cli/print.h"
#include "report/text.h"
#include "script/print.h"

namespace wsspec {

namespace {

constexpr std::string_view kErase = "\r\x1b[K";
constexpr auto kPause = std::chrono::milliseconds(80);
/// In a pipe: often enough that nobody takes us for dead.
constexpr auto kPlainPause = std::chrono::seconds(30);
constexpr std::size_t kBar = 20;

std::string bar(double share, std::size_t size, bool blocks) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(size));
  std::string out;
  for (std::size_t i = 0; i < size; ++i)
    out += blocks ? (i < full ? "█" : "░") : i < full ? "=" : i == full ? ">" : " ";
  return out;
}

/// Cut at a character.
std::string cut(const std::string& text, std::size_t columns) {
  if (columns_of(text) <= columns) return text;
  std::size_t end = 0;
  for (std::size_t shown = 0; end < text.size(); ++end)
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && shown++ == columns) break;
  return text.substr(0, end);
}

}  // namespace

std::string time_left(const ProgressState& state) {
  const double seconds = state.elapsed.count();
  if (state.done == 0 || state.done >= state.cases || seconds < 1) return {};
  const double left =
      std::ceil(seconds * static_cast<double>(state.cases - state.done) / static_cast<double>(state.done));
  if (left < 90) return fmt::format("about {:.0f} s left", left);
  return fmt::format("about {:.0f} min left", std::ceil(left / 60));
}

std::string progress_line(const ProgressState& state, std::size_t columns, const Pen& pen, bool blocks) {
  const double share =
      state.cases == 0 ? 0 : static_cast<double>(state.done) / static_cast<double>(state.cases);
  const std::string percent = fmt::format(" {:3.0f}%", std::floor(share * 100));
  const std::string counts = fmt::format("  {}/{}", state.done, state.cases);
  const std::string red = fmt::format("  {} red", state.red);
  std::string left = time_left(state);
  if (!left.empty()) left = "  " + left;
  // What does not fit is left out from the right; the bar goes first.
  const std::size_t fixed = percent.size() + counts.size() + red.size() + left.size();
  const std::size_t room = columns > fixed ? columns - fixed - 1 : 0;
  const bool with_bar = room >= kBar + 2;
  std::string out;
  if (with_bar)
    out = "[" + pen.paint(state.red > 0 ? Verdict::fail : Verdict::pass, bar(share, kBar, blocks)) + "]";
  if (fixed >= columns) return cut(percent + counts + red, columns > 0 ? columns - 1 : 0);
  out += percent + counts + (state.red > 0 ? pen.paint(Verdict::fail, red) : red) + left;
  const std::size_t rest = room - (with_bar ? kBar + 2 : 0);
  if (rest > 10) out += "  " + pen.dim(cut(one_line(state.id, 200), rest - 2));
  return out;
}

TerminalProgress::TerminalProgress(Detail detail, const Gate& gate)
    : detail_(detail),
      gate_(gate),
      terminal_(is_terminal(STDERR_FILENO)),
      blocks_(speaks_utf8()),
      pen_{wants_colours(STDERR_FILENO)} {}

TerminalProgress::~TerminalProgress() {
  clear();
}

void TerminalProgress::clear() {
  if (!line_shown_) return;
  say("{}", kErase);
  line_shown_ = false;
}

void TerminalProgress::planned(const RunResult& run, std::size_t cases, Duration for_faults) {
  began_ = last_ = Clock::now();
  if (detail_ == Detail::quiet) return;
  clear();
  say("wsspec {}: {} cases against {}, seed {}; at most {} more for its faults\n", run.tool_version, cases,
      one_line(run.url.empty() ? run.target_name : run.url), run.seed, print(for_faults));
}

void TerminalProgress::draw(Clock::time_point now) {
  last_ = now;
  if (terminal_) {
    line_shown_ = true;
    say("{}{}", kErase, progress_line(state_, terminal_columns(STDERR_FILENO), pen_, blocks_));
  } else {
    const std::string left = time_left(state_);
    say("wsspec: {} of {} cases, {} red{}{}\n", state_.done, state_.cases, state_.red,
        left.empty() ? "" : ", ", left);
  }
}

void TerminalProgress::judged(const CaseResult& result, std::size_t done, std::size_t cases) {
  const auto now = Clock::now();
  const bool red = is_red(result, gate_);
  state_ = {done, cases, state_.red + (red ? 1 : 0), now - began_, result.id};
  if (detail_ == Detail::quiet) return;
  if (detail_ == Detail::each || (red && !terminal_)) {
    clear();
    say("{} {}{}{}\n", pen_.paint(result.verdict, fmt::format("{:12}", verdict_name(result.verdict))),
        one_line(result.id), result.reason.empty() ? "" : ": ", one_line(result.reason));
    return;
  }
  if (terminal_ ? done == cases || now - last_ >= kPause : done != cases && now - last_ >= kPlainPause)
    draw(now);
}

void TerminalProgress::remark(const std::string& text) {
  if (detail_ == Detail::quiet) return;
  // A target that dies fifty times says so once; the cases that it died of are named one by one.
  if (!said_.insert(text).second && detail_ != Detail::each) return;
  clear();
  say("wsspec: {}\n", one_line(text));
  if (terminal_ && state_.cases > 0) draw(Clock::now());
}

}  // namespace wsspec
