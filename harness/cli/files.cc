#include "cli/files.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <utility>

#include "cli/print.h"
#include "cli/secrecy.h"

namespace wsspec {

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  std::ifstream file;
  if (path != "-") {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) return fail_with(path, "is a folder, not a file");
    file.open(path, std::ios::binary);
    if (!file) return fail_with(path, std::string("cannot be read: ") + std::strerror(errno));
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string text;
  char buffer[65536];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > limit)
      return fail_with(path, "is larger than the " + std::to_string(limit >> 20) + " MiB that are read");
  }
  return text;
}

namespace {

namespace fs = std::filesystem;

Error not_written(const std::string& path, int error) {
  return {path, std::string("cannot be written: ") + std::strerror(error), ""};
}

/// A file that nobody else has, beside the one that it will replace. Its name cannot be foreseen and is not
/// followed should it be a link all the same; without rename() it is removed again.
class Beside {
 public:
  explicit Beside(const fs::path& target)
      : name_((target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string()),
        file_(::mkostemp(name_.data(), O_CLOEXEC)),
        error_(file_ < 0 ? errno : 0),
        created_(file_ >= 0) {
    if (!created_) return;
    struct stat there{};
    const mode_t mask = ::umask(0);
    ::umask(mask);
    const bool exists = ::stat(target.c_str(), &there) == 0;
    (void)::fchmod(file_, exists ? there.st_mode & 07777 : 0666 & ~mask);
    if (exists) (void)!::fchown(file_, there.st_uid, there.st_gid);
  }
  ~Beside() {
    if (file_ >= 0) ::close(file_);
    if (created_ && !renamed_) ::unlink(name_.c_str());
  }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  int error() const { return error_; }
  bool become(const fs::path& target, std::string_view content) {
    const bool written = write_all(file_, content);
    if (!written) error_ = errno;
    if (::close(std::exchange(file_, -1)) != 0 && written) error_ = errno;
    if (error_ == 0 && ::rename(name_.c_str(), target.c_str()) != 0) error_ = errno;
    renamed_ = error_ == 0;
    return renamed_;
  }

 private:
  std::string name_;
  int file_;
  int error_;
  bool created_, renamed_ = false;
};

/// A device or a pipe is written as it is, and so is whatever the name of a descriptor (/dev/stdout) stands
/// for.
bool is_replaceable(const fs::path& target) {
  std::error_code error;
  for (const char* descriptors : {"/dev/std", "/dev/fd/", "/proc/"})
    if (target.string().starts_with(descriptors)) return false;
  return !fs::exists(target, error) || fs::is_regular_file(target, error) || fs::is_directory(target, error);
}

/// Where the links of `path` lead; a link to nothing is followed, too.
fs::path behind_links(fs::path path) {
  std::error_code error;
  for (int links = 0; links < 40 && is_replaceable(path) && fs::is_symlink(path, error); ++links)
    path = path.parent_path() / fs::read_symlink(path, error);
  return path;
}

/// Opens and writes, no more.
Result<void> write_through(const std::string& path, int how, const std::string& content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | how, 0666);
  if (file < 0) return std::unexpected(not_written(path, errno));
  const bool good = write_all(file, content);
  const int error = errno;
  ::close(file);
  if (!good) return std::unexpected(not_written(path, error));
  return {};
}

/// The last of several guards: what a report is made of was masked before.
std::string masked(const std::string& content) {
  return known_secrets().mask(content);
}

Result<void> write_to(const fs::path& target, const std::string& path, const std::string& content) {
  std::error_code ignored;
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), ignored);
  if (!is_replaceable(target)) return write_through(path, 0, content);
  Beside beside(target);
  if (beside.error() != 0 || !beside.become(target, content))
    return std::unexpected(not_written(path, beside.error()));
  return {};
}

}  // namespace

bool write_all(int file, std::string_view rest) {
  while (!rest.empty()) {
    const auto count = ::write(file, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

Result<void> write_file(const std::string& path, const std::string& content) {
  if (path != "-") return write_to(behind_links(path), path, masked(content));
  put_text(content);
  flush_output();
  return {};
}

Result<void> write_file_in(const std::string& folder, const std::string& name, const std::string& content) {
  const auto path = fs::path(folder) / name;
  return write_to(path, path.string(), masked(content));
}

Result<void> append_file(const std::string& path, const std::string& content) {
  return write_through(path, O_APPEND | O_CREAT, masked(content));
}

Result<void> check_writable(const std::string& path) {
  if (path == "-") return {};
  const auto target = behind_links(path);
  std::error_code ignored;
  if (fs::is_directory(target, ignored)) return std::unexpected(not_written(path, EISDIR));
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), ignored);
  if (!is_replaceable(target)) {
    if (::access(target.c_str(), W_OK) != 0) return std::unexpected(not_written(path, errno));
    return {};
  }
  if (const Beside beside(target); beside.error() != 0)
    return std::unexpected(not_written(path, beside.error()));
  return {};
}

bool is_terminal(int descriptor) {
  return isatty(descriptor) == 1;
}

std::size_t terminal_columns(int descriptor) {
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

bool speaks_utf8() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (!value || !*value) continue;
    const std::string_view text(value);
    return text.find("UTF-8") != text.npos || text.find("utf8") != text.npos ||
           text.find("UTF8") != text.npos || text.find("utf-8") != text.npos;
  }
  return false;
}

bool wants_colours(int descriptor) {
  const char* force = std::getenv("CLICOLOR_FORCE");
  if (force && *force && std::string_view(force) != "0") return true;
  const char* never = std::getenv("NO_COLOR");
  if (never && *never) return false;
  const char* terminal = std::getenv("TERM");
  return is_terminal(descriptor) && (!terminal || std::string_view(terminal) != "dumb");
}

}  // namespace wsspec
