// Operator: the command by which whoever runs a hop or a server of several nodes has it reloaded, stopped,
// drained, beside a case.
//
// What it starts may be the target itself from then on, so that what is left of a command that went well is
// ended with this object only. What it is not: a judge of what the command does to the hop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/address.h"
#include "net/driver.h"
#include "protocol/endpoint.h"
#include "target/target.h"

namespace wsspec {

class OperatorsCommand {
 public:
  /// So long it may take.
  static constexpr Duration kMost = std::chrono::seconds(45);

  /// `command` is for /bin/sh -c.
  /// `front`: what `{host}`, `{port}` and `{url}` in it stand for.
  OperatorsCommand(std::string command, const Address& front);
  /// Whether it could be started at all.
  Result<void> start() { return process_.launch(); }
  /// Nothing while it runs; then why it did not go well, with what it printed, on one line; empty: it did.
  /// Looks without blocking.
  std::optional<std::string> outcome();
  /// Ends it, which takes half a second at most. What it printed, as in outcome().
  std::string end();

 private:
  std::string words_of_output();

  std::string command_;
  TargetProcess process_;
};

/// One command at a time beside a case, looked at every so often. Invariant: `over` is told once, unless the
/// object goes first.
class OperatorsTurn {
 public:
  /// Of why it did not go well, with what it printed; empty: it did.
  using Over = std::function<void(std::string)>;

  explicit OperatorsTurn(Driver& driver) : driver_(driver) {}
  /// An error when it could not be started: nothing is told then.
  Result<void> begin(std::shared_ptr<OperatorsCommand> command, Over over);
  /// The run is over: ends what runs, of which is told from within the driver's loop.
  void hang_up();

 private:
  void look();
  void end(const std::string& why);

  Driver& driver_;
  std::shared_ptr<OperatorsCommand> command_;  ///< Null: none runs.
  Over over_;
  Instant until_{};
  std::optional<std::string> ended_;  ///< By us, and why.
  Timer watch_;
};

}  // namespace wsspec
