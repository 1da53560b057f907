// The report of the Autobahn test suite (wstest), so that gates written for it go on working:
// file name -> content.
//
// `index.json` is {agent: {case: {behavior, behaviorClose, duration, remoteCloseCode, reportfile}}}, and
// each case has a file with the suite's keys; both with keys sorted, an indent of three and without a
// final line feed, as the suite writes. The agent is the target's name, or its Server field, or
// "UnknownServer". Cases of ours stand under the numbers that they name with `see autobahn/N`; where
// several do, the worst counts: fail, error, not run, skipped, inconclusive, weak, info, pass.
//
//   behavior
//     OK             pass, and weak when only the close code was at fault
//     NON-STRICT     weak otherwise
//     INFORMATIONAL  info
//     UNIMPLEMENTED  skipped in 12.* and 13.*: the extension was declined
//     FAILED         fail; also error, not run, skipped elsewhere and inconclusive, for gates take an
//                    absent case for a good one
//   behaviorClose
//     INFORMATIONAL     with that behavior
//     FAILED            the case could not run
//     WRONG CODE        the Close frame that came is what decided against the target
//     FAILED BY CLIENT  failed, and the target neither closed nor ended the connection
//     UNCLEAN           failed, and TCP ended without a Close frame of the target, or it died
//     OK                otherwise, also for UNIMPLEMENTED and for a bare end of TCP that the case allows
//
// Invariants: file names hold digits, lower-case letters and `_` only, whatever the target is called.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "play/result.h"

namespace wsspec {

std::map<std::string, std::string> write_autobahn(const RunResult& run);

/// The agent as it stands in file names. Different names may give the same.
std::string autobahn_slug(std::string_view agent);

}  // namespace wsspec
