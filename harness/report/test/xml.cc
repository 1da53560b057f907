#include "report/test/xml.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace wsspec::sample {
namespace {

struct Parser {
  std::string_view rest;
  bool good = true;

  bool take(std::string_view word) {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  }
  void need(std::string_view word) { good = take(word) && good; }
  void space() {
    while (!rest.empty() && std::isspace(static_cast<unsigned char>(rest[0]))) rest.remove_prefix(1);
  }
  std::string name() {
    std::size_t n = 0;
    while (n < rest.size() && (std::isalnum(static_cast<unsigned char>(rest[n])) || rest[n] == '-')) ++n;
    good = good && n > 0;
    std::string out(rest.substr(0, n));
    rest.remove_prefix(n);
    return out;
  }
  /// Characters and entities up to `end`, which stays.
  std::string text(char end) {
    static constexpr std::pair<std::string_view, char> kEntities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    std::string out;
    while (good && !rest.empty() && rest[0] != end) {
      const auto c = static_cast<unsigned char>(rest[0]);
      if (rest[0] == '<' || rest[0] == '>' || (c < 0x20 && c != '\n' && c != '\t')) good = false;
      if (rest[0] != '&') {
        out += rest[0];
        rest.remove_prefix(1);
        continue;
      }
      const auto* entity =
          std::ranges::find_if(kEntities, [&](const auto& e) { return rest.starts_with(e.first); });
      if (entity == std::end(kEntities)) {
        good = false;
        break;
      }
      out += entity->second;
      rest.remove_prefix(entity->first.size());
    }
    return out;
  }
  Element element() {
    Element out;
    need("<");
    out.name = name();
    for (space(); good && !rest.starts_with("/>") && !rest.starts_with(">"); space()) {
      const std::string key = name();
      need("=\"");
      good = out.attributes.emplace(key, text('"')).second && good;
      need("\"");
    }
    if (!good || take("/>")) return out;
    need(">");
    while (good && !rest.starts_with("</")) {
      out.text += text('<');
      if (rest.empty()) good = false;
      if (good && !rest.starts_with("</")) out.children.push_back(element());
    }
    need("</");
    good = name() == out.name && good;
    need(">");
    return out;
  }
};

}  // namespace

const Element* Element::child(const std::string& wanted) const {
  const auto it = std::ranges::find(children, wanted, &Element::name);
  return it == children.end() ? nullptr : &*it;
}

std::optional<Element> parse_xml(const std::string& text) {
  Parser parser{text};
  parser.need("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
  parser.space();
  Element root = parser.element();
  parser.space();
  if (!parser.good || !parser.rest.empty()) return std::nullopt;
  return root;
}

}  // namespace wsspec::sample
