#include "fuzzer/arena.h"

#include <ctime>
#include <list>
#include <thread>
#include <utility>

#include "net/memory.h"

namespace wsspec {
namespace {

class MemoryArena final : public FuzzArena {
 public:
  explicit MemoryArena(std::shared_ptr<PeerWorld> world) : world_(std::move(world)) {}

  Outcome play(FuzzSession& session) override {
    if (stopped()) return {false, "stopped", true};
    if (world_->crashed()) return {false, "connection refused", false};
    Peer peer(world_);
    const MemoryEnding ending = couple(session, peer, room());
    spins_ = ending.why == MemoryEnding::Why::steps;
    return {};
  }

  void play_many(int, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    for (Group group = make(); !group.empty(); group = make()) {
      if (stopped()) return;
      const Outcome outcome = group.size() == 1 ? play(*group.front()) : meet(group);
      for (const auto& session : group) finished(*session, outcome);
      tick();
    }
  }

  std::optional<Death> death() override {
    if (world_->crashed()) return Death{-1, 6, {}, "the reference peer crashed"};
    return std::nullopt;
  }
  bool restart() override {
    world_->restart();
    spins_ = false;
    return true;
  }
  Duration elapsed() const override { return thread_time() - began_; }
  bool waiting_is_free() const override { return true; }
  void rest(Duration) override {}

 private:
  static constexpr std::size_t kRoom = 1u << 20;  ///< As of sockets, so that a slow reader is noticed.

  static MemoryOptions room() {
    MemoryOptions options;
    options.until_first_done = true;
    options.room = kRoom;
    return options;
  }

  // All of a group by one clock.
  Outcome meet(const Group& group) {
    if (world_->crashed()) return {false, "connection refused", false};
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (i > 0) wanted.push_back(i);
      group[i]->on_wake([&wanted, i] { wanted.push_back(i); });
    }
    MemoryOptions options = room();
    options.seed = group.front()->number();
    const Meeting meeting{[&](std::size_t i) -> Endpoint& { return *group[i]; },
                          [&](std::size_t) { return std::make_unique<Peer>(world_); },
                          [&] { return std::exchange(wanted, {}); }};
    spins_ = couple(meeting, options).why == MemoryEnding::Why::steps;
    for (const auto& session : group) session->on_wake({});
    return {};
  }

  static Duration thread_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
  }

  std::shared_ptr<PeerWorld> world_;
  Duration began_ = thread_time();
  bool spins_ = false;
};

class NetworkArena final : public FuzzArena {
 public:
  NetworkArena(const Dialer& dialer, std::unique_ptr<TargetProcess> process, double rate)
      : dialer_(dialer),
        process_(std::move(process)),
        gap_(rate > 0 ? std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / rate))
                      : Duration{}) {}

  Outcome play(FuzzSession& session) override {
    rest(next_dial_ - driver_.now());
    if (stopped()) return {false, "stopped", true};
    Outcome outcome;
    bool over = false;
    const auto id = dial(session, [&](const Ending& ending) {
      outcome = outcome_of(ending);
      over = true;
      driver_.stop();
    });
    bool cut = false;
    while (!over) {
      driver_.run(driver_.now() + kLook);
      if (over || cut || !stopped()) continue;
      cut = true;
      driver_.hang_up(id);
    }
    outcome.stopped = cut;
    return outcome;
  }

  void play_many(int jobs, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    bool dry = stopped(), cut = false;
    std::function<void()> fill = [&] {
      while (!dry && sessions_.size() < static_cast<std::size_t>(jobs) && driver_.now() >= next_dial_) {
        Group group = make();
        if (group.empty()) {
          dry = true;
          return;
        }
        for (auto& made : group) {
          sessions_.push_back({std::move(made), 0});
          const auto place = std::prev(sessions_.end());
          place->id = dial(*place->session, [&, place](const Ending& ending) {
            Outcome outcome = outcome_of(ending);
            outcome.stopped = cut;
            finished(*place->session, outcome);
            sessions_.erase(place);
            fill();
          });
          place->session->on_wake([this, id = place->id] { driver_.prod(id); });
        }
      }
    };
    fill();
    while (!sessions_.empty() || (!dry && !stopped())) {
      if (sessions_.empty())
        rest(std::min<Duration>(kLook, next_dial_ - driver_.now()));
      else
        driver_.run(driver_.now() + kLook);
      if (stopped() && !cut) {
        dry = cut = true;
        for (const Open& one : sessions_) driver_.hang_up(one.id);
      }
      fill();
      tick();
    }
  }

  std::optional<Death> death() override {
    if (!process_) return std::nullopt;
    return process_->death(std::chrono::milliseconds(60));
  }
  bool restart() override { return process_ && process_->restart().has_value(); }
  bool can_restart() const override { return process_ != nullptr; }
  std::optional<ProcessSample> sample() override { return process_ ? process_->sample() : std::nullopt; }
  std::string farewell() override {
    if (!process_) return {};
    process_->stop();
    return process_->sanitizer_line();
  }
  Duration elapsed() const override { return driver_.now(); }
  void rest(Duration time) override {
    const Instant end = driver_.now() + time;
    for (Instant now = driver_.now(); now < end && !stopped(); now = driver_.now())
      std::this_thread::sleep_for(std::min<Duration>(kLook, end - now));
  }
  std::string take_log() override { return process_ ? process_->take_log() : std::string(); }

 private:
  static constexpr Duration kLook = std::chrono::milliseconds(50);  ///< How soon a stop is noticed.
  struct Open {
    std::unique_ptr<FuzzSession> session;
    Driver::Id id = 0;
  };

  Driver::Id dial(FuzzSession& session, Driver::Finished finished) {
    next_dial_ = std::max(next_dial_, driver_.now()) + gap_;
    return driver_.dial(dialer_, session, std::move(finished));
  }

  static Outcome outcome_of(const Ending& ending) {
    if (ending.failure == Failure::none) return {};
    return {false, ending.detail.empty() ? std::string(failure_name(ending.failure)) : ending.detail, false};
  }

  Dialer dialer_;
  std::unique_ptr<TargetProcess> process_;
  std::list<Open> sessions_;
  Driver driver_;
  const Duration gap_;
  Instant next_dial_{};
};

}  // namespace

Result<std::unique_ptr<FuzzArena>> memory_arena(const PeerOptions& options) {
  auto world = PeerWorld::make(options);
  if (!world) return std::unexpected(world.error());
  return std::make_unique<MemoryArena>(*world);
}

Result<std::unique_ptr<FuzzArena>> network_arena(const Dialer& dialer, const std::optional<Launch>& launch,
                                                 double rate) {
  std::unique_ptr<TargetProcess> process;
  if (launch) {
    const Address& address = dialer.address();
    process = std::make_unique<TargetProcess>(*launch, address.host, address.port, address.unix_path);
    if (auto started = process->start(); !started) return std::unexpected(started.error());
  }
  return std::make_unique<NetworkArena>(dialer, std::move(process), rate);
}

}  // namespace wsspec
