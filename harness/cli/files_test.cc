#include "cli/files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace wsspec::files_test {
namespace {

namespace fs = std::filesystem;

class Files : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string at(const std::string& name) const { return folder_ + "/" + name; }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  std::string content(const std::string& name) const { return read_file(at(name)).value_or("?"); }

  std::string folder_ = ::testing::TempDir() + "wsspec_files";
};

TEST_F(Files, APathThatTheUserGaveIsFollowedThroughLinks) {
  ASSERT_TRUE(write_file(at("real"), "old"));
  fs::create_symlink("real", at("link"));
  fs::create_symlink("new", at("dangling"));
  EXPECT_TRUE(write_file(at("link"), "one"));
  EXPECT_TRUE(write_file(at("dangling"), "two"));
  EXPECT_TRUE(fs::is_symlink(at("link")) && fs::is_symlink(at("dangling")));
  EXPECT_EQ(content("real"), "one");
  EXPECT_EQ(content("new"), "two");
  EXPECT_EQ(entries(), 4U);
}

// Who can write into a folder of ours must not be able to lead us elsewhere.
TEST_F(Files, InAFolderOfOursALinkIsReplaced) {
  ASSERT_TRUE(write_file(at("victim"), "untouched"));
  fs::create_directories(at("ours"));
  fs::create_symlink("../victim", at("ours/index.json"));
  EXPECT_TRUE(write_file_in(at("ours"), "index.json", "{}"));
  EXPECT_EQ(content("victim"), "untouched");
  EXPECT_FALSE(fs::is_symlink(at("ours/index.json")));
  EXPECT_EQ(content("ours/index.json"), "{}");
}

// A shell's `> file` has it open: replacing it would take it away.
TEST_F(Files, WhatADescriptorStandsForIsNotReplaced) {
  const int file = ::open(at("redirected").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  EXPECT_TRUE(write_file("/dev/fd/" + std::to_string(file), "x"));
  struct stat named{}, open{};
  ASSERT_EQ(::stat(at("redirected").c_str(), &named), 0);
  ASSERT_EQ(::fstat(file, &open), 0);
  ::close(file);
  EXPECT_EQ(named.st_ino, open.st_ino);
  EXPECT_EQ(content("redirected"), "x");
}

TEST_F(Files, PermissionsStay) {
  ASSERT_TRUE(write_file(at("private"), "old"));
  ASSERT_EQ(::chmod(at("private").c_str(), 0600), 0);
  EXPECT_TRUE(write_file(at("private"), "new"));
  struct stat there{};
  ASSERT_EQ(::stat(at("private").c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 0777, 0600U);
  const mode_t mask = ::umask(022);
  EXPECT_TRUE(write_file(at("public"), "new"));
  ::umask(mask);
  ASSERT_EQ(::stat(at("public").c_str(), &there), 0);
  EXPECT_EQ(there.st_mode & 0777, 0644U);
}

TEST_F(Files, AFailureLeavesTheOldContentAndNothingElse) {
  ASSERT_TRUE(write_file(at("report"), "old"));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1024, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto done = write_file(at("report"), std::string(4096, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().where, at("report"));
  EXPECT_EQ(content("report"), "old");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(Files, WhatCannotBeWrittenIsKnownBefore) {
  EXPECT_TRUE(check_writable("-"));
  EXPECT_TRUE(check_writable("/dev/null"));
  EXPECT_TRUE(check_writable("/dev/stderr"));
  EXPECT_TRUE(check_writable(at("deep/er/report")));
  EXPECT_TRUE(fs::is_empty(at("deep/er")));
  EXPECT_FALSE(check_writable(folder_));
  EXPECT_FALSE(check_writable("/proc/report"));
  std::ofstream(at("file")) << "x";
  EXPECT_FALSE(check_writable(at("file/report")));
  EXPECT_EQ(content("file"), "x");
}

TEST_F(Files, AppendsBehindWhatIsThere) {
  EXPECT_TRUE(append_file(at("log"), "a\n"));
  EXPECT_TRUE(append_file(at("log"), "b\n"));
  EXPECT_EQ(content("log"), "a\nb\n");
  EXPECT_FALSE(append_file("/dev/full", "x"));
}

}  // namespace
}  // namespace wsspec::files_test
