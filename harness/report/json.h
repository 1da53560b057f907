// The JSON report: the whole result model as one document, written and read back
// (reports/report.schema.json).
//
//   {"schema_version", "run", "summary", "requirements", "results", "timing"}
//
// Two runs of the same thing differ in `timing` only, so that `diff` on the files shows verdicts: durations,
// the times of transcript events (`timing.details.ID.events_ms`, in their order), the costs and the number of
// jobs all live there. `summary` is derived: read_json() does not look at it.
//
// Invariants: the document is UTF-8 whatever a target sent (foreign octets appear as `\x9c` within strings);
// numbers keep nanoseconds; read_json(write_json(run)) equals run up to that escaping. read_json() takes any
// bytes: foreign, broken or hostile documents are refused with the place of the fault, never half read. A
// newer minor version is accepted and its unknown fields ignored; another major version is refused.
#pragma once

#include <string>
#include <string_view>

#include "play/result.h"
#include "protocol/error.h"

namespace wsspec {

std::string write_json(const RunResult& run, const Gate& gate = {});
Result<RunResult> read_json(std::string_view text);

}  // namespace wsspec
