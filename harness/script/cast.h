// Cast: the connections of a case, as its lines name them.
//
// Invariant: never empty; a case that names no connection has one, without a name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "script/ast.h"

namespace wsspec {

/// How many connections a case may have, and how many of them at once (Cast::at_once()): some faults need
/// many clients, one after the other, to show.
inline constexpr std::size_t kMostMade = 256, kMostConnections = 64;

/// The step is where a connection comes into being.
inline bool makes_connection(const Step& step) {
  return std::holds_alternative<Open>(step.statement) || std::holds_alternative<Connect>(step.statement);
}

/// The entry point of the target that the line names: "1" and "2", its nodes, or "balancer"; empty: the one
/// that all cases use.
std::string entry_of(const Open& open);

/// Of what the target is told to do (`act NAME`) the feature that a case needs for it.
inline constexpr std::string_view kAct = "act.";
inline bool is_act(std::string_view feature) {
  return feature.starts_with(kAct) && feature.size() > kAct.size();
}
/// The case has such commands run.
bool acts(const Case& one);

/// The step is about whether and when a client comes once more.
inline bool is_about_coming(const Step& step) {
  return std::holds_alternative<Again>(step.statement) || std::holds_alternative<Absence>(step.statement) ||
         std::holds_alternative<Shut>(step.statement);
}

class Cast {
 public:
  /// A connection by its name, or a group of them.
  struct Part {
    std::string name;
    std::size_t first = 0, count = 1;  ///< Numbers of its connections.
    bool group = false;
    std::vector<std::size_t> sizes{};  ///< Of a group, by the lines that make it or let it grow; ascending.
  };
  explicit Cast(const std::vector<Step>& steps);

  const std::vector<Part>& parts() const { return parts_; }
  /// Null: nothing of that name was opened.
  const Part* find(std::string_view name) const;
  std::size_t size() const { return parts_.back().first + parts_.back().count; }
  /// Which members of its part a step makes, by makes_connection(): all, or those by which a hop's group
  /// grows.
  struct Made {
    std::size_t first = 0, count = 1;
  };
  Made made_by(const Step& step) const;
  /// How many of them are there at once at most: those made and not ended by us, nor seen to end. `steps` are
  /// those of the constructor. An end within a block counts for nothing.
  std::size_t at_once(const std::vector<Step>& steps) const;
  /// `b`, or `c[3]` of a group; without index where there is no name.
  On on(std::size_t connection) const;
  /// entry_of() the line of `steps`, those of the constructor, that makes it.
  std::string entry(std::size_t connection, const std::vector<Step>& steps) const;

 private:
  std::vector<Part> parts_;  ///< In the order in which the script makes them.
};

/// `one` as far as it is about a single connection, which then has no name: what a client alone would have
/// done. Groups keep the member only.
Case alone(const Case& one, const On& connection);

}  // namespace wsspec
