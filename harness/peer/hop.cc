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
  return std::unique_ptr<Hop>(new Hop(conduct.hop, options));
}

Hop::Hop(HopConduct conduct, const HopOptions& options)
    : conduct_(conduct), seed_(options.seed), tells_clients_(options.tells_clients) {}

Hop::~Hop() = default;

std::unique_ptr<Endpoint> Hop::accept(const ConnectionName& name) {
  HopSituation s;
  s.commons = &commons_;
  s.client = passages_.size() + 1;
  s.seed = seed_;
  s.name = name;
  s.tells = tells_clients_;
  passages_.push_back(std::make_unique<HopPassage>(conduct_, std::move(s), queue_, stirred_));
  auto front = passages_.back()->make_front();
  if (turns_away_) passages_.back()->turn_away();
  return front;
}

void Hop::operate(bool stop) {
  const HopDrain& drain = stop ? conduct_.stop : conduct_.reload;
  turns_away_ |= drain.turns_away;
  for (const auto& passage : passages_) passage->drain(drain);
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
