// Small endpoints for the tests of net/ and run/: no protocol, only octets.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/endpoint.h"

namespace wsspec::testkit {

/// Plays a list of actions, one after the other; a `wait` lasts until `until` or until `enough` octets have
/// come.
class Scripted : public Endpoint {
 public:
  struct Line {
    Action action;
    Bytes bytes{};           ///< For send.
    std::size_t enough = 0;  ///< For wait: go on when that many octets have come in all.
  };
  explicit Scripted(std::vector<Line> lines) : lines_(std::move(lines)) {}

  Action next(Instant now) override {
    while (at_ < lines_.size()) {
      auto& line = lines_[at_];
      if (line.action.kind == Action::Kind::wait) {
        const bool enough = line.enough > 0 && octets >= line.enough;
        const bool over = now >= line.action.until || end.has_value();
        if (!enough && !over) return line.action;
        ++at_;
        continue;
      }
      ++at_;
      if (line.action.kind == Action::Kind::send) return Action::send(line.bytes);
      return line.action;
    }
    return Action::close();
  }
  void received(MutableBytes bytes, Instant now) override {
    if (keep) seen.append(bytes.data(), bytes.size());
    octets += bytes.size();
    last = now;
  }
  void ended(End how, Instant now) override {
    end = how;
    last = now;
  }

  Bytes seen;
  std::uint64_t octets = 0;
  std::optional<End> end;
  Instant last{};
  bool keep = true;

 private:
  std::vector<Line> lines_;
  std::size_t at_ = 0;
};

inline Scripted::Line say(Bytes bytes) {
  return {Action::send({}), std::move(bytes), 0};
}
inline Scripted::Line until_octets(std::size_t count, Instant limit = std::chrono::seconds(5)) {
  return {Action::wait(limit), {}, count};
}
inline Scripted::Line until_end(Instant limit = std::chrono::seconds(5)) {
  return {Action::wait(limit), {}, 0};
}
inline Scripted::Line act(Action action) {
  return {action, {}, 0};
}

/// Sends back what it gets; closes when the other side has.
class EchoOctets : public Endpoint {
 public:
  Action next(Instant) override {
    if (!out_.empty()) {
      sending_.swap(out_);
      out_.clear();
      return Action::send(sending_);
    }
    return ended_ ? Action::close() : Action::wait();
  }
  void received(MutableBytes bytes, Instant) override { out_.append(bytes.data(), bytes.size()); }
  void ended(End, Instant) override { ended_ = true; }

 private:
  Bytes out_, sending_;
  bool ended_ = false;
};

}  // namespace wsspec::testkit
