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
    if (world_->crashed()) return {false, "connection refused"};
    Peer peer(world_);
    MemoryOptions options;
    options.until_first_done = true;
    const MemoryEnding ending = couple(session, peer, options);
    spins_ = ending.why == MemoryEnding::Why::steps;
    return {};
  }

  void play_many(int, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    while (auto session = make()) {
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
  NetworkArena(const Dialer& dialer, std::unique_ptr<TargetProcess> process)
      : dialer_(dialer), process_(std::move(process)) {}

  Outcome play(FuzzSession& session) override {
    Outcome outcome;
    driver_.dial(dialer_, session, [&](const Ending& ending) { outcome = outcome_of(ending); });
    driver_.run();
    return outcome;
  }

  void play_many(int jobs, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    bool dry = false;
    std::function<void()> begin = [&] {
      auto made = make();
      if (!made) {
        dry = true;
        return;
      }
      sessions_.push_back(std::move(made));
      const auto place = std::prev(sessions_.end());
      driver_.dial(dialer_, **place, [&, place](const Ending& ending) {
        finished(**place, outcome_of(ending));
        sessions_.erase(place);
        if (!dry) begin();
      });
    };
    for (int i = 0; i < jobs && !dry; ++i) begin();
    while (!sessions_.empty()) {
      driver_.run(driver_.now() + std::chrono::milliseconds(100));
      tick();
    }
  }

  std::optional<Death> death() override {
    if (!process_) return std::nullopt;
    return process_->death(std::chrono::milliseconds(60));
  }
  bool restart() override { return process_ && process_->restart().has_value(); }
  std::optional<ProcessSample> sample() override { return process_ ? process_->sample() : std::nullopt; }
  std::string farewell() override {
    if (!process_) return {};
    process_->stop();
    return process_->sanitizer_line();
  }
  Duration elapsed() const override { return driver_.now(); }
  void rest(Duration time) override { std::this_thread::sleep_for(time); }

 private:
  static Outcome outcome_of(const Ending& ending) {
    if (ending.failure == Failure::none) return {};
    return {false, ending.detail.empty() ? std::string(failure_name(ending.failure)) : ending.detail};
  }

  Dialer dialer_;
  std::unique_ptr<TargetProcess> process_;
  std::list<std::unique_ptr<FuzzSession>> sessions_;
  Driver driver_;
};

}  // namespace

Result<std::unique_ptr<FuzzArena>> memory_arena(const PeerOptions& options) {
  auto world = PeerWorld::make(options);
  if (!world) return std::unexpected(world.error());
  return std::make_unique<MemoryArena>(*world);
}

Result<std::unique_ptr<FuzzArena>> network_arena(const Dialer& dialer, const std::optional<Launch>& launch) {
  std::unique_ptr<TargetProcess> process;
  if (launch) {
    const Address& address = dialer.address();
    process = std::make_unique<TargetProcess>(*launch, address.host, address.port, address.unix_path);
    if (auto started = process->start(); !started) return std::unexpected(started.error());
  }
  return std::make_unique<NetworkArena>(dialer, std::move(process));
}

}  // namespace wsspec
