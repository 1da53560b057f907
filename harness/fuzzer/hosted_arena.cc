#include "fuzzer/hosted_arena.h"

#include <fmt/format.h>

#include <list>
#include <thread>
#include <utility>

namespace wsspec {
namespace {

class Guests final : public HostedArena {
 public:
  explicit Guests(bool one_each) : one_each_(one_each) {}
  /// Before anything else.
  Result<void> open(const Serving& serving, double scale) {
    auto host = host_clients(driver_, serving, scale);
    if (!host) return std::unexpected(host.error());
    host_ = std::move(*host);
    tls_ = serving.tls;
    patience_ = scaled(serving.patience, scale);
    started_ = one_each_ || !serving.start.empty();
    return {};
  }

  Probed meet(const Profile& profile, const ProbeOptions& how) override { return host_->meet(profile, how); }

  Outcome play(FuzzSession& session) override {
    if (stopped()) return {false, "stopped", true};
    Outcome outcome;
    bool over = false, cut = false;
    const auto end = end_of(session);
    const auto hang_up = host_->invite(name_of(session), *end, [&](const Parting& parting) {
      outcome = outcome_of(parting);
      over = true;
      driver_.stop();
    });
    while (!over) {
      driver_.run(driver_.now() + kLookForStop);
      if (over || cut || !stopped()) continue;
      cut = true;
      hang_up();
    }
    outcome.stopped = cut;
    return outcome;
  }

  void play_many(int jobs, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    bool dry = stopped(), cut = false;
    const auto fill = [&] {
      while (!dry && !died_ && visits_.size() < static_cast<std::size_t>(jobs)) {
        Group group = make();
        dry = group.empty();
        for (auto& session : group) invite(std::move(session), finished, cut);
      }
    };
    fill();
    while (!visits_.empty()) {
      driver_.run(driver_.now() + kLookForStop);
      if (stopped() && !cut) {
        dry = cut = true;
        for (const Visit& one : visits_) one.hang_up();
      }
      if (!cut) fill();
      tick();
    }
  }

  std::optional<Death> death() override { return died_ ? died_ : host_->death(); }
  bool restart() override {
    died_.reset();
    return one_each_ || host_->restart();
  }
  bool can_restart() const override { return started_; }
  void wait_at_most(Duration time) override { host_->be_patient(std::min(time, patience_)); }
  std::optional<ProcessSample> sample() override { return host_->sample(); }
  std::string farewell() override { return host_->farewell(); }
  Duration elapsed() const override { return driver_.now(); }
  void rest(Duration time) override {
    const Instant end = driver_.now() + time;
    for (Instant now = driver_.now(); now < end && !stopped(); now = driver_.now())
      std::this_thread::sleep_for(std::min<Duration>(kLookForStop, end - now));
  }
  std::string take_log() override { return one_each_ ? std::exchange(log_, {}) : host_->take_log(); }

 private:
  static constexpr Duration kLookForStop = std::chrono::milliseconds(50);
  struct Visit {
    std::unique_ptr<FuzzSession> session;
    std::shared_ptr<Endpoint> end;  ///< Whom the client meets.
    Venue::HangUp hang_up;
  };

  static std::string name_of(const FuzzSession& session) { return fmt::format("fuzz.{}", session.number()); }
  std::shared_ptr<Endpoint> end_of(FuzzSession& session) const {
    auto end = borrowed(session);
    return tls_ ? tls_->wrap({}, std::move(end), {}) : end;
  }

  void invite(std::unique_ptr<FuzzSession> session, const Finished& finished, const bool& cut) {
    auto end = end_of(*session);
    visits_.push_back({std::move(session), std::move(end), {}});
    const auto place = std::prev(visits_.end());
    place->hang_up = host_->invite(name_of(*place->session), *place->end, [&, place](const Parting& parting) {
      Outcome outcome = outcome_of(parting);
      outcome.stopped = cut;
      const auto session_over = std::move(place->session);
      visits_.erase(place);
      finished(*session_over, outcome);
      driver_.stop();
    });
  }

  // A death is told apart from what happened on the wire.
  Outcome outcome_of(const Parting& parting) {
    if (!parting.death.empty() && !died_) {
      died_ = parting.how;
      log_ = parting.log;
    }
    if (!parting.cannot.empty()) return {false, parting.cannot, false};
    if (parting.failure == Failure::none) return {};
    return {false, parting.detail.empty() ? std::string(failure_name(parting.failure)) : parting.detail,
            false, !one_each_ && parting.failure == Failure::timeout && !host_->death()};
  }

  const bool one_each_;
  bool started_ = false;
  std::shared_ptr<const TlsHost> tls_;  ///< Null: in clear.
  Duration patience_{};
  std::optional<Death> died_;  ///< Of the processes that are for one connection.
  std::string log_;            ///< What that one printed.
  std::list<Visit> visits_;
  Driver driver_;
  std::unique_ptr<Host> host_;  ///< Listens by means of the driver.
};

}  // namespace

Result<std::unique_ptr<HostedArena>> hosted_arena(const Serving& serving, double scale) {
  auto arena = std::make_unique<Guests>(!serving.exec.empty());
  if (auto opened = arena->open(serving, scale); !opened) return std::unexpected(opened.error());
  return arena;
}

}  // namespace wsspec
