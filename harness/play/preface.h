// Preface: what a connection of a hop begins with ahead of all that is the client's, as the transport has
// taken it off, and what is wrong with it.
#pragma once

#include <string>
#include <vector>

#include "protocol/proxy_header.h"

namespace wsspec {

struct Preface {
  std::vector<ProxyHeader> headers;  ///< More than one is one too many.

  /// Takes what can be taken off the begin of `held`; false: more is to come before it is known.
  bool take(Bytes& held) {
    for (;;) {
      auto read = read_proxy_header(held);
      if (read.kind == ProxyRead::Kind::begun) return false;
      if (read.kind == ProxyRead::Kind::none) return true;
      held.erase(0, read.octets);
      headers.push_back(std::move(read.header));
    }
  }
};

/// As it was judged when it came.
struct Prefaced {
  std::size_t headers = 0;
  int version = 0;
  std::vector<ProxyHeader::Fault> faults;
  std::vector<std::string> remarks;
};

}  // namespace wsspec
