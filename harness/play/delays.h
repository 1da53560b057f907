// Delays: how long a client stayed away before each connection but its first, and what RFC 6455 7.2.3 makes
// of that. Pure functions.
//
// What it is not: a measurement (coming.cc), or a rule about whether a client comes back at all: no clause
// binds it to. All of 7.2.3 is SHOULD, so nothing here is worse than weak.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/endpoint.h"

namespace wsspec {

/// A SHOULD that the delays do not follow.
struct DelayFault {
  std::string what;         ///< With the delays.
  std::string requirement;  ///< Ledger id.
};

inline constexpr const char *kBacksOff = "rfc6455-7.2.3-1", *kFirstIsRandom = "rfc6455-7.2.3-2",
                            *kDelaysGrow = "rfc6455-7.2.3-4";

/// So many delays tell whether they grow; the first of them is a matter of its own (7.2.3-2) and left out.
inline constexpr std::size_t kDelaysForGrowth = 6;
/// So many first delays, of as many starts of the client, tell whether they are drawn at random: some fewer
/// than the case has. Of eight that are drawn from 8 % more or less one run in fourteen looks as if they were
/// not; of sixteen, one in seven hundred.
inline constexpr std::size_t kFirstDelays = 16;

/// Attempts that come as fast as the client can, in spite of abnormal ends: five within a second, and not
/// getting slower.
std::optional<DelayFault> find_hammering(std::span<const Duration> delays);
/// They add up to more than any five attempts that hammer.
bool is_patient(std::span<const Duration> delays);
/// Fewer delays than find_no_growth() needs, and they get longer all the same.
bool is_growing(std::span<const Duration> delays);
/// Delays that do not get longer. Nothing when there are too few.
std::optional<DelayFault> find_no_growth(std::span<const Duration> delays);
/// First delays that are all alike, or all none. Nothing when there are too few.
std::optional<DelayFault> find_no_jitter(std::span<const Duration> first_delays);

/// "0.98, 1.96 and 4.03 s".
std::string in_seconds(std::span<const Duration> delays);

}  // namespace wsspec
