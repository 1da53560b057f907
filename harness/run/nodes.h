// Nodes: a target of several nodes: where each is reached, and the commands by which its operator ends,
// stops, drains, starts them or the broker between them.
//
// What it is not: a cluster, or a judge of one. Invariant: what a case had done to the target is undone
// before the next one is played, or the run ends.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"
#include "run/operator.h"

namespace wsspec {

struct Nodes {
  std::vector<Address> nodes;  ///< Two of them, or none.
  std::optional<Address> balancer;
  std::map<std::string, std::string> acts;  ///< By name: for /bin/sh -c. It ends when what it does is done.
  bool declared() const { return !nodes.empty() || balancer || !acts.empty(); }
};

/// The command that undoes another one: start-2 for kill-2, stop-2 and drain-2, resume-2 for pause-2; empty:
/// there is nothing to undo.
std::string undoing(std::string_view act);

class Acts {
 public:
  /// `front`: what `{host}`, `{port}` and `{url}` in the commands stand for.
  Acts(std::map<std::string, std::string> commands, Address front)
      : commands_(std::move(commands)), front_(std::move(front)) {}

  /// Not started yet. What a command starts may be a node from then on, and lives as long as this object.
  std::shared_ptr<OperatorsCommand> command(const std::string& name);
  /// By which what was done and not undone since is undone, the last first.
  std::vector<std::string> to_undo() const;

 private:
  std::map<std::string, std::string> commands_;
  Address front_;
  std::vector<std::string> done_;
  std::vector<std::shared_ptr<OperatorsCommand>> started_;
};

}  // namespace wsspec
