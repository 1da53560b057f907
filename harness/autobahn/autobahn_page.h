// index.html of the Autobahn report: one page of all agents for people, as projects publish it.
//
// At the top a card for each agent and a table of sections by agents; then what is not good, by cause; then
// every case by section. What it is not: our own report (html.h), which shows wire and clause of each case.
//
// Invariants: everything is escaped; no script, nothing is fetched, no address of a target is told; readable
// without colours. Some gates count the class `case_failed` in this file and allow the two of its style
// sheet; so the style sheet names that class exactly twice, and nothing but the cells of bad cases does.
#pragma once

#include <span>
#include <string>

#include "autobahn/autobahn.h"

namespace wsspec {

std::string autobahn_page(std::span<const AutobahnAgent> agents);

}  // namespace wsspec
