#include "run/venue.h"

#include <algorithm>
#include <vector>

#include "run/late_end.h"
#include "script/connect_terms.h"
#include "target/company.h"

namespace wsspec {
namespace {

/// The connections of one case, made as the script comes to them, by the clock of the first.
class Gathering : public std::enable_shared_from_this<Gathering> {
 public:
  Gathering(Driver& driver, const Dialer& dialer, Player& player, Driver::Finished finished)
      : driver_(driver), dialer_(dialer), player_(player), finished_(std::move(finished)) {
    seats_.resize(player.connections());
  }

  void make(std::size_t number) {
    auto& seat = seats_[number];
    seat = std::make_unique<LateEnd>(player_.end(number), [this] { return elapsed(); }, [this] { attend(); });
    ++open_;
    seat->id = driver_.dial(dialer_, *seat, [self = shared_from_this(), number](const Ending& ending) {
      self->take_end(number, ending);
    });
  }

  void hang_up() {
    for (const auto& seat : seats_)
      if (seat) driver_.hang_up(seat->id);
  }

 private:
  Duration elapsed() {
    if (!began_) began_ = driver_.now();
    return driver_.now() - *began_;
  }

  /// Whoever the script is about now is made, or asked again.
  void attend() {
    for (const auto number : player_.take_wanted())
      seats_[number] ? driver_.prod(seats_[number]->id) : make(number);
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
    --open_;
    attend();
    if (open_ > 0) return;
    total_.duration = elapsed();
    if (auto finished = std::exchange(finished_, {})) finished(total_);
  }

  Driver& driver_;
  const Dialer& dialer_;
  Player& player_;
  Driver::Finished finished_;
  std::vector<std::unique_ptr<LateEnd>> seats_;  ///< By number; null: not made yet.
  std::size_t open_ = 0;
  std::optional<Instant> began_;
  Ending total_;
};

}  // namespace

Result<std::unique_ptr<Venue>> Dialing::make(Driver& driver, const Address& address,
                                             const DialOptions& options) {
  auto dialer = Dialer::prepare(address, options);
  if (!dialer) return std::unexpected(dialer.error());
  std::unique_ptr<Dialing> out(new Dialing(driver, std::move(*dialer)));
  if (auto tls = TlsClient::make(out->dialer_)) {
    out->tls_ = std::move(*tls);
    out->bare_dialer_ = out->dialer_.without_tls();
  }
  return out;
}

Venue::HangUp Dialing::begin(const Case& one, Player& player, Finished finished) {
  if (player.connections() > 1) {
    auto all = std::make_shared<Gathering>(driver_, dialer_, player, std::move(finished));
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

}  // namespace wsspec
