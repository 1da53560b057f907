// Files: whole ones, read and written at once. The only place of the command line that touches the disk for
// content.
#pragma once

#include <string>
#include <string_view>

#include "protocol/error.h"

namespace wsspec {

/// At most `limit` octets; "-" is standard input.
Result<std::string> read_file(const std::string& path, std::size_t limit = 1ull << 30);
/// Written beside and renamed, so that an interrupted run never leaves half a report, and what a failure left
/// is removed. A symbolic link is followed, permissions stay. "-" is standard output, whose failures
/// finish_output() tells.
Result<void> write_file(const std::string& path, const std::string& content);
/// Behind what is there.
Result<void> append_file(const std::string& path, const std::string& content);
/// For folders that we fill: makes the folders above, and replaces a link that somebody put there.
Result<void> write_file_in(const std::string& folder, const std::string& name, const std::string& content);
/// All of it to a descriptor; false, and errno, when it failed.
bool write_all(int file, std::string_view rest);
/// Whether write_file() could write there now; makes the folders above. For what would else be found out
/// behind a long run.
Result<void> check_writable(const std::string& path);

/// Colours are wanted on this descriptor: a terminal, and neither NO_COLOR nor TERM=dumb; CLICOLOR_FORCE
/// overrides.
bool wants_colours(int descriptor);
bool is_terminal(int descriptor);
/// Of the terminal there; 80 when it does not tell.
std::size_t terminal_columns(int descriptor);
/// The locale's characters are UTF-8 (LC_ALL, LC_CTYPE, LANG).
bool speaks_utf8();

}  // namespace wsspec
