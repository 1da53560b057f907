#include "cli/print.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "cli/command_line.h"
#include "cli/secrecy.h"
#include "report/ci_log.h"

namespace wsspec {

namespace {
int g_output_error = 0;  // Of the first write that failed.

void note_output_error() {
  if (g_output_error == 0) g_output_error = errno == 0 ? EIO : errno;
}
}  // namespace

void open_standard_streams() {
  for (int descriptor = 0; descriptor <= 2; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF) (void)::open("/dev/null", O_RDWR);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // A write beyond `ulimit -f` then fails like one on a full disk.
}

void put_text(std::string_view text) {
  put_commands(without_commands(text));
}

void say_text(std::string_view text) {
  say_commands(without_commands(text));
}

void put_commands(std::string_view unmasked) {
  if (g_output_error != 0) return;
  const auto text = known_secrets().mask(std::string(unmasked));
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) note_output_error();
}

void say_commands(std::string_view unmasked) {
  flush_output();  // Where both go to one place, what was printed before stands before.
  const auto masked = known_secrets().mask(std::string(unmasked));
  std::string_view text = masked;
  while (!text.empty()) {
    const auto count = ::write(STDERR_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void flush_output() {
  errno = 0;
  if (g_output_error == 0 && std::fflush(stdout) != 0) note_output_error();
}

int finish_output(int exit_code) {
  flush_output();
  if (g_output_error == 0 || g_output_error == EPIPE) return exit_code;
  complain({"standard output", std::string("cannot be written: ") + std::strerror(g_output_error), ""});
  return exit_code == 0 ? 3 : exit_code;
}

}  // namespace wsspec
