#include "script/hop_case.h"

#include <algorithm>
#include <string>
#include <utility>

#include "script/cast.h"
#include "script/walk.h"

namespace wsspec {

bool names_hop(const std::vector<Step>& steps) {
  bool found = false;
  for_each_step(steps, [&](const Step& step) { found |= step.on.name == kNear || step.on.name == kFar; });
  return found;
}

namespace {

Edit set(std::string header, Payload value) {
  return {Edit::Kind::set, std::move(header), std::move(value)};
}

/// The lines that `open` stands for, as they are about `near` and `far`, or about a member of each.
std::vector<Step> opening(const Step& open, const std::optional<Number>& member) {
  SendRequest request;
  SendUpgrade reply;
  for (const Open::Option& option : std::get<Open>(open.statement).options) {
    if (option.name == "path") request.edits.push_back({Edit::Kind::path, {}, option.value});
    if (option.name == "origin") request.edits.push_back(set("Origin", option.value));
    if (option.name == "protocol") request.edits.push_back(set("Sec-WebSocket-Protocol", option.value));
    if (option.name != "offer") continue;
    request.edits.push_back(set("Sec-WebSocket-Extensions", option.value));
    reply.edits.push_back(set("Sec-WebSocket-Extensions", option.value));
  }
  std::vector<Step> out(5, open);
  for (Step& step : out) step.on = {std::string(kNear), member};
  out[0].on = open.on;
  out[0].statement = Connect{};
  out[1].statement = std::move(request);
  out[2].statement = ExpectRequest{};
  out[3].statement = std::move(reply);
  out[4].statement = ExpectUpgrade{};
  out[2].on.name = out[3].on.name = kFar;
  return out;
}

/// A group is opened line by line as a whole, what it grows by member by member.
std::vector<Step> openings(const Step& open, const Cast& cast) {
  const auto made = cast.made_by(open);
  if (made.first == 0) return opening(open, {});
  std::vector<Step> out;
  for (std::size_t member = made.first; member < made.first + made.count; ++member) {
    const auto lines = opening(open, Number{member, {}});
    out.insert(out.end(), lines.begin() + (out.empty() ? 0 : 1), lines.end());
  }
  return out;
}

}  // namespace

Case written_out(const Case& one) {
  Case out = one;
  const Cast cast(one.steps);
  const auto is_open = [](const Step& step) { return std::holds_alternative<Open>(step.statement); };
  for (auto at = std::ranges::find_if(out.steps, is_open); at != out.steps.end();
       at = std::ranges::find_if(out.steps, is_open)) {
    const auto lines = openings(*at, cast);
    at = out.steps.erase(at);
    out.steps.insert(at, lines.begin(), lines.end());
  }
  return out;
}

}  // namespace wsspec
