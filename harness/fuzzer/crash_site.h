// Where a target died, read from what it printed: so that two crashes of one runtime, which all end with the
// same exit status, are two findings.
//
// What it is not: a parser of one runtime's format; it knows lines that look like frames of a stack (C and
// C++ by sanitizers, JavaScript, Java, C#, Python, Go, Ruby, PHP, Rust), and otherwise takes the last line.
// Invariants: linear in the log; addresses, process numbers, folders and what a client sent are not part of a
// site.
#pragma once

#include <string>
#include <string_view>

namespace wsspec {

/// "TypeError at onText (server.js:12:5) < emit (node:events:517:28)"; empty when nothing was printed.
std::string crash_site(std::string_view log);
/// "AddressSanitizer: heap-buffer-overflow", without addresses.
std::string sanitizer_kind(std::string_view line);
/// The end of a log, in whole lines, as far as a finding keeps it.
std::string last_words(std::string_view log);

}  // namespace wsspec
