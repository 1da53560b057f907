#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
#include <cstdio>
#include <exception>

#include "cli/command_line.h"
#include "cli/print.h"
#include "cli/secrecy.h"

namespace {

// Messages of some MiB follow each other. glibc would give each back to the system and let the next one fault
// in page after page, which took more than half of the time of a self-test and a third of a run's; what is
// kept for it is a tenth more than the peak. Both are set: the one alone stops glibc from adapting the other.
void keep_large_blocks() {
#ifdef M_MMAP_THRESHOLD
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // The most that it takes.
  mallopt(M_TRIM_THRESHOLD, 128 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  keep_large_blocks();
  wsspec::open_standard_streams();
  try {
    wsspec::learn_secrets(argc, argv);
    auto line = wsspec::parse_command_line(argc, argv);
    return wsspec::finish_output(line ? line->verb->perform(*line) : line.error());
  } catch (const std::exception& error) {  // Ours to mend: nothing inside throws on purpose.
    wsspec::complain(
        {"", std::string("internal error: ") + error.what(), "please report this with the command"});
    return 3;
  }
}
