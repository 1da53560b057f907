// Units: times and numbers of octets in words for people, and back. What `run`, `serve` and `path` say of one
// thing is said by one function.
//
// What it is not: the notation's durations (script/print.h), which are to be replayed. Three digits that
// count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/endpoint.h"

namespace wsspec {

/// "60 s", "20.1 s", "41 ms", "0.08 ms", "0 ms".
std::string in_words(Duration time);
/// "125 octets", "8 KiB", "4.32 MiB".
std::string octets_in_words(std::uint64_t octets);

/// "60 s", "1.5s", "2min"; units us, ms, s, m, min, h. Nothing: it is no such text, or negative.
std::optional<Duration> read_time(std::string_view text);
/// "125 octets", "8KiB", "4.32 MiB", "16M"; units octets, B, KiB, MiB, GiB, K, M, G.
std::optional<std::uint64_t> read_octets_in_words(std::string_view text);

}  // namespace wsspec
