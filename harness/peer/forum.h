// Forum: the rooms of one server: who is in which, what was said there, and what is on its way to whom.
//
// What it is not: an endpoint (peer.h), nor part of WebSocket: an application that fans out. Like Commons not
// safe for connections in several threads. Invariant: what a member says reaches each other member of the
// room once and in its order, unless the Conduct says otherwise.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "peer/conduct.h"
#include "protocol/bytes.h"

namespace wsspec {

class Forum {
 public:
  /// `itself`: a member hears what it says itself; `history`: old messages for who comes later.
  Forum(const Conduct& conduct, bool itself, std::size_t history)
      : conduct_(conduct), itself_(itself), history_(history) {}

  /// `node`: of a cluster; 0: there is none.
  void enter(std::uint64_t member, const std::string& room, unsigned node = 0);
  void leave(std::uint64_t member);
  bool has(std::uint64_t member) const { return members_.contains(member); }
  void say(std::uint64_t member, std::uint8_t opcode, BytesView payload);
  /// The next one for a member.
  std::optional<Parcel> take(std::uint64_t member);
  // As the broker between the nodes of a cluster.
  void stop() { stopped_ = true; }
  void start() { stopped_ = false, ++past_.broker_starts; }
  ClusterPast& past() { return past_; }
  /// How many octets it has been sent and does not fetch.
  void owes(std::uint64_t member, std::size_t octets);
  /// Another member does not fetch what it is owed.
  bool waits_for_other(std::uint64_t member, std::size_t octets) const;

 private:
  struct Member {
    std::string room;
    unsigned node = 0;
    std::deque<Parcel> queue;
    std::optional<Parcel> held;          ///< Comes behind the next one.
    std::size_t unread = 0, queued = 0;  ///< Octets that it does not fetch; in `queue`.
  };
  static void put(Member& to, Parcel parcel);
  void deliver(Member& to, Hearing hearing, Parcel delivery);
  bool hears(const Member& to, const std::string& room, unsigned from) const;
  void announce(const std::string& room, std::string_view words);

  const Conduct& conduct_;
  const bool itself_;
  const std::size_t history_;
  std::map<std::uint64_t, Member> members_;
  std::map<std::string, std::deque<Parcel>> said_;  ///< By room, the last ones.
  std::map<std::string, std::uint64_t> counts_;     ///< By room, messages so far.
  Bytes buffer_;
  bool stopped_ = false;  ///< Nothing comes from one node to another.
  ClusterPast past_;
};

}  // namespace wsspec
