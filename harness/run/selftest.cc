#include "run/selftest.h"
#include "run/back_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <functional>
#include <numeric>
#include <ranges>
#include <set>
#include <thread>

#include "net/memory.h"
#include "net/tls_client.h"
#include "net/tls_host.h"
#include "net/tls_server.h"
#include "net/tunnel.h"
#include "peer/cluster.h"
#include "peer/defects.h"
#include "peer/hop.h"
#include "peer/liberties.h"
#include "peer/peer.h"
#include "play/delays.h"
#include "play/player.h"
#include "run/freshness.h"
#include "run/growth.h"
#include "run/spread.h"
#include "script/cast.h"
#include "script/connect_terms.h"
#include "script/glob.h"
#include "script/hash.h"
#include "target/proc.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMessageLimit = 16U << 20;
// A case beyond this effort (octets on the wire, and so many for a call of an endpoint) is expensive to
// repeat for each defect.
constexpr std::uint64_t kHeavy = 16 * 1024, kHuge = 12 << 20, kStepEffort = 40;
constexpr std::size_t kSocketRoom = 256 * 1024, kSegment = 1460;
constexpr std::uint64_t kMostSteps = 400'000'000;
constexpr std::string_view kOrigin = "http://allowed.example";
constexpr std::string_view kMissingPath = "/missing";
constexpr std::uint16_t kPort = 9001;  ///< In URLs; in memory nobody looks.

constexpr KeepAlivePolicy kPinging = {10s, 25s, 0s}, kIdling = {0s, 0s, 40s};

const BrokerAccess kUser = {"wsspec", "a: passcode"};

bool needs(const Case& one, std::string_view fact) {
  return std::ranges::find(one.needs, fact) != one.needs.end();
}

/// Words and ways of an application that a broker of STOMP is not.
bool is_of_echo(const std::string& liberty) {
  const auto found = find_liberty(liberty);
  return found && ((*found)->declare == "greets" || is_in(application_liberties(), **found));
}

/// The built-in peer as it is tested: it has every fact that a target can declare. Who pings is never idle,
/// so that the idle limit is that of another process.
PeerOptions peer_options(Target tested = Target::server, bool idling = false) {
  PeerOptions options;
  if (tested == Target::client) options.role = Role::client;
  options.keep_alive = idling ? kIdling : kPinging;
  return tested_peer(options);
}

/// The processes of one peer with these defects and liberties; null when there is one that is unknown.
struct Worlds {
  std::shared_ptr<PeerWorld> pinging, idling;
  std::shared_ptr<PeerWorld> broker;  ///< Of STOMP, which echoes nothing.
  HopOptions hop;                     ///< What stands in their place where a hop is tested.
};
Result<Worlds> worlds_of(Target tested, const std::vector<std::string>& defects,
                         const std::vector<std::string>& liberties) {
  Worlds out;
  if (tested == Target::hop) {
    out.hop = {defects, liberties};
    if (auto hop = Hop::make(out.hop); !hop) return std::unexpected(hop.error());
    return out;
  }
  for (auto* world : {&out.pinging, &out.idling, &out.broker}) {
    const bool idling = world == &out.idling;
    auto peer = peer_options(tested, idling);
    if (idling) peer.seed = ~peer.seed;  // Or both would draw the same nonces.
    if (world == &out.broker) peer.stomp = kUser;
    peer.defects = defects;
    peer.liberties = liberties;
    if (world == &out.broker) std::erase_if(peer.liberties, is_of_echo);
    auto made = PeerWorld::make(std::move(peer));
    if (!made) return std::unexpected(made.error());
    *world = std::move(*made);
  }
  return out;
}

/// A client of the reference kind that connects again and again to where a case is played.
class Regular final : public Visitor {
 public:
  Regular(Player& player, std::shared_ptr<PeerWorld> world, std::uint64_t seed)
      : player_(player), world_(std::move(world)), redialer_(world_->conduct().comeback, seed) {}

  std::unique_ptr<Endpoint> connect(std::size_t number) {
    auto peer = std::make_unique<Peer>(world_);
    peers_[number] = peer.get();
    return peer;
  }
  Instant next() const override {
    if (player_.done() || world_->crashed() || !world_->takes_url()) return kNever;
    return came_ ? redialer_.next() : Instant{};
  }
  std::optional<std::size_t> come(Instant now) override {
    came_ = true;
    redialer_.connected();
    if (!player_.is_shut()) return player_.come(now);
    redialer_.refused(now);
    return std::nullopt;
  }
  void left(std::size_t number, Instant now) override {
    redialer_.ended(peers_.at(number)->departure(), now);
  }
  Instant due() const override { return player_.due(); }
  void wake(Instant now) override { player_.tick(now); }

 private:
  Player& player_;
  std::shared_ptr<PeerWorld> world_;
  Redialer redialer_;
  std::map<std::size_t, Peer*> peers_;  ///< Owned by the transport.
  bool came_ = false;
};

/// A hop between the ends of a case: we connect to it as the script wants, and it connects to us. Its
/// connections are told by their tokens, as over a network.
class Through final : public Visitor {
 public:
  Through(Player& player, Hop& hop) : player_(player), hop_(hop), near_(player.connections() / 2) {}

  Endpoint& ours(std::size_t number) {
    const auto& one = made_.at(number);
    return one.back ? *one.back : player_.end(one.end);
  }
  std::unique_ptr<Endpoint> theirs(std::size_t number) {
    return made_.at(number).back ? hop_.dial() : hop_.accept(name_of(made_.at(number).end));
  }
  /// Whose ends are to be made, or asked again.
  std::vector<std::size_t> wanted() {
    std::vector<std::size_t> out;
    if (const auto operation = player_.take_operation()) hop_.operate(operation->stop);
    for (const auto end : player_.take_wanted())
      if (const auto number = number_of(end)) out.push_back(*number);
    return out;
  }

  Instant next() const override { return made_.empty() || hop_.wants_back() ? Instant{} : kNever; }
  std::optional<std::size_t> come(Instant) override {
    const bool first = made_.empty();
    made_.push_back({});
    if (!first)
      made_.back().back = std::make_unique<BackConnection>([this](BackConnection& asking) { heard(asking); });
    return made_.size() - 1;
  }
  void left(std::size_t, Instant) override {}
  Instant due() const override { return kNever; }
  void wake(Instant) override {}
  std::vector<Endpoint*> take_stirred() override { return hop_.take_stirred(); }
  bool has_one_clock() const override { return true; }

 private:
  struct Made {
    std::size_t end = 0;                     ///< Of the player; of `back`: once it is known.
    std::unique_ptr<BackConnection> back{};  ///< The hop has made it.
    std::optional<std::size_t> leg{};        ///< Whose turn it is there.
  };

  /// Made up, and of each its own.
  static ConnectionName name_of(std::size_t leg) {
    constexpr std::uint16_t kPortOfFirst = 50000, kFront = 80;
    return {"192.0.2.1", "192.0.2.2", static_cast<std::uint16_t>(kPortOfFirst + leg), kFront};
  }

  std::optional<std::size_t> number_of(std::size_t end) {
    const bool near = end < near_;
    for (std::size_t number = 0; number < made_.size(); ++number)
      if (made_[number].end == end && near == !made_[number].back) return number;
    if (!near) return std::nullopt;  // The hop has not come yet.
    made_.push_back({end});
    return made_.size() - 1;
  }

  void heard(BackConnection& asking) {
    const auto found = std::ranges::find(made_, &asking, [](const Made& one) { return one.back.get(); });
    if (found->leg &&
        (asking.holds_other() || asking.held().find(player_.token(*found->leg)) != BytesView::npos))
      return asking.go_on();
    for (std::size_t leg = 0; leg < near_; ++leg) {
      if (asking.held().find(player_.token(leg)) == BytesView::npos) continue;
      if (found->leg) player_.leave(found->end);
      found->leg = leg;
      found->end = player_.arrive(leg, asking.heard_at(), asking.preface(), name_of(leg));
      return asking.play(player_.end(found->end), asking.heard_at());
    }
    if (found->leg && asking.holds_request()) asking.go_on();
  }

  Player& player_;
  Hop& hop_;
  const std::size_t near_;
  std::vector<Made> made_;  ///< By number; the first is ours.
};

/// One peer process and what is needed to play cases against it.
class Stand {
 public:
  Stand(const Suite& suite, Worlds worlds, Profile profile, std::uint64_t seed, std::size_t segment,
        bool transcript)
      : suite_(suite),
        worlds_(std::move(worlds)),
        world_(worlds_.pinging),
        profile_(std::move(profile)),
        seed_(seed),
        segment_(segment),
        transcript_(transcript) {
    // Whatever a case asks for: see play_coupled().
    profile_.features.insert({"tls", "authority", "url", "proxy", "nodes", "balancer"});
    for (const auto act : Cluster::kActs) profile_.features.insert(std::string(kAct) + std::string(act));
  }

  CaseResult play(const Case& one) {
    world_ = needs(one, "stomp")        ? worlds_.broker
             : needs(one, "idle-limit") ? worlds_.idling
                                        : worlds_.pinging;
    auto result = play_once(one);
    const bool of_starts = std::ranges::find(one.covers, kFirstIsRandom) != one.covers.end();
    if (of_starts && result.verdict == Verdict::pass) return play_starts(one, std::move(result));
    // What only many connections show: as many are made as a run would have.
    const bool of_many = std::ranges::find(one.covers, kFreshNonce) != one.covers.end();
    if (profile_.tested != Target::client || !of_many || result.verdict != Verdict::pass) return result;
    while (freshness_.connections() < Freshness::kEnough) {
      const auto before = freshness_.connections();
      play_once(one);
      if (freshness_.connections() == before) break;
    }
    std::vector<CaseResult> alone = {std::move(result)};
    freshness_.judge(alone, suite_.ledger);
    return std::move(alone.front());
  }

  /// How much the case played last moved.
  std::uint64_t effort() const { return effort_; }

 private:
  static constexpr std::string_view kFreshNonce = "rfc6455-4.1-28";

  /// As often as a run has instances of the case, each of them a start of the client.
  CaseResult play_starts(const Case& one, CaseResult first) {
    std::vector<CaseResult> all = {std::move(first)};
    while (all.size() < kFirstDelays) all.push_back(play_once(one));
    judge_first_delays(all, suite_.ledger);
    return std::move(all.front());
  }

  CaseResult play_once(const Case& one) {
    PlayOptions options;
    options.seed = seed_ ^ fnv1a64(one.id);
    options.keep_transcript = transcript_ || has_tag(one, kGrowthTag);
    options.ledger = &suite_.ledger;
    Player player(one, profile_, options);
    if (auto reason = Player::reason_to_skip(one, profile_); !reason.empty()) {
      player.abandon(reason, {});
      auto result = player.take_result();
      result.verdict = Verdict::skipped;
      return result;
    }
    MemoryOptions memory;
    memory.segment = segment_;
    memory.until_first_done = true;
    memory.steps = kMostSteps;
    const auto ending = play_coupled(one, player, memory);
    effort_ = ending.octets + kStepEffort * ending.steps;
    if (!player.done()) player.abandon(describe(ending), ending.at);
    if (profile_.tested == Target::client) freshness_.add(player);
    auto result = player.take_result();
    result.started = clock_;
    result.duration = ending.at;
    clock_ += ending.at;
    look_for_death(result);
    growth_.see(result);
    return result;
  }

  /// Over TLS when the case is about it: both sides really do TLS, in memory, too.
  MemoryEnding play_coupled(const Case& one, Player& player, const MemoryOptions& memory) {
    if (profile_.tested == Target::hop) return play_through(one, player, memory);
    const bool has_nodes = std::ranges::any_of(
        one.needs, [](const auto& need) { return need == "nodes" || need == "balancer" || is_act(need); });
    if (has_nodes) return play_nodes(player, memory);
    if (player.connections() > 1) return play_together(player, memory);
    if (profile_.tested == Target::client) return play_client(one, player, memory);
    const auto terms = tls_terms_of(one);
    auto peer = std::make_unique<Peer>(world_);
    if (!terms) return couple(player.end(), *peer, memory);
    if (!tls_server_) tls_server_ = TlsServer::self_signed();
    if (!tls_client_) tls_client_ = TlsClient::credulous();
    if (!*tls_server_ || !*tls_client_) {
      player.abandon("no TLS: " + (*tls_server_ ? tls_client_->error() : tls_server_->error()).what, {});
      return {};
    }
    const auto server = (*tls_server_)->wrap(world_->conduct().tls, std::move(peer));
    if (terms->plain) return couple(player.end(), *server, memory);
    const auto client = (*tls_client_)->wrap(*terms, player.end(), player.hears_of_tls());
    return couple(*client, *server, memory);
  }

  /// A hop of its own for each case, which connects to us when it likes.
  MemoryEnding play_through(const Case& one, Player& player, MemoryOptions memory) {
    memory.room = kSocketRoom;
    if (memory.segment == 0) memory.segment = kSegment;
    memory.seed = worlds_.hop.seed = seed_ ^ fnv1a64(one.id);
    worlds_.hop.tells_clients = std::ranges::any_of(
        one.covers, [](const std::string& id) { return id.starts_with("proxy-protocol-"); });
    auto hop = Hop::make(worlds_.hop);
    Through through(player, **hop);
    return couple({[&](std::size_t number) -> Endpoint& { return through.ours(number); },
                   [&](std::size_t number) { return through.theirs(number); },
                   [&] { return through.wanted(); }, &through},
                  memory);
  }

  /// The peer is the client, and goes where the case invites it.
  MemoryEnding play_client(const Case& one, Player& player, const MemoryOptions& memory) {
    const auto host = invite(one);
    return Player::is_of_one_client(one) ? play_visits(one, player, memory)
                                         : play_visit(one, host, player, memory);
  }

  /// Says to the peer where its server is; answers its name.
  std::string invite(const Case& one) {
    const auto invitation = invitation_of(one).value_or(Invitation{});
    std::string host = invitation.host.empty() ? "127.0.0.1" : invitation.host;
    Invited invited;
    invited.url = invitation.url.empty() ? "ws://" + host + invitation.path : invitation.url_of(host, kPort);
    if (const auto colon = invitation.field.find(": "); colon != invitation.field.npos)
      invited.fields.push_back({invitation.field.substr(0, colon), invitation.field.substr(colon + 2)});
    invited.closes_first = action_of(one) == "close";
    invited.proxy = invitation.proxy;
    world_->invite(std::move(invited));
    return host;
  }

  MemoryEnding play_visit(const Case& one, const std::string& host, Player& player,
                          const MemoryOptions& memory) {
    Peer peer(world_);
    const auto terms = tls_terms_of(one);
    if (!terms) return couple(player.end(), peer, memory);
    const bool tunnelled = invitation_of(one).value_or(Invitation{}).proxy.has_value();
    const Conduct& conduct = world_->conduct();
    if (!tls_host_) tls_host_ = TlsHost::found({"127.0.0.1", "localhost"});
    auto client = *tls_host_
                      ? TlsClient::trusting((*tls_host_)->authority(),
                                            tunnelled && conduct.wants_proxy_in_tunnel ? "127.0.0.1" : host)
                      : std::unexpected(tls_host_->error());
    if (!client) {
      player.abandon("no TLS: " + client.error().what, {});
      return {};
    }
    auto how = conduct.tls_client;
    if (tunnelled && conduct.trusts_anyone_in_tunnel) how.trust = Trust::anyone;
    std::shared_ptr<Endpoint> server =
        (*tls_host_)->wrap(*terms, borrowed(player.end()), player.hears_of_tls());
    std::shared_ptr<Endpoint> secured = how.plain ? borrowed(peer) : client->wrap(how, peer);
    if (tunnelled) {
      server = std::make_shared<Tunnel>(Tunnel::Side::proxy, borrowed(player.end()), server);
      if (!conduct.knows_no_proxy)
        secured = std::make_shared<Tunnel>(Tunnel::Side::client, borrowed(peer), secured);
    }
    return couple(*server, *secured, memory);
  }

  /// Of two nodes, made anew for each case.
  MemoryEnding play_nodes(Player& player, MemoryOptions memory) {
    auto cluster = Cluster::make(world_->options());
    memory.segment = memory.segment == 0 ? kSegment : memory.segment;
    memory.room = kSocketRoom;
    memory.seed = seed_;
    const auto wanted = [&] {
      if (const auto act = player.take_act()) {
        (*cluster)->act(*act);
        player.act_ended();
      }
      return player.take_wanted();
    };
    return couple({[&](std::size_t number) -> Endpoint& { return player.end(number); },
                   [&](std::size_t number) { return (*cluster)->connect(player.entry(number)); }, wanted},
                  memory);
  }

  /// Several connections of one peer, whose sockets take so much and no more.
  MemoryEnding play_together(Player& player, MemoryOptions memory) {
    memory.room = kSocketRoom;
    if (memory.segment == 0) memory.segment = kSegment;  // So that large messages meet within each other.
    memory.seed = seed_;
    return couple(
        {[&](std::size_t number) -> Endpoint& { return player.end(number); },
         [&](std::size_t) { return std::make_unique<Peer>(world_); }, [&] { return player.take_wanted(); }},
        memory);
  }

  /// Each play is a start of the client of its own.
  MemoryEnding play_visits(const Case& one, Player& player, const MemoryOptions& memory) {
    Regular regular(player, world_, seed_ ^ fnv1a64(one.id) ^ ++visits_);
    return couple({[&](std::size_t number) -> Endpoint& { return player.end(number); },
                   [&](std::size_t number) { return regular.connect(number); },
                   [&] { return player.take_wanted(); }, &regular},
                  memory);
  }

  static std::string describe(const MemoryEnding& ending) {
    switch (ending.why) {
      case MemoryEnding::Why::steps: return "the connection never came to rest";
      case MemoryEnding::Why::time: return "the made-up clock ran out";
      default: return "both sides waited for ever";
    }
  }

  /// What the evidence of life finds over the network (campaign.h), here at once.
  void look_for_death(CaseResult& result) {
    if (world_ == nullptr) return;
    const bool hung = world_->hung();
    if (!hung && !world_->crashed()) return;
    result.verdict = Verdict::fail;
    result.target_died = true;
    result.reason = hung ? "the target serves no more: it is stuck" : "the target died";
    if (result.clause.empty()) result.clause = "RFC 6455 section 10.1";
    world_->restart();
  }

  const Suite& suite_;
  Worlds worlds_;
  std::shared_ptr<PeerWorld> world_;  ///< That the present case is about.
  Profile profile_;
  std::uint64_t seed_;
  std::size_t segment_;
  bool transcript_;
  std::uint64_t effort_ = 0, visits_ = 0;
  Freshness freshness_;
  Instant clock_{};
  GrowthWatch growth_;
  std::optional<Result<TlsServer>> tls_server_;  ///< Made when the first case about TLS is played.
  std::optional<Result<TlsClient>> tls_client_;
  std::optional<Result<TlsHost>> tls_host_;  ///< The same, when the peer is the client.
};

bool is_kill(Verdict verdict) {
  return verdict == Verdict::fail || verdict == Verdict::weak;
}

/// A defect or a liberty under test.
struct Variant {
  std::string name;  ///< Of a pair of liberties: both, with a plus between.
  std::string_view about, topic;
  bool is_defect = true, weak_allowed = false;
  std::vector<std::string_view> declares;
  std::string reported_by, heavy;

  void add(const Liberty& liberty) {
    name += (name.empty() ? "" : "+") + std::string(liberty.name);
    about = liberty.about;
    weak_allowed = weak_allowed || liberty.weak_allowed;
    if (!liberty.declare.empty()) declares.push_back(liberty.declare);
    reported_by += " " + std::string(liberty.reported_by);
    heavy += " " + std::string(liberty.heavy);
  }
};

template <typename Row>
std::vector<const Row*> rows_of(std::span<const Row> table) {
  std::vector<const Row*> out;
  for (const Row& row : table) out.push_back(&row);
  return out;
}

std::vector<Variant> variants(const SelfTestOptions& options) {
  std::vector<Variant> out;
  const auto wanted = [&](std::string_view name) {
    return options.only.empty() || std::ranges::find(options.only, name) != options.only.end();
  };
  const bool hop = options.tested == Target::hop;
  const Role role = options.tested == Target::server ? Role::server : Role::client;
  for (const auto* defect : hop ? rows_of(hop_defects()) : defects_of(role))
    if (wanted(defect->name))
      out.push_back({std::string(defect->name), defect->about, defect->topic(), true, false, {}, {}, {}});
  const auto add = [&](std::initializer_list<const Liberty*> together) {
    Variant variant;
    variant.is_defect = false;
    for (const auto* liberty : together) variant.add(*liberty);
    if (wanted(variant.name)) out.push_back(std::move(variant));
  };
  for (const auto* liberty : hop ? rows_of(hop_liberties()) : liberties_of(role)) add({liberty});
  const auto pairs = hop ? std::span<const Liberty>{} : application_liberties();
  for (std::size_t i = 0; i < pairs.size(); ++i)
    for (std::size_t j = i + 1; j < pairs.size(); ++j) add({&pairs[i], &pairs[j]});
  return out;
}

/// Runs `work(i)` for all i below `count` in `threads` threads.
void in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto worker = [&] {
    for (auto i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(worker);
  worker();
  for (auto& thread : pool) thread.join();
}

/// The whole selection, one case after the other; `efforts` tells how much each moved.
Result<RunResult> play_all(const Suite& suite, const Selected& selected, const MemoryRunOptions& options,
                           std::vector<std::uint64_t>* efforts) {
  const auto began = Clock::now();
  auto worlds = worlds_of(options.tested, options.defects, options.liberties);
  if (!worlds) return std::unexpected(worlds.error());
  Stand stand(suite, std::move(*worlds), options.profile, options.seed, options.segment,
              options.keep_transcript);
  RunResult run;
  run.caseset_version = suite.version;
  run.target_name = "built-in peer";
  run.url = "memory:";
  run.transport = "memory";
  run.seed = options.seed;
  run.filter = selected.words;
  run.destructive_allowed = true;
  for (const auto* one : selected.cases) {
    run.results.push_back(stand.play(*one));
    if (efforts != nullptr) efforts->push_back(stand.effort());
    for (const auto& id : run.results.back().covers)
      if (const auto found = suite.ledger.find(id); found != suite.ledger.end())
        run.requirements.insert(*found);
  }
  if (const auto self = sample_self()) {
    run.own_cpu_seconds = self->cpu_seconds;
    run.own_memory_peak = self->memory_peak;
  }
  run.duration = Clock::now() - began;
  return run;
}

class SelfTest {
 public:
  SelfTest(const Suite& suite, const Selected& selected, const SelfTestOptions& options)
      : suite_(suite), selected_(selected), options_(options), variants_(variants(options)) {}

  SelfTestResult run() {
    const auto began = Clock::now();
    MemoryRunOptions plain;
    plain.seed = options_.seed;
    plain.segment = options_.segment;
    plain.tested = options_.tested;
    plain.profile = peer_profile(options_.tested);
    if (auto conforming = play_all(suite_, selected_, plain, &efforts_))
      out_.conforming = std::move(*conforming);
    mark_spare();
    entries_.resize(variants_.size());
    in_parallel(variants_.size(), options_.threads,
                [&](std::size_t i) { entries_[i] = try_variant(variants_[i]); });
    find_killers();
    collect();
    out_.duration = Clock::now() - began;
    return std::move(out_);
  }

 private:
  Stand stand_for(const Variant& variant) const {
    std::vector<std::string> defects, liberties;
    if (variant.is_defect) defects.push_back(variant.name);
    for (const auto name : std::views::split(std::string_view(variant.name), '+'))
      if (!variant.is_defect) liberties.emplace_back(std::string_view(name));
    auto profile = peer_profile(options_.tested);
    for (const auto what : variant.declares) declare(what, profile);
    auto worlds = worlds_of(options_.tested, defects, liberties);
    return Stand(suite_, worlds ? std::move(*worlds) : Worlds{}, std::move(profile), options_.seed,
                 options_.segment, false);
  }

  /// The cases; in a quick test those of the variant's own topic first, as the likely ones to catch it. Heavy
  /// ones last: a defect that a light case has caught is not shown to them (find_killers() gives each its
  /// chance).
  std::vector<std::size_t> order_for(const Variant& variant) const {
    std::vector<std::size_t> order(selected_.cases.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (options_.quick)
      std::ranges::stable_partition(
          order, [&](std::size_t i) { return selected_.cases[i]->id.starts_with(variant.topic); });
    std::ranges::stable_partition(order, [&](std::size_t i) { return !heavy_[i]; });
    return order;
  }

  SelfTestEntry try_variant(const Variant& variant) const {
    const auto began = Clock::now();
    SelfTestEntry entry;
    entry.name = variant.name;
    entry.about = variant.about;
    auto stand = stand_for(variant);
    for (const auto i : order_for(variant)) {
      if (heavy_[i] && (variant.is_defect ? entry.caught : is_spared(variant, i))) continue;
      auto result = stand.play(*selected_.cases[i]);
      const auto before = out_.conforming.results[i].verdict;
      if (result.verdict == before) continue;
      entry.changes.push_back({result.id, before, result.verdict, std::move(result.reason)});
      entry.changes.back().reported = is_reported(variant, entry.changes.back());
      entry.caught = entry.caught || is_caught(variant, entry.changes.back());
      if (options_.quick && variant.is_defect && entry.caught) break;
    }
    entry.only_unclear = !entry.caught && !entry.changes.empty();
    entry.duration = Clock::now() - began;
    return entry;
  }

  /// Heavy cases of which a lighter instance stands in the family, or of several heavy ones all but the
  /// lightest: a liberty is not shown to them.
  void mark_spare() {
    std::map<std::string_view, std::size_t> lightest;
    for (std::size_t i = 0; i < selected_.cases.size(); ++i) {
      const auto [at, first] = lightest.try_emplace(family_of(selected_.cases[i]->id), i);
      if (!first && efforts_[i] < efforts_[at->second]) at->second = i;
    }
    for (std::size_t i = 0; i < selected_.cases.size(); ++i) {
      heavy_.push_back(efforts_[i] > kHeavy);
      spare_.push_back(lightest.at(family_of(selected_.cases[i]->id)) != i);
    }
  }

  /// A defect came to light, or a liberty moved a verdict that is none of its business.
  static bool is_caught(const Variant& variant, const VerdictChange& change) {
    return variant.is_defect ? is_kill(change.after) : !change.reported;
  }

  /// The case is there to tell of this liberty, or is out of the question by what is declared of it.
  static bool is_reported(const Variant& variant, const VerdictChange& change) {
    if (variant.is_defect) return false;
    const bool declared = change.before == Verdict::skipped && change.after == Verdict::pass;
    if (declared && !variant.declares.empty()) return true;
    const bool fair = change.after == Verdict::info || change.after == Verdict::skipped ||
                      change.after == Verdict::inconclusive ||
                      (change.after == Verdict::weak && variant.weak_allowed);
    if (!fair) return false;
    if (change.after == Verdict::skipped && !variant.declares.empty()) return true;
    return matches_any(variant.reported_by, change.id);
  }

  static bool matches_any(std::string_view globs, std::string_view id) {
    for (const auto glob : std::views::split(globs, ' '))
      if (matches_glob(std::string_view(glob), id)) return true;
    return false;
  }

  /// Whether this liberty is not shown this heavy case.
  bool is_spared(const Variant& variant, std::size_t i) const {
    if (spare_[i]) return true;
    if (!options_.quick) return false;
    const bool pair = variant.name.find('+') != variant.name.npos;
    return pair || (efforts_[i] > kHuge && !matches_any(variant.heavy, selected_.cases[i]->id));
  }

  bool must_kill(std::size_t i) const {
    const auto verdict = out_.conforming.results[i].verdict;
    return verdict == Verdict::pass || verdict == Verdict::weak;
  }

  /// Each case without a kill so far is shown the defects until it catches one: those first that were caught
  /// in its family, then in its topic, then its topic's own, then all others.
  void find_killers() {
    const auto killers = kills();
    std::vector<std::size_t> idle;
    for (std::size_t i = 0; i < selected_.cases.size(); ++i)
      if (must_kill(i) && !killers.contains(selected_.cases[i]->id)) idle.push_back(i);
    std::vector<std::string> found(idle.size());
    in_parallel(idle.size(), options_.threads, [&](std::size_t n) {
      const auto& one = *selected_.cases[idle[n]];
      for (const auto v : likely_defects(one.id)) {
        if (!is_kill(stand_for(variants_[v]).play(one).verdict)) continue;
        found[n] = variants_[v].name;
        return;
      }
    });
    for (std::size_t n = 0; n < idle.size(); ++n)
      if (!found[n].empty()) extra_killers_.emplace(selected_.cases[idle[n]]->id, found[n]);
  }

  std::vector<std::size_t> likely_defects(const std::string& id) const {
    const auto family = family_of(id);
    const auto topic = id.substr(0, id.find('.'));
    const auto distance = [&](std::size_t v) {
      int best = id.starts_with(variants_[v].topic) ? 2 : 3;
      for (const auto& change : entries_[v].changes) {
        if (!is_kill(change.after)) continue;
        if (family_of(change.id) == family) return 0;
        if (change.id.starts_with(topic + ".")) best = std::min(best, 1);
      }
      return best;
    };
    std::vector<std::pair<int, std::size_t>> ranked;
    for (std::size_t v = 0; v < variants_.size(); ++v)
      if (variants_[v].is_defect) ranked.emplace_back(distance(v), v);
    std::ranges::sort(ranked);
    std::vector<std::size_t> order;
    for (const auto& [rank, v] : ranked) order.push_back(v);
    return order;
  }

  std::map<std::string, std::string> kills() const {
    auto killers = extra_killers_;
    for (std::size_t v = 0; v < variants_.size(); ++v) {
      if (!variants_[v].is_defect) continue;
      for (const auto& change : entries_[v].changes)
        if (is_kill(change.after)) killers.emplace(change.id, variants_[v].name);
    }
    return killers;
  }

  void collect() {
    const auto killers = out_.killers = kills();
    for (std::size_t i = 0; i < selected_.cases.size(); ++i)
      if (must_kill(i) && !killers.contains(selected_.cases[i]->id))
        out_.never_kill.push_back(selected_.cases[i]->id);
    for (std::size_t v = 0; v < variants_.size(); ++v)
      (variants_[v].is_defect ? out_.defects : out_.liberties).push_back(std::move(entries_[v]));
  }

  const Suite& suite_;
  const Selected& selected_;
  const SelfTestOptions& options_;
  const std::vector<Variant> variants_;
  std::vector<std::uint64_t> efforts_;  ///< Per case, on the conforming peer.
  std::vector<bool> heavy_, spare_;
  std::vector<SelfTestEntry> entries_;
  std::map<std::string, std::string> extra_killers_;  ///< Case to defect.
  SelfTestResult out_;
};

}  // namespace

PeerOptions tested_peer(PeerOptions options) {
  options.limits = {kMessageLimit, kMessageLimit};
  options.origins = {std::string(kOrigin)};
  options.paths = {"/", "/?", "/chat"};
  if (options.role == Role::server) options.room = PeerOptions::Room::commands;
  return options;
}

namespace {

/// What a server with rooms declares, if `what` is about them.
bool declare_rooms(std::string_view what, Profile& profile) {
  if (!profile.rooms) return false;
  Rooms& rooms = *profile.rooms;
  if (what.starts_with("room=plain")) {
    rooms.dialect = {};
    for (const char* feature : {"echo", "company"}) profile.features.erase(feature);
    if (what.ends_with("-all")) rooms.fanout = Fanout::all;
  } else if (what == "fanout=all") {
    rooms.fanout = Fanout::all;
  } else if (what == "history=5") {
    rooms.history = 5;
  } else if (what == "delivery=at-least-once") {
    rooms.delivery = Delivery::at_least_once;
  } else if (what == "order=none") {
    rooms.order = Order::none;
  } else if (what == "slow=dropped") {
    rooms.slow = SlowMember::dropped;
  } else if (what == "slow=closed") {
    rooms.slow = SlowMember::closed;
  } else {
    return false;
  }
  return true;
}

}  // namespace

void declare(std::string_view what, Profile& profile) {
  if (declare_rooms(what, profile)) return;
  if (what == "no-echo") {
    profile.features.erase("echo");
  } else if (what == "no-binary-echo") {
    profile.features.emplace(what);
  } else if (what.starts_with("subprotocol=")) {
    profile.subprotocol = what.substr(what.find('=') + 1);
  } else if (what == "greets") {
    profile.greets = true;
    profile.features.insert("greeting");
  } else if (what == "no-deflate") {
    profile.features.erase("deflate");
  } else if (what == "no-pings") {
    profile.ping_interval.reset();
    profile.ping_timeout.reset();
  } else if (constexpr std::string_view kLimit = "message_limit="; what.starts_with(kLimit)) {
    std::uint64_t limit = 0;
    std::from_chars(what.data() + kLimit.size(), what.data() + what.size(), limit);
    profile.message_limit = limit;
  }
}

namespace {

void declare_keep_alive(Profile& profile) {
  profile.ping_interval = kPinging.ping_interval;
  profile.ping_timeout = kPinging.ping_timeout;
  profile.idle_limit = kIdling.idle_limit;
}

/// A client that asks for each of the subprotocols, and for compression.
Profile client_profile() {
  Profile profile;
  profile.tested = Target::client;
  profile.features.erase("company");
  profile.features.insert({"apart", "reconnect", "closes-first"});
  profile.subprotocols = peer_options().subprotocols;
  profile.message_limit = kMessageLimit;
  profile.handshake_timeout = peer_options().handshake_timeout;
  declare_keep_alive(profile);
  return profile;
}

}  // namespace

Profile peer_profile(Target tested) {
  if (tested == Target::client) return client_profile();
  if (tested == Target::hop) {
    Profile profile;
    profile.tested = tested;
    profile.features = {"http1", "loopback", "reload", "stop"};
    profile.idle_max = 75s;
    return profile;
  }
  Profile profile;
  profile.subprotocols = peer_options().subprotocols;
  profile.origins = {std::string(kOrigin)};
  profile.message_limit = kMessageLimit;
  profile.handshake_timeout = peer_options().handshake_timeout;
  declare_keep_alive(profile);
  profile.missing_path = std::string(kMissingPath);
  profile.rooms = Rooms{};
  profile.rooms->order = Order::total;
  profile.rooms->slow = SlowMember::buffered;
  profile.rooms->dialect.join = "/join {room}";
  profile.rooms->dialect.leave = "/leave";
  profile.stomp = StompTarget{};
  profile.stomp->login = kUser.login;
  profile.stomp->passcode = kUser.passcode;
  profile.stomp->queue = "/queue/";
  profile.stomp->topic = "/topic/";
  return profile;
}

Result<RunResult> run_in_memory(const Suite& suite, const Selected& selected,
                                const MemoryRunOptions& options) {
  return play_all(suite, selected, options, nullptr);
}

SelfTestResult self_test(const Suite& suite, const Selected& selected, const SelfTestOptions& options) {
  return SelfTest(suite, selected, options).run();
}

bool SelfTestResult::good() const {
  const Gate gate;
  return std::ranges::none_of(conforming.results,
                              [&](const CaseResult& result) { return is_red(result, gate); }) &&
         !conforming.results.empty() && std::ranges::all_of(defects, &SelfTestEntry::caught) &&
         std::ranges::none_of(liberties, &SelfTestEntry::caught);
}

}  // namespace wsspec
