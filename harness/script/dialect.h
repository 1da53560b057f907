// Dialect: how the members of a room say what they do, in messages of the application under test.
//
// The steps `join`, `say`, `hear` and `leave` of a case are the same for each application; spoken() puts the
// sends and expectations of a dialect in their place. What it is not: a protocol; a template is text with
// holes. Invariant: what spoken() returns has none of these steps, and prints as a case that plays without a
// dialect.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/error.h"
#include "script/ast.h"

namespace wsspec {

/// Templates know `{room}` and `{text}`; an absent one: nothing is sent for that.
struct Dialect {
  std::optional<std::string> join;    ///< Absent: who has opened a connection is in the room.
  std::optional<std::string> joined;  ///< The answer to it; absent: a ping tells that it has been read.
  std::string say = "{text}", hear = "{text}";
  std::optional<std::string> leave;  ///< Absent: who leaves closes the connection.
  bool json = false;                 ///< What fills the holes is escaped as in a JSON string.

  bool operator==(const Dialect&) const = default;
  /// There can be several rooms.
  bool has_rooms() const;
  /// What is said goes out as it is, so that it may be binary.
  bool is_bare() const { return say == "{text}" && hear == "{text}" && !json; }
  /// Who is in the room hears all that anybody says, whichever case he plays.
  bool is_open() const { return !join; }
};

/// Takes `word=template`, for example `say=MSG {text}`, or the name of a dialect. Errors say what there is.
Result<void> add_to_dialect(Dialect& dialect, std::string_view given);

/// The case uses a dialect.
bool speaks(const Case& one);
/// The case says or hears a binary message.
bool speaks_binary(const Case& one);

/// What fills `{text}` of the template `form` in a message, as it stands there; nothing: it is none of that
/// form.
std::optional<std::string_view> text_within(std::string_view form, std::string_view message);

/// The case in the words of the dialect. `fresh`: begins the names of rooms; another for each play.
Case spoken(const Case& one, const Dialect& dialect, const std::string& fresh);

}  // namespace wsspec
