#include "run/evidence.h"

#include <algorithm>

namespace wsspec {

void Evidence::suspect(std::size_t index, Instant ended) {
  std::erase_if(open_, [&](const Open& one) { return one.index == index; });
  open_.push_back({index, ended});
}

void Evidence::served(Instant began) {
  std::erase_if(open_, [&](const Open& one) { return one.ended <= began; });
}

std::vector<std::size_t> Evidence::open() const {
  std::vector<std::size_t> out;
  for (const auto& one : open_) out.push_back(one.index);
  return out;
}

}  // namespace wsspec
