// Our parser of HTTP/1.1 heads and that of Boost.Beast accept and refuse alike and read the same, but for
// what heads.cc lists.
//
// Input: as of targets/handshake.cc: two octets of choices, which do not matter here, then a request head and
// whatever follows it as the reply.
#include <algorithm>

#include "fuzz/heads.h"
#include "fuzz/property.h"

WSSPEC_FUZZ_TARGET(input) {
  using namespace wsspec;
  const BytesView octets = input.substr(std::min<std::size_t>(2, input.size()));
  Head head;
  const BytesView behind = octets.substr(read_head_ours(octets, HeadKind::request, head).taken);
  const auto check = [](BytesView what, HeadKind kind) {
    const auto comparison = compare_heads(what, kind);
    require(comparison.disagreement.empty() || comparison.listed != nullptr,
            "two parsers read a head alike, but for the listed differences",
            comparison.disagreement + "\n" + to_hex(what.substr(0, 1000), " "));
  };
  check(octets, HeadKind::request);
  check(octets, HeadKind::reply);
  check(behind, HeadKind::reply);
}
