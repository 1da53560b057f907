// The one error idiom: a value that says where, what and how to mend it. No exception crosses a module
// border.
#pragma once

#include <expected>
#include <string>

namespace wsspec {

struct Error {
  std::string where;  ///< "close.wire:12:10", "--jobs", "ws://127.0.0.1:9001"; may be empty.
  std::string what;   ///< One sentence without a full stop.
  std::string hint;   ///< How to mend it; may be empty.
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail_with(std::string where, std::string what, std::string hint = {}) {
  return std::unexpected(Error{std::move(where), std::move(what), std::move(hint)});
}

}  // namespace wsspec
