#include "script/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/utf8.h"
#include "script/parser.h"
#include "script/words.h"

namespace wsspec {
namespace {

using Kind = Token::Kind;

std::string named(const Token& t) {
  switch (t.kind) {
    case Kind::end: return "the end of the line";
    case Kind::variable: return fmt::format("'${}'", t.text);
    case Kind::string: return "a string";
    case Kind::hex: return "a hexadecimal string";
    default: return fmt::format("'{}'", t.text);
  }
}

std::string_view text_of(const Token& t) {
  return t.kind == Kind::word || t.kind == Kind::number || t.kind == Kind::duration ? t.text
                                                                                    : std::string_view();
}

bool is_id(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-/[]_*,").find(c) != std::string_view::npos;
  });
}

constexpr std::array<std::string_view, 4> kFileWords = {"case", "let", "wire", "end"};

}  // namespace

void Parser::advance() {
  more_ = lexer_.next(line_);
  index_ = 0;
  failed_ = more_ && line_.bad;
  nesting_ = 0;
}

void Parser::end_line() {
  if (more_ && !failed_ && peek().kind != Kind::end)
    fail(peek(), fmt::format("unexpected {}", named(peek())));
  advance();
}

const Token& Parser::peek(std::size_t ahead) const {
  static const Token kEnd;
  if (!more_) return kEnd;
  return line_.tokens[std::min(index_ + ahead, line_.tokens.size() - 1)];
}

const Token& Parser::take() {
  const Token& t = peek();
  if (t.kind != Kind::end) ++index_;
  return t;
}

bool Parser::accept(std::string_view word) {
  if (!peek().is(word)) return false;
  ++index_;
  return true;
}

bool Parser::accept_mark(char c) {
  if (!peek().is_mark(c)) return false;
  ++index_;
  return true;
}

/// Records the first error of a statement and drops the rest of it. Always false.
bool Parser::fail(const Token& token, std::string message, std::string hint) {
  if (!failed_) lexer_.report(token, std::move(message), std::move(hint));
  failed_ = true;
  if (more_) index_ = line_.tokens.size() - 1;
  return false;
}

bool Parser::fail_expected(std::string_view what, std::string hint) {
  return fail(peek(), fmt::format("expected {}, found {}", what, named(peek())), std::move(hint));
}

void Parser::first_line() {
  advance();
  if (!more_ || !peek().is("wire")) {
    Token begin = peek();
    begin.line = std::max(begin.line, 1);
    begin.column = std::max(begin.column, 1);
    fail(begin, "the file does not begin with 'wire 1'", "add it as the first line");
    return;  // the rest may be right
  }
  take();
  const Token version = peek();
  if (version.kind != Kind::number) {
    fail_expected("the version of the notation", "write 'wire 1'");
  } else if (version.number != 1) {
    fail(version, fmt::format("version {} of the notation is not known", version.text),
         "this program reads 'wire 1'");
  } else {
    take();
  }
  end_line();
}

File Parser::file() {
  File out;
  first_line();
  if (more_ && failed_ && !line_.bad) failed_ = false, index_ = 0;
  while (more_) {
    if (peek().is("let")) {
      if (!out.cases.empty()) fail(peek(), "'let' of the whole file stands before the first case");
      out.lets.push_back(let());
    } else if (peek().is("case")) {
      out.cases.push_back(one_case());
    } else {
      const auto text = text_of(peek());
      const auto hint = out.cases.empty() ? did_you_mean(text, kFileWords) : std::string();
      fail(peek(), fmt::format("expected 'case' or 'let', found {}", named(peek())), hint);
      end_line();
    }
  }
  return out;
}

std::string Parser::variable_name(std::string_view what) {
  const auto text = text_of(peek());
  const bool name = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
  if (!name) {
    fail_expected(fmt::format("the name of {}", what),
                  peek().kind == Kind::variable ? "write it without '$' here" : "");
    return {};
  }
  return std::string(take().text);
}

Let Parser::let() {
  Let out;
  out.place = place(take());
  out.name = variable_name("the payload");
  if (!failed_ && !accept_mark('=')) fail_expected("'='");
  if (!failed_) out.payload = payload("'let'");
  end_line();
  return out;
}

void Parser::id(Case& one) {
  const Token word = take();
  one.place = place(word);
  const Token name = peek();
  if (name.kind == Kind::word && is_id(name.text)) {
    one.id = take().text;
  } else if (name.kind == Kind::end) {
    fail_expected("the id of the case");
  } else {
    fail(name, fmt::format("'{}' is no id of a case", name.text),
         "ids hold letters, digits and . - / [ ] _ * ,");
  }
  end_line();
}

Case Parser::one_case() {
  Case out;
  id(out);
  while (more_ && meta(out)) {
  }
  out.steps = steps(0);
  if (out.steps.empty()) {
    Token at;
    at.line = out.place.line;
    at.column = out.place.column;
    failed_ = false;
    lexer_.report(at, fmt::format("case '{}' has no steps", out.id), "");
  }
  return out;
}

std::vector<std::string> Parser::references(std::string_view what) {
  std::vector<std::string> out;
  while (!failed_ && peek().kind != Kind::end) {
    const Token& t = take();
    if (t.kind == Kind::string)
      out.push_back(t.bytes);
    else
      out.emplace_back(t.text);
  }
  if (!failed_ && out.empty()) fail_expected(what);
  return out;
}

/// One line of metadata; false when the line is none.
bool Parser::meta(Case& one) {
  const Token word = peek();
  const auto append = [](std::vector<std::string>& to, std::vector<std::string> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  if (word.is("let")) {
    one.lets.push_back(let());
    return true;
  }
  if (word.is("each")) {
    one.each.push_back(each());
    return true;
  }
  if (word.is("about")) {
    take();
    if (!one.about.empty())
      fail(word, "a second 'about'", "one sentence is enough");
    else if (peek().kind != Kind::string)
      fail_expected("a string");
    else
      one.about = take().bytes;
  } else if (word.is("covers")) {
    take(), append(one.covers, references("the id of a requirement"));
  } else if (word.is("see")) {
    take(), append(one.see, references("a reference"));
  } else if (word.is("needs")) {
    take(), append(one.needs, references("a feature"));
  } else if (word.is("tags")) {
    take(), append(one.tags, references("a word"));
  } else if (word.is("target")) {
    take();
    if (accept("server"))
      one.target = Target::server;
    else if (accept("client"))
      one.target = Target::client;
    else if (accept("hop"))
      one.target = Target::hop;
    else
      fail_expected("'server', 'client' or 'hop'");
  } else if (word.is("limit")) {
    take();
    one.limit = duration();
  } else {
    return false;
  }
  end_line();
  return true;
}

Each Parser::each() {
  Each out;
  const Token word = take();
  out.names.push_back(variable_name("a variable"));
  if (accept("in")) {
    while (!failed_ && peek().kind != Kind::end) {
      const Token t = peek();
      if (text_of(t).empty()) {
        fail(t, fmt::format("{} needs a label", named(t)),
             "write 'each' as a table: a line 'label: value' each, then 'end'");
        break;
      }
      Each::Row row;
      row.place = place(t);
      if (t.kind == Kind::number) {
        row.values.emplace_back(Number{t.number, {}});
        if (t.text != std::to_string(t.number)) row.label = t.text;
      } else {
        row.values.emplace_back(std::string(t.text));
      }
      out.rows.push_back(std::move(row));
      take();
    }
    if (!failed_ && out.rows.empty()) fail_expected("a value");
    end_line();
    return out;
  }
  while (!failed_ && peek().kind != Kind::end) out.names.push_back(variable_name("a variable"));
  end_line();
  each_rows(out, word);
  if (out.rows.empty() && more_) lexer_.report(word, "'each' has no rows");
  return out;
}

void Parser::each_rows(Each& each, const Token& opener) {
  while (more_) {
    if (peek().is("end") && peek(1).kind == Kind::end) {
      take();
      return end_line();
    }
    if (peek().is("case")) {
      fail(peek(), "the table of 'each' is not ended", "put 'end' after its last row");
      failed_ = false, index_ = 0;
      return;
    }
    Each::Row row;
    row.place = place(peek());
    const Token first = peek();
    const bool labelled = peek(1).is_mark(':');
    if (labelled) {
      row.label = text_of(first);
      if (row.label.empty()) fail(first, "a label is a word");
      if (!failed_) take(), take();
    } else if (!failed_ && text_of(first).empty()) {
      fail(first, fmt::format("{} needs a label", named(first)), "write 'label: value'");
    } else if (first.kind == Kind::number && first.text != std::to_string(first.number)) {
      row.label = first.text;  // `1M` keeps its spelling in the instance's id
    }
    for (std::size_t column = 0; column < each.names.size() && !failed_; ++column) {
      row.values.push_back(each_value(column + 1 == each.names.size()));
    }
    end_line();
    each.rows.push_back(std::move(row));
  }
  lexer_.report(opener, "the table of 'each' is not ended", "put 'end' after its last row");
}

EachValue Parser::each_value(bool last) {
  const Token& t = peek();
  if (t.is_mark('(')) {
    const bool list = at_edit_list();
    take();
    EachValue out;
    if (list) {
      out = edits();
    } else {
      out = payload("the column");
    }
    if (!failed_ && !accept_mark(')')) fail_expected(list ? "an edit or ')'" : "')'");
    return out;
  }
  if (at_part()) {
    if (last) return payload("the column");
    Payload one;
    one.parts.push_back(part());
    return one;
  }
  if (t.kind == Kind::number) return Number{take().number, {}};
  if (!text_of(t).empty()) return std::string(take().text);
  fail_expected("a value for each column", "a number, a word, a payload, or edits in parentheses");
  return Number{};
}

namespace {

std::shared_ptr<const std::string> name_of(std::string_view file) {
  return std::make_shared<const std::string>(file);
}

/// A diagnostic for the file as a whole, before any token is read.
std::optional<Diagnostic> unreadable(std::string_view text, const std::shared_ptr<const std::string>& file) {
  Diagnostic d;
  d.place = {file, 1, 1};
  if (text.size() > kMaxFileSize) {
    d.message = fmt::format("the file is larger than {} MiB", kMaxFileSize >> 20);
    d.hint = "split it into several files";
    return d;
  }
  if (is_utf8(text)) return std::nullopt;
  std::size_t begin = 0, end = 0;
  for (int line = 1;; ++line, begin = end + 1) {
    d.place.line = line;
    end = std::min(text.find('\n', begin), text.size());
    if (!is_utf8(text.substr(begin, end - begin)) || end == text.size()) break;
  }
  d.message = "the file is not UTF-8";
  d.hint = "write such octets as \"\\xff\" or x\"ff\"";
  return d;
}

}  // namespace

Parsed parse(std::string_view text, std::string_view file_name) {
  Parsed out;
  const auto file = name_of(file_name);
  if (auto d = unreadable(text, file)) {
    out.errors.push_back(std::move(*d));
    return out;
  }
  out.file = Parser(text, file, out.errors).file();
  attach_source(out.errors, file_name, text);
  return out;
}

ParsedSteps parse_steps(std::string_view text, std::string_view file_name) {
  ParsedSteps out;
  const auto file = name_of(file_name);
  if (auto d = unreadable(text, file)) {
    out.errors.push_back(std::move(*d));
    return out;
  }
  out.steps = Parser(text, file, out.errors).steps_only();
  attach_source(out.errors, file_name, text);
  return out;
}

Result<Payload> parse_payload(std::string_view text) {
  std::vector<Diagnostic> errors;
  auto out = Parser(text, name_of("payload"), errors).payload_only();
  if (!errors.empty()) return fail_with(render(errors[0].place), errors[0].message, errors[0].hint);
  return out;
}

Payload Parser::payload_only() {
  advance();
  auto out = payload("the value");
  end_line();
  if (more_) fail(peek(), "a payload is one line");
  return out;
}

}  // namespace wsspec
