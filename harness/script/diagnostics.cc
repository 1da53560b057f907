#include "script/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "script/print.h"

namespace wsspec {
namespace {

/// Edit distance with adjacent transpositions (optimal string alignment); words are short.
int distance(std::string_view a, std::string_view b) {
  std::vector<int> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

bool continues(char c) {
  return (octet(c) & 0xc0) == 0x80;
}

std::string_view line_of(std::string_view text, int number) {
  for (int line = 1; line < number; ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  auto line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Octet offset of a column that counts characters.
std::size_t offset_of(std::string_view line, int column) {
  std::size_t at = 0;
  for (int c = 1; c < column && at < line.size(); ++c) {
    do ++at;
    while (at < line.size() && continues(line[at]));
  }
  return at;
}

int characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

/// The line as it may be shown: control characters and broken UTF-8 become `?`, so columns stay true.
std::string shown(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    std::size_t n = 1;
    while (i + n < line.size() && n < 4 && continues(line[i + n])) ++n;
    const auto c = line.substr(i, n);
    const std::string quoted = quote(c);
    const bool plain = c == "\"" || c == "\\" || c == "\t" || quoted.size() == c.size() + 2;
    out += plain ? std::string(c) : std::string("?");
    i += n;
  }
  return out;
}

constexpr std::size_t kShownColumns = 160;

}  // namespace

std::string render(const Place& place) {
  if (!place.file) return "-";
  if (place.line == 0) return *place.file;
  return fmt::format("{}:{}:{}", *place.file, place.line, place.column);
}

std::string render(const Diagnostic& d) {
  std::string out = fmt::format("{}: {}", render(d.place), d.message);
  if (!d.hint.empty()) out += "; " + d.hint;
  out += '\n';
  if (d.source_line.empty()) return out;
  std::string_view line = d.source_line;
  int column = std::max(d.place.column, 1);
  if (const auto at = offset_of(line, column); at > kShownColumns) {  // a long line: show the neighbourhood
    std::size_t from = at - kShownColumns / 2;
    while (from < line.size() && continues(line[from])) ++from;
    column -= characters(line.substr(0, from));
    line.remove_prefix(from);
  }
  line = line.substr(0, offset_of(line, static_cast<int>(kShownColumns) + 1));
  std::string margin;
  const auto before = line.substr(0, offset_of(line, column));
  for (char c : before) {
    if (!continues(c)) margin += c == '\t' ? '\t' : ' ';
  }
  const int room = std::max(1, characters(line) - column + 1);
  const int width = std::clamp(d.width, 1, room);
  out += "  " + shown(line) + "\n  " + margin + std::string(static_cast<std::size_t>(width), '^') + '\n';
  return out;
}

void add_once(std::vector<Diagnostic>& all, Diagnostic d) {
  const bool known = std::any_of(all.begin(), all.end(), [&](const Diagnostic& other) {
    return other.message == d.message && other.place.line == d.place.line &&
           other.place.column == d.place.column && other.place.file == d.place.file;
  });
  if (!known) all.push_back(std::move(d));
}

void attach_source(std::vector<Diagnostic>& diagnostics, std::string_view file_name, std::string_view text) {
  for (auto& d : diagnostics) {
    if (!d.source_line.empty() || !d.place.file || *d.place.file != file_name || d.place.line < 1) continue;
    auto line = line_of(text, d.place.line);
    auto at = d.word.empty() ? std::string_view::npos : line.find(d.word, offset_of(line, d.place.column));
    // What a case says of itself stands below its `case` line; a joined statement goes on below its first
    // line.
    const bool heads = line.starts_with("case ");
    auto next = line;
    for (int below = 1; below < 40 && !d.word.empty() && at == std::string_view::npos; ++below) {
      if (!heads && !next.ends_with('\\')) break;
      next = line_of(text, d.place.line + below);
      if (next.starts_with("case ")) break;
      at = next.find(d.word);
      if (at != std::string_view::npos) d.place.line += below, line = next;
    }
    d.source_line = line;
    if (at == std::string_view::npos) continue;
    d.place.column = characters(line.substr(0, at)) + 1;
    d.width = characters(d.word);
  }
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view best;
  int least = 3;
  for (const auto candidate : candidates) {
    if (word.size() > 64) break;
    const int d = distance(word, candidate);
    const int allowed = candidate.size() <= 3 ? 1 : 2;
    if (d <= allowed && d < least) least = d, best = candidate;
  }
  return best.empty() ? std::string() : fmt::format("did you mean '{}'?", best);
}

}  // namespace wsspec
