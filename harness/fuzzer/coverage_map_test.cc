#include "fuzzer/coverage_map.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace wsspec::coverage_map_test {
namespace {

/// The target's side, as fuzz/greybox/runtime.c writes it.
class FakeTarget {
 public:
  explicit FakeTarget(const CoverageMap& map) {
    const std::string name = map.environment().substr(std::strlen("WSSPEC_COVERAGE="));
    const int file = shm_open(name.c_str(), O_RDWR, 0);
    memory_ = static_cast<std::uint8_t*>(mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    close(file);
  }
  ~FakeTarget() { munmap(memory_, kSize); }
  void set(std::uint32_t counters, bool idle) {
    const std::uint32_t waits = idle ? 1 : 0;
    std::memcpy(memory_ + 8, &counters, 4);
    std::memcpy(memory_ + 12, &waits, 4);
  }
  std::uint8_t& count(std::size_t i) { return memory_[kHead + i]; }

 private:
  static constexpr std::size_t kHead = 1 << 16, kSize = kHead + kMostCounters;
  std::uint8_t* memory_ = nullptr;
};

TEST(CoverageMap, TellsWhatWentUpSinceTheBeginning) {
  auto map = CoverageMap::make();
  ASSERT_TRUE(map.has_value()) << map.error().what;
  EXPECT_EQ((*map)->counters(), 0u);
  EXPECT_FALSE((*map)->await_counters(std::chrono::milliseconds(5)));
  FakeTarget target(**map);
  target.set(100, true);
  ASSERT_TRUE((*map)->await_counters(std::chrono::milliseconds(5)));

  target.count(3) = 9;
  (*map)->begin();
  EXPECT_EQ(target.count(3), 0);
  target.count(7) = 1;
  target.count(99) = 200;
  target.count(100) = 1;  // Behind the last counter.
  std::vector<ReachedEdge> reached;
  (*map)->collect(reached);
  EXPECT_EQ(reached.size(), 2u);
  EXPECT_EQ((*map)->edges(), 2u);

  (*map)->begin();
  target.count(7) = 2;  // Another magnitude of a known edge.
  std::vector<ReachedEdge> more;
  (*map)->collect(more);
  ASSERT_EQ(more.size(), 1u);
  EXPECT_EQ(more[0].edge, 7u);
  EXPECT_EQ(more[0].magnitude, 1u);
  EXPECT_EQ((*map)->edges(), 2u);
}

TEST(CoverageMap, IsBoundedWhateverTheTargetClaimsAndWaitsForNobodyForEver) {
  auto map = CoverageMap::make();
  ASSERT_TRUE(map.has_value()) << map.error().what;
  FakeTarget target(**map);
  target.set(~0u, false);
  EXPECT_EQ((*map)->counters(), kMostCounters);
  std::vector<ReachedEdge> reached;
  (*map)->begin();
  (*map)->collect(reached);
  EXPECT_TRUE(reached.empty());
}

}  // namespace
}  // namespace wsspec::coverage_map_test
