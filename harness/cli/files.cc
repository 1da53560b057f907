#include "cli/files.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "cli/secrecy.h"
#include "report/ci_log.h"

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

Result<void> write_file(const std::string& path, const std::string& unmasked) {
  // The last of several guards: what a report is made of was masked before.
  const std::string masked = known_secrets().empty() ? std::string() : known_secrets().mask(unmasked);
  const std::string& content = known_secrets().empty() ? unmasked : masked;
  if (path == "-") {
    const std::string safe = without_commands(content);  // Of JSON nothing changes: dump() saw to it.
    std::cout.write(safe.data(), static_cast<std::streamsize>(safe.size()));
    std::cout.flush();
    if (!std::cout) return fail_with("standard output", "cannot be written");
    return {};
  }
  std::error_code error;
  const std::filesystem::path target(path);
  if (target.has_parent_path()) std::filesystem::create_directories(target.parent_path(), error);
  const bool plain =
      !std::filesystem::exists(target, error) || std::filesystem::is_regular_file(target, error);
  const std::string beside = plain ? path + ".part" + std::to_string(getpid()) : path;
  {
    std::ofstream file(beside, std::ios::binary | std::ios::trunc);
    file.write(content.data(), static_cast<std::streamsize>(content.size()));
    file.flush();
    if (!file) return fail_with(path, std::string("cannot be written: ") + std::strerror(errno));
  }
  if (!plain) return {};
  std::filesystem::rename(beside, target, error);
  if (error) return fail_with(path, "cannot be written: " + error.message());
  return {};
}

Result<void> append_file(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary | std::ios::app);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.flush();
  if (!file) return fail_with(path, std::string("cannot be written: ") + std::strerror(errno));
  return {};
}

Result<void> write_file_in(const std::string& folder, const std::string& name, const std::string& content) {
  return write_file((std::filesystem::path(folder) / name).string(), content);
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
