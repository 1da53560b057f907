// Broker: the destinations of one STOMP server, who subscribed to them, and what is on its way to whom.
//
// Names that begin with "/queue/" are queues: a message goes to one subscription, and waits for it; who takes
// turns. Any other name is a topic: a message goes to all who subscribed.
// What it is not: a session (broker_session.h), which reads frames and knows versions and transactions. Like
// Forum not safe for connections in several threads. Invariants: what is acknowledged never comes again, what
// is not comes again to somebody when its subscription ends, ahead of later ones; memory is bounded by
// kMostKept.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "peer/broker_conduct.h"
#include "protocol/stomp.h"

namespace wsspec {

enum class AckMode : std::uint8_t { automatic, client, individual };

struct BrokerMessage {
  std::uint64_t number = 0;  ///< Unique in the broker, from 1.
  std::string destination;
  std::vector<StompHeader> headers;  ///< The sender's own, in order.
  Bytes body;
};

/// A message on its way to a subscription. `ack` names it to whoever acknowledges it; 0: nobody need.
struct BrokerDelivery {
  const BrokerMessage& message;
  const std::string& subscription;
  std::uint64_t ack = 0;
};

class Broker {
 public:
  /// Octets of bodies that wait, in all queues together.
  static constexpr std::size_t kMostKept = 64u << 20;
  using Deliver = std::function<void(const BrokerDelivery&)>;

  explicit Broker(const BrokerConduct& conduct) : conduct_(conduct) {}

  /// False when that session has a subscription of that name.
  bool subscribe(std::uint64_t session, const std::string& name, const std::string& destination, AckMode mode,
                 Deliver deliver);
  /// False when there is none of that name.
  bool unsubscribe(std::uint64_t session, const std::string& name);
  /// False when more would be kept than kMostKept.
  bool send(const std::string& destination, std::vector<StompHeader> headers, Bytes body);
  /// Whether something that awaits this acknowledgement was sent to the session.
  bool awaits(std::uint64_t session, std::uint64_t ack) const;
  /// Takes it for consumed, and in mode client all before it; with `nack` for refused, which discards it.
  void acknowledge(std::uint64_t session, std::uint64_t ack, bool nack);
  /// The acknowledgement that a message awaits, of STOMP before 1.2, where its number names it; an empty
  /// subscription is any.
  std::optional<std::uint64_t> ack_of(std::uint64_t session, const std::string& subscription,
                                      std::uint64_t message) const;
  /// The session has ended: its subscriptions do.
  void end(std::uint64_t session);

 private:
  struct Sent {
    std::uint64_t ack = 0;
    BrokerMessage message;
  };
  struct Subscription {
    std::uint64_t session = 0;
    std::string name, destination;
    AckMode mode = AckMode::automatic;
    Deliver deliver;
    std::deque<Sent> unacknowledged;
  };
  using Subscriptions = std::list<Subscription>;

  static bool is_queue(const std::string& destination) { return destination.starts_with("/queue/"); }
  const Subscription* find(std::uint64_t session, const std::string& name) const;
  void deliver(Subscription& to, const BrokerMessage& message);
  void publish(const BrokerMessage& message);
  void drain(const std::string& destination);
  Subscriptions::iterator next_for(const std::string& destination);
  void remove(Subscriptions::iterator one);
  bool is_cumulative(const Subscription& one) const;

  const BrokerConduct& conduct_;
  Subscriptions subscriptions_;
  std::map<std::string, std::deque<BrokerMessage>> queues_;  ///< What waits, none of them empty.
  std::size_t kept_ = 0;                                     ///< Octets of bodies in `queues_`.
  std::uint64_t messages_ = 0, acks_ = 0;
};

}  // namespace wsspec
