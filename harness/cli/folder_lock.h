// A folder that one process at a time works on. The lock goes with the process, however it ends.
//
// What it is not: a lock over a network's file systems that keep no locks. Invariants: whoever holds it is
// named to the one that does not get it; a folder that holds nothing but the lock in the end is taken away
// again.
#pragma once

#include <string>

#include "protocol/error.h"

namespace wsspec {

class FolderLock {
 public:
  /// Makes the folder. An error tells a lock that somebody holds from one that cannot be opened.
  static Result<FolderLock> take(const std::string& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  FolderLock(std::string folder, int file) : folder_(std::move(folder)), file_(file) {}
  std::string folder_;
  int file_ = -1;
};

}  // namespace wsspec
