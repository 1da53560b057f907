// Is a text message UTF-8? The shared validator for the conforming peer, a scalar one with wrong tables for
// the others.
//
// Invariant: with default rules both agree on every input.
#pragma once

#include <cstdint>
#include <optional>

#include "protocol/bytes.h"
#include "protocol/utf8.h"

namespace wsspec {

/// How a validator may be wrong. Defaults are right.
struct Utf8Rules {
  enum class Scope : std::uint8_t { message, frame, chunk };  ///< What is checked on its own.

  bool checks = true;
  bool only_at_end = false;  ///< Nothing is said before the end of the message; legal.
  Scope scope = Scope::message;
  bool first_fragment_only = false;
  bool tolerates_unfinished = false;  ///< The text may end inside a character.
  std::uint32_t least2 = 0x80, least3 = 0x800,
                least4 = 0x10000;  ///< Smallest code points of each length: overlong below.
  std::uint32_t greatest = 0x10ffff;
  bool surrogates = false;
  bool surrogate_pairs = false;     ///< A high one directly before a low one.
  bool long_forms = false;          ///< Five and six octets.
  bool stray_continuation = false;  ///< 80-BF without a lead.
  bool missing_continuation = false;
  bool fe_ff = false;
  bool (*misjudges)(std::uint32_t code_point) = nullptr;  ///< Valid characters taken for invalid.

  bool exact() const;  ///< The shared validator can be used for what is checked.
};

class TextCheck {
 public:
  explicit TextCheck(const Utf8Rules& rules) : rules_(&rules), exact_(rules.exact()) {}
  /// False when the text is already known to be invalid.
  bool feed(BytesView bytes);
  /// A frame or a chunk of octets has ended.
  bool end_of(Utf8Rules::Scope scope);
  /// True when the text is valid and complete.
  bool complete();
  void reset();

 private:
  bool feed_octet(std::uint8_t o);
  bool start(std::uint8_t o);
  bool finish_character();

  const Utf8Rules* rules_;
  bool exact_;
  Utf8Validator validator_;
  // The scalar validator.
  bool valid_ = true;
  unsigned missing_ = 0, length_ = 0;
  std::uint32_t value_ = 0;
  bool high_pending_ = false;  ///< The character before was a high surrogate.
  bool closed_ = false;        ///< Nothing further is looked at.
};

}  // namespace wsspec
