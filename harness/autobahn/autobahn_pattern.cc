#include "autobahn/autobahn_pattern.h"

#include <re2/re2.h>

namespace wsspec {

Result<AutobahnPattern> AutobahnPattern::of(std::string text, Kind kind, const std::string& where) {
  AutobahnPattern pattern;
  pattern.text_ = std::move(text);
  pattern.kind_ = kind;
  if (kind == Kind::open && !pattern.text_.contains('*')) return pattern;
  std::string expression;
  for (const char c : pattern.text_) {
    if (c == '.')
      expression += "\\.";
    else if (c == '*')
      expression += ".*";
    else
      expression += c;
  }
  RE2::Options options(RE2::Quiet);
  options.set_dot_nl(true);
  pattern.expression_ = std::make_shared<const RE2>(expression, options);
  if (!pattern.expression_->ok())
    return fail_with(where, "'" + pattern.text_ + "' is no pattern: " + pattern.expression_->error(),
                     "* is any run, . is a dot, all else is a regular expression: \"7.*\", \"1[23].*\"");
  return pattern;
}

bool AutobahnPattern::matches(std::string_view text) const {
  if (!expression_) return text == text_;
  const auto anchor = kind_ == Kind::whole ? RE2::ANCHOR_BOTH : RE2::ANCHOR_START;
  return expression_->Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), anchor, nullptr, 0);
}

}  // namespace wsspec
