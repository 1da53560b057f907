#include <cstdio>
#include <exception>

#include "cli/command_line.h"

int main(int argc, char** argv) {
  try {
    auto line = wsspec::parse_command_line(argc, argv);
    if (!line) return line.error();
    return line->verb->perform(*line);
  } catch (const std::exception& error) {  // Ours to mend: nothing inside throws on purpose.
    wsspec::complain(
        {"", std::string("internal error: ") + error.what(), "please report this with the command"});
    return 3;
  }
}
