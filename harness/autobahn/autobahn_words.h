// What Autobahn|Testsuite would say of a case: its words for the behavior and for the close.
//
//   behavior
//     OK             pass; and weak or fail in all sections but 7, when nothing but the close code was at
//     fault NON-STRICT     weak otherwise INFORMATIONAL  info UNIMPLEMENTED  skipped in 12.* and 13.*: the
//     extension was declined FAILED         everything else, also error, not run, inconclusive and skipped:
//     gates take an absent case
//                    for a good one
//   behaviorClose, the first that holds
//     INFORMATIONAL     with that behavior
//     OK                UNIMPLEMENTED, pass
//     FAILED            the case was not played to a verdict; or the target closed where closing was up to us
//     UNCLEAN           the target died
//     WRONG CODE        its Close frame has a code that the case does not take
//     OK                weak; or both sides closed, what was wrong lay elsewhere
//     UNCLEAN           TCP ended without a Close frame of the target
//     FAILED BY CLIENT  the target neither closed nor ended the connection
//
// Invariant: a case that is red (is_red) has a bad word, whatever its verdict.
#pragma once

#include <string>
#include <string_view>

#include "autobahn/autobahn_wire.h"

namespace wsspec {

struct AutobahnWords {
  std::string behavior, close;
};

AutobahnWords autobahn_words(std::string_view number, const CaseResult& result, const Wire& wire);

/// A word that says that something is wrong: any but OK, NON-STRICT, INFORMATIONAL and UNIMPLEMENTED.
bool is_bad_word(std::string_view word);

/// What a sentence of the case file says about the close.
std::string close_sentence(const AutobahnWords& words, const Wire& wire);

}  // namespace wsspec
