#include "fuzzer/crash_site.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

namespace wsspec {
namespace {

constexpr std::size_t kFrames = 3, kMostText = 80, kMostWords = 8192, kMostLines = 400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view trimmed(std::string_view line) {
  const auto from = line.find_first_not_of(" \t\r");
  if (from == line.npos) return {};
  return line.substr(from, line.find_last_not_of(" \t\r") - from + 1);
}

std::vector<std::string_view> lines_of(std::string_view log) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    out.push_back(log.substr(at, end - at));
    at = end + 1;
  }
  if (out.size() > kMostLines) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(kMostLines));
  return out;
}

// A source file with its line: "server.js:12", "a.go:7", "x.php(12)".
bool names_source(std::string_view text) {
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    const bool at_line = (text[i] == ':' || text[i] == '(') && is_digit(text[i + 1]);
    if (!at_line) continue;
    std::size_t word = i;
    while (word > 0 && is_word(text[word - 1])) --word;
    if (word < i && !is_digit(text[word]) && (word == 0 || text[word - 1] == '.' || text[word - 1] == ':'))
      return true;
  }
  return false;
}

// What a frame says, without its number and address; nothing when the line is no frame.
std::optional<std::string_view> frame_of(std::string_view line) {
  const std::string_view text = trimmed(line);
  const bool indented = !line.empty() && (line[0] == ' ' || line[0] == '\t');
  if (text.starts_with('#') && text.size() > 2 && is_digit(text[1])) {
    const auto in = text.find(" in ");
    if (in != text.npos) return text.substr(in + 4);
    const auto blank = text.find(' ');
    return blank == text.npos ? std::nullopt : std::optional(trimmed(text.substr(blank)));
  }
  if (indented && text.starts_with("at ")) return text.substr(3);
  if (text.starts_with("File \"") && text.find("\", line ") != text.npos) return text;
  if (text.starts_with("from ") && names_source(text)) return text.substr(5);
  if (line.starts_with('\t') && text.find(".go:") != text.npos) return text;
  if (text.find(":in `") != text.npos || text.find(":in '") != text.npos) return text;
  return std::nullopt;
}

// "/srv/app/server.js:12:5" becomes "server.js:12:5"; addresses and offsets go.
std::string without_places(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '/' || c == '\\') {
      while (!out.empty() && (is_word(out.back()) || out.back() == '.' || out.back() == '-' ||
                              out.back() == '@' || out.back() == ':'))
        out.pop_back();
      continue;
    }
    if (c == '0' && i + 1 < text.size() && text[i + 1] == 'x') {
      for (i += 2; i < text.size() && std::isxdigit(static_cast<unsigned char>(text[i])) != 0;) ++i;
      --i;
      continue;
    }
    out += c >= ' ' && c < 0x7f ? c : ' ';
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '+')) out.pop_back();
  return out.substr(0, kMostText);
}

// The class of an error, which stands before its message: "TypeError", "java.lang.NullPointerException".
std::string_view error_class(std::string_view line) {
  std::string_view text = trimmed(line);
  if (text.starts_with("Uncaught ")) text.remove_prefix(9);
  if (text.starts_with("Exception in thread \"")) {
    const auto quote = text.find("\" ", 21);
    text.remove_prefix(quote == text.npos ? 0 : quote + 2);
  }
  std::size_t end = 0;
  while (end < text.size() && (is_word(text[end]) || text[end] == '.' || text[end] == ':')) {
    if (text[end] == ':' && (end + 1 == text.size() || text[end + 1] == ' ')) break;
    ++end;
  }
  const std::string_view word = text.substr(0, end);
  const bool whole = end == text.size() || text[end] == ':' || text[end] == ' ';
  const bool error = word.ends_with("Error") || word.ends_with("Exception") || word == "panic";
  return whole && error ? word : std::string_view{};
}

// Behind these lines the first stack is the one that matters: others are of who allocated, and of other
// threads.
bool begins_report(std::string_view line) {
  return line.find("Sanitizer: ") != line.npos || line.starts_with("panic: ") ||
         line.starts_with("fatal error: ") || line.find("' panicked at ") != line.npos;
}

// A line as it is each time: no numbers, no quoted texts.
std::string without_values(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size() && out.size() < kMostText; ++i) {
    const char c = line[i];
    if (c == '"' || c == '\'' || c == '`') {
      const auto end = line.find(c, i + 1);
      if (end != line.npos) {
        out += "\"\"";
        i = end;
        continue;
      }
    }
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0 && (i == 0 || !is_word(line[i - 1]))) {
      std::size_t end = i;
      bool number = false;
      for (; end < line.size() && is_word(line[end]); ++end) number = number || is_digit(line[end]);
      if (number) {
        out += '#';
        i = end - 1;
        continue;
      }
    }
    out += c >= ' ' && c < 0x7f ? c : ' ';
  }
  return out;
}

std::string panic_place(std::string_view line) {
  const auto at = line.find("' panicked at ");
  if (at == line.npos) return {};
  const std::string place = without_places(trimmed(line.substr(at + 14)));
  return names_source(place) ? "panicked at " + place : std::string{};
}

struct Stack {
  std::size_t begin = 0;  ///< Line of its first frame.
  std::vector<std::string> frames;
};

// The stack that says where it died: the first behind a report's first line, else the last of the log.
Stack stack_of(const std::vector<std::string_view>& lines) {
  std::size_t from = 0;
  bool reported = false;
  for (std::size_t i = lines.size(); i-- > 0 && !reported;)
    if (begins_report(lines[i])) from = i, reported = true;
  Stack stack;
  std::size_t last = 0;
  for (std::size_t i = from; i < lines.size(); ++i) {
    const auto frame = frame_of(lines[i]);
    if (!frame) continue;
    if (!stack.frames.empty() && i > last + 2) {
      if (reported) break;
      stack.frames.clear();
    }
    if (stack.frames.empty()) stack.begin = i;
    stack.frames.push_back(without_places(*frame));
    last = i;
  }
  return stack;
}

}  // namespace

std::string crash_site(std::string_view log) {
  const auto lines = lines_of(log);
  for (const std::string_view line : lines)
    if (auto place = panic_place(line); !place.empty()) return place;
  Stack stack = stack_of(lines);
  if (stack.frames.empty()) {
    const auto last =
        std::find_if(lines.rbegin(), lines.rend(), [](auto line) { return !trimmed(line).empty(); });
    return last == lines.rend() ? std::string{} : without_values(trimmed(*last));
  }
  // Python prints the place itself last, and the error below it.
  if (stack.frames.front().starts_with("File \"")) std::ranges::reverse(stack.frames);
  std::string_view kind;
  for (std::size_t i = stack.begin; i > 0 && stack.begin - i < 4 && kind.empty(); --i)
    kind = error_class(lines[i - 1]);
  for (std::size_t i = stack.begin; i < lines.size() && kind.empty(); ++i) kind = error_class(lines[i]);
  std::string out(kind);
  for (std::size_t i = 0; i < std::min(kFrames, stack.frames.size()); ++i)
    out += (i == 0 ? out.empty() ? "at " : " at " : " < ") + stack.frames[i];
  return out;
}

std::string sanitizer_kind(std::string_view line) {
  const auto name = line.find("Sanitizer: ");
  if (name == line.npos) return without_values(line);
  std::size_t begin = name;
  while (begin > 0 && is_word(line[begin - 1])) --begin;
  const auto end = line.find_first_of(" (", name + 11);
  return std::string(line.substr(begin, std::min(end, line.size()) - begin).substr(0, kMostText));
}

std::string last_words(std::string_view log) {
  if (log.size() <= kMostWords) return std::string(log);
  log.remove_prefix(log.size() - kMostWords);
  const auto line = log.find('\n');
  return std::string(line == log.npos ? log : log.substr(line + 1));
}

}  // namespace wsspec
