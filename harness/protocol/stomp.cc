#include "protocol/stomp.h"

#include <algorithm>

namespace wsspec {
namespace {

struct Escape {
  char octet, letter;
  StompVersion since;
};
constexpr Escape kEscapes[] = {{'\n', 'n', StompVersion::v1_1},
                               {':', 'c', StompVersion::v1_1},
                               {'\\', '\\', StompVersion::v1_1},
                               {'\r', 'r', StompVersion::v1_2}};

constexpr std::string_view kVersions[] = {"1.0", "1.1", "1.2"};

}  // namespace

std::string_view name(StompVersion version) {
  return kVersions[static_cast<std::size_t>(version)];
}

std::optional<StompVersion> parse_stomp_version(std::string_view text) {
  const auto* found = std::ranges::find(kVersions, text);
  if (found == std::end(kVersions)) return std::nullopt;
  return static_cast<StompVersion>(found - kVersions);
}

const std::string* StompFrame::find(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &StompHeader::name);
  return found == headers.end() ? nullptr : &found->value;
}

void StompFrame::add_length() {
  if (!body.empty() && !find("content-length"))
    headers.push_back({"content-length", std::to_string(body.size())});
}

bool has_stomp_escapes(std::string_view command, StompVersion version) {
  return version != StompVersion::v1_0 && command != "CONNECT" && command != "STOMP" &&
         command != "CONNECTED";
}

std::string stomp_escaped(std::string_view text, StompVersion version) {
  std::string out;
  for (const char c : text) {
    const auto* escape = std::ranges::find(kEscapes, c, &Escape::octet);
    if (escape != std::end(kEscapes) && version >= escape->since) {
      out += '\\';
      out += escape->letter;
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> stomp_unescaped(std::string_view text, StompVersion version) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || version == StompVersion::v1_0) {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    const auto* escape = std::ranges::find(kEscapes, text[i], &Escape::letter);
    if (escape == std::end(kEscapes) || version < escape->since) return std::nullopt;
    out += escape->octet;
  }
  return out;
}

Bytes render_stomp(const StompFrame& frame, const StompForm& form) {
  const std::string_view eol = form.crlf ? "\r\n" : "\n";
  const bool escapes = has_stomp_escapes(frame.command, form.version);
  Bytes out = frame.command;
  out += eol;
  for (const StompHeader& header : frame.headers) {
    const bool plain = header.raw || !escapes;
    out += plain ? header.name : stomp_escaped(header.name, form.version);
    out += ':';
    out += plain ? header.value : stomp_escaped(header.value, form.version);
    out += eol;
  }
  out += eol;
  out += frame.body;
  out += '\0';
  return out;
}

}  // namespace wsspec
