// JUnit XML as Surefire writes it and GitLab, Jenkins and GitHub actions read it.
//
// One testsuite per run; classname = topic, name = "id: about" (ids are unique, so no later duplicate is
// dropped).
//   fail, weak/info/inconclusive when the gate makes them red -> failure (message: one line; body: the
//   transcript) error -> error; skipped, not_run -> skipped with the reason expected by the baseline ->
//   skipped with the baseline's reason flaky and not red -> passed with flakyFailure; flaky and red ->
//   failure that says so verdicts that are not red -> passed, with the reason in system-out
// Invariants: well-formed XML 1.0 whatever a target sent; bodies are cut at kJunitBody so that files stay far
// below GitLab's 30 MB.
#pragma once

#include <string>

#include "play/result.h"

namespace wsspec {

inline constexpr std::size_t kJunitBody = 32 * 1024;

std::string write_junit(const RunResult& run, const Gate& gate = {});

}  // namespace wsspec
