// Operator: the command by which whoever runs a hop has it reloaded or stopped, beside a case.
//
// What it starts may be the hop itself from then on, so that what is left of a command that went well is
// ended with this object only. What it is not: a judge of what the command does to the hop.
#pragma once

#include <optional>
#include <string>

#include "net/address.h"
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

}  // namespace wsspec
