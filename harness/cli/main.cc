#if __has_include(<malloc.h>)
#include <malloc.h>
#endif
#include <cstdio>
#include <exception>

#include "cli/command_line.h"
#include "cli/print.h"
#include "cli/secrecy.h"

namespace {

// The few messages of 16 MiB go back to the system as soon as they are done with. glibc would otherwise learn
// to take such blocks from its heap, which then keeps a third more than is in use.
void return_large_blocks() {
#ifdef M_MMAP_THRESHOLD
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
  // Setting the one stops glibc from adapting the other; at its 128 KiB each message would be faulted in
  // anew.
  mallopt(M_TRIM_THRESHOLD, 6 << 20);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  return_large_blocks();
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
