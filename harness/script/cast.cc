#include "script/cast.h"

#include <algorithm>

#include "script/functions.h"
#include "script/hop_case.h"
#include "script/print.h"
#include "script/substitute.h"
#include "script/walk.h"

namespace wsspec {

namespace {

std::size_t size_at(const Step& step) {
  const auto size = step.on.index ? step.on.index->value : 1;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(size, 1, kMostMade));
}

}  // namespace

std::string entry_of(const Open& open) {
  Environment environment;
  for (const auto& option : open.options)
    if (option.name == "node") return evaluate(option.value, environment).value_or("?");
  return "";
}

bool acts(const Case& one) {
  return std::ranges::any_of(one.needs, is_act);
}

Cast::Cast(const std::vector<Step>& steps) {
  const bool hop = names_hop(steps);
  std::size_t size = 0;
  for_each_step(steps, [&](const Step& step) {
    if (!makes_connection(step)) return;
    const std::size_t count = size_at(step);
    const auto known = std::ranges::find(parts_, step.on.name, &Part::name);
    if (known == parts_.end()) {
      parts_.push_back({step.on.name, size, count, step.on.index.has_value(), {count}});
      size += count;
    } else if (hop && known->group && count > known->count) {  // More tunnels, later.
      known->count = count;
      known->sizes.push_back(count);
    }
  });
  if (parts_.empty()) parts_.emplace_back();
  if (!hop) return;
  // For each connection that we make to a hop it makes one to us.
  const Part* made = find(kNear);
  const Part near = made != nullptr ? *made : Part{std::string(kNear)};
  parts_ = {near, {std::string(kFar), near.count, near.count, near.group}};
  parts_.front().first = 0;
}

Cast::Made Cast::made_by(const Step& step) const {
  const Part* part = find(step.on.name);
  if (part == nullptr || !part->group) return {};
  const auto at = std::ranges::find(part->sizes, size_at(step));
  const std::size_t before = at == part->sizes.begin() || at == part->sizes.end() ? 0 : *(at - 1);
  return {before, (at == part->sizes.end() ? part->count : *at) - before};
}

const Cast::Part* Cast::find(std::string_view name) const {
  const auto found = std::ranges::find(parts_, name, &Part::name);
  return found == parts_.end() ? nullptr : &*found;
}

On Cast::on(std::size_t connection) const {
  for (const Part& part : parts_) {
    if (connection < part.first || connection >= part.first + part.count) continue;
    On out{part.name, {}};
    if (part.group) out.index = Number{connection - part.first, {}};
    return out;
  }
  return {};
}

std::string Cast::entry(std::size_t connection, const std::vector<Step>& steps) const {
  std::string out;
  for_each_step(steps, [&](const Step& step) {
    const auto* open = std::get_if<Open>(&step.statement);
    if (open != nullptr && step.on.name == on(connection).name) out = entry_of(*open);
  });
  return out;
}

namespace {

/// Behind it the connection is no more, or is so for us.
bool ends_connection(const Step& step) {
  const auto& statement = step.statement;
  return std::holds_alternative<SendEof>(statement) || std::holds_alternative<SendReset>(statement) ||
         std::holds_alternative<Finish>(statement) || std::holds_alternative<ExpectEof>(statement) ||
         std::holds_alternative<ExpectReset>(statement) || std::holds_alternative<ExpectGone>(statement) ||
         std::holds_alternative<ExpectFail>(statement);
}

}  // namespace

std::size_t Cast::at_once(const std::vector<Step>& steps) const {
  std::vector<bool> open(size());
  std::size_t most = 1;
  for (const Step& step : steps) {
    const bool begins = makes_connection(step);
    const Part* part = find(step.on.name);
    if (part == nullptr || (!begins && !ends_connection(step))) continue;
    const auto& index = step.on.index;
    const bool one = !begins && index && index->name.empty() && index->value < part->count;
    const Made made = begins ? made_by(step)
                      : one  ? Made{static_cast<std::size_t>(index->value), 1}
                             : Made{0, part->count};
    std::fill_n(open.begin() + static_cast<std::ptrdiff_t>(part->first + made.first), made.count, begins);
    most = std::max(most, static_cast<std::size_t>(std::ranges::count(open, true)));
  }
  return most;
}

namespace {

/// A member that a variable names may be ours, so it stays.
bool is_about(const On& on, const On& connection) {
  if (on.name != connection.name) return false;
  return !on.index || !on.index->name.empty() || !connection.index || *on.index == *connection.index;
}

std::vector<Step> steps_of(const std::vector<Step>& steps, const On& connection) {
  std::vector<Step> out;
  for (Step step : steps) {
    bool kept = is_about(step.on, connection);
    if (makes_connection(step)) kept = step.on.name == connection.name;
    if (auto* repeat = std::get_if<Repeat>(&step.statement)) {
      repeat->steps = steps_of(repeat->steps, connection);
      kept = !repeat->steps.empty();
    } else if (auto* burst = std::get_if<Burst>(&step.statement)) {
      burst->sends = steps_of(burst->sends, connection);
      kept = !burst->sends.empty();
    } else if (auto* either = std::get_if<Either>(&step.statement)) {
      kept = is_about(either->branches.front().steps.front().on, connection);
      for (auto& branch : either->branches) branch.steps = steps_of(branch.steps, connection);
    } else if (std::holds_alternative<Pause>(step.statement)) {
      kept = kept || step.on.name.empty();
    }
    if (!kept) continue;
    step.on = {};
    out.push_back(std::move(step));
  }
  return out;
}

}  // namespace

Case alone(const Case& one, const On& connection) {
  Case out = one;
  out.steps = steps_of(one.steps, connection);
  if (!connection.index) return out;
  Substitution member([](const Place&, const std::string&, const std::string&) {});
  member.bind("member", *connection.index, print(*connection.index), one.place);
  member.apply(out);
  return out;
}

}  // namespace wsspec
