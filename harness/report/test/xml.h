// A strict reader of the XML that junit.cc writes: elements, attributes, text. Test-only code.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wsspec::sample {

struct Element {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;  ///< All text directly within.
  std::vector<Element> children;
  const Element* child(const std::string& wanted) const;
};

/// Nothing when `text` is not well-formed.
std::optional<Element> parse_xml(const std::string& text);

}  // namespace wsspec::sample
