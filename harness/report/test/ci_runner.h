// What the CI systems take for a command in the output of a step, after the rules of their runners:
// ActionCommand.TryParse and TryParseV2 of actions/runner, `##vso[` of azure-pipelines-agent
// (Command.TryParse), TeamCity's service messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wsspec::test {

/// The lines of `text` that a runner would obey.
std::vector<std::string> ci_commands(std::string_view text);

}  // namespace wsspec::test
