// Hop: a reverse proxy for HTTP/1.1 in memory, between clients and one server, with named defects and legal
// liberties: what the self-test of `wsspec path` plays against.
//
// A conforming hop passes on every request on a connection of its own to the server, and is a blind tunnel
// behind a 101 that was asked for. What it is not: a driver. Whoever couples its ends asks wants_back() and
// take_stirred() after each call of one of them. All go by one clock.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "peer/hop_conduct.h"
#include "protocol/endpoint.h"
#include "protocol/error.h"

namespace wsspec {

class HopPassage;

struct HopOptions {
  std::vector<std::string> defects, liberties;
  std::uint64_t seed = 1;      ///< Of the masks that it draws.
  bool tells_clients = false;  ///< A PROXY header goes to the server ahead of each connection.
};

class Hop {
 public:
  /// Fails on an unknown name.
  static Result<std::unique_ptr<Hop>> make(const HopOptions& options);
  ~Hop();

  /// A client has connected: the hop's end of that, which must not outlive the hop.
  /// `name`: whose connection it is.
  std::unique_ptr<Endpoint> accept(const ConnectionName& name = {});
  /// The hop wants one more connection to the server.
  bool wants_back() const { return !queue_.empty(); }
  /// Its end of that connection, in the order in which they were wanted. wants_back() must hold.
  std::unique_ptr<Endpoint> dial();
  /// Instead of dial(): the connection could not be made.
  void refused();
  /// Its operator has it reloaded or stopped, gracefully.
  void operate(bool stop);
  /// Ends that have something to do because another one was told something.
  std::vector<Endpoint*> take_stirred() { return std::exchange(stirred_, {}); }

 private:
  Hop(HopConduct conduct, const HopOptions& options);
  HopPassage& take_first();

  HopConduct conduct_;
  std::uint64_t seed_;
  bool tells_clients_;
  HopCommons commons_;
  bool turns_away_ = false;
  std::vector<std::unique_ptr<HopPassage>> passages_;
  std::deque<HopPassage*> queue_;  ///< Of those that want a connection.
  std::vector<Endpoint*> stirred_;
};

}  // namespace wsspec
