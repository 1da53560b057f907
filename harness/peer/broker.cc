#include "peer/broker.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace wsspec {

const Broker::Subscription* Broker::find(std::uint64_t session, const std::string& name) const {
  const auto found = std::ranges::find_if(
      subscriptions_, [&](const Subscription& s) { return s.session == session && s.name == name; });
  return found == subscriptions_.end() ? nullptr : &*found;
}

bool Broker::subscribe(std::uint64_t session, const std::string& name, const std::string& destination,
                       AckMode mode, Deliver deliver) {
  if (find(session, name) != nullptr) return false;
  subscriptions_.push_back({session, name, destination, mode, std::move(deliver), {}});
  drain(destination);
  return true;
}

bool Broker::unsubscribe(std::uint64_t session, const std::string& name) {
  if (find(session, name) == nullptr) return false;
  if (conduct_.keeps_unsubscribed) return true;
  for (auto one = subscriptions_.begin(); one != subscriptions_.end();) {
    const auto here = one++;
    if (here->session == session && (here->name == name || conduct_.unsubscribes_all)) remove(here);
  }
  return true;
}

bool Broker::send(const std::string& destination, std::vector<StompHeader> headers, Bytes body) {
  if (kept_ + body.size() > kMostKept) return false;
  BrokerMessage message{++messages_, destination, std::move(headers), std::move(body)};
  if (!is_queue(destination) || conduct_.queue_as_topic) {
    publish(message);
    return true;
  }
  kept_ += message.body.size();
  queues_[destination].push_back(std::move(message));
  drain(destination);
  return true;
}

void Broker::publish(const BrokerMessage& message) {
  for (Subscription& one : subscriptions_) {
    if (one.destination != message.destination) continue;
    deliver(one, message);
    if (conduct_.first_subscriber_only) return;
  }
}

void Broker::deliver(Subscription& to, const BrokerMessage& message) {
  const bool awaited = to.mode != AckMode::automatic || conduct_.prefetch != 0;
  const std::uint64_t ack = awaited ? ++acks_ : 0;
  if (awaited) to.unacknowledged.push_back({ack, message});
  to.deliver({message, to.name, to.mode == AckMode::automatic ? 0 : ack});
}

// Whose turn it is: that of the first one which may get more; it goes to the end of the row.
Broker::Subscriptions::iterator Broker::next_for(const std::string& destination) {
  return std::ranges::find_if(subscriptions_, [&](const Subscription& s) {
    return s.destination == destination &&
           (conduct_.prefetch == 0 || s.unacknowledged.size() < conduct_.prefetch);
  });
}

void Broker::drain(const std::string& destination) {
  const auto queue = queues_.find(destination);
  if (queue == queues_.end()) return;
  while (!queue->second.empty()) {
    const auto next = next_for(destination);
    if (next == subscriptions_.end()) return;
    const BrokerMessage message = std::move(queue->second.front());
    queue->second.pop_front();
    kept_ -= message.body.size();
    subscriptions_.splice(subscriptions_.end(), subscriptions_, next);
    deliver(*next, message);
  }
  queues_.erase(queue);
}

bool Broker::awaits(std::uint64_t session, std::uint64_t ack) const {
  return std::ranges::any_of(subscriptions_, [&](const Subscription& one) {
    return one.session == session &&
           std::ranges::find(one.unacknowledged, ack, &Sent::ack) != one.unacknowledged.end();
  });
}

std::optional<std::uint64_t> Broker::ack_of(std::uint64_t session, const std::string& subscription,
                                            std::uint64_t message) const {
  for (const Subscription& one : subscriptions_) {
    if (one.session != session || (!subscription.empty() && one.name != subscription)) continue;
    const auto found =
        std::ranges::find(one.unacknowledged, message, [](const Sent& sent) { return sent.message.number; });
    if (found != one.unacknowledged.end()) return found->ack;
  }
  return std::nullopt;
}

bool Broker::is_cumulative(const Subscription& one) const {
  return conduct_.always_cumulative || (one.mode == AckMode::client && !conduct_.never_cumulative);
}

void Broker::acknowledge(std::uint64_t session, std::uint64_t ack, bool nack) {
  if (conduct_.forgets_acks) return;
  for (Subscription& one : subscriptions_) {
    auto& sent = one.unacknowledged;
    const auto found = std::ranges::find(sent, ack, &Sent::ack);
    if (one.session != session || found == sent.end()) continue;
    const auto first = is_cumulative(one) ? sent.begin() : found;
    if (nack && conduct_.nack_requeues && is_queue(one.destination)) {
      auto& queue = queues_[one.destination];
      for (auto each = first; each != std::next(found); ++each) {
        kept_ += each->message.body.size();
        queue.push_back(std::move(each->message));
      }
    }
    sent.erase(first, std::next(found));
    return drain(std::string(one.destination));
  }
}

// What it had not acknowledged goes back to where it came from.
void Broker::remove(Subscriptions::iterator one) {
  const Subscription gone = std::move(*one);
  subscriptions_.erase(one);
  if (!is_queue(gone.destination) || gone.mode == AckMode::automatic || conduct_.loses_unacknowledged) return;
  if (gone.unacknowledged.empty()) return;
  auto& queue = queues_[gone.destination];
  for (auto sent = gone.unacknowledged.rbegin(); sent != gone.unacknowledged.rend(); ++sent) {
    kept_ += sent->message.body.size();
    queue.push_front(sent->message);
  }
  drain(gone.destination);
}

// All of them first, so that nothing goes back to the session that has ended.
void Broker::end(std::uint64_t session) {
  Subscriptions gone;
  for (auto one = subscriptions_.begin(); one != subscriptions_.end();) {
    const auto here = one++;
    if (here->session == session) gone.splice(gone.end(), subscriptions_, here);
  }
  while (!gone.empty()) {
    subscriptions_.splice(subscriptions_.end(), gone, gone.begin());
    remove(std::prev(subscriptions_.end()));
  }
}

}  // namespace wsspec
