// Bare ends: a connection that the target ends without a Close frame, where for the same kind of fault it
// sends one.
//
// To end TCP alone is a legal answer to a fault (RFC 6455 7.1.7 only advises a Close), and also what is seen
// when what served the connection has crashed. A target that always ends so has chosen to. What it is not: a
// verdict beyond `weak`.
#pragma once

#include <vector>

#include "play/result.h"

namespace wsspec {

/// Makes `weak` what passed with such an end. Of a topic few may have it, and most must have a Close; a case
/// all of whose instances end bare is taken for a choice. Looks at the transcripts alone.
void tell_bare_ends_apart(std::vector<CaseResult>& results);

}  // namespace wsspec
