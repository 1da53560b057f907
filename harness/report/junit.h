// JUnit XML as Surefire writes it and GitLab, Jenkins and GitHub actions read it.
//
// One testsuite per run; classname = topic, name = "id: about" (ids are unique, so no later duplicate is
// dropped).
//
//   red                       failure (message: one line; body: the transcript); flaky ones say so
//   error                     error
//   skipped, not run          skipped with the reason
//   expected by the baseline  skipped with the baseline's reason
//   flaky but allowed         passed with flakyFailure
//   any other                 passed, with verdict and reason in system-out unless it is a plain pass
//
// What else decides the exit code (unreachable, nothing judged, a stale baseline) is a test case of its
// own, so that no dashboard shows green.
//
// Invariants: well-formed XML 1.0 whatever a target sent; bodies are cut at kJunitBody so that files stay
// far below GitLab's 30 MB.
#pragma once

#include <string>

#include "play/result.h"

namespace wsspec {

inline constexpr std::size_t kJunitBody = 32 * 1024;

std::string write_junit(const RunResult& run, const Gate& gate = {});

}  // namespace wsspec
