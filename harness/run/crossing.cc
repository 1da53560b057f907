#include "run/crossing.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "protocol/http.h"
#include "run/back_connection.h"
#include "run/late_end.h"
#include "run/operator.h"
#include "run/own_case.h"
#include "script/print.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

/// The connections of one case: to the hop, and those that it makes to us.
class Passage : public std::enable_shared_from_this<Passage> {
 public:
  /// Starts what the operator types for it.
  using Operates = std::function<std::shared_ptr<OperatorsCommand>(const Operate&)>;

  Passage(Driver& driver, const Dialer& dialer, Operates operates, Player& player, Venue::Finished finished)
      : driver_(driver),
        dialer_(dialer),
        operates_(std::move(operates)),
        player_(player),
        finished_(std::move(finished)),
        turn_(driver) {
    near_.resize(player.connections() / 2);
  }

  void make(std::size_t number) {
    auto& end = near_[number];
    end = std::make_unique<LateEnd>(player_.end(number), [this] { return elapsed(); }, [this] { attend(); });
    ++open_;
    end->id = driver_.dial(dialer_, *end, [self = shared_from_this(), number](const Ending& ending) {
      self->take_end(ending, number);
    });
  }

  /// The tunnel whose token stands in these octets.
  std::optional<std::size_t> leg_in(BytesView octets) const {
    for (std::size_t leg = 0; leg < near_.size(); ++leg)
      if (near_[leg] && octets.find(player_.token(leg)) != octets.npos) return leg;
    return std::nullopt;
  }
  /// The first tunnel for which nobody has come.
  std::optional<std::size_t> awaited() const {
    for (std::size_t leg = 0; leg < near_.size(); ++leg)
      if (near_[leg] && !newest_.contains(leg)) return leg;
    return std::nullopt;
  }

  /// Answers the number of the end that plays it. `came`: when its octets came, by the driver's clock, so
  /// that what we do with them ourselves counts for no way.
  std::size_t take(const std::shared_ptr<BackConnection>& back, std::size_t leg, Instant came) {
    const auto client = near_[leg] ? driver_.name_of(near_[leg]->id) : ConnectionName{};
    const auto at = elapsed() - (driver_.now() - came);
    const auto number = player_.arrive(leg, at, back->preface(), client);
    far_.resize(std::max(far_.size(), number + 1 - near_.size()));
    far_[number - near_.size()] = back;
    newest_[leg] = number;
    ++open_;
    back->play(
        player_.end(number), at, [this] { attend(); },
        [self = shared_from_this(), number] { self->part(number); });
    attend();
    return number;
  }
  /// What comes next for `leg` on the connection of that end is still for it.
  bool is_newest(std::size_t leg, std::size_t number) const {
    const auto found = newest_.find(leg);
    return found != newest_.end() && found->second == number;
  }
  /// The connection of that end lives on without the case.
  void part(std::size_t number) {
    far_[number - near_.size()].reset();
    player_.leave(number);
    take_end({}, std::nullopt);
  }

  void hang_up() {
    for (const auto& end : near_)
      if (end) driver_.hang_up(end->id);
    for (const auto& back : far_)
      if (const auto there = back.lock()) driver_.hang_up(there->id);
    turn_.hang_up();
  }

  void take_end(const Ending& ending, std::optional<std::size_t> near) {
    total_.sent += ending.sent;
    total_.received += ending.received;
    total_.write_given_up |= ending.write_given_up;
    total_.hung_up |= ending.hung_up;
    if (near == 0) total_.connecting = ending.connecting;
    if (ending.failure != Failure::none && (near == 0 || ending.failure == Failure::local)) {
      total_.failure = ending.failure;
      total_.detail = ending.detail;
    } else if (ending.failure != Failure::none && near) {
      player_.not_made(*near, ending.detail, elapsed());
    }
    leave();
  }

  bool is_over() const { return !finished_; }

 private:
  Duration elapsed() {
    if (!began_) began_ = driver_.now();
    return driver_.now() - *began_;
  }

  /// One thing less to wait for.
  void leave() {
    --open_;
    attend();
    if (open_ > 0) return;
    total_.duration = elapsed();
    if (auto finished = std::exchange(finished_, {})) finished(total_);
  }

  void operate(const Operate& operation) {
    const auto started = turn_.begin(operates_(operation), [self = weak_from_this()](std::string why) {
      const auto passage = self.lock();
      if (!passage) return;
      passage->total_.failed = std::move(why);
      passage->leave();
    });
    if (started)
      ++open_;
    else
      total_.failed = started.error().what;
  }

  /// Whoever the script is about now is made, or asked again; for the hop's connections we wait.
  void attend() {
    if (const auto operation = player_.take_operation()) operate(*operation);
    for (const auto number : player_.take_wanted()) {
      if (number >= near_.size()) {
        const auto far = number - near_.size();
        if (const auto back = far < far_.size() ? far_[far].lock() : nullptr) driver_.prod(back->id);
      } else if (near_[number]) {
        driver_.prod(near_[number]->id);
      } else {
        make(number);
      }
    }
  }

  Driver& driver_;
  const Dialer& dialer_;
  const Operates operates_;
  Player& player_;
  Venue::Finished finished_;
  OperatorsTurn turn_;
  std::vector<std::unique_ptr<LateEnd>> near_;      ///< By leg; null: not made yet.
  std::vector<std::weak_ptr<BackConnection>> far_;  ///< By the number of the end, less those of `near_`.
  std::map<std::size_t, std::size_t> newest_;       ///< By leg: the number of its far end, once it has come.
  std::size_t open_ = 0;
  std::optional<Instant> began_;
  Parting total_;
};

/// What a server answers to whoever asks whether it lives.
constexpr const char* kAllIsWell = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";

bool is_health_check(BytesView request) {
  return request.starts_with("GET ") || request.starts_with("HEAD ") || request.starts_with("OPTIONS ");
}

/// It carries a token, whosever it is.
bool has_token(BytesView request) {
  constexpr std::string_view kField = "x-wsspec-token";
  const auto lower = [](char one) { return one >= 'A' && one <= 'Z' ? static_cast<char>(one + 32) : one; };
  return !std::ranges::search(request, kField, {}, lower).empty() || request.find("wsspec=") != request.npos;
}

/// What came without a token and asked for no upgrade.
class HealthChecks {
 public:
  void count(BytesView request) {
    if (number_++ == 0) first_ = quote(request.substr(0, std::min(request.find(" HTTP/"), kMostShown)));
  }
  /// `3 health checks, "GET /health"`; empty: none came.
  std::string in_words() const {
    if (number_ == 0) return {};
    return fmt::format("{} health check{}, {}", number_, number_ == 1 ? "" : "s", first_);
  }

 private:
  static constexpr std::size_t kMostShown = 80;
  std::size_t number_ = 0;
  std::string first_;
};

constexpr const char* kTunnelled =
    "  near: open\n  near: > ping \"wsspec\"\n  far: < kept\n  far: > pong \"wsspec\"\n  near: < kept\n";

class Crossing final : public Venue {
 public:
  Crossing(Driver& driver, Dialer dialer, Behind behind)
      : driver_(driver), dialer_(std::move(dialer)), behind_(std::move(behind)) {}

  Result<void> open() {
    ListenOptions options;
    options.address.host = behind_.host;
    options.address.port = behind_.port;
    auto port = driver_.listen(options, [this] { return welcome(); });
    if (!port) return std::unexpected(port.error());
    return {};
  }

  HangUp begin(const Case&, Player& player, Finished finished) override {
    const auto operates = [this](const Operate& operation) {
      commands_.push_back(std::make_shared<OperatorsCommand>(operation.stop ? behind_.stop : behind_.reload,
                                                             dialer_.address()));
      return commands_.back();
    };
    auto passage = std::make_shared<Passage>(driver_, dialer_, operates, player, std::move(finished));
    std::erase_if(passages_, [](const auto& one) { return one->is_over(); });
    passages_.push_back(passage);
    passage->make(0);
    return [passage] { passage->hang_up(); };
  }
  Probed meet(const Profile& profile, const ProbeOptions& how) override {
    Probed probed;
    probed.liveness = proof_of_life(profile, how.patience, how.interrupted);
    return probed;
  }
  Liveness proof_of_life(const Profile& profile, Duration patience,
                         const std::atomic<bool>* interrupted) override;
  bool holds_one_at_a_time(const Profile&) override { return false; }
  std::string own_accord() const override { return checks_.in_words(); }

 private:
  /// A connection that the hop has made, and whose turn it is there.
  struct Guest {
    std::shared_ptr<BackConnection> back;
    std::shared_ptr<Passage> passage{};  ///< Null: nobody's.
    std::size_t leg = 0, number = 0;
  };
  Driver::Guest welcome();
  void heard(BackConnection& asking);
  void hear_nobodys(Guest& guest, Instant came);
  void give(Guest& guest, const std::shared_ptr<Passage>& passage, std::size_t leg, Instant came);
  std::string words_of(const CaseResult& result, const Parting& parting) const;

  Driver& driver_;
  const Dialer dialer_;
  const Behind behind_;
  std::list<std::shared_ptr<Passage>> passages_;
  std::list<Guest> guests_;
  std::vector<std::shared_ptr<OperatorsCommand>> commands_;  ///< What they started may be the hop now.
  std::string strange_;                                      ///< What came in place of a request, in words.
  HealthChecks checks_;
};

Driver::Guest Crossing::welcome() {
  auto back = std::make_shared<BackConnection>([this](BackConnection& asking) { heard(asking); });
  guests_.push_back({back});
  Driver::Guest guest(*back, [this, raw = back.get()](const Ending& ending) {
    const auto found = std::ranges::find(guests_, raw, [](const Guest& one) { return one.back.get(); });
    if (found == guests_.end()) return;
    const auto passage = found->back->is_played() ? found->passage : nullptr;
    guests_.erase(found);
    if (passage) passage->take_end(ending, std::nullopt);
  });
  guest.id = &back->id;
  guest.endpoint = std::move(back);
  return guest;
}

/// Hops change what they forward, so the token is looked for wherever it may stand. A request on a connection
/// that was kept is for whoever sent it; what is no request stays with whom it is.
void Crossing::heard(BackConnection& asking) {
  const Instant came = driver_.now();
  const auto found = std::ranges::find(guests_, &asking, [](const Guest& one) { return one.back.get(); });
  if (found == guests_.end()) return;
  const BytesView held = asking.held();
  if (held.starts_with("\x16\x03"))
    strange_ = "it speaks TLS to the server behind it, which is served in clear here";
  if (held.starts_with("PRI * HTTP/2.0"))
    strange_ = "it speaks HTTP/2 to the server behind it, which speaks HTTP/1.1";
  if (asking.is_played() && asking.holds_other()) return asking.go_on();
  if (!asking.holds_request()) return;
  for (const auto& passage : passages_) {
    const auto leg = passage->is_over() ? std::nullopt : passage->leg_in(held);
    if (leg) return give(*found, passage, *leg, came);
  }
  hear_nobodys(*found, came);
}

void Crossing::give(Guest& guest, const std::shared_ptr<Passage>& passage, std::size_t leg, Instant came) {
  const bool played = guest.back->is_played();
  if (played && guest.passage == passage && guest.leg == leg && passage->is_newest(leg, guest.number))
    return guest.back->go_on();
  if (played) {
    guest.back->part();
    guest.passage->part(guest.number);
  }
  guest.passage = passage;
  guest.leg = leg;
  guest.number = passage->take(guest.back, leg, came);
}

/// With a token of a case that is over it is for nobody. Without one: of whom it was, or of the only one that
/// is awaited, or a health check.
void Crossing::hear_nobodys(Guest& guest, Instant came) {
  const BytesView held = guest.back->held();
  const bool upgrades = held.find("pgrade") != held.npos && !has_token(held);
  if (guest.back->is_played() && upgrades) return guest.back->go_on();
  std::vector<std::pair<std::shared_ptr<Passage>, std::size_t>> awaited;
  for (const auto& passage : passages_)
    if (const auto leg = passage->is_over() ? std::nullopt : passage->awaited())
      awaited.emplace_back(passage, *leg);
  if (awaited.size() == 1 && upgrades)
    return give(guest, awaited.front().first, awaited.front().second, came);
  const bool check = is_health_check(held);
  if (check && !upgrades && !has_token(held)) checks_.count(held);
  const bool last = !check;
  guest.back->answer(kAllIsWell + std::string(last ? "Connection: close\r\n\r\n" : "\r\n"), last);
}

Liveness Crossing::proof_of_life(const Profile& profile, Duration, const std::atomic<bool>* interrupted) {
  const Case control = own_case(kTunnelled, "hop");
  Profile plain = profile;
  plain.hop_role = HopRole::gateway;  // Whether it does more than that is asked by the cases.
  Player player(control, plain, {});
  Parting parting;
  bool over = false;
  strange_.clear();
  const auto hang_up = begin(control, player, [&](const Parting& how) {
    parting = how;
    over = true;
    driver_.stop();
  });
  while (!over) {
    driver_.run(driver_.now() + 50ms);
    if (interrupted != nullptr && interrupted->load()) hang_up();
  }
  if (!player.done()) player.abandon("no connection: " + parting.detail, {});
  const auto result = player.take_result();
  Liveness said;
  said.reach = result.verdict == Verdict::pass    ? Reach::serves
               : parting.failure != Failure::none ? Reach::absent
                                                  : Reach::declines;
  said.ours = parting.failure == Failure::local;
  said.answered_ping = said.reach == Reach::serves;
  if (said.reach != Reach::serves) said.message = words_of(result, parting);
  if (said.reach == Reach::declines)
    said.hint = fmt::format("is it to pass WebSocket on to {}:{}?", behind_.host, behind_.port);
  return said;
}

std::string Crossing::words_of(const CaseResult& result, const Parting& parting) const {
  if (parting.failure != Failure::none) return "the hop is not there: " + parting.detail;
  if (!strange_.empty()) return "the hop does not tunnel: " + strange_;
  return "the hop does not tunnel a WebSocket: " + result.reason;
}

}  // namespace

Result<std::unique_ptr<Venue>> cross_hop(Driver& driver, const Address& front, const DialOptions& options,
                                         const Behind& behind) {
  auto dialer = Dialer::prepare(front, options);
  if (!dialer) return std::unexpected(dialer.error());
  auto out = std::make_unique<Crossing>(driver, std::move(*dialer), behind);
  if (auto opened = out->open(); !opened) return std::unexpected(opened.error());
  return out;
}

}  // namespace wsspec
