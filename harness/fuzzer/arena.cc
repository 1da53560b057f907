#include "fuzzer/arena.h"

#include <ctime>
#include <list>
#include <thread>

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
    MemoryOptions options;
    options.until_first_done = true;
    options.window = kRoom;
    const MemoryEnding ending = couple(session, peer, options);
    spins_ = ending.why == MemoryEnding::Why::steps;
    return {};
  }

  void play_many(int, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    while (auto session = make()) {
      if (stopped()) return;
      const Outcome outcome = play(*session);
      finished(*session, outcome);
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
        auto made = make();
        if (!made) {
          dry = true;
          return;
        }
        sessions_.push_back({std::move(made), 0});
        const auto place = std::prev(sessions_.end());
        place->id = dial(*place->session, [&, place](const Ending& ending) {
          Outcome outcome = outcome_of(ending);
          outcome.stopped = cut;
          finished(*place->session, outcome);
          sessions_.erase(place);
          fill();
        });
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
