#include "peer/hop.h"

#include "peer/defects.h"
#include "peer/hop_passage.h"
#include "peer/liberties.h"

namespace wsspec {

Result<std::unique_ptr<Hop>> Hop::make(const HopOptions& options) {
  Conduct conduct;
  for (const std::string& name : options.defects) {
    const auto defect = find_hop_defect(name);
    if (!defect) return std::unexpected(defect.error());
    (*defect)->apply(conduct);
  }
  for (const std::string& name : options.liberties) {
    const auto liberty = find_hop_liberty(name);
    if (!liberty) return std::unexpected(liberty.error());
    (*liberty)->apply(conduct);
  }
  return std::unique_ptr<Hop>(new Hop(conduct.hop, options.seed));
}

Hop::Hop(HopConduct conduct, std::uint64_t seed) : conduct_(conduct), seed_(seed) {}

Hop::~Hop() = default;

std::unique_ptr<Endpoint> Hop::accept() {
  HopSituation s;
  s.commons = &commons_;
  s.client = passages_.size() + 1;
  s.seed = seed_;
  passages_.push_back(std::make_unique<HopPassage>(conduct_, std::move(s), queue_, stirred_));
  return passages_.back()->make_front();
}

HopPassage& Hop::take_first() {
  HopPassage& first = *queue_.front();
  queue_.pop_front();
  return first;
}

std::unique_ptr<Endpoint> Hop::dial() {
  return take_first().make_back();
}

void Hop::refused() {
  take_first().refuse_back();
}

}  // namespace wsspec
