// The findings folder: one process at a time, nothing lost by a missing file, no link followed.
#include "cli/finding_store.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/files.h"

namespace wsspec::finding_store_test {
namespace {

namespace fs = std::filesystem;

class FindingStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("wsspec-findings-" + std::to_string(::getpid()))).string();
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static FuzzFinding finding(const std::string& signature) {
    FuzzFinding one;
    one.signature = signature, one.cause = "crash", one.reproducer = "case fuzz.crash\n",
    one.log = "TypeError\n";
    return one;
  }
  void keep(const std::string& signature) {
    auto store = FindingStore::open(folder_);
    ASSERT_TRUE(store);
    FuzzFinding one = finding(signature);
    ASSERT_TRUE(store->keep(one));
  }

  std::string folder_;
};

TEST_F(FindingStoreTest, LetsOneProcessIn) {
  const auto first = FindingStore::open(folder_);
  ASSERT_TRUE(first);
  const auto second = FindingStore::open(folder_);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("process " + std::to_string(::getpid())), std::string::npos)
      << second.error().what;
  EXPECT_TRUE(FindingStore::read(folder_)) << "whoever only looks may";
}

TEST_F(FindingStoreTest, GivesTheFolderBackWhenTheProcessDies) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = FindingStore::open(folder_);
    ::_exit(held ? 7 : 1);  // No destructor: as by kill -9.
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 7);
  EXPECT_TRUE(fs::exists(fs::path(folder_) / "lock"));
  EXPECT_TRUE(FindingStore::open(folder_));
}

TEST_F(FindingStoreTest, LeavesNoFolderWithoutAFinding) {
  {
    ASSERT_TRUE(FindingStore::open(folder_));
  }
  EXPECT_FALSE(fs::exists(folder_));
  keep("a");
  {
    ASSERT_TRUE(FindingStore::open(folder_));
  }
  EXPECT_TRUE(fs::exists(folder_));
  EXPECT_FALSE(fs::exists(fs::path(folder_) / "lock"));
}

TEST_F(FindingStoreTest, TellsALockThatCannotBeOpenedFromOneThatIsHeld) {
  fs::create_directories(fs::path(folder_) / "lock");
  const auto store = FindingStore::open(folder_);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().what.find("is being worked on"), std::string::npos) << store.error().what;
  EXPECT_NE(store.error().what.find("cannot be opened"), std::string::npos) << store.error().what;
}

TEST_F(FindingStoreTest, DropsAFindingWhoseFileIsMissing) {
  keep("a");
  keep("b");
  const std::string gone = FindingStore::read(folder_).value().findings().front().file;
  fs::remove(fs::path(folder_) / gone);
  const auto store = FindingStore::open(folder_);
  ASSERT_TRUE(store);
  ASSERT_EQ(store->findings().size(), 1u);
  EXPECT_EQ(store->findings().front().signature, "b");
  ASSERT_EQ(store->remarks().size(), 1u);
  EXPECT_NE(store->remarks().front().find(gone), std::string::npos);
}

TEST_F(FindingStoreTest, ReadsBackLogAndWhatIsGone) {
  keep("a");
  {
    auto store = FindingStore::open(folder_);
    ASSERT_TRUE(store);
    EXPECT_FALSE(store->findings().front().gone);
    ASSERT_TRUE(store->mark_gone("a"));
  }
  const auto store = FindingStore::read(folder_);
  ASSERT_TRUE(store);
  EXPECT_TRUE(store->findings().front().gone);
  EXPECT_EQ(store->findings().front().log, "TypeError\n");
}

// A campaign goes on in the folder of an earlier version, where ids had no spec in front.
TEST_F(FindingStoreTest, KnowsAFindingByTheEarlierFormOfItsRequirement) {
  const std::string id = "rfc6455-5.2-3", earlier = id.substr(3);
  FuzzFinding one = finding("crash/" + earlier + "/open/none");
  one.requirement = earlier;
  {
    auto store = FindingStore::open(folder_);
    ASSERT_TRUE(store);
    ASSERT_TRUE(store->keep(one));
  }
  auto store = FindingStore::open(folder_);
  ASSERT_TRUE(store);
  FuzzFinding again = store->findings().front();
  EXPECT_EQ(again.requirement, id);
  EXPECT_EQ(again.signature, "crash/" + id + "/open/none");
  ASSERT_TRUE(store->keep(again));
  EXPECT_EQ(store->findings().size(), 1u);
  EXPECT_TRUE(fs::exists(fs::path(folder_) / again.file));
  EXPECT_FALSE(fs::exists(fs::path(folder_) / one.file)) << "nobody knows that file any more";
}

TEST_F(FindingStoreTest, FollowsNoLink) {
  fs::create_directories(folder_);
  const std::string victim = folder_ + "-victim";
  ASSERT_TRUE(write_file(victim, "precious"));
  for (const char* name : {"index.json.part", "index.json"})
    fs::create_symlink(victim, fs::path(folder_) / name);
  fs::remove(fs::path(folder_) / "index.json");  // A link there is replaced, as rename does.
  keep("a");
  EXPECT_EQ(read_file(victim).value(), "precious");
  fs::remove(victim);
  std::size_t parts = 0;
  for (const auto& entry : fs::directory_iterator(folder_))
    parts += entry.path().filename().string().find(".part") != std::string::npos && !entry.is_symlink();
  EXPECT_EQ(parts, 0u) << "nothing half written is left";
}

}  // namespace
}  // namespace wsspec::finding_store_test
