// Boost.Beast's stream as a libFuzzer target without any property, for fuzz_speed.sh: what it costs to read
// an input at all. The two octets of choices in front are left out; masked frames only, as a server reads
// them.
#include <cstddef>
#include <cstdint>

#include "beast_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2) read_with_beast({reinterpret_cast<const char*>(data) + 2, size - 2});
  return 0;
}
