// Venue: where the cases of a run meet their target: who opens the connection of a case, and what shows that
// the target still lives. All that follows from being the client of a server stands in Dialing.
//
// What it is not: a scheduler, or a judge of what is found out.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "net/driver.h"
#include "net/tls_client.h"
#include "play/player.h"
#include "run/nodes.h"
#include "target/probe.h"
#include "target/target.h"

namespace wsspec {

/// How the connections of a case went, and what became of a process that was made for the case alone.
struct Parting : Ending {
  Parting() = default;
  Parting(const Ending& ending) : Ending(ending) {}
  std::string death;   ///< "was killed by signal 11", with a sanitizer's line; empty: it did not die.
  Death how{};         ///< Where it did.
  std::string log;     ///< What it printed.
  std::string failed;  ///< What was to be done beside the case, and was not; empty: all was.
  std::string cannot;  ///< Why the target cannot play the case, as it said itself; empty: it did.
};

class Venue {
 public:
  virtual ~Venue() = default;
  using Finished = std::function<void(const Parting&)>;
  /// Ends all connections of a case at once.
  using HangUp = std::function<void()>;
  /// Brings about the connections of a case that `player` plays; `finished` as for Driver::dial(), once, when
  /// all of them are over. `player` must live until then.
  virtual HangUp begin(const Case& one, Player& player, Finished finished) = 0;
  /// The first meeting: what the target is like.
  virtual Probed meet(const Profile& profile, const ProbeOptions& how) = 0;
  /// Whether the target does now what any of its kind must. Blocks for at most `patience`.
  virtual Liveness proof_of_life(const Profile& profile, Duration patience,
                                 const std::atomic<bool>* interrupted) = 0;
  /// Two connections at once are one too many for the target. Blocks.
  virtual bool holds_one_at_a_time(const Profile& profile) = 0;
  /// Undoes what the case before had done to the target, until it serves everywhere. Blocks. An error says
  /// what does not.
  virtual Result<void> restore(const Profile&, const std::atomic<bool>* /*interrupted*/) { return {}; }
  /// Of the processes that the venue has started for all cases; nothing: there are none.
  virtual std::optional<ProcessSample> sample() const { return std::nullopt; }
  /// What the target has sent us and no case had asked for, in words; empty: nothing.
  virtual std::string own_accord() const { return {}; }
};

/// The target is a server: we dial, and a correct handshake with a ping proves that it lives.
class Dialing final : public Venue {
 public:
  /// An error when an address or the terms of TLS cannot be used.
  static Result<std::unique_ptr<Venue>> make(Driver& driver, const Address& address,
                                             const DialOptions& options, const Nodes& nodes = {});

  HangUp begin(const Case& one, Player& player, Finished finished) override;
  Probed meet(const Profile& profile, const ProbeOptions& how) override;
  Liveness proof_of_life(const Profile& profile, Duration patience,
                         const std::atomic<bool>* interrupted) override;
  bool holds_one_at_a_time(const Profile& profile) override;
  Result<void> restore(const Profile& profile, const std::atomic<bool>* interrupted) override;

 private:
  Driver::Id dial(const Case& one, Player& player, Driver::Finished finished);
  Result<void> undo(const std::string& act, const std::atomic<bool>* interrupted);

  Dialing(Driver& driver, Dialer dialer, std::map<std::string, std::string> acts)
      : driver_(driver), dialer_(std::move(dialer)), acts_(std::move(acts), dialer_.address()) {}

  Driver& driver_;
  Dialer dialer_;
  /// For cases with terms of TLS of their own, which do it themselves on the bare octets; targets over TLS.
  std::optional<Dialer> bare_dialer_;
  std::optional<TlsClient> tls_;
  std::map<std::string, Dialer> entries_;  ///< By Player::entry().
  Acts acts_;
};

}  // namespace wsspec
