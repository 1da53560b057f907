// Visiting what a statement is made of, without knowing which statement it is.
//
// walk(statement, visitor) calls visitor(x) for each FrameFields, Layout, Payload, Number, std::vector<Edit>,
// std::vector<Code>, std::vector<Condition> and std::vector<Step> (of a block) of the statement, in the order
// they are written. It does not look inside these. Works for const and mutable trees. for_each_step() visits
// steps.
#pragma once

#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

#include "script/ast.h"

namespace wsspec {

namespace walking {

template <typename T, typename Visitor>
void visit_optional(T& slot, Visitor& visitor) {
  if (slot) visitor(*slot);
}

template <typename S, typename Visitor>
void members(S& s, Visitor& visitor) {
  using T = std::remove_const_t<S>;
  if constexpr (std::is_same_v<T, SendFrame>) {
    visitor(s.fields), visit_optional(s.code, visitor), visit_optional(s.payload, visitor), visitor(s.layout);
  } else if constexpr (std::is_same_v<T, ExpectFrame>) {
    visitor(s.fields), visitor(s.codes), visit_optional(s.payload, visitor);
  } else if constexpr (std::is_same_v<T, ExpectSeries> || std::is_same_v<T, HearSeries>) {
    visitor(s.series.payload), visitor(s.series.count);
    for (auto* limit : {&s.series.lost, &s.series.repeated, &s.series.reordered})
      if (*limit) visitor((*limit)->number);
  } else if constexpr (std::is_same_v<T, Join>) {
    visit_optional(s.room, visitor);
  } else if constexpr (std::is_same_v<T, Say>) {
    visitor(s.payload), visitor(s.layout);
  } else if constexpr (std::is_same_v<T, Hear>) {
    visit_optional(s.payload, visitor);
  } else if constexpr (std::is_same_v<T, SendBytes>) {
    visitor(s.payload), visitor(s.layout);
  } else if constexpr (std::is_same_v<T, SendHead>) {
    for (auto& line : s.lines) visitor(line);
    visitor(s.layout);
  } else if constexpr (std::is_same_v<T, SendRequest> || std::is_same_v<T, SendUpgrade>) {
    visitor(s.edits), visitor(s.layout);
  } else if constexpr (std::is_same_v<T, SendStomp>) {
    visitor(s.edits), visit_optional(s.body, visitor), visit_optional(s.pieces, visitor);
    visit_optional(s.tail, visitor), visitor(s.layout);
  } else if constexpr (std::is_same_v<T, ExpectStomp>) {
    visitor(s.conditions), visit_optional(s.body, visitor);
  } else if constexpr (std::is_same_v<T, Login>) {
    visitor(s.edits);
  } else if constexpr (std::is_same_v<T, SendResponse>) {
    visitor(s.status), visitor(s.edits), visitor(s.layout);
  } else if constexpr (std::is_same_v<T, ExpectFail>) {
    visitor(s.codes);
  } else if constexpr (std::is_same_v<T, ExpectBytes>) {
    visitor(s.payload);
  } else if constexpr (std::is_same_v<T, ExpectUpgrade> || std::is_same_v<T, ExpectRequest> ||
                       std::is_same_v<T, ExpectSecured> || std::is_same_v<T, ExpectEof>) {
    visitor(s.conditions);
  } else if constexpr (std::is_same_v<T, ExpectRefused>) {
    visitor(s.statuses), visitor(s.conditions);
  } else if constexpr (std::is_same_v<T, Open>) {
    for (auto& option : s.options) visitor(option.value);
  } else if constexpr (std::is_same_v<T, Connect>) {
    for (auto& option : s.options) visitor(option.value);
    visitor(s.layout);
  } else if constexpr (std::is_same_v<T, Finish>) {
    visit_optional(s.code, visitor);
  } else if constexpr (std::is_same_v<T, Quiet> || std::is_same_v<T, Pause>) {
    visitor(s.time);
  } else if constexpr (std::is_same_v<T, Stall>) {
    visit_optional(s.time, visitor);
  } else if constexpr (std::is_same_v<T, Note>) {
    visitor(s.text);
  } else if constexpr (std::is_same_v<T, Either>) {
    for (auto& branch : s.branches) visitor(branch.steps);
  } else if constexpr (std::is_same_v<T, Burst>) {
    visitor(s.layout), visitor(s.sends);
  } else if constexpr (std::is_same_v<T, Repeat>) {
    visitor(s.times), visitor(s.steps);
  }
}

}  // namespace walking

template <typename S, typename Visitor>
void walk(S& statement, Visitor&& visitor) {
  std::visit([&](auto& s) { walking::members(s, visitor); }, statement);
}

/// All steps, those inside blocks too, in the order they are written.
template <typename F>
void for_each_step(const std::vector<Step>& steps, const F& f) {
  for (const auto& step : steps) {
    f(step);
    if (const auto* either = std::get_if<Either>(&step.statement)) {
      for (const auto& branch : either->branches) for_each_step(branch.steps, f);
    } else if (const auto* burst = std::get_if<Burst>(&step.statement)) {
      for_each_step(burst->sends, f);
    } else if (const auto* repeat = std::get_if<Repeat>(&step.statement)) {
      for_each_step(repeat->steps, f);
    }
  }
}

}  // namespace wsspec
