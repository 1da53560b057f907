// Secrecy: what of the command line and the environment must not be shown, known before anything can be
// printed. Every text that leaves the process goes through known_secrets().mask().
#pragma once

#include <string>
#include <vector>

#include "play/secrets.h"

namespace wsspec {

/// Of this process: filled by learn_secrets() and, once a file was read, by whoever read it.
Secrets& known_secrets();

/// From the words as typed, right or wrong, and from WSSPEC_... variables.
void learn_secrets(int argc, char** argv);

/// The words of the command line with `$WSSPEC_HEADER` and its like in place of what is secret, for reports
/// and for commands to be typed again.
std::vector<std::string> shown_words(const std::vector<std::string>& words);

}  // namespace wsspec
