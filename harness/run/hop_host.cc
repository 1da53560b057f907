#include "run/hop_host.h"

#include <utility>

namespace wsspec {

HopHost::HopHost(Driver& driver, std::unique_ptr<Hop> hop, Dialer back)
    : driver_(driver), hop_(std::move(hop)), back_(std::move(back)) {}

Result<std::uint16_t> HopHost::listen(const ListenOptions& options) {
  return driver_.listen(options, [this] { return welcome(); });
}

HopHost::Leg& HopHost::add(std::unique_ptr<Endpoint> hops) {
  Endpoint* key = hops.get();
  Leg& leg = legs_[key];
  leg.hops = std::move(hops);
  leg.end = std::make_unique<LateEnd>(*key, [this] { return driver_.now(); }, [this] { attend(); });
  return leg;
}

Driver::Guest HopHost::welcome() {
  Leg& leg = add(hop_->accept());
  Driver::Guest guest(*leg.end, [this, key = leg.hops.get()](const Ending&) {
    legs_.erase(key);
    attend();
  });
  guest.id = &leg.end->id;
  return guest;
}

/// What one connection was told may concern another, or want one more.
void HopHost::attend() {
  for (Endpoint* stirred : hop_->take_stirred())
    if (const auto leg = legs_.find(stirred); leg != legs_.end()) driver_.prod(leg->second.end->id);
  while (hop_->wants_back()) dial();
}

void HopHost::dial() {
  Leg& leg = add(hop_->dial());
  leg.end->id = driver_.dial(back_, *leg.end, [this, key = leg.hops.get()](const Ending& ending) {
    // A server that cannot be reached is one that ends without an answer.
    if (ending.failure != Failure::none) key->ended(End::reset, driver_.now());
    legs_.erase(key);
    attend();
  });
}

}  // namespace wsspec
