// What /proc says about a process group: the one file that knows the operating system's process accounting.
//
// On systems without /proc every function answers "nothing".
#pragma once

#include <cstdint>
#include <optional>

namespace wsspec {

struct ProcessSample {
  double cpu_seconds = 0;
  std::uint64_t memory = 0;       ///< Resident octets now.
  std::uint64_t memory_peak = 0;  ///< Largest since the process began, or since `new_peak`.
  int descriptors = 0, threads = 0, processes = 0;
  int runnable = 0;  ///< Threads that have the CPU or wait for it.
};

/// Summed over all processes of the group; `new_peak`: their peaks begin anew behind this sample.
std::optional<ProcessSample> sample_group(int group, bool new_peak = false);
/// True while some process of the group runs; those that only wait to be reaped do not count.
bool group_alive(int group);
/// Our own process.
std::optional<ProcessSample> sample_self();

}  // namespace wsspec
