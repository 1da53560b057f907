// index.html of the Autobahn report: a grid of cases by agents, one column for behavior and one for
// behaviorClose.
//
// What it is not: our own report (html.h), which says why. It exists because some gates count the class
// `case_failed` in this file and allow the two of its style sheet; so the style sheet names that class
// exactly twice.
//
// Invariants: everything is escaped; no script, nothing is fetched; an index that is no index gives an error.
#pragma once

#include <string>
#include <string_view>

#include "protocol/error.h"

namespace wsspec {

/// `index`: the text of index.json, of one or several agents.
Result<std::string> write_autobahn_page(std::string_view index);

}  // namespace wsspec
