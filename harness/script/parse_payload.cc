// Payloads, numbers and edits of HTTP heads.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "script/parser.h"
#include "script/words.h"

namespace wsspec {
namespace {

using Kind = Token::Kind;
constexpr std::array<std::string_view, 6> kEditWords = {"set", "add", "drop", "method", "path", "version"};

}  // namespace

bool Parser::at_number() const {
  return peek().kind == Kind::number || peek().kind == Kind::variable;
}

Number Parser::number(std::string_view what) {
  if (!at_number()) {
    fail_expected(fmt::format("a number for {}", what));
    return {};
  }
  const Token& t = take();
  if (t.kind == Kind::variable) return {0, std::string(t.text)};
  return {t.number, {}};
}

bool Parser::at_part(std::size_t ahead) const {
  const Token& t = peek(ahead);
  if (t.kind == Kind::string || t.kind == Kind::hex || t.kind == Kind::variable) return true;
  return t.kind == Kind::word && peek(ahead + 1).is_mark('(') && peek(ahead + 1).glued;
}

Payload Parser::payload(std::string_view what) {
  Payload out;
  if (!at_part()) {
    fail_expected(fmt::format("a payload for {}", what),
                  "a \"string\", x\"hex\", $variable or function(...)");
    return out;
  }
  while (at_part()) out.parts.push_back(part());
  return out;
}

Part Parser::part() {
  if (peek().kind == Kind::word) return call();
  Token& t = const_cast<Token&>(take());
  Part out;
  if (t.kind == Kind::variable) {
    out.kind = Part::Kind::variable;
    out.name = t.text;
    if (peek().is_mark('*')) fail(peek(), "only a string can be repeated with '*'", "");
    return out;
  }
  out.kind = t.kind == Kind::string ? Part::Kind::text : Part::Kind::hex;
  out.bytes = std::move(t.bytes);
  if (accept_mark('*')) out.times = number("'*'");
  return out;
}

Part Parser::call() {
  Part out;
  out.kind = Part::Kind::call;
  const Token name = take();
  out.name = name.text;
  const auto known = words_of(Word::Kind::function);
  if (std::find(known.begin(), known.end(), name.text) == known.end()) {
    fail(name, fmt::format("unknown function '{}'", name.text), did_you_mean(name.text, known));
    return out;
  }
  if (++nesting_ > kMaxNesting) {
    fail(name, fmt::format("functions are nested more than {} deep", kMaxNesting));
    --nesting_;
    return out;
  }
  accept_mark('(');
  if (!accept_mark(')')) {
    do out.arguments.push_back(argument());
    while (!failed_ && accept_mark(','));
    if (!accept_mark(')')) fail_expected("',' or ')'");
  }
  --nesting_;
  return out;
}

Argument Parser::argument() {
  Argument out;
  if (accept("-")) {
    out.open_end = true;
    return out;
  }
  // A lone variable is stored as a number; the function's shape says whether it means a payload
  // (functions.h).
  const bool lone = peek(1).is_mark(',') || peek(1).is_mark(')');
  if (peek().kind == Kind::number || (peek().kind == Kind::variable && lone)) {
    out.value = number("the argument");
  } else if (at_part()) {
    out.value = payload("the argument");
  } else {
    fail_expected("a number or a payload");
  }
  return out;
}

/// A header's name; `$name` is kept with its `$` for expand().
std::string Parser::header() {
  const Token& t = peek();
  if (t.kind == Kind::variable) return "$" + std::string(take().text);
  if (t.kind == Kind::string) return take().bytes;
  if (t.kind == Kind::word || t.kind == Kind::number || t.kind == Kind::duration)
    return std::string(take().text);
  fail_expected("the name of a header");
  return {};
}

bool Parser::at_edit(std::size_t ahead) const {
  const Token& t = peek(ahead);
  if (t.kind == Kind::variable) return true;
  return t.kind == Kind::word && std::find(kEditWords.begin(), kEditWords.end(), t.text) != kEditWords.end();
}

/// At `(`: true for a list of edits, false for a payload in parentheses.
bool Parser::at_edit_list() const {
  std::size_t ahead = 1;
  while (peek(ahead).kind == Kind::variable) ++ahead;
  const Token& t = peek(ahead);
  return t.is_mark('(') || t.is_mark(')') || (at_edit(ahead) && !at_part(ahead));
}

std::vector<Edit> Parser::edits() {
  std::vector<Edit> out;
  while (!failed_) {
    if (peek().is_mark('(') && at_edit_list()) {  // `($x)` after a payload: edits, not a part of it
      if (nesting_ == kMaxNesting) {
        fail(peek(), fmt::format("edits are nested more than {} deep", kMaxNesting));
        break;
      }
      take();
      ++nesting_;
      for (auto& inner : edits()) out.push_back(std::move(inner));
      --nesting_;
      if (!accept_mark(')')) fail_expected("an edit or ')'");
    } else if (at_edit()) {
      out.push_back(edit());
    } else {
      break;
    }
  }
  return out;
}

Edit Parser::edit() {
  Edit out;
  const Token word = take();
  if (word.kind == Kind::variable) {
    out.kind = Edit::Kind::variable;
    out.header = word.text;
  } else if (word.is("drop")) {
    out.kind = Edit::Kind::drop;
    out.header = header();
  } else if (word.is("set") || word.is("add")) {
    out.kind = word.is("set") ? Edit::Kind::set : Edit::Kind::add;
    out.header = header();
    out.raw = accept("raw");
    if (!failed_) out.value = payload(fmt::format("'{}'", out.header));
  } else {
    out.kind = word.is("method") ? Edit::Kind::method
               : word.is("path") ? Edit::Kind::path
                                 : Edit::Kind::version;
    out.value = payload(fmt::format("'{}'", word.text));
  }
  return out;
}

}  // namespace wsspec
