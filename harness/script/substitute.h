// Replacing `each` variables by their values throughout a case, and finding which names a case uses.
//
// Private to script (expand.cc, check.cc). Names that no `each` binds stay as they are.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "script/ast.h"

namespace wsspec {

class Substitution {
 public:
  using Report = std::function<void(const Place&, std::string message, std::string word)>;
  explicit Substitution(Report report) : report_(std::move(report)) {}

  /// Binds `name` in the row `label`; variables bound before are replaced in `value`.
  void bind(const std::string& name, EachValue value, const std::string& label, const Place& place);
  void know_let(const std::string& name) { lets_.insert(name); }
  void apply(Case& one);

 private:
  const EachValue* find(const std::string& name) const;
  void wrong(const std::string& name, const EachValue& value, std::string_view wanted);
  void words(std::vector<std::string>& all);
  void text(std::string& text);
  void number(Number& number);
  void optional(std::optional<Number>& number);
  void payload(Payload& payload);
  void part(Part part, std::vector<Part>& out);
  void argument(Argument& argument);
  void header(std::string& name);
  void edits(std::vector<Edit>& edits);
  void edit_value(Edit& edit, std::vector<Edit>& after);
  void codes(std::vector<Code>& codes);
  void conditions(std::vector<Condition>& conditions);
  void fields(FrameFields& fields);
  void steps(std::vector<Step>& steps);
  bool names_payload(const std::string& name) const;
  bool names_number(const std::string& name) const;
  void settle(SendFrame& frame);
  void settle(ExpectFrame& frame);

  Report report_;
  std::map<std::string, EachValue> values_;
  std::map<std::string, std::string> labels_;
  std::set<std::string> lets_;
  Place place_;
};

/// The names of all variables in a payload, a statement, or a case (steps and lets), without `$`.
std::set<std::string> names_in(const Payload& payload);
std::set<std::string> names_in(const Statement& statement);
std::set<std::string> names_in(const Case& one);

}  // namespace wsspec
