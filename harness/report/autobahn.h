// The report of the Autobahn test suite (wstest), so that gates written for it go on working: file name ->
// content.
//
// `index.json` is {agent: {case: {behavior, behaviorClose, duration, remoteCloseCode, reportfile}}}, and each
// case has a file with the suite's keys; both with keys sorted, an indent of three and without a final line
// feed, as the suite writes. The agent is the target's name, or its Server field, or "UnknownServer". Cases
// of ours stand under the numbers that they name with `see autobahn/N`; where several do, the worst counts
// (fail, error, not run, skipped, inconclusive, weak, info, pass).
//
//   behavior        pass OK | weak NON-STRICT, but OK when only the close code was at fault | info
//   INFORMATIONAL
//                   fail FAILED | skipped in 12.* and 13.* (extension declined) UNIMPLEMENTED
//                   error, not run, skipped elsewhere, inconclusive: FAILED, for gates take an absent case
//                   for a good one
//   behaviorClose   INFORMATIONAL with that behavior; OK for UNIMPLEMENTED; FAILED when the case could not
//   run
//                   WRONG CODE  a close code was expected and another one came
//                   FAILED BY CLIENT  failed and the target neither closed nor ended the connection
//                   UNCLEAN  failed, and TCP ended without a Close frame of the target
//                   OK otherwise (also for weak and for a bare end of TCP that the case allows)
//
// Invariants: file names hold digits, lower-case letters and `_` only, whatever the target is called.
#pragma once

#include <map>
#include <string>

#include "play/result.h"

namespace wsspec {

std::map<std::string, std::string> write_autobahn(const RunResult& run);

}  // namespace wsspec
