// Every word of the notation with its kind, meaning and an example: one table for the parser's hints, the
// manual's test and the editor grammars.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace wsspec {

struct Word {
  enum class Kind {
    file,
    meta,
    send,
    expect,
    frame,
    field,
    layout,
    edit,
    condition,
    limit,
    form,
    action,
    member,
    option,
    transport,
    block,
    grade,
    value,
    function
  };
  Kind kind;
  std::string_view text;
  std::string_view meaning;  ///< One plain sentence without a full stop.
  std::string_view example;  ///< One statement, or part of one, that uses it.
};

std::span<const Word> words();
/// The texts of one kind.
std::vector<std::string_view> words_of(Word::Kind kind);
/// The meaning of `text` as a word of `kind`; empty when there is none.
std::string_view meaning_of(Word::Kind kind, std::string_view text);

}  // namespace wsspec
