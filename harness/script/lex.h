// Lexer of the notation: one statement (a line, with its `\` continuations) to tokens.
//
// What it is not: it does not know statements, except that `case`, `covers`, `see`, `needs` and `tags` are
// followed by words parted by blanks alone (ids hold commas, links hold anything). Invariant: any octets lex;
// what cannot be a token is reported and marks its line `bad`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/endpoint.h"
#include "script/diagnostics.h"

namespace wsspec {

struct Token {
  enum class Kind { word, number, duration, string, hex, variable, at, mark, end };
  Kind kind = Kind::end;
  std::string_view text;     ///< As spelled; variable: without `$`.
  Bytes bytes;               ///< string, hex: the octets meant.
  std::uint64_t number = 0;  ///< number.
  Duration duration{};       ///< duration, at.
  bool glued = false;        ///< No blank before it.
  int line = 0, column = 0, width = 1;

  bool is(std::string_view word) const { return kind == Kind::word && text == word; }
  bool is_mark(char c) const { return kind == Kind::mark && text.front() == c; }
};

struct Line {
  std::vector<Token> tokens;  ///< Ended by a token of kind `end`.
  std::string comment;        ///< Without `#`, trimmed.
  bool bad = false;           ///< A token could not be read; the diagnostic is made.
};

/// `125`, `0x8000`, `64K`, `1M`; nothing when `text` is no number. `overflow` is set when it does not fit 64
/// bits.
std::optional<std::uint64_t> read_number(std::string_view text, bool* overflow = nullptr);
/// `5ms`, `1s`, `12.4ms`, `250us`, `7ns`.
std::optional<Duration> read_duration(std::string_view text);

class Lexer {
 public:
  Lexer(std::string_view text, std::shared_ptr<const std::string> file, std::vector<Diagnostic>& errors);
  /// The next line that holds a token; false at the end.
  bool next(Line& line);
  /// The physical line with this number that was read last, for diagnostics.
  std::string_view source_line(int number) const;
  void report(const Token& token, std::string message, std::string hint = {});

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  bool at_line_end() const;
  void new_line();
  int column();
  bool skip_blanks(Line& line);
  void take_comment(Line& line);
  void statement(Line& line);
  void token(Line& line, bool glued);
  void raw_word(Line& line);
  void word(Token& token, Line& line);
  void string(Token& token, Line& line);
  void hex(Token& token, Line& line);
  bool escape(Token& token, Bytes& out);
  void bad(Line& line, Token& token, std::string message, std::string hint = {});
  void finish(Token& token, std::size_t begin);

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<Diagnostic>& errors_;
  std::size_t at_ = 0, line_begin_ = 0, counted_at_ = 0;
  int line_ = 1, counted_column_ = 1;
  std::vector<std::size_t>
      joined_;  ///< Begins of the physical lines of the statement being read, the first one first.
  int first_line_ = 1;
};

/// May stand in the name of a variable.
bool is_name(char c);

}  // namespace wsspec
