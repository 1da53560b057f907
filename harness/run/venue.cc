#include "run/venue.h"

#include <algorithm>
#include <vector>

#include "run/late_end.h"
#include "script/connect_terms.h"
#include "target/company.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

/// The connections of one case, made as the script comes to them, by the clock of the first.
class Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  /// Which address a connection is made to, by Player::entry().
  using Way = std::function<const Dialer&(const std::string&)>;

  Gathering(Driver& driver, Way way, Acts& acts, Player& player, Venue::Finished finished)
      : driver_(driver),
        way_(std::move(way)),
        acts_(acts),
        player_(player),
        finished_(std::move(finished)),
        turn_(driver) {
    seats_.resize(player.connections());
  }

  void make(std::size_t number) {
    auto& seat = seats_[number];
    seat = std::make_unique<LateEnd>(player_.end(number), [this] { return elapsed(); }, [this] { attend(); });
    ++open_;
    const Dialer& dialer = way_(player_.entry(number));
    seat->id = driver_.dial(dialer, *seat, [self = shared_from_this(), number](const Ending& ending) {
      self->take_end(number, ending);
    });
  }

  void hang_up() {
    for (const auto& seat : seats_)
      if (seat) driver_.hang_up(seat->id);
    turn_.hang_up();
  }

 private:
  Duration elapsed() {
    if (!began_) began_ = driver_.now();
    return driver_.now() - *began_;
  }

  /// Whoever the script is about now is made, or asked again.
  void attend() {
    if (const auto act = player_.take_act()) begin(*act);
    for (const auto number : player_.take_wanted())
      seats_[number] ? driver_.prod(seats_[number]->id) : make(number);
  }

  /// The script waits for it; where it does not go well the case says nothing.
  void begin(const std::string& act) {
    const auto started = turn_.begin(acts_.command(act), [self = weak_from_this()](std::string why) {
      const auto all = self.lock();
      if (!all) return;
      all->end_act(std::move(why));
      all->leave();
    });
    if (started)
      ++open_;
    else
      end_act(started.error().what);
  }

  void end_act(std::string why) {
    if (total_.failed.empty()) total_.failed = std::move(why);
    player_.act_ended();
    if (total_.failed.empty()) return;
    player_.abandon(total_.failed, elapsed());
    for (const auto& seat : seats_)
      if (seat) driver_.prod(seat->id);
  }

  void take_end(std::size_t number, const Ending& ending) {
    total_.sent += ending.sent;
    total_.received += ending.received;
    total_.write_given_up |= ending.write_given_up;
    total_.hung_up |= ending.hung_up;
    if (number == 0) total_.connecting = ending.connecting;
    if (ending.failure != Failure::none) {
      // Our own lack is no matter of the target, and without the first nothing was played.
      if (number == 0 || ending.failure == Failure::local) {
        total_.failure = ending.failure;
        total_.detail = ending.detail;
      }
      if (number > 0) player_.not_made(number, ending.detail, elapsed());
    }
    leave();
  }

  /// One thing less to wait for.
  void leave() {
    --open_;
    attend();
    if (open_ > 0) return;
    total_.duration = elapsed();
    if (auto finished = std::exchange(finished_, {})) finished(total_);
  }

  Driver& driver_;
  const Way way_;
  Acts& acts_;
  Player& player_;
  Venue::Finished finished_;
  OperatorsTurn turn_;
  std::vector<std::unique_ptr<LateEnd>> seats_;  ///< By number; null: not made yet.
  std::size_t open_ = 0;
  std::optional<Instant> began_;
  Parting total_;
};

}  // namespace

Result<std::unique_ptr<Venue>> Dialing::make(Driver& driver, const Address& address,
                                             const DialOptions& options, const Nodes& nodes) {
  auto dialer = Dialer::prepare(address, options);
  if (!dialer) return std::unexpected(dialer.error());
  std::unique_ptr<Dialing> out(new Dialing(driver, std::move(*dialer), nodes.acts));
  std::map<std::string, Address> entries;
  for (const auto& node : nodes.nodes) entries.emplace(std::to_string(entries.size() + 1), node);
  if (nodes.balancer) entries.emplace("balancer", *nodes.balancer);
  for (const auto& [name, entry] : entries) {
    auto way = Dialer::prepare(entry, options);
    if (!way) return std::unexpected(way.error());
    out->entries_.emplace(name, std::move(*way));
  }
  if (auto tls = TlsClient::make(out->dialer_)) {
    out->tls_ = std::move(*tls);
    out->bare_dialer_ = out->dialer_.without_tls();
  }
  return out;
}

Venue::HangUp Dialing::begin(const Case& one, Player& player, Finished finished) {
  if (player.connections() > 1 || acts(one)) {
    const auto way = [this](const std::string& entry) -> const Dialer& {
      const auto known = entries_.find(entry);
      return known != entries_.end() ? known->second : dialer_;
    };
    auto all = std::make_shared<Gathering>(driver_, way, acts_, player, std::move(finished));
    all->make(0);
    return [all] { all->hang_up(); };
  }
  const auto id = dial(one, player, std::move(finished));
  return [this, id] { driver_.hang_up(id); };
}

Driver::Id Dialing::dial(const Case& one, Player& player, Driver::Finished finished) {
  auto terms = tls_ ? tls_terms_of(one) : std::nullopt;
  if (!terms) return driver_.dial(dialer_, player.end(), std::move(finished));
  if (terms->plain) return driver_.dial(*bare_dialer_, player.end(), std::move(finished));
  const std::shared_ptr<Endpoint> secured =
      tls_->wrap(std::move(*terms), player.end(), player.hears_of_tls());
  return driver_.dial(*bare_dialer_, *secured,
                      [secured, finished = std::move(finished)](const Ending& ending) { finished(ending); });
}

Probed Dialing::meet(const Profile& profile, const ProbeOptions& how) {
  return probe(dialer_, profile, how);
}

Liveness Dialing::proof_of_life(const Profile& profile, Duration patience,
                                const std::atomic<bool>* interrupted) {
  return check_liveness(dialer_, profile, patience, interrupted);
}

bool Dialing::holds_one_at_a_time(const Profile& profile) {
  return serves_one_at_a_time(dialer_, profile);
}

Result<void> Dialing::undo(const std::string& act, const std::atomic<bool>* interrupted) {
  const auto command = acts_.command(act);
  if (auto started = command->start(); !started) return started;
  const auto until = driver_.now() + OperatorsCommand::kMost;
  while (true) {
    if (const auto why = command->outcome()) {
      if (why->empty()) return {};
      return fail_with(act, *why);
    }
    if (driver_.now() >= until || (interrupted != nullptr && interrupted->load())) {
      command->end();
      return fail_with(act, "it was not over in time");
    }
    driver_.rest(20ms);
  }
}

Result<void> Dialing::restore(const Profile& profile, const std::atomic<bool>* interrupted) {
  for (const auto& act : acts_.to_undo())
    if (auto done = undo(act, interrupted); !done) return done;
  const auto until = driver_.now() + 30s;
  for (const auto& [name, entry] : entries_) {
    while (true) {
      const auto seen = check_liveness(entry, profile, 5s, interrupted);
      if (seen.reach == Reach::serves || seen.reach == Reach::wrong) break;
      if (driver_.now() >= until || (interrupted != nullptr && interrupted->load()))
        return fail_with(entry.address().url(), seen.message);
      driver_.rest(100ms);
    }
  }
  return {};
}

}  // namespace wsspec
