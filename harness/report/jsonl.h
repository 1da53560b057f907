// JSON Lines: the JSON report as a stream, for runs that are watched or may be cut short.
//
//   {"kind":"run", "schema_version", "run", "requirements"}      first
//   {"kind":"result", ...as in json.h..., "timing": {...}}       one per case, in the order of completion
//   {"kind":"end", "summary", "timing"}                          last; a stream without it was cut
//
// Invariants: each line is complete JSON in UTF-8 and ends in a line feed; no line holds another.
#pragma once

#include <string>

#include "play/result.h"

namespace wsspec {

/// The results of `run` do not matter yet, nor do its requirements have to be complete.
std::string jsonl_header(const RunResult& run);
std::string jsonl_result(const CaseResult& result);
std::string jsonl_trailer(const RunResult& run, const Gate& gate = {});

/// All of it at once.
std::string write_jsonl(const RunResult& run, const Gate& gate = {});

}  // namespace wsspec
