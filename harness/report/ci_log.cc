#include "report/ci_log.h"

#include <algorithm>

namespace wsspec {
namespace {

bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// `##[`, `##vso[`, `##teamcity[` and their kin.
bool hash_command(std::string_view text) {
  if (!text.starts_with("##")) return false;
  const auto end = std::ranges::find_if_not(text.substr(2), letter);
  return end != text.end() && *end == '[';
}

/// The octets of the blank at the front that a runner skips (.NET's white space), 0 without one.
std::size_t blank_at(std::string_view text) {
  static constexpr std::string_view kOne = " \t\v\f";
  static constexpr std::string_view kWide[] = {
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
      "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff"};
  if (!text.empty() && kOne.find(text[0]) != std::string_view::npos) return 1;
  const auto wide = std::ranges::find_if(kWide, [&](std::string_view c) { return text.starts_with(c); });
  return wide == std::end(kWide) ? 0 : wide->size();
}

}  // namespace

std::string without_commands(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool fresh = true;  // Only blanks since the line began.
  while (!text.empty()) {
    if (fresh && text.starts_with("::")) {
      out += "\\x3a";
      text.remove_prefix(1);
    } else if (hash_command(text)) {
      out += "\\x23";
      text.remove_prefix(1);
    }
    const std::size_t blank = fresh ? blank_at(text) : 0;
    fresh = blank > 0 || text[0] == '\n' || text[0] == '\r';
    out += text.substr(0, std::max<std::size_t>(blank, 1));
    text.remove_prefix(std::max<std::size_t>(blank, 1));
  }
  return out;
}

std::string json_without_commands(std::string json) {
  // Signs stand in strings only, where an escape means the same; no line begins with a colon.
  for (std::size_t at = json.find("##"); at != std::string::npos; at = json.find("##", at + 1))
    if (hash_command(std::string_view(json).substr(at))) json.replace(at, 1, "\\u0023");
  return json;
}

}  // namespace wsspec
