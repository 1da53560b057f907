// What is asked of a hop beyond the cases that were selected: facts that are to hold, and how long silent
// tunnels are watched for its idle limit.
#pragma once

#include <vector>

#include "cli/command_line.h"
#include "config/config.h"
#include "play/expected_fact.h"
#include "run/suite.h"

namespace wsspec {

/// Those of the settings, which have been read once already.
std::vector<ExpectedFact> expectations_of(const Settings& settings);

/// The cases that answer them are selected as well, and `settings.idle_max` is long enough for what is
/// expected. An error where the target is no hop, or where a shard would know a part of a fact alone.
Result<void> ask_of_hop(const CommandLine& line, bool of_hop, Settings& settings, Selection& selection);

/// An error where what is excluded would answer an expectation.
Result<void> check_questions(const Settings& settings, const Selected& selected);

}  // namespace wsspec
