#include "script/manual.h"

#include <fmt/format.h>

#include <array>

#include "script/check.h"
#include "script/words.h"

namespace wsspec {
namespace {

using K = Word::Kind;

constexpr std::array<std::pair<std::string_view, K>, 19> kWordKinds = {{{"file", K::file},
                                                                        {"meta", K::meta},
                                                                        {"send", K::send},
                                                                        {"expect", K::expect},
                                                                        {"frame", K::frame},
                                                                        {"field", K::field},
                                                                        {"layout", K::layout},
                                                                        {"edit", K::edit},
                                                                        {"condition", K::condition},
                                                                        {"limit", K::limit},
                                                                        {"form", K::form},
                                                                        {"member", K::member},
                                                                        {"action", K::action},
                                                                        {"option", K::option},
                                                                        {"transport", K::transport},
                                                                        {"block", K::block},
                                                                        {"grade", K::grade},
                                                                        {"value", K::value},
                                                                        {"function", K::function}}};

/// Text for a cell: `|` would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string word_table(K kind) {
  std::string out = "| word | meaning | example |\n|---|---|---|\n";
  for (const auto& word : words()) {
    if (word.kind != kind) continue;
    out += fmt::format("| `{}` | {} | `{}` |\n", word.text, cell(word.meaning), cell(word.example));
  }
  return out;
}

std::string feature_table() {
  std::string out = "| `needs` | the target |\n|---|---|\n";
  for (const auto& feature : features()) out += fmt::format("| `{}` | {} |\n", feature.name, feature.meaning);
  return out;
}

std::string fact_table() {
  std::string out = "| variable | holds a | for cases with |\n|---|---|---|\n";
  for (const auto& fact : predefined()) {
    const auto where =
        fact.feature.empty() ? std::string(fact.source) : fmt::format("`needs {}`", fact.feature);
    const auto* kind = fact.holds == Predefined::Holds::time ? "time"
                       : fact.is_number()                    ? "number"
                                                             : "payload";
    out += fmt::format("| `${}` | {} | {} |\n", fact.name, kind, where);
  }
  return out;
}

std::string table(std::string_view name) {
  if (name == "features") return feature_table();
  if (name == "facts") return fact_table();
  for (const auto& [word, kind] : kWordKinds) {
    if (name == fmt::format("words: {}", word)) return word_table(kind);
  }
  return {};
}

}  // namespace

std::string fill_tables(std::string_view text) {
  constexpr std::string_view kOpen = "<!-- ", kClose = " -->\n", kEnd = "<!-- end -->";
  std::string out;
  for (;;) {
    const auto begin = text.find(kOpen);
    const auto close = begin == std::string_view::npos ? begin : text.find(kClose, begin);
    const auto end = close == std::string_view::npos ? close : text.find(kEnd, close);
    if (end == std::string_view::npos) return out.append(text);
    const auto name = text.substr(begin + kOpen.size(), close - begin - kOpen.size());
    out.append(text.substr(0, close + kClose.size()));
    out += table(name);
    out += kEnd;
    text.remove_prefix(end + kEnd.size());
  }
}

std::vector<std::string> code_blocks(std::string_view text, std::string_view language) {
  std::vector<std::string> out;
  const auto fence = fmt::format("```{}\n", language);
  for (auto begin = text.find(fence); begin != std::string_view::npos; begin = text.find(fence, begin)) {
    begin += fence.size();
    const auto end = text.find("```\n", begin);
    out.emplace_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) break;
    begin = end + 4;
  }
  return out;
}

}  // namespace wsspec
