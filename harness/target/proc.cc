#include "target/proc.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace wsspec {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The largest resident size so far, from the line "VmHWM:   1234 kB".
std::uint64_t peak_of(const std::string& status) {
  const auto at = status.find("VmHWM:");
  if (at == status.npos) return 0;
  const auto digit = status.find_first_of("0123456789", at);
  std::uint64_t kib = 0;
  if (digit != status.npos) std::from_chars(status.data() + digit, status.data() + status.size(), kib);
  return kib * 1024;
}

int count_entries(const fs::path& folder) {
  std::error_code error;
  int count = 0;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) ++count;
  return count;
}

/// The state of a process or thread, from the text of its stat: "R" runs or wants to.
char state_in(const std::string& stat) {
  const auto name_end = stat.rfind(") ");
  return name_end != stat.npos && name_end + 2 < stat.size() ? stat[name_end + 2] : '?';
}

int count_runnable(const fs::path& tasks) {
  std::error_code error;
  int count = 0;
  for (fs::directory_iterator it(tasks, error), end; !error && it != end; it.increment(error))
    count += state_in(slurp(it->path() / "stat")) == 'R';
  return count;
}

/// Adds one process when it belongs to `group` (or any when negative). The fields of /proc/PID/stat behind
/// the name, which is in parentheses and may hold blanks itself.
bool add_process(const fs::path& folder, int group, ProcessSample& sum) {
  const auto stat = slurp(folder / "stat");
  const auto name_end = stat.rfind(')');
  if (name_end == stat.npos) return false;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string state, skip;
  long parent = 0, its_group = 0;
  fields >> state >> parent >> its_group;
  if (group >= 0 && its_group != group) return false;
  if (state == "Z" || state == "X") return false;
  for (int i = 0; i < 8; ++i) fields >> skip;  // session, tty, tpgid, flags, minflt, cminflt, majflt, cmajflt
  double user = 0, system = 0;
  long threads = 0, pages = 0;
  fields >> user >> system;
  for (int i = 0; i < 4; ++i) fields >> skip;  // cutime, cstime, priority, nice
  fields >> threads;
  for (int i = 0; i < 3; ++i) fields >> skip;  // itrealvalue, starttime, vsize
  fields >> pages;
  if (!fields) return false;
  sum.cpu_seconds += (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  sum.memory += static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  sum.memory_peak += peak_of(slurp(folder / "status"));
  sum.descriptors += count_entries(folder / "fd");
  sum.threads += static_cast<int>(threads);
  sum.runnable += threads == 1 ? state == "R" : count_runnable(folder / "task");
  ++sum.processes;
  return true;
}

}  // namespace

std::optional<ProcessSample> sample_group(int group, bool new_peak) {
  ProcessSample sum;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const auto name = it->path().filename().string();
    if (!name.empty() && name.find_first_not_of("0123456789") == name.npos)
      if (add_process(it->path(), group, sum) && new_peak)
        std::ofstream(it->path() / "clear_refs") << "5";  // proc(5): resets VmHWM.
  }
  if (sum.processes == 0) return std::nullopt;
  return sum;
}

bool group_alive(int group) {
  if (::kill(-group, 0) != 0) return false;
  std::error_code error;
  return !fs::exists("/proc/self/stat", error) || sample_group(group).has_value();
}

std::optional<ProcessSample> sample_self() {
  ProcessSample own;
  if (!add_process("/proc/self", -1, own)) return std::nullopt;
  rusage usage{};  // Finer than the clock ticks of /proc.
  if (::getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    own.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  return own;
}

}  // namespace wsspec
