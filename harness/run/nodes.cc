#include "run/nodes.h"

#include <algorithm>

namespace wsspec {

std::string undoing(std::string_view act) {
  for (const std::string_view harm : {"kill-", "stop-", "drain-"})
    if (act.starts_with(harm)) return "start-" + std::string(act.substr(harm.size()));
  constexpr std::string_view kPause = "pause-";
  return act.starts_with(kPause) ? "resume-" + std::string(act.substr(kPause.size())) : "";
}

std::shared_ptr<OperatorsCommand> Acts::command(const std::string& name) {
  done_.push_back(name);
  started_.push_back(std::make_shared<OperatorsCommand>(commands_[name], front_));
  return started_.back();
}

std::vector<std::string> Acts::to_undo() const {
  std::vector<std::string> out;
  for (const auto& name : done_) {
    std::erase(out, name);
    if (const auto undo = undoing(name); commands_.contains(undo)) out.insert(out.begin(), undo);
  }
  return out;
}

}  // namespace wsspec
