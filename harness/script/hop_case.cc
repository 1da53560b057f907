#include "script/hop_case.h"

#include <algorithm>
#include <string>
#include <utility>

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

/// The lines that `open` stands for, as they are about `near` and `far`.
std::vector<Step> opening(const Step& open) {
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
  for (Step& step : out) step.on = {std::string(kNear), {}};
  out[0].on = open.on;
  out[0].statement = Connect{};
  out[1].statement = std::move(request);
  out[2].statement = ExpectRequest{};
  out[3].statement = std::move(reply);
  out[4].statement = ExpectUpgrade{};
  out[2].on.name = out[3].on.name = kFar;
  return out;
}

}  // namespace

Case written_out(const Case& one) {
  Case out = one;
  const auto is_open = [](const Step& step) { return std::holds_alternative<Open>(step.statement); };
  for (auto at = std::ranges::find_if(out.steps, is_open); at != out.steps.end();
       at = std::ranges::find_if(out.steps, is_open)) {
    const auto lines = opening(*at);
    at = out.steps.erase(at);
    out.steps.insert(at, lines.begin(), lines.end());
  }
  return out;
}

}  // namespace wsspec
