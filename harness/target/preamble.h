// The preamble: steps that are played behind every opening handshake before the case's own, for instance a
// login or a subscription.
//
// What it is not: a case. A file with one case, as a log is, may be given; its `open` and `finish` are left
// out then, because each case has its own.
#pragma once

#include <string>
#include <vector>

#include "protocol/error.h"
#include "script/ast.h"

namespace wsspec {

/// `given`: the steps themselves, or the name of a file that holds steps or one case.
Result<std::vector<Step>> read_preamble(const std::string& given);

}  // namespace wsspec
