#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "net/driver.h"
#include "net/tls_client.h"
#include "net/tls_server.h"
#include "peer/defects.h"
#include "peer/hop.h"
#include "peer/liberties.h"
#include "peer/peer.h"
#include "run/hop_host.h"

namespace wsspec {

namespace {

Driver* g_driver = nullptr;
void stop_driver(int) {
  if (g_driver) g_driver->wake();
}
volatile std::sig_atomic_t g_stop = 0;
void stop_on_signal(int signal) {
  g_stop = 1;
  stop_driver(signal);
}

int print_names(bool as_json) {
  nlohmann::ordered_json all;
  std::string text;
  const auto add_defects = [&](const char* key, const char* word, std::span<const Defect> table) {
    all[key] = nlohmann::ordered_json::array();
    for (const Defect& one : table) {
      all[key].push_back({{"name", one.name},
                          {"about", one.about},
                          {"requirement", one.requirement},
                          {"subtle", one.subtle}});
      text += fmt::format("{}\t{}\t{}\t{}\n", word, one.name, one.requirement, one.about);
    }
  };
  const auto add_liberties = [&](const char* key, const char* word, std::span<const Liberty> table) {
    all[key] = nlohmann::ordered_json::array();
    for (const Liberty& one : table) {
      all[key].push_back({{"name", one.name}, {"about", one.about}, {"clause", one.clause}});
      text += fmt::format("{}\t{}\t{}\t{}\n", word, one.name, one.clause, one.about);
    }
  };
  add_defects("defects", "defect", defects());
  add_liberties("liberties", "liberty", liberties());
  add_defects("hop_defects", "defect of a hop", hop_defects());
  add_liberties("hop_liberties", "liberty of a hop", hop_liberties());
  if (as_json) text = all.dump(1) + "\n";
  return write_file("-", text) ? 0 : code(Exit::internal);
}

// The server process "dies" when a defect crashes its world: like any crashed program it is then gone.
class MortalPeer final : public Endpoint {
 public:
  MortalPeer(std::shared_ptr<PeerWorld> world, Driver& driver)
      : peer_(world), world_(std::move(world)), driver_(driver) {}
  Action next(Instant now) override { return watched(peer_.next(now)); }
  void received(MutableBytes bytes, Instant now) override { peer_.received(bytes, now), watch(); }
  void ended(End how, Instant now) override { peer_.ended(how, now), watch(); }
  bool reading() const override { return peer_.reading(); }

 private:
  Action watched(Action action) { return watch(), action; }
  void watch() {
    if (world_->crashed()) driver_.stop();
  }
  Peer peer_;
  std::shared_ptr<PeerWorld> world_;
  Driver& driver_;
};

/// What answers connections. The listener does TLS itself; deviations of TLS need TlsServer on the bare
/// octets.
Result<Driver::Welcome> factory_for(const std::shared_ptr<PeerWorld>& world, Driver& driver,
                                    ListenOptions& listen) {
  auto plain = [world, &driver] { return std::make_unique<MortalPeer>(world, driver); };
  const auto& conduct = world->conduct().tls;
  if (!listen.address.tls || conduct == TlsConduct{}) return plain;
  auto tls = TlsServer::make(listen.tls);
  if (!tls) return std::unexpected(tls.error());
  listen.address.tls = false;
  return [tls = std::move(*tls), &conduct, plain] { return tls.wrap(conduct, plain()); };
}

}  // namespace

namespace {

/// `--room others`, `all`, and with `--plain` the room of all who are connected.
Result<void> set_room(const CommandLine& line, PeerOptions& options) {
  if (!line.has("--room")) {
    if (line.has("--plain")) return fail_with("--plain", "there is no room", "add --room others");
    return {};
  }
  const auto who = line.get("--room");
  if (who != "others" && who != "all")
    return fail_with("--room", fmt::format("'{}' is nobody who could hear", who), "others or all");
  options.room = line.has("--plain") ? PeerOptions::Room::plain : PeerOptions::Room::commands;
  options.room_itself = who == "all";
  return {};
}

/// `--stomp`, and with `--login NAME:PASSCODE` for one user.
Result<void> set_stomp(const CommandLine& line, PeerOptions& options) {
  if (!line.has("--stomp")) {
    if (line.has("--login")) return fail_with("--login", "there is no broker", "add --stomp");
    return {};
  }
  const std::string user = line.get("--login");
  const std::size_t colon = user.find(':');
  if (!user.empty() && colon == user.npos)
    return fail_with("--login", fmt::format("'{}' has no passcode", user), "NAME:PASSCODE");
  options.stomp = BrokerAccess{user.substr(0, colon), user.empty() ? "" : user.substr(colon + 1)};
  return {};
}

Result<void> set_keep_alive(const CommandLine& line, KeepAlivePolicy& policy) {
  for (const auto& [option, into] : {std::pair{"--ping-interval", &policy.ping_interval},
                                     {"--ping-timeout", &policy.ping_timeout},
                                     {"--idle-limit", &policy.idle_limit}})
    if (auto good = read_duration(line, option, *into); !good) return good;
  return {};
}

/// Ctrl-C and SIGTERM end what `driver` does.
void stop_by_signal(Driver& driver) {
  g_driver = &driver;
  std::signal(SIGINT, stop_on_signal);
  std::signal(SIGTERM, stop_on_signal);
}

/// The exit code, once `driver` is at rest for good.
int end_of(const PeerWorld& world, const char* role) {
  g_driver = nullptr;
  if (!world.crashed()) return 0;
  say("wsspec peer: the planted defect crashed the {}\n", role);
  return 134;  // As a shell reports an abort: this is what the defect imitates.
}

/// TLS whose faults are those of `conduct`; absent where the dialer does it, or nobody. Then `dialer` is
/// without.
Result<std::optional<TlsClient>> tls_of(Dialer& dialer, const TlsClientConduct& conduct) {
  std::optional<TlsClient> tls;
  if (!dialer.address().tls || conduct == TlsClientConduct{}) return tls;
  auto made = TlsClient::make(dialer);
  if (!made) return std::unexpected(made.error());
  if (!conduct.plain) tls = std::move(*made);
  dialer = dialer.without_tls();
  return tls;
}

/// The reference client, once or again and again until nobody listens.
int connect_to(const CommandLine& line, PeerOptions options) {
  constexpr int kMostRefusals = 3;
  auto address = parse_address(line.get("--connect"));
  if (!address) return usage_error(address.error());
  DialOptions dial;
  dial.tls.ca_file = line.get("--ca");
  auto dialer = Dialer::prepare(*address, dial);
  if (!dialer) return usage_error(dialer.error());
  options.role = Role::client;
  options.seed = std::random_device{}();  // Nonces and keys differ between processes, too.
  options.host = address->host_field();
  options.target = address->resource;
  const char* action = std::getenv("WSSPEC_ACTION");  // What a driver is told by `wsspec serve`.
  options.closes_first = action != nullptr && std::string_view(action) == "close";
  auto world = PeerWorld::make(std::move(options));
  if (!world) return usage_error(world.error());
  auto tls = tls_of(*dialer, (*world)->conduct().tls_client);
  if (!tls) return usage_error(tls.error());
  Driver driver;
  stop_by_signal(driver);
  int refusals = 0;
  for (bool again = true; again && !g_stop && !(*world)->crashed();) {
    Peer peer(*world);
    const auto secured = *tls ? (*tls)->wrap((*world)->conduct().tls_client, peer) : nullptr;
    bool over = false;
    driver.dial(*dialer, secured ? *secured : peer, [&](const Ending& ending) {
      over = true;
      refusals = ending.failure == Failure::refused ? refusals + 1 : 0;
      driver.stop();
    });
    while (!over && !g_stop) driver.run();
    again = !line.has("--once") && refusals < kMostRefusals;
    if (refusals > 0 && again) driver.rest(std::chrono::milliseconds(100));
  }
  return end_of(**world, "client");
}

/// The reference hop between clients that come to --listen and the server at --hop.
int relay_to(const CommandLine& line, std::uint16_t port) {
  auto back = parse_address(line.get("--hop"));
  if (!back) return usage_error(back.error());
  auto dialer = Dialer::prepare(*back, {});
  if (!dialer) return usage_error(dialer.error());
  auto hop = Hop::make({line.all("--defect"), line.all("--liberty"), std::random_device{}()});
  if (!hop) return usage_error(hop.error());
  Driver driver;
  HopHost host(driver, std::move(*hop), std::move(*dialer));
  ListenOptions listen;
  listen.address.port = port;
  const auto bound = host.listen(listen);
  if (!bound) return usage_error(bound.error());
  listen.address.port = *bound;
  stop_by_signal(driver);
  put("listening on {}\n", listen.address.url());
  flush_output();
  while (!g_stop) driver.run(driver.now() + std::chrono::seconds(1));
  g_driver = nullptr;
  return 0;
}

}  // namespace

int peer_verb(const CommandLine& line) {
  if (line.has("--list")) return print_names(line.has("--json"));
  PeerOptions options;
  options.defects = line.all("--defect");
  options.liberties = line.all("--liberty");
  if (auto set = set_room(line, options); !set) return usage_error(set.error());
  if (auto set = set_stomp(line, options); !set) return usage_error(set.error());
  if (auto set = set_keep_alive(line, options.keep_alive); !set) return usage_error(set.error());
  if (line.has("--connect")) return connect_to(line, std::move(options));
  auto port = line.number("--listen", 9001);
  if (!port) return usage_error(port.error());
  if (*port > 65535)
    return usage_error({"--listen", fmt::format("{} is no port", *port), "1 to 65535, or 0 for any"});
  if (line.has("--hop")) return relay_to(line, static_cast<std::uint16_t>(*port));
  auto world = PeerWorld::make(options);
  if (!world) return usage_error(world.error());

  ListenOptions listen;
  listen.address.port = static_cast<std::uint16_t>(*port);
  listen.address.unix_path = line.get("--unix");
  listen.address.tls = line.has("--certificate");
  listen.tls.certificate_file = line.get("--certificate");
  listen.tls.key_file = line.get("--key");
  Driver driver;
  const bool tls = listen.address.tls;
  auto factory = factory_for(*world, driver, listen);
  if (!factory) return usage_error(factory.error());
  auto bound = driver.listen(listen, std::move(*factory));
  if (!bound) return usage_error(bound.error());
  listen.address.port = *bound;
  listen.address.tls = tls;
  stop_by_signal(driver);
  put("listening on {}\n", listen.address.url());
  flush_output();
  while (!g_stop && !(*world)->crashed()) driver.run(driver.now() + std::chrono::seconds(1));
  return end_of(**world, "server");
}

}  // namespace wsspec
