// Printing: the one way to standard output and standard error. Nothing here throws.
//
// Whoever reads what we print may go away at any time, and a disk may be full; neither may cost a report or
// leave a server behind. Standard error is for people who watch: what it does not take is dropped. Standard
// output is a result: a failure is kept and said once, by finish_output(); a reader that has seen enough
// (`| head`) is none. And a CI system may read along: no foreign text can command it (report/ci_log.h), and
// no secret of the user's is told (cli/secrecy.h).
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace wsspec {

/// Before anything is opened: descriptors 0 to 2 that were closed get /dev/null, or a report could be opened
/// as standard error; signals that would end us when a reader is gone or a file may not grow are ignored.
void open_standard_streams();

void put_text(std::string_view text);  ///< To standard output, buffered.
void say_text(std::string_view text);  ///< To standard error, at once.

template <typename... Args>
void put(fmt::format_string<Args...> format, Args&&... args) {
  put_text(fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  say_text(fmt::format(format, std::forward<Args>(args)...));
}

/// Commands of our own for a CI system, as they are.
void put_commands(std::string_view text);
void say_commands(std::string_view text);

/// What was printed is on its way now.
void flush_output();
/// At the end of main(): says that standard output did not take all, and makes an exit code of 0 the one for
/// our own failures.
int finish_output(int exit_code);

}  // namespace wsspec
