#include "protocol/http.h"

#include <algorithm>
#include <charconv>

namespace wsspec {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool is_token_octet(char c) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || kMarks.find(c) != std::string_view::npos;
}

bool has_control_octet(std::string_view line) {
  return std::ranges::any_of(line, [](char c) { return (octet(c) < 0x20 && c != '\t') || octet(c) == 0x7f; });
}

bool is_http_version(std::string_view text) {
  return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
         is_digit(text[7]);
}

// Calls `see` for each element of a comma list, blanks removed, empty ones included; stops when it returns
// true.
template <typename See>
bool any_element(std::string_view list, See see) {
  for (;;) {
    const std::size_t comma = list.find(',');
    if (see(trim_blanks(list.substr(0, comma)))) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

// The one number that all Content-Length values repeat; nothing when they differ or are no numbers.
std::optional<std::uint64_t> content_length(std::string_view joined) {
  std::optional<std::uint64_t> length;
  const bool bad = any_element(joined, [&](std::string_view element) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(element.data(), element.data() + element.size(), value);
    if (error != std::errc{} || end != element.data() + element.size() || (length && *length != value))
      return true;
    length = value;
    return false;
  });
  return bad ? std::nullopt : length;
}

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_octet);
}

std::size_t Head::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields, [&](const Field& f) { return same_text(f.name, name); }));
}

const std::string* Head::find(std::string_view name) const {
  const auto found = std::ranges::find_if(fields, [&](const Field& f) { return same_text(f.name, name); });
  return found == fields.end() ? nullptr : &found->value;
}

std::optional<std::string> Head::joined(std::string_view name) const {
  std::optional<std::string> all;
  for (const Field& field : fields) {
    if (!same_text(field.name, name)) continue;
    all = all ? *std::move(all) + ", " + field.value : field.value;
  }
  return all;
}

bool Head::has_token(std::string_view name, std::string_view token) const {
  return std::ranges::any_of(fields, [&](const Field& field) {
    return same_text(field.name, name) &&
           any_element(field.value, [&](std::string_view element) { return same_text(element, token); });
  });
}

bool HeadParser::feed(BytesView& bytes) {
  while (!done_ && !too_large_ && !bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const std::size_t wanted = newline == BytesView::npos ? bytes.size() : newline + 1;
    const std::size_t taken = std::min(wanted, limits_.octets - raw_.size());
    raw_.append(bytes.substr(0, taken));
    bytes.remove_prefix(taken);
    if (taken < wanted) {
      too_large_ = true;
    } else if (newline != BytesView::npos) {
      std::string_view line = std::string_view(raw_).substr(line_begin_, raw_.size() - line_begin_ - 1);
      line_begin_ = raw_.size();
      const bool bare_lf = !line.ends_with('\r');
      if (!bare_lf) line.remove_suffix(1);
      take_line(line, bare_lf);
    }
  }
  return done_;
}

void HeadParser::take_line(std::string_view line, bool bare_lf) {
  if (bare_lf) head_.bare_lf = true;
  if (has_control_octet(line)) head_.control_octet = true;
  if (head_.start.empty()) {
    if (line.empty()) {
      ++head_.empty_lines;
    } else {
      head_.start = line;
    }
    return;
  }
  if (line.empty()) {
    done_ = true;
    return;
  }
  if (is_blank(line.front()) && !head_.fields.empty()) {
    head_.folded = true;
    std::string& value = head_.fields.back().value;
    const std::string_view more = trim_blanks(line);
    if (!value.empty() && !more.empty()) value += ' ';
    value += more;
    return;
  }
  if (head_.fields.size() == limits_.fields) {
    too_large_ = true;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view written = line.substr(0, colon);
  const std::string_view name = trim_blanks(written);
  if (colon != std::string_view::npos && !written.ends_with(name)) head_.blank_before_colon = true;
  if (colon == std::string_view::npos || !is_token(name) || is_blank(line.front())) head_.malformed = true;
  const std::string_view value =
      colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  head_.fields.push_back({std::string(name), std::string(trim_blanks(value))});
}

std::optional<RequestLine> parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  // A tab is whitespace, which no part of the line may hold (RFC 9112 3).
  if (!is_token(method) || target.empty() || target.find('\t') != target.npos || !is_http_version(version))
    return std::nullopt;
  return RequestLine{std::string(method), std::string(target), std::string(version)};
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    const std::string_view element = trim_blanks(list.substr(0, comma));
    if (!element.empty()) out.emplace_back(element);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return out;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : std::tolower(c) - 'a' + 10;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() &&
                       std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                       std::isxdigit(static_cast<unsigned char>(text[i + 2]));
    out += coded ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return out;
}

std::optional<StatusLine> parse_status_line(std::string_view line) {
  if (line.size() < 12 || !is_http_version(line.substr(0, 8)) || line[8] != ' ') return std::nullopt;
  const std::string_view digits = line.substr(9, 3);
  if (!std::ranges::all_of(digits, is_digit) || digits[0] == '0') return std::nullopt;
  if (line.size() > 12 && line[12] != ' ') return std::nullopt;
  StatusLine status{std::string(line.substr(0, 8)), 0,
                    std::string(line.substr(std::min<std::size_t>(13, line.size())))};
  std::from_chars(digits.data(), digits.data() + 3, status.status);
  return status;
}

BodyLength response_body(const Head& head, int status, bool to_head_request) {
  using Kind = BodyLength::Kind;
  if (to_head_request || status < 200 || status == 204 || status == 304) return {Kind::none, 0};
  if (const auto encodings = head.joined("Transfer-Encoding")) {
    // Only a last coding "chunked" delimits itself (RFC 9112 6.3).
    const std::string_view all = *encodings;
    const std::size_t comma = all.rfind(',');
    const std::string_view last = trim_blanks(comma == std::string_view::npos ? all : all.substr(comma + 1));
    return {same_text(last, "chunked") ? Kind::chunked : Kind::until_end, 0};
  }
  if (const auto lengths = head.joined("Content-Length")) {
    if (const auto length = content_length(*lengths)) return {Kind::counted, *length};
  }
  return {Kind::until_end, 0};
}

Bytes render_head(std::string_view start, const std::vector<Field>& fields) {
  Bytes out(start);
  out += "\r\n";
  for (const Field& field : fields) out.append(field.name).append(": ").append(field.value).append("\r\n");
  out += "\r\n";
  return out;
}

}  // namespace wsspec
