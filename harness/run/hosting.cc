#include "run/hosting.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <list>
#include <random>
#include <tuple>

#include "net/tunnel.h"
#include "run/browser_page.h"
#include "run/own_case.h"
#include "run/seat.h"
#include "script/connect_terms.h"
#include "target/target.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kBetweenLooks = 5ms;
constexpr std::uint16_t kFirstPort = 20000, kLastPort = 32000;  // Below those that the kernel gives away.

std::string url_of(const std::string& scheme, const std::string& host, std::uint16_t port,
                   const std::string& target = "/") {
  const bool v6 = host.find(':') != host.npos;
  return fmt::format("{}://{}{}{}:{}{}", scheme, v6 ? "[" : "", host, v6 ? "]" : "", port, target);
}

/// What shows that a client goes on behind the handshake.
constexpr const char* kControl = "  open\n  > ping \"wsspec\"\n  < pong \"wsspec\"\n  finish\n";

/// What both ways of coming share: the first meeting and the proof of life are cases like any other.
class Hosting : public Host {
 public:
  Hosting(Driver& driver, Serving serving, double scale)
      : driver_(driver),
        serving_(std::move(serving)),
        scale_(scale),
        patience_(wsspec::scaled(serving_.patience, scale)) {}

  Probed meet(const Profile& profile, const ProbeOptions& how) override;
  Liveness proof_of_life(const Profile& profile, Duration patience,
                         const std::atomic<bool>* interrupted) override;
  bool holds_one_at_a_time(const Profile&) override { return false; }
  HangUp begin(const Case& one, Player& player, Finished finished) override {
    auto end = played(tls_terms_of(one).value_or(TlsTerms{}), {}, player);
    Endpoint& server = *end;
    return invite(one.id, server,
                  [end = std::move(end), finished = std::move(finished)](const Parting& parting) {
                    finished(parting);
                  });
  }
  std::optional<Death> death() override {
    auto* one = fallen();
    return one != nullptr ? one->death() : std::nullopt;
  }
  bool restart() override {
    for (const auto& one : clients_)
      if (!one->restart_unready()) return false;
    return !clients_.empty();
  }
  void be_patient(Duration time) override { patience_ = time; }
  std::optional<ProcessSample> sample() const override;
  std::string take_log() override {
    std::string all;
    for (const auto& one : clients_) all += one->take_log();
    return all;
  }
  std::string farewell() override {
    std::string line;
    for (const auto& one : clients_) {
      one->stop();
      if (line.empty()) line = one->sanitizer_line();
    }
    return line;
  }

 protected:
  struct Met {
    CaseResult result;
    Parting parting;
    Head request;
  };
  /// Plays a case now and waits for its end; the driver must be at rest.
  Met play(const Case& one, const Profile& profile, const std::atomic<bool>* interrupted);
  Duration scaled(Duration time) const { return wsspec::scaled(time, scale_); }
  /// Listens where the user said, tells him, and starts the client that he gave us.
  Result<void> open_port(const Driver::Welcome& welcome, const char* scheme);
  const char* scheme() const { return serving_.tls ? "wss" : "ws"; }
  /// What plays a connection of `player`: its end of it, or that behind TLS on the terms of the case, for
  /// whom the invitation tells of a proxy within its tunnel.
  std::shared_ptr<Endpoint> played(const TlsTerms& terms, const Invitation& invitation, Player& player,
                                   std::size_t connection = 0) const;
  Launch launch_of(const std::string& command, const std::string& url,
                   const std::string& action = "echo") const;
  /// Why the client that we have started comes no more; empty: it runs, or is none of ours.
  std::string gone();

  Result<std::uint16_t> listen_at(const std::string& host, std::uint16_t port,
                                  const Driver::Welcome& welcome);
  /// The next free port from where the last one was: a late connection must not meet the next case.
  Result<std::uint16_t> listen(const Driver::Welcome& welcome);

  Driver& driver_;
  const Serving serving_;
  const double scale_;
  Duration patience_;  ///< With a client that comes by itself.

 private:
  /// The first that has ended; null: all run, or they are none of ours.
  TargetProcess* fallen() const;
  Result<void> raise_fallen();

  std::vector<std::unique_ptr<TargetProcess>> clients_;  ///< For all cases, one for each of --jobs.
  bool death_told_ = false;
  std::uint16_t next_port_ = static_cast<std::uint16_t>(kFirstPort + std::random_device()() % 8000);
};

Result<std::uint16_t> Hosting::listen(const Driver::Welcome& welcome) {
  constexpr int kTries = 500;
  Result<std::uint16_t> port = fail_with(serving_.host, "no free port");
  for (int tried = 0; tried < kTries && !port; ++tried) {
    port = listen_at(serving_.host, next_port_, welcome);
    next_port_ = next_port_ >= kLastPort ? kFirstPort : static_cast<std::uint16_t>(next_port_ + 1);
  }
  return port;
}

Result<std::uint16_t> Hosting::listen_at(const std::string& host, std::uint16_t port,
                                         const Driver::Welcome& welcome) {
  ListenOptions options;
  options.address.host = host;
  options.address.port = port;
  return driver_.listen(options, welcome);
}

std::shared_ptr<Endpoint> Hosting::played(const TlsTerms& terms, const Invitation& invitation, Player& player,
                                          std::size_t connection) const {
  auto end = borrowed(player.end(connection));
  if (!serving_.tls || invitation.url.starts_with("ws:")) return end;
  std::shared_ptr<Endpoint> secured = serving_.tls->wrap(terms, end, player.hears_of_tls());
  if (!invitation.proxy) return secured;
  return std::make_shared<Tunnel>(Tunnel::Side::proxy, std::move(end), std::move(secured));
}

/// Where programs look for whom they trust: OpenSSL's and all that ask it, Go, curl; Node.js; Deno;
/// Mojolicious; websocket-client.
constexpr const char* kTrustVariables[] = {"WSSPEC_CA",
                                           "SSL_CERT_FILE",
                                           "CURL_CA_BUNDLE",
                                           "NODE_EXTRA_CA_CERTS",
                                           "DENO_CERT",
                                           "MOJO_CA_FILE",
                                           "WEBSOCKET_CLIENT_CA_BUNDLE"};

Launch Hosting::launch_of(const std::string& command, const std::string& url,
                          const std::string& action) const {
  Launch launch;
  launch.command = command;
  launch.url = url;
  launch.action = action;
  launch.authority_file = serving_.authority_file;
  if (!serving_.authority_file.empty())
    for (const char* name : kTrustVariables)
      launch.environment.push_back(fmt::format("{}={}", name, serving_.authority_file));
  launch.environment.push_back("WSSPEC_URL=" + url);
  launch.environment.push_back("WSSPEC_ACTION=" + action);
  // A proxy of the environment would send it elsewhere.
  for (const char* name :
       {"http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
    launch.environment.push_back(std::string(name) + "=");
  launch.stop_timeout = 200ms;
  return launch;
}

Result<void> Hosting::open_port(const Driver::Welcome& welcome, const char* scheme) {
  const auto port = serving_.port != 0 ? listen_at(serving_.host, serving_.port, welcome) : listen(welcome);
  if (!port) return std::unexpected(port.error());
  const auto url = url_of(scheme, serving_.host, *port);
  if (serving_.listening) serving_.listening(url);
  if (serving_.start.empty()) return {};
  const int wanted = serving_.page ? 1 : serving_.jobs;
  for (int i = 0; i < wanted; ++i) {
    clients_.push_back(std::make_unique<TargetProcess>(launch_of(serving_.start, url), serving_.host, *port));
    if (auto launched = clients_.back()->launch(); !launched) return launched;
  }
  return {};
}

/// All of them together; nothing where one cannot be looked at.
std::optional<ProcessSample> Hosting::sample() const {
  if (clients_.empty()) return std::nullopt;
  ProcessSample all;
  for (const auto& client : clients_) {
    const auto one = client->sample();
    if (!one) return std::nullopt;
    all.cpu_seconds += one->cpu_seconds;
    all.memory += one->memory;
    all.memory_peak += one->memory_peak;
    all.descriptors += one->descriptors;
    all.threads += one->threads;
    all.processes += one->processes;
    all.runnable += one->runnable;
  }
  return all;
}

TargetProcess* Hosting::fallen() const {
  const auto found = std::ranges::find_if(clients_, [](const auto& one) { return !one->running(); });
  return found == clients_.end() ? nullptr : found->get();
}

Result<void> Hosting::raise_fallen() {
  for (const auto& one : clients_) {
    if (one->running()) continue;
    if (auto again = one->restart_unready(); !again) return again;
  }
  return {};
}

std::string Hosting::gone() {
  auto* one = fallen();
  if (one == nullptr) return "";
  const auto death = one->death();
  return "the client " + (death ? death->words : std::string("has ended"));
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

constexpr const char* kTrustHint = "it has to trust the certificate of --ca-file, {ca} in the command";

/// A pong shows that it goes on behind the handshake; how it closes is a matter of cases.
bool has_ponged(const CaseResult& result) {
  return std::ranges::any_of(result.transcript.events, [](const Event& event) {
    return event.kind == Event::Kind::received && event.frame && event.frame->is(Opcode::pong);
  });
}

Liveness liveness_of(const CaseResult& result, const Parting& parting) {
  Liveness said;
  if (has_ponged(result)) {
    said.reach = Reach::serves;
    said.answered_ping = true;
    return said;
  }
  said.reach = parting.failure == Failure::none ? Reach::declines : Reach::absent;
  said.ours = parting.failure == Failure::local;
  said.message = parting.failure == Failure::none ? "the client came, and did not go on: " + result.reason
                                                  : parting.detail;
  for (const auto& note : result.notes)
    if (note.starts_with(Player::kNoTls)) said.message += "; " + note, said.hint = kTrustHint;
  if (!parting.death.empty()) said.message += "; it " + parting.death;
  return said;
}

Probed Hosting::meet(const Profile& profile, const ProbeOptions& how) {
  Probed probed;
  const auto first = play(own_case(kControl), profile, how.interrupted);
  probed.liveness = liveness_of(first.result, first.parting);
  if (probed.liveness.reach != Reach::serves) return probed;
  auto& found = probed.fingerprint;
  found.server_field = first.request.joined("User-Agent").value_or("");
  found.extensions = first.request.joined("Sec-WebSocket-Extensions").value_or("");
  found.subprotocols = first.request.joined("Sec-WebSocket-Protocol").value_or("");
  const auto echoes = [&](const char* message) {
    // How it closes is a matter of cases.
    const auto steps = fmt::format("  open\n  > {0}\n  < {0}\n  > close 1000\n", message);
    return play(own_case(steps), profile, how.interrupted).result.verdict == Verdict::pass;
  };
  found.echoes_text = echoes("text \"wsspec\"");
  found.echoes_binary = echoes("binary x\"00 ff\"");
  found.echoes = found.echoes_text || found.echoes_binary;
  found.echoes_empty = found.echoes && echoes(found.echoes_text ? "text \"\"" : "binary \"\"");
  return probed;
}

/// The end of a client of ours is told once; whoever asks again gets it started again.
Liveness Hosting::proof_of_life(const Profile& profile, Duration, const std::atomic<bool>* interrupted) {
  if (const auto how = gone(); !how.empty()) {
    if (!std::exchange(death_told_, true)) {
      Liveness said;
      said.message = how;
      return said;
    }
    death_told_ = false;
    if (auto again = raise_fallen(); !again) return {Reach::absent, again.error().what, "", 0, false, true};
  }
  const auto met = play(own_case(kControl), profile, interrupted);
  return liveness_of(met.result, met.parting);
}

/// Each case has a port of its own, and somebody is sent there.
class Errands : public Hosting {
 public:
  using Hosting::Hosting;
  HangUp begin(const Case& one, Player& player, Finished finished) override;
  HangUp invite(const std::string& id, Endpoint& server, Finished finished) override;

 protected:
  struct Errand {
    std::string id, url, action = "echo";
    Endpoint* server = nullptr;  ///< That one connection meets; null: the case is one client's, see `player`.
    Player* player = nullptr;    ///< Of one client's connections.
    TlsTerms terms;
    Invitation invitation;
    std::vector<std::shared_ptr<Endpoint>> ends;  ///< Of the player, perhaps behind TLS.
    Finished finished;
    std::unique_ptr<TargetProcess> process;
    std::uint16_t port = 0;
    Seat* seat = nullptr;  ///< The one that is played.
    Instant began{}, sent = kNever, ended = kNever;
    Parting parting;
    bool given_up = false;
    /// The case is about all that come to its port, one after the other.
    bool of_one_client = false;
    bool alone = false;  ///< It may be over before anybody comes.
    bool listens = true;
    std::size_t open = 0;  ///< Connections that are played.
    std::vector<std::weak_ptr<Seat>> seats;
  };
  /// Sets `sent` when the client is on its way.
  virtual void send_for(Errand& errand) = 0;
  /// Nothing more is to be waited for; then the parting says how it went.
  virtual bool is_over(Errand& errand) = 0;
  virtual void part(Errand& errand) = 0;
  /// The client has ended, and will not come.
  virtual bool has_left(const Errand&) const { return false; }

 private:
  Driver::Guest greet(const std::shared_ptr<Errand>& errand) {
    return errand->of_one_client ? welcome_again(errand) : welcome(errand);
  }
  Driver::Guest welcome(const std::shared_ptr<Errand>& errand);
  HangUp dispatch(const std::shared_ptr<Errand>& errand);
  std::string url_for(const std::shared_ptr<Errand>& errand);
  Driver::Guest welcome_again(const std::shared_ptr<Errand>& errand);
  void take_end_of_one(Errand& errand, bool first, const Ending& ending);
  void attend(const std::shared_ptr<Errand>& errand);
  void hang_up(Errand& errand);
  void wake(const std::shared_ptr<Errand>& errand);
  void look();

  void note_arrival(const Errand& errand);
  bool begin_alone(Errand& errand);

  std::list<std::shared_ptr<Errand>> errands_;
  Timer watch_;
  /// The longest that a client took to come: before that nobody stays away. Nothing: none has come yet.
  std::optional<Duration> usual_;
};

void Errands::note_arrival(const Errand& errand) {
  if (errand.sent != kNever)
    usual_ = std::max(usual_.value_or(Duration::zero()), driver_.now() - errand.sent);
}

/// The time in which nobody is to come begins when a client would have come; one that has ended comes no
/// more. Whether it would come at all is known from other cases. False: the time has not begun.
bool Errands::begin_alone(Errand& errand) {
  if (errand.sent == kNever) return errand.given_up;
  if (!usual_) {
    errand.parting.cannot = "no client has connected in this run: it is not known whether this one would";
    errand.given_up = true;
  }
  errand.began = errand.sent + usual_.value_or(Duration::zero());
  if (has_left(errand)) errand.began = driver_.now() - std::max(errand.player->due(), Instant{});
  return true;
}

Driver::Guest Errands::welcome(const std::shared_ptr<Errand>& errand) {
  auto seat = std::make_shared<Seat>([this, errand = errand.get()](Seat& asking) {
    if (errand->seat != nullptr || errand->server == nullptr) return asking.leave();
    note_arrival(*errand);
    errand->seat = &asking;
    asking.play(*errand->server);
  });
  Seat* raw = seat.get();
  return guest_of(std::move(seat), [this, errand, raw](const Ending& ending) {
    // Who comes again meanwhile may sit where the first one sat.
    if (errand->seat != raw || errand->ended != kNever) return;
    errand->parting = ending;
    errand->parting.duration -= raw->waited();
    errand->parting.connecting = {};
    errand->ended = driver_.now();
    errand->server = nullptr;
  });
}

/// A connection of the one client whose case it is: all go by the clock of the first.
Driver::Guest Errands::welcome_again(const std::shared_ptr<Errand>& errand) {
  auto seat = std::make_shared<Seat>([](Seat& asking) { asking.leave(); });
  if (errand->player == nullptr || errand->player->done() || errand->given_up) {
    seat->leave();
    return guest_of(std::move(seat), {});
  }
  const bool first = errand->seats.empty();
  if (first) {
    note_arrival(*errand);
    errand->began = errand->alone ? std::min(errand->began, driver_.now()) : driver_.now();
    errand->seat = seat.get();
  }
  const Instant at = driver_.now() - errand->began;
  errand->ends.push_back(
      played(errand->terms, errand->invitation, *errand->player, errand->player->come(at)));
  seat->play(*errand->ends.back(), at);
  seat->attended([this, errand] { attend(errand); });
  errand->seats.push_back(seat);
  ++errand->open;
  attend(errand);
  return guest_of(std::move(seat), [this, errand, first](const Ending& ending) {
    take_end_of_one(*errand, first, ending);
    attend(errand);
  });
}

void Errands::take_end_of_one(Errand& errand, bool first, const Ending& ending) {
  const auto sent = errand.parting.sent + ending.sent, received = errand.parting.received + ending.received;
  if (first) errand.parting = ending;
  errand.parting.sent = sent;
  errand.parting.received = received;
  errand.parting.connecting = {};
  --errand.open;
}

/// What the player wants behind each of its calls.
void Errands::attend(const std::shared_ptr<Errand>& errand) {
  if (errand->player == nullptr) return;
  for (const auto number : errand->player->take_wanted())
    if (const auto seat = number < errand->seats.size() ? errand->seats[number].lock() : nullptr)
      driver_.prod(seat->id);
  const bool listens = !errand->player->is_shut();
  if (std::exchange(errand->listens, listens) == listens) return;
  if (!listens) return driver_.stop_listening(errand->port);
  if (auto port = listen_at(serving_.host, errand->port, [this, errand] { return greet(errand); }); !port) {
    errand->player->abandon("the port cannot be opened again: " + port.error().what, {});
    hang_up(*errand);
  }
}

void Errands::hang_up(Errand& errand) {
  for (const auto& one : errand.seats)
    if (const auto seat = one.lock()) driver_.hang_up(seat->id);
}

/// While no connection is there nobody else moves the case on.
void Errands::wake(const std::shared_ptr<Errand>& errand) {
  if (!errand->of_one_client || errand->player == nullptr) return;
  if (errand->seats.empty() && (!errand->alone || !begin_alone(*errand))) return;
  const Instant at = driver_.now() - errand->began;
  if (errand->player->due() <= at) {
    errand->player->tick(at);
    attend(errand);
  }
  if (errand->open > 0 || (!errand->player->done() && !errand->given_up)) return;
  errand->parting.duration = at;
  errand->ended = driver_.now();
  errand->player = nullptr;
}

Venue::HangUp Errands::begin(const Case& one, Player& player, Finished finished) {
  auto errand = std::make_shared<Errand>();
  errand->id = one.id;
  errand->terms = tls_terms_of(one).value_or(TlsTerms{});
  errand->invitation = invitation_of(one).value_or(Invitation{});
  errand->finished = std::move(finished);
  errand->of_one_client = Player::is_of_one_client(one);
  errand->action = action_of(one);
  if (errand->of_one_client) {
    errand->alone = Player::begins_alone(one);
    errand->player = &player;
  } else {
    errand->ends.push_back(played(errand->terms, errand->invitation, player));
    errand->server = errand->ends.back().get();
  }
  return dispatch(errand);
}

Venue::HangUp Errands::invite(const std::string& id, Endpoint& server, Finished finished) {
  auto errand = std::make_shared<Errand>();
  errand->id = id;
  errand->server = &server;
  errand->finished = std::move(finished);
  return dispatch(errand);
}

Venue::HangUp Errands::dispatch(const std::shared_ptr<Errand>& errand) {
  errand->began = driver_.now();
  errands_.push_back(errand);
  if (const auto port = listen([this, errand] { return greet(errand); })) {
    errand->port = *port;
    errand->url = url_for(errand);
    send_for(*errand);
  } else {
    errand->parting.failure = Failure::local;
    errand->parting.detail = port.error().what;
  }
  if (errands_.size() == 1) watch_ = driver_.every(kBetweenLooks, [this] { look(); });
  return [this, errand] {
    errand->given_up = true;
    if (errand->of_one_client) return hang_up(*errand);
    if (errand->seat != nullptr && errand->ended == kNever) driver_.hang_up(errand->seat->id);
  };
}

/// The URL for a case. By a name of ours a client may come to either address of it.
std::string Errands::url_for(const std::shared_ptr<Errand>& errand) {
  const auto& invitation = errand->invitation;
  const auto& host = invitation.host.empty() ? serving_.host : invitation.host;
  if (host == "localhost" || errand->of_one_client)  // Not every machine has the other one.
    std::ignore = listen_at("::1", errand->port, [this, errand] { return greet(errand); });
  if (!invitation.url.empty()) return invitation.url_of(host, errand->port);
  return url_of(scheme(), host, errand->port, invitation.path);
}

void Errands::look() {
  std::vector<std::shared_ptr<Errand>> over;
  for (const auto& errand : errands_) wake(errand);
  std::erase_if(errands_, [&](const std::shared_ptr<Errand>& errand) {
    if (errand->parting.failure != Failure::local && !is_over(*errand)) return false;
    over.push_back(errand);
    return true;
  });
  for (const auto& errand : over) {
    driver_.stop_listening(errand->port);
    errand->server = nullptr;  // Nobody who comes late meets it.
    errand->player = nullptr;
    part(*errand);
    errand->finished(errand->parting);
  }
  if (errands_.empty()) watch_ = {};
}

/// A command for each case.
class Commands final : public Errands {
 public:
  using Errands::Errands;
  /// What a case has done to its process does not matter to the next.
  Liveness proof_of_life(const Profile&, Duration, const std::atomic<bool>*) override {
    Liveness said;
    said.reach = Reach::serves;
    return said;
  }

 private:
  void send_for(Errand& errand) override;
  bool is_over(Errand& errand) override;
  void part(Errand& errand) override;
  void tell_of_proxy(Launch& launch, const std::string& user, std::uint16_t port) const;
  bool has_left(const Errand& errand) const override { return errand.process && !errand.process->running(); }
};

/// By the variables that programs look at, and one of ours.
void Commands::tell_of_proxy(Launch& launch, const std::string& user, std::uint16_t port) const {
  constexpr std::string_view kScheme = "http://";
  auto at = url_of("http", serving_.host, port, "");
  if (!user.empty()) at.insert(kScheme.size(), user + "@");
  for (const char* name : {"WSSPEC_PROXY", "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY",
                           "HTTPS_PROXY", "ALL_PROXY", "ws_proxy", "wss_proxy"})
    launch.environment.push_back(fmt::format("{}={}", name, at));
}

void Commands::send_for(Errand& errand) {
  Launch launch = launch_of(serving_.exec, errand.url, errand.action);
  if (!errand.invitation.field.empty())
    launch.environment.push_back("WSSPEC_HEADERS=" + errand.invitation.field);
  if (errand.invitation.proxy) tell_of_proxy(launch, *errand.invitation.proxy, errand.port);
  launch.environment.push_back("WSSPEC_CASE=" + errand.id);
  errand.sent = driver_.now();
  errand.process = std::make_unique<TargetProcess>(std::move(launch), serving_.host, errand.port);
  if (auto launched = errand.process->launch(); !launched) {
    errand.parting.failure = Failure::local;
    errand.parting.detail = launched.error().what;
  }
}

bool Commands::is_over(Errand& errand) {
  const bool runs = errand.process->running();
  if (errand.seat != nullptr || errand.alone) {
    const bool over = errand.ended != kNever;
    // Who comes again and again does not end by itself.
    const auto grace = errand.of_one_client ? Duration::zero() : scaled(serving_.grace);
    return over && (!runs || errand.given_up || driver_.now() - errand.ended > grace);
  }
  const bool late = driver_.now() - errand.sent > scaled(serving_.connect_timeout);
  if (runs && !late && !errand.given_up) return false;
  errand.parting.failure = errand.given_up ? Failure::dropped : runs ? Failure::timeout : Failure::refused;
  errand.parting.detail = errand.given_up ? "given up"
                          : runs          ? "the command does not connect"
                                          : "the command ended before it connected";
  return true;
}

void Commands::part(Errand& errand) {
  constexpr int kCannot = 127, kNotSetUp = 126;
  if (!errand.process) return;
  Parting& parting = errand.parting;
  const bool came = errand.seat != nullptr;
  const auto death = errand.process->running() ? std::nullopt : errand.process->death();
  if (death && (death->signal != 0 || death->exit_status > 128 || !death->sanitizer.empty()))
    parting.death = death->words, parting.how = *death;
  else if (death && !came && death->exit_status == kCannot)
    parting.cannot = "the command cannot do this case (exit status 127)";
  else if (death && !came)
    parting.detail +=
        fmt::format(" ({}{})", death->words, death->exit_status == kNotSetUp ? ": its set-up failed" : "");
  parting.log = errand.process->take_log();
  errand.process->stop();
}

/// A page in a browser asks where it is to connect.
class Pages final : public Errands {
 public:
  Pages(Driver& driver, Serving serving, double scale, int jobs)
      : Errands(driver, std::move(serving), scale), jobs_(jobs) {}
  Result<void> open();

 private:
  void send_for(Errand& errand) override { waiting_.push_back(&errand); }
  bool is_over(Errand& errand) override;
  void part(Errand& errand) override { std::erase(waiting_, &errand); }
  std::string next();

  const int jobs_;
  std::deque<Errand*> waiting_;  ///< Nobody was sent there yet.
  Instant heard_{};
};

Result<void> Pages::open() {
  return open_port(
      [this]() -> Driver::Guest { return std::make_unique<BrowserPage>(jobs_, [this] { return next(); }); },
      "http");
}

std::string Pages::next() {
  heard_ = driver_.now();
  if (waiting_.empty()) return R"({"wait": true})";
  Errand& errand = *waiting_.front();
  waiting_.pop_front();
  errand.sent = driver_.now();
  return fmt::format(R"({{"url": "{}", "case": "{}", "action": "{}", "protocols": []}})", errand.url,
                     errand.id, errand.action);
}

bool Pages::is_over(Errand& errand) {
  if (errand.seat != nullptr || (errand.alone && errand.sent != kNever)) return errand.ended != kNever;
  const bool sent = errand.sent != kNever;
  const auto waited = driver_.now() - (sent ? errand.sent : std::max(errand.began, heard_));
  const bool late = waited > scaled(sent ? serving_.connect_timeout : serving_.patience);
  if (!late && !errand.given_up) return false;
  errand.parting.failure = errand.given_up ? Failure::dropped : Failure::timeout;
  errand.parting.detail = errand.given_up ? "given up"
                          : sent          ? "the page does not connect"
                                          : "no page has asked for a case";
  return true;
}

/// A client that comes again and again.
class Reception final : public Hosting {
 public:
  using Hosting::Hosting;
  Result<void> open();
  HangUp invite(const std::string& id, Endpoint& server, Finished finished) override;

 private:
  struct Visit {
    Endpoint* server = nullptr;
    Finished finished;
    std::shared_ptr<Seat> seat;  ///< Null: nobody has come for it yet.
    bool given_up = false;
  };
  Driver::Guest welcome();
  bool seat_one(const std::shared_ptr<Seat>& seat);
  void take_end(Seat* seat, const Ending& ending);
  void look();

  std::list<std::shared_ptr<Visit>> visits_;  ///< In the order in which they are to be played.
  std::list<std::shared_ptr<Seat>> seats_;    ///< Those that nobody plays yet.
  Instant heard_{};                           ///< When somebody came, left, or began to be waited for.
  Timer watch_;
};

Result<void> Reception::open() {
  watch_ = driver_.every(kBetweenLooks, [this] { look(); });
  return open_port([this] { return welcome(); }, scheme());
}

Driver::Guest Reception::welcome() {
  auto seat = std::make_shared<Seat>([this](Seat& asking) {
    const auto found = std::ranges::find(seats_, &asking, &std::shared_ptr<Seat>::get);
    if (found == seats_.end()) return;
    if (seat_one(*found)) seats_.erase(found);
  });
  seats_.push_back(seat);
  return guest_of(seat, [this, raw = seat.get()](const Ending& ending) { take_end(raw, ending); });
}

/// The next case is this connection's.
bool Reception::seat_one(const std::shared_ptr<Seat>& seat) {
  for (const auto& visit : visits_) {
    if (visit->seat || visit->given_up) continue;
    visit->seat = seat;
    seat->play(*visit->server);
    heard_ = driver_.now();
    return true;
  }
  return false;
}

Venue::HangUp Reception::invite(const std::string&, Endpoint& server, Finished finished) {
  auto visit = std::make_shared<Visit>();
  visit->server = &server;
  visit->finished = std::move(finished);
  if (std::ranges::all_of(visits_, [](const auto& other) { return other->seat != nullptr; }))
    heard_ = driver_.now();
  visits_.push_back(visit);
  for (auto at = seats_.begin(); at != seats_.end(); ++at) {
    if (!(*at)->is_free() || !(*at)->has_spoken()) continue;
    if (!seat_one(*at)) break;
    const auto id = (*at)->id;
    seats_.erase(at);
    driver_.prod(id);
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
  const auto visit = std::move(*found);
  visits_.erase(found);
  heard_ = driver_.now();
  Parting parting(ending);
  parting.duration -= seat->waited();
  parting.connecting = {};
  visit->finished(parting);
}

/// Cases that nobody comes for.
void Reception::look() {
  const auto end = visits_.empty() ? "" : gone();
  const bool late = driver_.now() - heard_ > patience_ || !end.empty();
  std::vector<std::shared_ptr<Visit>> over;
  std::erase_if(visits_, [&](const std::shared_ptr<Visit>& visit) {
    if (visit->seat || (!late && !visit->given_up)) return false;
    over.push_back(visit);
    return true;
  });
  for (const auto& visit : over) {
    Parting parting;
    parting.failure = visit->given_up ? Failure::dropped : Failure::timeout;
    parting.detail = visit->given_up ? "given up"
                     : !end.empty()  ? end
                                     : fmt::format("no client came for {:.3g} s",
                                                   std::chrono::duration<double>(patience_).count());
    visit->finished(parting);
  }
}

}  // namespace

void add_features(const Serving& serving, Profile& profile) {
  auto& features = profile.features;
  features.erase("company");
  if (serving.tls) features.insert("tls");
  if (serving.tls && serving.verified && !serving.tls->authority().empty()) features.insert("authority");
  if (!serving.exec.empty() || serving.page) features.insert("url");
  if (!serving.exec.empty()) features.insert("apart"), features.insert("proxy");
  if (serving.page) features.insert("closes-first");
  if (serving.exec.empty() && !serving.page) features.erase("closes-first");
}

Result<std::unique_ptr<Host>> host_clients(Driver& driver, const Serving& serving, double scale) {
  if (!serving.exec.empty()) return std::make_unique<Commands>(driver, serving, scale);
  if (serving.page) {
    auto pages = std::make_unique<Pages>(driver, serving, scale, serving.jobs);
    if (auto opened = pages->open(); !opened) return std::unexpected(opened.error());
    return pages;
  }
  auto reception = std::make_unique<Reception>(driver, serving, scale);
  if (auto opened = reception->open(); !opened) return std::unexpected(opened.error());
  return reception;
}

}  // namespace wsspec
