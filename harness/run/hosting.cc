#include "run/hosting.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <list>
#include <random>

#include "run/seat.h"
#include "script/check.h"
#include "target/target.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBetweenLooks = 5ms;
constexpr std::uint16_t kFirstPort = 20000, kLastPort = 32000;  // Below those that the kernel gives away.

Duration scaled(Duration time, double scale) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(time.count()) * scale));
}

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != host.npos;
  return fmt::format("ws://{}{}{}:{}/", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

/// Cases of our own, for what is to be known ahead of the first.
Case own_case(const std::string& steps) {
  const Source source{"built in", "wire 1\ncase serve.meeting\n  target client\n" + steps};
  return load({&source, 1}).cases.at(0);
}

/// What both ways of coming share: the first meeting and the proof of life are cases like any other.
class Hosting : public Venue {
 public:
  Hosting(Driver& driver, Serving serving, double scale)
      : driver_(driver), serving_(std::move(serving)), scale_(scale) {}

  Probed meet(const Profile& profile, const ProbeOptions& how) override;
  Liveness proof_of_life(const Profile& profile, Duration patience,
                         const std::atomic<bool>* interrupted) override;
  bool holds_one_at_a_time(const Profile&) override { return false; }

 protected:
  struct Met {
    CaseResult result;
    Parting parting;
    Head request;
  };
  /// Plays a case now and waits for its end; the driver must be at rest.
  Met play(const Case& one, const Profile& profile, const std::atomic<bool>* interrupted);
  Duration scaled(Duration time) const { return wsspec::scaled(time, scale_); }
  /// The next free port from where the last one was: a late connection must not meet the next case.
  Result<std::uint16_t> listen(const Driver::Welcome& welcome);

  Driver& driver_;
  const Serving serving_;
  const double scale_;

 private:
  std::uint16_t next_port_ = static_cast<std::uint16_t>(kFirstPort + std::random_device()() % 8000);
};

Result<std::uint16_t> Hosting::listen(const Driver::Welcome& welcome) {
  constexpr int kTries = 500;
  Result<std::uint16_t> port = fail_with(serving_.host, "no free port");
  for (int tried = 0; tried < kTries && !port; ++tried) {
    ListenOptions options;
    options.address.host = serving_.host;
    options.address.port = next_port_;
    next_port_ = next_port_ >= kLastPort ? kFirstPort : static_cast<std::uint16_t>(next_port_ + 1);
    port = driver_.listen(options, welcome);
  }
  return port;
}

Hosting::Met Hosting::play(const Case& one, const Profile& profile, const std::atomic<bool>* interrupted) {
  Player player(one, profile, {});
  Met met;
  bool over = false;
  const auto hang_up = begin(one, player, [&](const Parting& parting) {
    met.parting = parting;
    over = true;
    driver_.stop();
  });
  while (!over) {
    driver_.run(driver_.now() + 50ms);
    if (interrupted != nullptr && interrupted->load()) hang_up();
  }
  met.request = player.request();
  if (!player.done()) player.abandon("no connection: " + met.parting.detail, {});
  met.result = player.take_result();
  return met;
}

Liveness liveness_of(const CaseResult& result, const Parting& parting) {
  Liveness said;
  if (result.verdict == Verdict::pass) {
    said.reach = Reach::serves;
    said.answered_ping = true;
    return said;
  }
  said.reach = parting.failure == Failure::none ? Reach::declines : Reach::absent;
  said.ours = parting.failure == Failure::local;
  said.message = parting.failure == Failure::none ? "the client came, and did not go on: " + result.reason
                                                  : parting.detail;
  if (!parting.death.empty()) said.message += "; it " + parting.death;
  return said;
}

Probed Hosting::meet(const Profile& profile, const ProbeOptions& how) {
  const auto control = own_case("  open\n  > ping \"wsspec\"\n  < pong \"wsspec\"\n  finish\n");
  Probed probed;
  const auto first = play(control, profile, how.interrupted);
  probed.liveness = liveness_of(first.result, first.parting);
  if (probed.liveness.reach != Reach::serves) return probed;
  auto& found = probed.fingerprint;
  found.server_field = first.request.joined("User-Agent").value_or("");
  found.extensions = first.request.joined("Sec-WebSocket-Extensions").value_or("");
  found.subprotocols = first.request.joined("Sec-WebSocket-Protocol").value_or("");
  const auto echoes = [&](const char* message) {
    const auto steps = fmt::format("  open\n  > {0}\n  < {0}\n  finish\n", message);
    return play(own_case(steps), profile, how.interrupted).result.verdict == Verdict::pass;
  };
  found.echoes_text = echoes("text \"wsspec\"");
  found.echoes_binary = echoes("binary x\"00 ff\"");
  found.echoes = found.echoes_text || found.echoes_binary;
  found.echoes_empty = found.echoes && echoes(found.echoes_text ? "text \"\"" : "binary \"\"");
  return probed;
}

Liveness Hosting::proof_of_life(const Profile& profile, Duration, const std::atomic<bool>* interrupted) {
  const auto control = own_case("  open\n  > ping \"wsspec\"\n  < pong \"wsspec\"\n  finish\n");
  const auto met = play(control, profile, interrupted);
  return liveness_of(met.result, met.parting);
}

/// A command for each case.
class Errands final : public Hosting {
 public:
  using Hosting::Hosting;
  HangUp begin(const Case& one, Player& player, Finished finished) override;
  /// Each case has a process of its own: what one has done to it does not matter to the next.
  Liveness proof_of_life(const Profile&, Duration, const std::atomic<bool>*) override {
    Liveness said;
    said.reach = Reach::serves;
    return said;
  }

 private:
  struct Errand {
    Player* player = nullptr;
    Finished finished;
    std::unique_ptr<TargetProcess> process;
    std::uint16_t port = 0;
    std::list<std::shared_ptr<Seat>> seats;
    Seat* seat = nullptr;  ///< The one that is played.
    Instant began{}, ended = kNever;
    Parting parting;
    bool given_up = false;
  };
  Driver::Guest welcome(const std::shared_ptr<Errand>& errand);
  void look();
  bool is_over(Errand& errand);
  void conclude(Errand& errand);

  std::list<std::shared_ptr<Errand>> errands_;
  Timer watch_;
};

Driver::Guest Errands::welcome(const std::shared_ptr<Errand>& errand) {
  auto seat = std::make_unique<Seat>([errand = errand.get()](Seat& asking) {
    if (errand->seat != nullptr || errand->player == nullptr) return asking.leave();
    errand->seat = &asking;
    asking.play(*errand->player);
  });
  Seat* raw = seat.get();
  Driver::Guest guest(std::move(seat), [this, errand, raw](const Ending& ending) {
    if (errand->seat != raw) return;
    errand->parting = ending;
    errand->parting.duration -= raw->waited();
    errand->parting.connecting = {};
    errand->ended = driver_.now();
    errand->player = nullptr;
  });
  guest.id = &raw->id;
  return guest;
}

Venue::HangUp Errands::begin(const Case& one, Player& player, Finished finished) {
  auto errand = std::make_shared<Errand>();
  errand->player = &player;
  errand->finished = std::move(finished);
  errand->began = driver_.now();
  errands_.push_back(errand);
  const auto port = listen([this, errand] { return welcome(errand); });
  if (port) {
    errand->port = *port;
    Launch launch;
    launch.command = serving_.exec;
    launch.url = url_of(serving_.host, *port);
    launch.environment = serving_.environment;
    launch.environment.push_back("WSSPEC_URL=" + launch.url);
    launch.environment.push_back("WSSPEC_CASE=" + one.id);
    launch.environment.push_back("WSSPEC_ACTION=echo");
    // A proxy of the environment would send it elsewhere.
    for (const char* name :
         {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
      launch.environment.push_back(std::string(name) + "=");
    launch.stop_timeout = 200ms;
    errand->process = std::make_unique<TargetProcess>(std::move(launch), serving_.host, *port);
    if (auto launched = errand->process->launch(); !launched) {
      errand->parting.failure = Failure::local;
      errand->parting.detail = launched.error().what;
    }
  } else {
    errand->parting.failure = Failure::local;
    errand->parting.detail = port.error().what;
  }
  if (errands_.size() == 1) watch_ = driver_.every(kBetweenLooks, [this] { look(); });
  return [this, errand] {
    errand->given_up = true;
    if (errand->seat != nullptr && errand->ended == kNever) driver_.hang_up(errand->seat->id);
  };
}

/// Whether nothing more is to be waited for; then it is known how it went.
bool Errands::is_over(Errand& errand) {
  auto& parting = errand.parting;
  if (parting.failure == Failure::local) return true;
  const bool runs = errand.process->running();
  if (errand.seat == nullptr) {
    const bool late = driver_.now() - errand.began > scaled(serving_.connect_timeout);
    if (runs && !late && !errand.given_up) return false;
    parting.failure = errand.given_up ? Failure::dropped : runs ? Failure::timeout : Failure::refused;
    parting.detail = errand.given_up ? "given up"
                     : runs          ? "the command does not connect"
                                     : "the command ended before it connected";
    return true;
  }
  if (errand.ended == kNever) return false;
  return !runs || errand.given_up || driver_.now() - errand.ended > scaled(serving_.grace);
}

void Errands::conclude(Errand& errand) {
  auto& parting = errand.parting;
  driver_.stop_listening(errand.port);
  if (errand.process) {
    constexpr int kCannot = 127, kNotSetUp = 126;
    const bool ended = !errand.process->running();
    if (ended)
      if (const auto death = errand.process->death()) {
        const bool came = parting.failure == Failure::none;
        if (death->signal != 0 || death->exit_status > 128 || !death->sanitizer.empty())
          parting.death = death->words;
        else if (death->exit_status == kCannot && !came)
          parting.cannot = "the command cannot do this case (exit status 127)";
        else if (!came)
          parting.detail += fmt::format(" ({}{})", death->words,
                                        death->exit_status == kNotSetUp ? ": its set-up failed" : "");
      }
    parting.log = errand.process->take_log();
    errand.process->stop();
  }
  if (errand.finished) errand.finished(parting);
}

void Errands::look() {
  std::vector<std::shared_ptr<Errand>> over;
  std::erase_if(errands_, [&](const std::shared_ptr<Errand>& errand) {
    if (!is_over(*errand)) return false;
    over.push_back(errand);
    return true;
  });
  for (const auto& errand : over) conclude(*errand);
  if (errands_.empty()) watch_ = {};
}

/// A client that comes again and again.
class Reception final : public Hosting {
 public:
  using Hosting::Hosting;
  Result<void> open();
  HangUp begin(const Case& one, Player& player, Finished finished) override;

 private:
  struct Visit {
    Player* player = nullptr;
    Finished finished;
    std::shared_ptr<Seat> seat;  ///< Null: nobody has come for it yet.
    bool given_up = false;
  };
  Driver::Guest welcome();
  bool seat_one(const std::shared_ptr<Seat>& seat);
  void take_end(Seat* seat, const Ending& ending);
  void look();

  std::uint16_t port_ = 0;
  std::list<std::shared_ptr<Visit>> visits_;  ///< In the order in which they are to be played.
  std::list<std::shared_ptr<Seat>> seats_;    ///< Those that nobody plays yet.
  Instant heard_{};                           ///< When somebody came, left, or began to be waited for.
  Timer watch_;
};

Result<void> Reception::open() {
  Result<std::uint16_t> port = fail_with("", "");
  if (serving_.port != 0) {
    ListenOptions options;
    options.address.host = serving_.host;
    options.address.port = serving_.port;
    port = driver_.listen(options, [this] { return welcome(); });
  } else {
    port = listen([this] { return welcome(); });
  }
  if (!port) return std::unexpected(port.error());
  port_ = *port;
  watch_ = driver_.every(kBetweenLooks, [this] { look(); });
  if (serving_.listening) serving_.listening(url_of(serving_.host, port_));
  return {};
}

Driver::Guest Reception::welcome() {
  auto seat = std::make_shared<Seat>([this](Seat& asking) {
    const auto found = std::ranges::find(seats_, &asking, &std::shared_ptr<Seat>::get);
    if (found == seats_.end()) return;
    const auto mine = *found;
    if (seat_one(mine)) std::erase(seats_, mine);
  });
  seats_.push_back(seat);
  Driver::Guest guest(*seat, [this, raw = seat.get()](const Ending& ending) { take_end(raw, ending); });
  guest.endpoint = seat;
  guest.id = &seat->id;
  return guest;
}

/// The next case is this connection's.
bool Reception::seat_one(const std::shared_ptr<Seat>& seat) {
  for (const auto& visit : visits_) {
    if (visit->seat || visit->given_up) continue;
    visit->seat = seat;
    seat->play(*visit->player);
    heard_ = driver_.now();
    return true;
  }
  return false;
}

Venue::HangUp Reception::begin(const Case&, Player& player, Finished finished) {
  auto visit = std::make_shared<Visit>();
  visit->player = &player;
  visit->finished = std::move(finished);
  if (std::ranges::all_of(visits_, [](const auto& other) { return other->seat != nullptr; }))
    heard_ = driver_.now();
  visits_.push_back(visit);
  for (auto at = seats_.begin(); at != seats_.end(); ++at) {
    if (!(*at)->is_free() || !(*at)->has_spoken()) continue;
    const auto seat = *at;
    if (!seat_one(seat)) break;
    seats_.erase(at);
    driver_.prod(seat->id);
    break;
  }
  return [this, visit] {
    visit->given_up = true;
    if (visit->seat) driver_.hang_up(visit->seat->id);
  };
}

void Reception::take_end(Seat* seat, const Ending& ending) {
  std::erase_if(seats_, [&](const auto& one) { return one.get() == seat; });
  const auto found = std::ranges::find_if(visits_, [&](const auto& one) { return one->seat.get() == seat; });
  if (found == visits_.end()) return;
  const auto visit = *found;
  visits_.erase(found);
  heard_ = driver_.now();
  Parting parting(ending);
  parting.duration -= seat->waited();
  parting.connecting = {};
  visit->finished(parting);
}

/// Cases that nobody comes for.
void Reception::look() {
  const bool late = driver_.now() - heard_ > scaled(serving_.patience);
  std::vector<std::shared_ptr<Visit>> over;
  std::erase_if(visits_, [&](const std::shared_ptr<Visit>& visit) {
    if (visit->seat || (!late && !visit->given_up)) return false;
    over.push_back(visit);
    return true;
  });
  for (const auto& visit : over) {
    Parting parting;
    parting.failure = visit->given_up ? Failure::dropped : Failure::timeout;
    parting.detail = visit->given_up
                         ? "given up"
                         : fmt::format("no client came for {:.0f} s",
                                       std::chrono::duration<double>(scaled(serving_.patience)).count());
    visit->finished(parting);
  }
}

}  // namespace

Result<std::unique_ptr<Venue>> host_clients(Driver& driver, const Serving& serving, double scale) {
  if (!serving.exec.empty()) return std::make_unique<Errands>(driver, serving, scale);
  auto reception = std::make_unique<Reception>(driver, serving, scale);
  if (auto opened = reception->open(); !opened) return std::unexpected(opened.error());
  return reception;
}

}  // namespace wsspec
