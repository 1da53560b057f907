#include "report/pen.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsspec {
namespace {

std::string_view colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::fail: return "31";
    case Verdict::error: return "35";
    case Verdict::weak: return "33";
    case Verdict::inconclusive:
    case Verdict::info: return "36";
    case Verdict::pass: return "32";
    case Verdict::skipped:
    case Verdict::not_run: return "2";
  }
  return "0";
}

}  // namespace

std::string Pen::paint(std::string_view code, std::string_view text) const {
  return colours && !text.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string Pen::paint(Verdict verdict, std::string_view text) const {
  return paint(colour_of(verdict), text);
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size());
      continue;
    }
    columns += (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80;
  }
  return columns;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = indent;
  while (!text.empty()) {
    // A blank and the word behind it, so that indentation within the text stays.
    const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
    const std::size_t end = std::min(text.find_first_of(" \n", blanks), text.size());
    const std::string_view piece = text.substr(0, end), word = text.substr(blanks, end - blanks);
    const std::size_t size = columns_of(piece);
    if (width > indent && column > indent && !word.empty() && column + size > width) {
      out += "\n" + std::string(indent, ' ') + std::string(word);
      column = indent + columns_of(word);
    } else {
      out += piece;
      column += size;
    }
    text.remove_prefix(end);
    if (!text.starts_with('\n')) continue;
    out += "\n";
    text.remove_prefix(1);
    if (!text.empty()) out += std::string(indent, ' ');
    column = indent;
  }
  return out;
}

}  // namespace wsspec
