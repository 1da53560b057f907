// A pattern of Autobahn's spec file: a regular expression of its own making.
//
// `.` stands for itself and `*` for any run; everything else is as in regular expressions, so `1[1-4].*` and
// `1.1.[1-3]*` are known. In `cases` and `exclude-cases` a pattern holds from the start and is open at the
// end (`1*` also selects 10, 12 and 13), and without `*` it is an exact number. In `exclude-agent-cases`
// names and numbers have to match whole.
// Matching takes linear time whatever the pattern says.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "protocol/error.h"

namespace re2 {
class RE2;
}

namespace wsspec {

class AutobahnPattern {
 public:
  enum class Kind { open, whole };
  /// `where` is the place for the error about a pattern that is no regular expression.
  static Result<AutobahnPattern> of(std::string text, Kind kind, const std::string& where);

  bool matches(std::string_view text) const;
  const std::string& text() const { return text_; }
  bool exact() const { return !expression_; }

 private:
  std::string text_;
  Kind kind_ = Kind::open;
  std::shared_ptr<const re2::RE2> expression_;
};

}  // namespace wsspec
