#include "fuzzer/coverage_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace wsspec {
namespace {

using namespace std::chrono_literals;

// A target that computes this long is not waited for; what it counts belongs to a later input then.
constexpr auto kPatience = 50ms;

constexpr std::size_t kHeadSize = 1 << 16;

}  // namespace

// As fuzz/greybox/runtime.c lays it out.
struct CoverageMap::Shared {
  char magic[8];
  std::atomic<std::uint32_t> counters, idle;
  std::uint8_t spare[kHeadSize - 16];
  std::uint8_t counts[kMostCounters];
};

Result<std::unique_ptr<CoverageMap>> CoverageMap::make() {
  static std::atomic<unsigned> serial = 0;
  const std::string name = "/wsspec-" + std::to_string(getpid()) + "-" + std::to_string(serial++);
  const int file = shm_open(name.c_str(), O_RDWR | O_CREAT | O_EXCL, 0600);
  const auto failed = [&](const char* what) {
    const int error = errno;
    if (file >= 0) shm_unlink(name.c_str());
    return fail_with(name, std::string(what) + ": " + std::strerror(error));
  };
  if (file < 0) return failed("cannot create shared memory");
  void* memory = ftruncate(file, sizeof(Shared)) == 0
                     ? mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                     : MAP_FAILED;
  if (memory == MAP_FAILED) {
    auto error = failed("cannot map shared memory");
    close(file);
    return error;
  }
  close(file);
  return std::unique_ptr<CoverageMap>(new CoverageMap(name, static_cast<Shared*>(memory)));
}

CoverageMap::~CoverageMap() {
  munmap(shared_, sizeof(Shared));
  shm_unlink(name_.c_str());
}

std::string CoverageMap::environment() const {
  return "WSSPEC_COVERAGE=" + name_;
}

std::uint32_t CoverageMap::counters() const {
  return std::min(shared_->counters.load(), kMostCounters);
}

bool CoverageMap::await_counters(Duration most) const {
  const auto until = std::chrono::steady_clock::now() + most;
  while (counters() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(1ms);
  return counters() > 0;
}

void CoverageMap::await_idle() const {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (shared_->idle.load() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
}

void CoverageMap::begin() {
  if (counters() == 0) return;
  await_idle();
  std::memset(shared_->counts, 0, counters());
}

void CoverageMap::collect(std::vector<ReachedEdge>& reached) {
  const std::uint32_t count = counters();
  if (count == 0) return;
  await_idle();
  if (seen_.size() < count) seen_.resize(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint8_t times = shared_->counts[i];
    if (times == 0) continue;
    reached.push_back({i, edge_magnitude(times)});
    if (!seen_[i]) ++edges_;
    seen_[i] = true;
  }
}

}  // namespace wsspec
