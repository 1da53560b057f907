// Text made safe to show: what a target sent must neither break a format nor steer a terminal nor mislead
// an eye.
//
// What it is not: the notation's printer (script/print.h). This is the last line of defence of every
// report, for header fields, logs and reasons that hold foreign octets.
//
// Invariants: the results are valid UTF-8; visible() and one_line() hold no control, bidirectional or
// invisible character; text that is harmless already comes back unchanged.
#pragma once

#include <string>
#include <string_view>

#include "play/result.h"

namespace wsspec {

/// Octets that are not UTF-8 as `\x9c`; everything else unchanged. For JSON, which escapes the rest itself.
std::string valid(std::string_view text);

/// valid(), and control, bidirectional-override and zero-width characters as `\x1b` or `\u{202e}`.
/// `keep_lines`: line feeds and tabs stay.
std::string visible(std::string_view text, bool keep_lines = false);

/// visible() on one line of at most `limit` octets; a longer one is cut at a character and ends in "…".
std::string one_line(std::string_view text, std::size_t limit = 300);

/// Up to the first line feed.
std::string_view first_line(std::string_view text);

/// As one word for a POSIX shell.
std::string shell_word(std::string_view text);

/// visible(), for the text and the attributes of an HTML page.
std::string html_text(std::string_view text);

/// The command that plays this one case again: what the run was started with, less its reports and selection,
/// then
/// `--filter ID --seed N`.
std::string replay_command(const RunResult& run, const CaseResult& result);

/// The transcript as a runnable case file whose header says verdict, place, target and seed.
std::string replayable(const RunResult& run, const CaseResult& result);

/// `id`: `about`, or the id alone.
std::string title_of(const CaseResult& result);

/// "3.4 ms", "1.25 s", "2 min 05 s".
std::string spoken(Duration duration);

}  // namespace wsspec
