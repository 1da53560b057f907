// Text that a CI system reads along. Runners take commands out of the log of a step: GitHub Actions
// `::set-output ...` at the front of a line and `##[...]` anywhere in one, on standard output and standard
// error alike; Azure Pipelines `##vso[...]`, TeamCity `##teamcity[...]`. A target chooses its header fields,
// its close reasons and what it logs, so it could command the runner through us.
//
// It is done always, not only where a runner is seen: a container does not know that one reads its output.
//
// Invariants: no line of the result is a command, whatever stands before it; text without one comes back
// unchanged; what is broken up stays readable, in the way of report/text.h ("\x23#[warning]").
#pragma once

#include <string>
#include <string_view>

namespace wsspec {

std::string without_commands(std::string_view text);

/// The same for JSON: equal values, written so that no line of them is a command ("\u0023#[warning]").
std::string json_without_commands(std::string json);

}  // namespace wsspec
