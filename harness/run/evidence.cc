#include "run/evidence.h"

#include <algorithm>

namespace wsspec {

bool shows_service(const CaseResult& result) {
  return std::ranges::any_of(result.transcript.events, [](const Event& event) {
    return event.kind == Event::Kind::received && event.frame &&
           (event.frame->is(Opcode::text) || event.frame->is(Opcode::binary) ||
            event.frame->is(Opcode::pong));
  });
}

void Evidence::ended(std::size_t index, Instant when, bool illegal) {
  std::erase_if(open_, [&](const Open& one) { return one.index == index; });
  open_.push_back({index, when, illegal});
}

void Evidence::served(Instant began) {
  last_service_ = std::max(last_service_, began);
  std::erase_if(open_, [&](const Open& one) { return one.ended <= began; });
}

std::vector<std::size_t> Evidence::indices(bool illegal) const {
  std::vector<std::size_t> out;
  for (const auto& one : open_)
    if (one.illegal == illegal) out.push_back(one.index);
  return out;
}

std::vector<std::size_t> Evidence::suspects() const {
  return indices(true);
}
std::vector<std::size_t> Evidence::bystanders() const {
  return indices(false);
}

}  // namespace wsspec
