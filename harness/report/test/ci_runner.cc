#include "report/test/ci_runner.h"

#include <regex>

namespace wsspec::test {
namespace {

/// .NET's String.TrimStart().
std::string_view trimmed(std::string_view line) {
  static constexpr std::string_view kBlanks[] = {" ",      "\t",     "\v",     "\f",     "\u0085", "\u00a0",
                                                 "\u1680", "\u2003", "\u2028", "\u202f", "\u3000", "\ufeff"};
  for (std::size_t before = line.size() + 1; before != line.size();) {
    before = line.size();
    for (const std::string_view blank : kBlanks)
      if (line.starts_with(blank)) line.remove_prefix(blank.size());
  }
  return line;
}

/// `::name key=value::data`; a name in use is not asked for: a new one may come.
bool github_v2(std::string_view line) {
  line = trimmed(line);
  return line.starts_with("::") && line.find("::", 2) != std::string_view::npos;
}

/// `##[name key=value]data`, anywhere in the line; `##vso[`, `##teamcity[`.
bool hashed(std::string_view line) {
  static const std::regex pattern(R"(##[A-Za-z]*\[)");
  return std::regex_search(line.begin(), line.end(), pattern);
}

}  // namespace

std::vector<std::string> ci_commands(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (github_v2(line) || hashed(line)) out.emplace_back(line);
    begin = end + 1;
  }
  return out;
}

}  // namespace wsspec::test
