// Printer of the notation: trees, octets and moments as text that parses back to the same.
//
// What it is not: a report. Everything that came from a peer is escaped, so a log line never breaks or
// colours a terminal. Invariants: parse(print(tree)) == tree; output is valid UTF-8 and each statement one
// line.
#pragma once

#include <cstddef>
#include <string>

#include "protocol/bytes.h"
#include "script/ast.h"

namespace wsspec {

std::string print(const File& file);
std::string print(const Case& one);
/// One line without its line feed, or several for a block; each begins with `indent` spaces.
std::string print(const Step& step, int indent = 2);
std::string print(const Payload& payload);
std::string print(const On& on);
std::string print(const Number& number);
std::string print(const Edit& edit);
std::string print(const Time& time);   ///< `1s`, `$ping-timeout*0.9+1s`.
std::string print(Duration duration);  ///< Exact: `1s`, `12.4ms`, `250us`, `7ns`.
std::string_view print(FrameKind kind);
/// The other way round; nothing for another word.
std::optional<FrameKind> frame_kind_named(std::string_view word);
std::string_view print(Grade grade);
std::string_view print(Target target);

/// The shortest clear notation of octets: "text", x"hex", or runs as "a"*1000, parts joined by spaces. When
/// the octets need more than `limit` characters, the rest is replaced by ` …(N octets)`, which no parser
/// accepts.
std::string print_payload(BytesView bytes, std::size_t limit = static_cast<std::size_t>(-1));

/// The same as a tree, for those who build statements from octets: print(payload_of(b)) == print_payload(b).
Payload payload_of(BytesView bytes);

/// A STRING: quoted, with escapes for whatever is not printable UTF-8.
std::string quote(BytesView bytes);

/// One plain English sentence about a step, for `wsspec explain`.
std::string explain(const Step& step);

}  // namespace wsspec
