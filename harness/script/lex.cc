#include "script/lex.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "script/parse.h"
#include "script/print.h"

namespace wsspec {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '/' || c == '[' || c == ']' ||
         c == '_' || c == '*';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(Bytes& out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t v) { out += static_cast<char>(v); };
  if (c < 0x80) return put(c);
  if (c < 0x800) return put(0xc0 | c >> 6), put(0x80 | (c & 63));
  if (c < 0x10000) return put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 63)), put(0x80 | (c & 63));
  put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 63)), put(0x80 | (c >> 6 & 63)), put(0x80 | (c & 63));
}

std::optional<std::uint64_t> times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

constexpr std::array kRawAfter = {"case", "covers", "see", "needs", "tags"};

}  // namespace

bool is_name(char c) {
  return is_digit(c) || is_letter(c) || c == '-' || c == '_';
}

std::optional<std::uint64_t> read_number(std::string_view text, bool* overflow) {
  int base = 10;
  std::uint64_t unit = 1;
  if (text.starts_with("0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (!text.empty() && std::string_view("KMG").find(text.back()) != std::string_view::npos) {
    unit = text.back() == 'K' ? 1U << 10 : text.back() == 'M' ? 1U << 20 : 1U << 30;
    text.remove_suffix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument)
    return std::nullopt;
  const auto scaled = error == std::errc() ? times(value, unit) : std::nullopt;
  if (!scaled && overflow) *overflow = true;
  return scaled;
}

std::optional<Duration> read_duration(std::string_view text) {
  std::int64_t unit = 0;
  if (text.ends_with("ns"))
    unit = 1;
  else if (text.ends_with("us"))
    unit = 1000;
  else if (text.ends_with("ms"))
    unit = 1'000'000;
  else if (text.ends_with("s"))
    unit = 1'000'000'000;
  if (unit == 0) return std::nullopt;
  text.remove_suffix(unit == 1'000'000'000 ? 1 : 2);
  const auto dot = text.find('.');
  const auto whole = text.substr(0, dot);
  std::uint64_t units = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), units);
  if (whole.empty() || end != whole.data() + whole.size() || error != std::errc()) return std::nullopt;
  constexpr std::uint64_t kYear = 366ULL * 24 * 3600 * 1'000'000'000;
  const auto whole_ns = times(units, static_cast<std::uint64_t>(unit));
  if (!whole_ns || *whole_ns > kYear) return std::nullopt;
  auto total = static_cast<std::int64_t>(*whole_ns);
  if (dot != std::string_view::npos) {
    const auto fraction = text.substr(dot + 1);
    if (fraction.empty() || fraction.size() > 9) return std::nullopt;
    for (char c : fraction) {
      if (!is_digit(c) || unit % 10 != 0) return std::nullopt;
      unit /= 10;
      total += (c - '0') * unit;
    }
  }
  return Duration(total);
}

Lexer::Lexer(std::string_view text, std::shared_ptr<const std::string> file, std::vector<Diagnostic>& errors)
    : text_(text), file_(std::move(file)), errors_(errors) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = line_begin_ = counted_at_ = 3;  // a byte order mark
}

bool Lexer::at_line_end() const {
  return at_end() || peek() == '\n' || (peek() == '\r' && peek(1) == '\n');
}

void Lexer::new_line() {
  at_ = std::min(text_.find('\n', at_), text_.size());
  if (!at_end()) ++at_;
  line_begin_ = counted_at_ = at_;
  counted_column_ = 1;
  ++line_;
}

int Lexer::column() {
  for (; counted_at_ < at_; ++counted_at_) {
    if ((octet(text_[counted_at_]) & 0xc0) != 0x80) ++counted_column_;
  }
  return counted_column_;
}

std::string_view Lexer::source_line(int number) const {
  const auto index = static_cast<std::size_t>(number - first_line_);
  if (number < first_line_ || index >= joined_.size()) return {};
  auto line = text_.substr(joined_[index]);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

void Lexer::report(const Token& token, std::string message, std::string hint) {
  if (errors_.size() >= kMaxDiagnostics) return;
  Diagnostic d;
  d.place = {file_, token.line, token.column};
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.width = std::max(token.width, 1);
  d.source_line = source_line(token.line);
  errors_.push_back(std::move(d));
}

void Lexer::bad(Line& line, Token& token, std::string message, std::string hint) {
  line.bad = true;
  report(token, std::move(message), std::move(hint));
}

bool Lexer::next(Line& line) {
  line.tokens.clear();
  line.comment.clear();
  line.bad = false;
  while (!at_end()) {
    joined_.assign(1, line_begin_);
    first_line_ = line_;
    statement(line);
    Token end;
    end.line = line_;
    end.column = column();
    if (!at_end()) new_line();
    if (line.tokens.empty() && !line.bad) {
      line.comment.clear();
      continue;
    }
    line.tokens.push_back(end);
    return true;
  }
  return false;
}

void Lexer::take_comment(Line& line) {
  const auto end = std::min(text_.find('\n', at_), text_.size());
  auto comment = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end;
  while (!comment.empty() && (is_blank(comment.front()))) comment.remove_prefix(1);
  while (!comment.empty() && (is_blank(comment.back()) || comment.back() == '\r')) comment.remove_suffix(1);
  line.comment = comment;
}

/// Skips blanks and joins lines at a trailing backslash; true when something was skipped.
bool Lexer::skip_blanks(Line&) {
  const auto begin = at_;
  for (;;) {
    while (is_blank(peek())) ++at_;
    if (peek() != '\\') break;
    std::size_t ahead = 1;
    while (is_blank(peek(ahead)) || peek(ahead) == '\r') ++ahead;
    if (at_ + ahead < text_.size() && peek(ahead) != '\n') break;
    new_line();
    joined_.push_back(line_begin_);
    if (at_end()) break;
  }
  return at_ != begin;
}

void Lexer::statement(Line& line) {
  bool raw = false;
  while (!line.bad) {
    const bool blank = skip_blanks(line);
    if (at_line_end()) return;
    if (peek() == '#' && (!raw || blank || line.tokens.empty())) return take_comment(line);
    if (raw && peek() != '"') {
      raw_word(line);
    } else {
      token(line, !blank);
    }
    if (line.tokens.size() == 1 && !line.bad) {
      raw = line.tokens[0].kind == Token::Kind::word &&
            std::find(kRawAfter.begin(), kRawAfter.end(), line.tokens[0].text) != kRawAfter.end();
    }
  }
}

void Lexer::finish(Token& token, std::size_t begin) {
  token.text = text_.substr(begin, at_ - begin);
  token.width = column() - token.column;
}

void Lexer::raw_word(Line& line) {
  Token t;
  t.kind = Token::Kind::word;
  t.line = line_;
  t.column = column();
  const auto begin = at_;
  while (!at_line_end() && !is_blank(peek())) ++at_;
  finish(t, begin);
  for (char c : t.text) {
    if (octet(c) < 0x20 || octet(c) == 0x7f) return bad(line, t, "a control character in a word");
  }
  line.tokens.push_back(std::move(t));
}

void Lexer::token(Line& line, bool glued) {
  Token t;
  t.line = line_;
  t.column = column();
  t.glued = glued;
  const auto begin = at_;
  const char c = peek();
  if (c == '"') {
    string(t, line);
  } else if (c == 'x' && peek(1) == '"') {
    hex(t, line);
  } else if (c == '$') {
    ++at_;
    while (is_name(peek())) ++at_;
    finish(t, begin);
    t.kind = Token::Kind::variable;
    t.text.remove_prefix(1);
    if (t.text.empty())
      return bad(line, t, "a variable needs a name after '$'", "names hold letters, digits, '-' and '_'");
  } else if (c == '@') {
    ++at_;
    while (is_word(peek())) ++at_;
    finish(t, begin);
    t.kind = Token::Kind::at;
    const auto moment = read_duration(t.text.substr(1));
    if (!moment) return bad(line, t, fmt::format("'{}' is no moment", t.text), "write '@12.4ms'");
    t.duration = *moment;
  } else if (is_word(c) && c != '*') {
    word(t, line);
  } else if (std::string_view("<>=|(),:*+").find(c) != std::string_view::npos) {
    ++at_;
    finish(t, begin);
    t.kind = Token::Kind::mark;
  } else {
    do ++at_;
    while (!at_end() && (octet(peek()) & 0xc0) == 0x80);
    finish(t, begin);
    const auto name =
        octet(c) < 0x20 || octet(c) == 0x7f ? std::string("control character") : "character " + quote(t.text);
    return bad(line, t, "unexpected " + name);
  }
  if (!line.bad) line.tokens.push_back(std::move(t));
}

void Lexer::word(Token& t, Line& line) {
  const auto begin = at_;
  const auto part = [this](auto is) {
    while (is(peek())) ++at_;
  };
  part(is_word);
  if (at_ > begin && text_[at_ - 1] == '[' && peek() == '$') {  // `c[$i]` is one word.
    ++at_;
    part(is_name);
    part(is_word);
  }
  finish(t, begin);
  bool overflow = false;
  if (const auto number = read_number(t.text, &overflow)) {
    t.kind = Token::Kind::number;
    t.number = *number;
  } else if (overflow) {
    bad(line, t, fmt::format("the number {} does not fit 64 bits", t.text));
  } else if (const auto duration = read_duration(t.text)) {
    t.kind = Token::Kind::duration;
    t.duration = *duration;
  } else {
    t.kind = Token::Kind::word;
  }
}

void Lexer::string(Token& t, Line& line) {
  t.kind = Token::Kind::string;
  const auto begin = at_++;
  while (peek() != '"' || at_end()) {
    if (at_line_end()) {
      finish(t, begin);
      return bad(line, t, "the string is not closed", "put '\"' at its end");
    }
    const char c = peek();
    if (c == '\\') {
      Token escape_token = t;
      escape_token.column = column();
      escape_token.width = 2;
      if (!escape(escape_token, t.bytes)) {
        line.bad = true;
        return;
      }
      continue;
    }
    if ((octet(c) < 0x20 && c != '\t') || octet(c) == 0x7f) {
      Token here = t;
      here.column = column();
      here.width = 1;
      return bad(line, here, "a control character in a string", fmt::format("write '\\x{:02x}'", octet(c)));
    }
    t.bytes += c;
    ++at_;
  }
  ++at_;
  finish(t, begin);
}

bool Lexer::escape(Token& t, Bytes& out) {
  ++at_;
  if (at_line_end()) return report(t, "the string is not closed", "put '\"' at its end"), false;
  const char c = peek();
  ++at_;
  switch (c) {
    case 'n': out += '\n'; return true;
    case 'r': out += '\r'; return true;
    case 't': out += '\t'; return true;
    case '"': out += '"'; return true;
    case '\\': out += '\\'; return true;
    case 'x': {
      const int high = hex_value(peek()), low = high < 0 ? -1 : hex_value(peek(1));
      if (low < 0) return report(t, "'\\x' needs two hexadecimal digits", "for example '\\x00'"), false;
      at_ += 2;
      out += static_cast<char>(high << 4 | low);
      return true;
    }
    case 'u': {
      std::uint32_t value = 0;
      int digits = 0;
      if (peek() == '{') {
        for (++at_; hex_value(peek()) >= 0 && digits < 7; ++at_, ++digits) {
          value = value << 4 | static_cast<std::uint32_t>(hex_value(peek()));
        }
      }
      if (digits == 0 || peek() != '}') {
        return report(t, "'\\u' needs a code point in braces", "for example '\\u{1F600}'"), false;
      }
      ++at_;
      if (value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
        return report(t, fmt::format("U+{:04X} is no character", value), "write its octets as x\"..\""),
               false;
      }
      append_utf8(out, value);
      return true;
    }
    default:
      report(t, fmt::format("unknown escape '\\{}'", octet(c) < 0x20 || octet(c) > 0x7e ? '?' : c),
             "one of \\n \\r \\t \\\" \\\\ \\xHH \\u{...}");
      return false;
  }
}

void Lexer::hex(Token& t, Line& line) {
  t.kind = Token::Kind::hex;
  const auto begin = at_;
  at_ += 2;
  int pending = -1;
  while (peek() != '"' || at_end()) {
    if (at_line_end()) {
      finish(t, begin);
      return bad(line, t, "the hexadecimal string is not closed", "put '\"' at its end");
    }
    const int value = hex_value(peek());
    if (value < 0 && !is_blank(peek())) {
      Token here = t;
      here.column = column();
      here.width = 1;
      return bad(line, here, "not a hexadecimal digit", "for text write \"..\" without x");
    }
    ++at_;
    if (value < 0) continue;
    if (pending < 0) {
      pending = value;
    } else {
      t.bytes += static_cast<char>(pending << 4 | value);
      pending = -1;
    }
  }
  ++at_;
  finish(t, begin);
  if (pending >= 0) bad(line, t, "an odd number of hexadecimal digits");
}

}  // namespace wsspec
