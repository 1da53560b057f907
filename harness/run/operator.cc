#include "run/operator.h"

#include <fmt/format.h>

#include <utility>

#include "script/print.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

Launch launch_of(const std::string& command) {
  Launch launch;
  launch.command = command;
  launch.stop_timeout = 300ms;
  return launch;
}

}  // namespace

OperatorsCommand::OperatorsCommand(std::string command, const Address& front)
    : command_(std::move(command)), process_(launch_of(command_), front.host, front.port, front.unix_path) {}

std::optional<std::string> OperatorsCommand::outcome() {
  if (process_.running()) return std::nullopt;
  const auto death = process_.death();
  if (death && death->exit_status == 0) return "";
  return fmt::format("the operator's command, {}, {}{}", print_payload(command_, 100),
                     death ? death->words : "is not there", words_of_output());
}

std::string OperatorsCommand::end() {
  process_.stop();
  return words_of_output();
}

std::string OperatorsCommand::words_of_output() {
  constexpr std::size_t kShown = 500;
  const auto said = process_.take_log(kShown);
  return said.empty() ? "; it printed nothing" : "; it printed " + print_payload(said, kShown);
}

Result<void> OperatorsTurn::begin(std::shared_ptr<OperatorsCommand> command, Over over) {
  command_ = std::move(command);
  ended_.reset();
  if (auto started = command_->start(); !started) {
    command_.reset();
    return started;
  }
  over_ = std::move(over);
  until_ = driver_.now() + OperatorsCommand::kMost;
  watch_ = driver_.every(20ms, [this] { look(); });
  return {};
}

void OperatorsTurn::hang_up() {
  if (command_) end("the operator's command was ended with the run");
}

void OperatorsTurn::look() {
  if (!command_) return;
  if (driver_.now() >= until_)
    end(fmt::format("the operator's command was ended, as it was not over within {}",
                    print(OperatorsCommand::kMost)));
  auto outcome = ended_ ? ended_ : command_->outcome();
  if (!outcome) return;
  command_.reset();
  watch_.cancel();
  std::exchange(over_, {})(std::move(*outcome));  // And may be the end of us.
}

void OperatorsTurn::end(const std::string& why) {
  ended_ = why + command_->end();
}

}  // namespace wsspec
