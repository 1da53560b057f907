#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace wsspec {
namespace {

constexpr std::string_view kUrlVariable = "$WSSPEC_URL";

struct Character {
  char32_t code = 0;
  std::size_t size = 1;
  bool valid = false;
};

/// The character at the front of `text` (not empty); an octet that begins none counts as one invalid
/// character.
Character front(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = at(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return {};
  char32_t code = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (at(i) & 0x3f);
  }
  static constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, size, true};
}

/// Control characters, and those that hide or reorder their neighbours (Unicode categories Cc, Cf, Zl, Zp in
/// use).
bool misleading(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
         c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

template <typename Escape>
std::string rewritten(std::string_view text, Escape escape) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = front(text);
    if (!c.valid)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0]));
    else if (!escape(c.code))
      out += text.substr(0, c.size);
    else if (c.code < 0x80)
      out += c.code == '\n'   ? "\\n"
             : c.code == '\r' ? "\\r"
             : c.code == '\t' ? "\\t"
                              : fmt::format("\\x{:02x}", unsigned(c.code));
    else
      out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c.code));
    text.remove_prefix(c.size);
  }
  return out;
}

bool is_url(std::string_view word) {
  return word.starts_with("ws://") || word.starts_with("wss://") || word.starts_with("ws+unix://") ||
         word.starts_with("wss+unix://") || word == kUrlVariable;
}

/// `$WSSPEC_HEADER`: stands for what may not be shown; the shell puts it in.
bool is_variable(std::string_view word) {
  return word.starts_with("$WSSPEC_") && std::ranges::all_of(word.substr(1), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
         });
}

/// The verb that plays against such a target.
std::string_view verb_of(const RunResult& run) {
  return run.tested == "client" ? "serve" : run.tested == "hop" ? "path" : "run";
}

/// The arguments of `wsspec run` or `serve` that say how to reach and treat the target; those that select
/// cases, judge them or write reports are left out. Without them, or with several targets, the URL alone.
std::vector<std::string> replayed_arguments(const RunResult& run) {
  static constexpr std::string_view kWithValue[] = {"--json",          "--html",
                                                    "--junit",         "--sarif",
                                                    "--markdown",      "--tap",
                                                    "--jsonl",         "--autobahn-report",
                                                    "--filter",        "-f",
                                                    "--exclude",       "-x",
                                                    "--shard",         "--rerun-failed",
                                                    "--baseline",      "--fail-on",
                                                    "--seed",          "--jobs",
                                                    "--repeat",        "--budget",
                                                    "--autobahn-spec", "--expect-agent",
                                                    "--until-idle"};
  static constexpr std::string_view kAlone[] = {
      "--verbose",          "-v", "--quiet", "-q", "--update-baseline", "--allow-flaky", "--autobahn",
      "--allow-remote-stop"};
  const bool hidden = run.url.find(kMasked) != std::string::npos;
  auto url_only = run.url.empty() ? std::vector<std::string>()
                                  : std::vector{hidden ? std::string(kUrlVariable) : run.url};
  // That of the server behind a hop belongs to an option.
  std::ptrdiff_t targets = std::ranges::count_if(run.arguments, is_url);
  if (const auto server = std::ranges::find(run.arguments, "--server"); server != run.arguments.end())
    targets -= server + 1 != run.arguments.end() && is_url(server[1]);
  if (run.arguments.empty() || run.arguments[0] != verb_of(run) || targets > 1) return url_only;
  std::vector<std::string> out;
  for (std::size_t i = 1; i < run.arguments.size(); ++i) {
    const std::string& word = run.arguments[i];
    const std::string_view name = std::string_view(word).substr(0, word.find('='));
    if (std::ranges::find(kAlone, name) != std::end(kAlone)) continue;
    if (std::ranges::find(kWithValue, name) == std::end(kWithValue))
      out.push_back(word);
    else if (name.size() == word.size())
      ++i;
  }
  return out;
}

}  // namespace

std::string valid(std::string_view text) {
  return rewritten(text, [](char32_t) { return false; });
}

std::string visible(std::string_view text, bool keep_lines) {
  return rewritten(text,
                   [&](char32_t c) { return misleading(c) && !(keep_lines && (c == '\n' || c == '\t')); });
}

std::string one_line(std::string_view text, std::size_t limit) {
  // Escaping never shortens, so what lies beyond the limit need not be looked at.
  std::string out = visible(text.substr(0, limit + 4));
  if (out.size() <= limit) return out;
  static constexpr std::string_view kCut = "…";
  std::size_t end = limit > kCut.size() ? limit - kCut.size() : 0;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0) == 0x80) --end;
  out.resize(end);
  return out.append(kCut);
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find('\n'));
}

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string shell_word(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@%+=,").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out + "'";
}

std::string replay_command(const RunResult& run, const CaseResult& result) {
  std::string out = fmt::format("wsspec {}", verb_of(run));
  for (const auto& word : replayed_arguments(run)) {
    out += " ";
    out += is_variable(word) ? "\"" + word + "\"" : shell_word(valid(word));
  }
  return out + fmt::format(" --filter {} --seed {}", shell_word(result.id), run.seed);
}

std::string replayable(const RunResult& run, const CaseResult& result) {
  std::string remark(verdict_name(result.verdict));
  if (!result.file.empty()) remark += fmt::format(" at {}:{}", result.file, result.line);
  remark +=
      fmt::format(", target {}, seed {}", run.target_name.empty() ? run.url : run.target_name, run.seed);
  return valid(print_transcript(result.transcript, result.id, one_line(remark)));
}

std::string title_of(const CaseResult& result) {
  return result.about.empty() ? result.id : result.id + ": " + result.about;
}

std::string spoken(Duration duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  if (seconds < 1) return fmt::format("{:.1f} ms", seconds * 1e3);
  if (seconds < 60) return fmt::format("{:.2f} s", seconds);
  const auto whole = std::llround(seconds);
  return fmt::format("{} min {:02} s", whole / 60, whole % 60);
}

}  // namespace wsspec
