// HopPlay: a hop with made-up clients before it and servers behind it, by a made-up clock. For tests.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "peer/hop.h"
#include "peer/scripted.h"

namespace wsspec::scripted {

/// Names one connection: the clients' are C0, C1, ..., those to the server S0, S1, ... as they were made.
struct Place {
  bool client = true;
  std::size_t number = 0;
  auto operator<=>(const Place&) const = default;
};
inline constexpr Place C0{true, 0}, C1{true, 1}, C2{true, 2}, S0{false, 0}, S1{false, 1}, S2{false, 2};

class HopPlay {
 public:
  /// What came out of the hop on one connection.
  struct Line {
    std::unique_ptr<Endpoint> leg;
    Bytes octets;
    std::string log;     ///< All of it, with instants and ends.
    std::string ending;  ///< "half-close@0 close@1000".
    Instant until = kNever;
    Instant noted = kNever;  ///< When something was noted last.
    bool reading = true, deaf = false, over = false;
  };

  explicit HopPlay(const HopOptions& options = {}) : hop_(*Hop::make(options)) {}

  void say(Place from, Bytes octets) {
    Line& line = connect(from);
    if (line.leg != nullptr) line.leg->received(octets, now_);
    ask(line);
    settle();
  }
  void say_in_pieces(Place from, BytesView octets, std::size_t count) {
    for (; !octets.empty(); octets.remove_prefix(std::min(count, octets.size())))
      say(from, Bytes(octets.substr(0, count)));
  }
  void end(Place from, End how = End::fin) {
    Line& line = connect(from);
    if (line.leg != nullptr) line.leg->ended(how, now_);
    ask(line);
    settle();
  }
  /// What that side is sent waits until it listens again.
  void deafen(Place at, bool deaf = true) {
    connect(at).deaf = deaf;
    ask(lines_[at]);
    settle();
  }
  void operate(bool stop) {
    hop_->operate(stop);
    for (auto& [place, line] : lines_) ask(line);
    settle();
  }
  /// Connections to the server are refused from here on.
  void refuse(bool refuses = true) { refuses_ = refuses; }
  void pass(Duration time) {
    const Instant end = now_ + time;
    for (Instant due = earliest(); due <= end; due = earliest()) {
      now_ = std::max(now_, due);
      for (auto& [place, line] : lines_) {
        if (line.until <= now_) ask(line);
      }
      settle();
    }
    now_ = end;
  }

  const Line& at(Place place) { return lines_[place]; }
  const Bytes& octets(Place place) { return lines_[place].octets; }
  const std::string& ending(Place place) { return lines_[place].ending; }
  bool reads(Place place) { return lines_[place].reading; }
  std::size_t dialed() const { return dialed_; }
  /// All that was seen.
  std::string log() const {
    std::string all;
    for (const auto& [place, line] : lines_)
      all += (place.client ? "C" : "S") + std::to_string(place.number) + (line.reading ? "" : " not read") +
             line.log + "\n";
    return all;
  }

 private:
  static ConnectionName name_of(Place client) {
    return {"192.0.2.1", "192.0.2.2", static_cast<std::uint16_t>(50000 + client.number), 80};
  }
  Line& connect(Place place) {
    Line& line = lines_[place];
    if (place.client && line.leg == nullptr && !line.over) line.leg = hop_->accept(name_of(place));
    return line;
  }
  Instant earliest() const {
    Instant due = kNever;
    for (const auto& [place, line] : lines_) due = std::min(due, line.over ? kNever : line.until);
    return due;
  }
  void note(Line& line, BytesView what) {
    if (std::exchange(line.noted, now_) != now_) line.log += "\n@" + milliseconds(now_) + " ";
    line.log += what;
  }
  void finish(Line& line, const char* how) {
    note(line, how);
    line.ending += (line.ending.empty() ? "" : " ") + std::string(how) + "@" + milliseconds(now_);
  }
  void ask(Line& line) {
    line.until = kNever;
    while (line.leg != nullptr && !line.deaf) {
      const Action action = line.leg->next(now_);
      switch (action.kind) {
        case Action::Kind::send:
          line.octets += action.bytes;
          note(line, action.bytes);
          break;
        case Action::Kind::wait:
          line.until = action.until;
          line.reading = action.reading;
          return;
        case Action::Kind::half_close: finish(line, "half-close"); break;
        case Action::Kind::close:
        case Action::Kind::reset:
          finish(line, action.kind == Action::Kind::close ? "close" : "reset");
          line.over = true;
          line.leg.reset();
      }
    }
    if (line.leg != nullptr) line.reading = line.leg->reading();
  }
  void settle() {
    for (int i = 0; i < 100'000; ++i) {
      const auto stirred = hop_->take_stirred();
      for (auto& [place, line] : lines_) {
        if (std::ranges::find(stirred, line.leg.get()) != stirred.end()) ask(line);
      }
      if (hop_->wants_back()) {
        dial();
      } else if (stirred.empty()) {
        return;
      }
    }
  }
  void dial() {
    if (refuses_) return hop_->refused();
    Line& line = lines_[{false, dialed_++}];
    line.leg = hop_->dial();
    ask(line);
  }

  std::unique_ptr<Hop> hop_;
  std::map<Place, Line> lines_;
  std::size_t dialed_ = 0;
  Instant now_{};
  bool refuses_ = false;
};

}  // namespace wsspec::scripted
