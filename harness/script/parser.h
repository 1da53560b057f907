// The recursive descent behind parse.h: one member per rule of the grammar in docs/notation.md.
//
// Private to script/parse*.cc. An error is recorded and the rest of its statement skipped; parsing goes on
// with the next line, so that several errors show per run.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "script/lex.h"
#include "script/parse.h"

namespace wsspec {

class Parser {
 public:
  Parser(std::string_view text, const std::shared_ptr<const std::string>& file,
         std::vector<Diagnostic>& errors)
      : file_(file), lexer_(text, file, errors) {}

  File file();
  std::vector<Step> steps_only();
  Payload payload_only();

 private:
  // Lines (parse.cc)
  void advance();   ///< To the next statement.
  void end_line();  ///< Complains about what is left of the statement, then advances.
  const Token& peek(std::size_t ahead = 0) const;
  const Token& take();
  bool accept(std::string_view word);
  bool accept_mark(char c);
  bool fail(const Token& token, std::string message, std::string hint = {});
  bool fail_expected(std::string_view what, std::string hint = {});
  Place place(const Token& token) const { return {file_, token.line, token.column}; }

  // File level (parse.cc)
  void first_line();
  Let let();
  Case one_case();
  bool meta(Case& one);
  void id(Case& one);
  Each each();
  void each_rows(Each& each, const Token& opener);
  EachValue each_value(bool last);
  std::vector<std::string> references(std::string_view what);
  std::string variable_name(std::string_view what);

  // Steps (parse_step.cc)
  std::vector<Step> steps(int depth);
  Step step(int depth);
  bool at_on() const;
  On on();
  Statement statement(Step& step, int depth);
  Statement send();
  Statement expect();
  Statement action();
  Statement operation();
  Statement either(int depth);
  Statement burst();
  Statement repeat(int depth);
  void block_end(const Token& opener);
  Grade grade();
  Duration duration();
  Time time();
  std::uint32_t permille();
  void deadline(Step& step);
  bool at_frame() const;
  SendFrame send_frame();
  ExpectFrame expect_frame();
  void frame_kind(FrameFields& fields);
  bool field_or_layout(FrameFields* fields, Layout* layout);
  bool field(FrameFields& fields, const Token& name);
  MaskField mask();
  void layout(Layout& layout);
  MessageSeries series();
  std::optional<Limit> limit(std::string_view what);
  bool binary();
  Statement hear();
  SendHead head();
  std::vector<Code> codes();
  std::vector<Condition> conditions();
  SendStomp send_stomp(std::string command);
  bool form(SendStomp& frame);
  ExpectStomp expect_stomp();
  Open open();
  Connect connect();

  // Payloads, numbers, edits (parse_payload.cc)
  Number number(std::string_view what);
  bool at_number() const;
  bool at_part(std::size_t ahead = 0) const;
  Payload payload(std::string_view what);
  Part part();
  Part call();
  Argument argument();
  std::string header();
  bool at_edit(std::size_t ahead = 0) const;
  std::vector<Edit> edits();
  Edit edit();
  bool at_edit_list() const;

  std::shared_ptr<const std::string> file_;
  Lexer lexer_;
  Line line_;
  std::size_t index_ = 0;
  bool more_ = false;
  bool failed_ = false;  ///< In this statement.
  int nesting_ = 0;      ///< Of calls and lists of edits.
};

}  // namespace wsspec
