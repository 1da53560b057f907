#include "cli/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace wsspec {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "lock";

std::string holder_of(int file) {
  char text[24] = {};
  const ssize_t read = ::pread(file, text, sizeof text - 1, 0);
  return read > 0 ? "process " + std::string(text, static_cast<std::size_t>(read)) : "another process";
}

void write_holder(int file) {
  const std::string own = std::to_string(::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, own.data(), own.size(), 0) < 0) return;  // Only for people.
}

}  // namespace

Result<FolderLock> FolderLock::take(const std::string& folder) {
  const std::string path = (fs::path(folder) / kName).string();
  for (int attempt = 0; attempt < 10; ++attempt) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail_with(folder, "cannot be made: " + error.message());
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (file < 0 && errno == ENOENT) continue;  // The holder took the folder away just now.
    if (file < 0) return fail_with(path, std::string("cannot be opened: ") + std::strerror(errno));
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      const int why = errno;
      const std::string holder = holder_of(file);
      ::close(file);
      if (why != EWOULDBLOCK) return fail_with(path, std::string("cannot be locked: ") + std::strerror(why));
      return fail_with(folder, "is being worked on by " + holder,
                       "wait until it ends, or name another folder");
    }
    struct stat status{};
    if (::fstat(file, &status) == 0 && status.st_nlink > 0) {
      write_holder(file);
      return FolderLock(folder, file);
    }
    ::close(file);
  }
  return fail_with(path, "comes and goes");
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : folder_(std::move(other.folder_)), file_(std::exchange(other.file_, -1)) {}

FolderLock::~FolderLock() {
  if (file_ < 0) return;
  ::unlink((fs::path(folder_) / kName).c_str());
  ::rmdir(folder_.c_str());  // Refused unless it is empty.
  ::close(file_);
}

}  // namespace wsspec
