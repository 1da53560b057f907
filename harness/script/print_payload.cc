// Octets as the shortest clear payload.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "protocol/utf8.h"
#include "script/print.h"

namespace wsspec {
namespace {

/// The length of the valid UTF-8 character at the front of `bytes` (not empty), or 0.
std::size_t character(BytesView bytes) {
  const auto c = octet(bytes[0]);
  const std::size_t n = c < 0x80                ? 1
                        : c >= 0xc2 && c < 0xe0 ? 2
                        : c >= 0xe0 && c < 0xf0 ? 3
                        : c >= 0xf0 && c < 0xf5 ? 4
                                                : 0;
  if (n == 0 || bytes.size() < n) return 0;
  return n == 1 || is_utf8(bytes.substr(0, n)) ? n : 0;
}

std::uint32_t code_point(BytesView c) {
  if (c.size() == 1) return octet(c[0]);
  std::uint32_t value = octet(c[0]) & (0xffU >> (c.size() + 1));
  for (char more : c.substr(1)) value = value << 6 | (octet(more) & 63U);
  return value;
}

/// Characters that a terminal or an editor would not show as themselves: controls, joiners, directions,
/// noncharacters.
bool is_hidden(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0xfeff) return true;
  if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f))
    return true;
  if ((c >= 0xe000 && c <= 0xf8ff) || (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xfff0 && c <= 0xfffb))
    return true;
  return (c & 0xfffe) == 0xfffe || c >= 0xe0000;
}

void quote_character(std::string& out, BytesView c) {
  const auto value = code_point(c);
  switch (value) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (!is_hidden(value))
    out += c;
  else if (value < 0x80)
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", value);
  else
    fmt::format_to(std::back_inserter(out), "\\u{{{:X}}}", value);
}

/// How many octets from `at` on are ASCII that stands for itself in a string: most text is little else.
std::size_t plain_at(BytesView bytes, std::size_t at) {
  std::size_t end = at;
  while (end < bytes.size() && bytes[end] >= ' ' && bytes[end] <= '~' && bytes[end] != '"' &&
         bytes[end] != '\\') {
    ++end;
  }
  return end - at;
}

constexpr std::size_t kShortestRun = 16;  ///< Equal octets from here on are written as a repetition.

std::size_t run_at(BytesView bytes, std::size_t at) {
  const auto end = bytes.find_first_not_of(bytes[at], at);
  return (end == BytesView::npos ? bytes.size() : end) - at;
}

/// True when text notation is clearer than hexadecimal: few octets need an escape.
bool reads_as_text(BytesView bytes) {
  std::size_t escaped = 0;
  for (std::size_t i = plain_at(bytes, 0); i < bytes.size(); i += plain_at(bytes, i)) {
    const auto n = character(bytes.substr(i));
    if (n == 0 || (is_hidden(code_point(bytes.substr(i, n))) && bytes[i] != '\n' && bytes[i] != '\r' &&
                   bytes[i] != '\t')) {
      ++escaped;
    }
    i += std::max<std::size_t>(n, 1);
  }
  return escaped * 4 <= bytes.size();
}

void append_stretch(std::vector<Part>& parts, BytesView bytes) {
  if (bytes.empty()) return;
  Part part;
  part.kind = reads_as_text(bytes) ? Part::Kind::text : Part::Kind::hex;
  part.bytes = bytes;
  parts.push_back(std::move(part));
}

void append_run(std::vector<Part>& parts, char c, std::size_t times) {
  Part part;
  const bool text = character({&c, 1}) == 1 && !is_hidden(octet(c));
  part.kind = text ? Part::Kind::text : Part::Kind::hex;
  part.bytes.assign(1, c);
  part.times = Number{times, {}};
  parts.push_back(std::move(part));
}

}  // namespace

std::string quote(BytesView bytes) {
  std::string out = "\"";
  out.reserve(bytes.size() + 2);
  for (std::size_t i = 0; i < bytes.size();) {
    if (const auto plain = plain_at(bytes, i)) {
      out += bytes.substr(i, plain);
      i += plain;
      continue;
    }
    const auto n = character(bytes.substr(i));
    if (n == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", octet(bytes[i++]));
      continue;
    }
    quote_character(out, bytes.substr(i, n));
    i += n;
  }
  out += '"';
  return out;
}

Payload payload_of(BytesView bytes) {
  Payload out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto run = run_at(bytes, i);
    if (run >= kShortestRun) {
      append_stretch(out.parts, bytes.substr(begin, i - begin));
      append_run(out.parts, bytes[i], run);
      begin = i + run;
    }
    i += run;
  }
  append_stretch(out.parts, bytes.substr(begin));
  if (out.parts.empty()) out.parts.emplace_back();
  return out;
}

std::string print_payload(BytesView bytes, std::size_t limit) {
  // No notation is shorter than an octet a character but a run, and runs need one pass; so look no further
  // than needed.
  const bool huge = limit < bytes.size() && bytes.find_first_not_of(bytes[0]) != BytesView::npos;
  auto out = print(payload_of(huge ? bytes.substr(0, std::max(limit, std::size_t{64}) * 4) : bytes));
  if (out.size() <= limit && (!huge || bytes.size() <= std::max(limit, std::size_t{64}) * 4)) return out;
  auto end = std::min(limit, out.size());
  while (end > 0 && (octet(out[end]) & 0xc0) == 0x80) --end;
  out.resize(end);
  return out + fmt::format(" …({} octets)", bytes.size());
}

}  // namespace wsspec
