// Where sessions are played: against the reference peer in memory, or over sockets against a target.
//
// What it is not: a strategy; it plays one session alone, or many at once, and tells how the target is.
// Invariants: whatever is played ends soon after stop_when() says so; a launched target is restarted only by
// restart(); connections are made no faster than the rate allows, whoever asks for them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuzzer/session.h"
#include "net/driver.h"
#include "peer/peer.h"
#include "target/target.h"

namespace wsspec {

class FuzzArena {
 public:
  virtual ~FuzzArena() = default;
  struct Outcome {
    bool connected = true;
    std::string detail;    ///< Why not.
    bool stopped = false;  ///< Cut off by stop_when(): it says nothing about the target.
    bool absent = false;   ///< A client that, for all we know, runs did not come.
  };
  /// Asked several times a second while something is played or waited for; true ends it at once.
  void stop_when(std::function<bool()> stop) { stop_ = std::move(stop); }

  /// Plays one session to its end, nothing else going on.
  virtual Outcome play(FuzzSession& session) = 0;

  /// Sessions that are played beside each other: all are connected at once.
  using Group = std::vector<std::unique_ptr<FuzzSession>>;
  using Make = std::function<Group()>;  ///< Empty: no more for now.
  using Finished = std::function<void(FuzzSession&, const Outcome&)>;
  /// Plays sessions, `jobs` at once (a group begins when there is room for one), until `make` has no more and
  /// all are over. `tick` is called now and then.
  virtual void play_many(int jobs, const Make& make, const Finished& finished,
                         const std::function<void()>& tick) = 0;

  /// How the target ended, when it did: only where we launched it, or in memory.
  virtual std::optional<Death> death() = 0;
  /// True when it was made to serve anew.
  virtual bool restart() = 0;
  virtual bool can_restart() const { return true; }
  /// Resident octets of a launched target.
  virtual std::optional<ProcessSample> sample() { return std::nullopt; }
  /// Ends a launched target; the sanitizer's line about leaks, if it printed one.
  virtual std::string farewell() { return {}; }
  /// Time since the arena was made: the clock on the wall, in memory the processor time of this thread.
  virtual Duration elapsed() const = 0;
  /// How long a client may stay away from now on, where it comes by itself; no more than the user said.
  virtual void wait_at_most(Duration time) { (void)time; }
  /// Whether waiting costs time; in memory the clock of the sessions is made up.
  virtual bool waiting_is_free() const { return false; }
  virtual void rest(Duration time) = 0;
  /// What a launched target printed since the last call; the end of it.
  virtual std::string take_log() { return {}; }

 protected:
  bool stopped() const { return stop_ && stop_(); }

 private:
  std::function<bool()> stop_;
};

/// An error names an unknown defect or liberty.
Result<std::unique_ptr<FuzzArena>> memory_arena(const PeerOptions& options);
/// `launch`: the target is started first, an error when it does not come up. `rate`: connections a second at
/// most; 0: as fast as it goes.
Result<std::unique_ptr<FuzzArena>> network_arena(const Dialer& dialer, const std::optional<Launch>& launch,
                                                 double rate = 0);

}  // namespace wsspec
