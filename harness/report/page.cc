#include "report/page.h"

#include <fmt/format.h>

#include <cassert>

#include "report/text.h"

namespace wsspec {
namespace {

/// Nothing may be loaded, sent or embedded; only the scripts and styles that the template names may run.
std::string policy_of(std::string_view page) {
  std::string scripts, styles;
  static constexpr std::string_view kOpen = "{{file:";
  for (std::size_t at = page.find(kOpen); at != std::string_view::npos; at = page.find(kOpen, at + 1)) {
    const std::string_view name = page.substr(at + kOpen.size(), page.find("}}", at) - at - kOpen.size());
    std::string& list = name.ends_with(".js") ? scripts : styles;
    list += fmt::format(" '{}'", page_files().at(name).hash);
  }
  return fmt::format("default-src 'none'; script-src{}; style-src{}; base-uri 'none'; form-action 'none'",
                     scripts, styles);
}

}  // namespace

std::string embedded_json(const Json& data) {
  const std::string text = dump(data);
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const std::string_view rest = std::string_view(text).substr(i, 3);
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else if (rest == "\xE2\x80\xA8" || rest == "\xE2\x80\xA9") {
      out += rest.back() == '\xA8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += c;
    }
  }
  return out;
}

std::string write_page(std::string_view name, std::string_view title, const Json& data) {
  std::string_view page = page_files().at(name).text;
  const std::string policy = policy_of(page);
  std::string out;
  for (std::size_t at = page.find("{{"); at != std::string_view::npos; at = page.find("{{")) {
    const std::size_t end = page.find("}}", at);
    const std::string_view word = page.substr(at + 2, end - at - 2);
    out += page.substr(0, at);
    page.remove_prefix(end + 2);
    if (word == "title")
      out += html_text(title);
    else if (word == "policy")
      out += policy;
    else if (word == "data")
      out += embedded_json(data);
    else if (word.starts_with("file:"))
      out += page_files().at(word.substr(5)).text;
    else
      assert(!"unknown word in a page template");
  }
  return out.append(page);
}

}  // namespace wsspec
