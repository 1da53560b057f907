// The wall clock as reports write it. What it is not: a measure of durations, which are taken from steady
// clocks.
#pragma once

#include <string>

namespace wsspec {

/// Now, to the second, as ISO 8601 in UTC: "2026-11-22T21:46:59Z".
std::string utc_now();

}  // namespace wsspec
