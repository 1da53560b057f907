#include "peer/text_check.h"

namespace wsspec {

bool Utf8Rules::exact() const {
  const Utf8Rules right;
  return checks && scope == Scope::message && !first_fragment_only && !tolerates_unfinished &&
         least2 == right.least2 && least3 == right.least3 && least4 == right.least4 &&
         greatest == right.greatest && !surrogates && !surrogate_pairs && !long_forms &&
         !stray_continuation && !missing_continuation && !fe_ff && misjudges == nullptr;
}

void TextCheck::reset() {
  validator_.reset();
  valid_ = true, missing_ = 0, high_pending_ = false, closed_ = false;
}

bool TextCheck::feed(BytesView bytes) {
  if (exact_) return validator_.feed(bytes) || rules_->only_at_end;
  if (!rules_->checks || closed_) return true;
  for (const char c : bytes) valid_ = valid_ && feed_octet(octet(c));
  return valid_ || rules_->only_at_end;
}

bool TextCheck::end_of(Utf8Rules::Scope scope) {
  if (exact_ || !rules_->checks) return true;
  if (scope == Utf8Rules::Scope::frame && rules_->first_fragment_only) {
    missing_ = 0;
    closed_ = true;
  }
  if (scope == rules_->scope) {
    if (missing_ > 0 && !rules_->tolerates_unfinished) valid_ = false;
    missing_ = 0;
  }
  return valid_ || rules_->only_at_end;
}

bool TextCheck::complete() {
  if (exact_) return validator_.complete();
  if (!rules_->checks) return true;
  return valid_ && !high_pending_ && (missing_ == 0 || rules_->tolerates_unfinished);
}

bool TextCheck::feed_octet(std::uint8_t o) {
  if (missing_ == 0) return start(o);
  if ((o & 0xc0) != 0x80) {
    missing_ = 0;
    return rules_->missing_continuation && start(o);
  }
  value_ = value_ << 6 | (o & 0x3fu);
  return --missing_ > 0 || finish_character();
}

bool TextCheck::start(std::uint8_t o) {
  if (o < 0x80) {
    value_ = o, length_ = 1;
    return finish_character();
  }
  if (o < 0xc0) return rules_->stray_continuation;
  if (o >= 0xfe) return rules_->fe_ff;
  if (o >= 0xf8 && !rules_->long_forms) return false;
  length_ = o < 0xe0 ? 2 : o < 0xf0 ? 3 : o < 0xf8 ? 4 : o < 0xfc ? 5 : 6;
  missing_ = length_ - 1;
  value_ = o & (0x7fu >> length_);
  return true;
}

bool TextCheck::finish_character() {
  const bool was_high = high_pending_;
  high_pending_ = false;
  if (rules_->misjudges != nullptr && rules_->misjudges(value_)) return false;
  if (length_ >= 5) return true;  // Only reached with long_forms.
  if (length_ == 2 && value_ < rules_->least2) return false;
  if (length_ == 3 && value_ < rules_->least3) return false;
  if (length_ == 4 && value_ < rules_->least4) return false;
  if (value_ > rules_->greatest) return false;
  const bool high = value_ >= 0xd800 && value_ < 0xdc00;
  const bool low = value_ >= 0xdc00 && value_ < 0xe000;
  if (rules_->surrogate_pairs) {
    if (low) return was_high;
    high_pending_ = high;
    return !was_high;
  }
  return rules_->surrogates || !(high || low);
}

}  // namespace wsspec
