// `serve FILE`: a server that does what the cases of a file say, for whoever writes a client and wants to see
// what it makes of it. Each connection gets the case that its path names (/ID), else the next one in turn.
#include <fmt/format.h>

#include <list>
#include <memory>

#include "cli/common.h"
#include "cli/interrupt.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/served_tls.h"
#include "cli/verbs.h"
#include "net/driver.h"
#include "play/player.h"
#include "protocol/http.h"
#include "report/text.h"
#include "run/seat.h"
#include "script/connect_terms.h"
#include "script/hash.h"

namespace wsspec {

namespace {

class ScriptedServer {
 public:
  ScriptedServer(const Suite& suite, std::vector<const Case*> cases, std::uint64_t seed, double scale,
                 std::shared_ptr<const TlsHost> tls)
      : suite_(suite), cases_(std::move(cases)), seed_(seed), tls_(std::move(tls)) {
    profile_.tested = Target::client;
    profile_.time_scale = scale;
  }

  /// Until interrupted, or for `most` connections (0: any number).
  Result<bool> run(const std::string& host, std::uint16_t port, std::uint64_t most) {
    ListenOptions listen;
    listen.address.host = host;
    listen.address.port = port;
    const auto bound = driver_.listen(listen, [this] { return welcome(); });
    if (!bound) return std::unexpected(bound.error());
    listen.address.port = *bound;
    listen.address.tls = tls_ != nullptr;
    say("wsspec: {} cases in turn at {}, or by path; Ctrl-C ends\n", cases_.size(), listen.address.url());
    while (!interrupted() && (most == 0 || played_ < most))
      driver_.run(driver_.now() + std::chrono::milliseconds(100));
    return red_;
  }

 private:
  struct Visit {
    std::shared_ptr<Seat> seat;
    std::unique_ptr<Player> player;
  };

  Driver::Guest welcome() {
    auto& visit = visits_.emplace_back();
    visit.seat = std::make_shared<Seat>([this, &visit](Seat&) { play(visit); });
    return guest_of(
        visit.seat, [this, &visit](const Ending& ending) { take_end(visit, ending); }, tls_.get());
  }

  const Case& case_for(std::string_view start_line) {
    const auto line = parse_request_line(start_line);
    for (const Case* one : cases_)
      if (line && line->target == "/" + one->id) return *one;
    return *cases_[turn_++ % cases_.size()];
  }

  void play(Visit& visit) {
    HeadParser head;
    BytesView held = visit.seat->held();
    if (!head.feed(held) && !head.too_large() && held.empty()) return;
    const Case& one = case_for(head.head().start);
    PlayOptions options;
    options.seed = seed_ ^ fnv1a64(one.id);
    options.ledger = &suite_.ledger;
    visit.player = std::make_unique<Player>(one, profile_, options);
    visit.seat->play(visit.player->end());
    driver_.prod(visit.seat->id);
  }

  void take_end(Visit& visit, const Ending& ending) {
    if (visit.player) {
      if (!visit.player->done()) visit.player->abandon("the connection was given up", ending.duration);
      const auto result = visit.player->take_result();
      red_ |= is_red(result, {});
      ++played_;
      put("{:12} {}  {}\n", verdict_name(result.verdict), result.id, one_line(result.reason, 200));
      flush_output();
    }
    std::erase_if(visits_, [&](const Visit& one) { return &one == &visit; });
    driver_.stop();
  }

  const Suite& suite_;
  const std::vector<const Case*> cases_;
  const std::uint64_t seed_;
  const std::shared_ptr<const TlsHost> tls_;  ///< Null: in clear.
  Profile profile_;
  std::list<Visit> visits_;
  std::size_t turn_ = 0;
  std::uint64_t played_ = 0;
  bool red_ = false;
  Driver driver_;  ///< Last: its end calls back into us.
};

}  // namespace

int serve_script(const CommandLine& line) {
  auto suite = load_files(line.arguments, find_cases(line.get("--cases")).value_or(""));
  if (!suite) {
    complain_suite(suite.error());
    return code(Exit::usage);
  }
  std::vector<const Case*> cases;
  for (Case& one : suite->cases) {
    if (one.target == Target::server) continue;
    if (names_tls(one) || invitation_of(one)) {
      complain({one.id,
                "has terms for its connection, which are made before it is known which case it is for",
                "wsspec serve --exec 'CLIENT {url}' --cases FOLDER"});
      return code(Exit::usage);
    }
    if (Player::is_of_one_client(one)) {
      complain({one.id, "is about several connections of one client, and here each plays the next case",
                "play it with --exec and --cases, or leave out 'again', 'none' and 'shut'"});
      return code(Exit::usage);
    }
    one.target = Target::client;  // Nothing in it is to be turned round, and a client may speak first.
    cases.push_back(&one);
  }
  if (cases.empty()) {
    complain(
        {line.arguments.front(), "holds no case that is about clients", "open, or < request and > upgrade"});
    return code(Exit::nothing_selected);
  }
  const auto place = parse_listen(line.get("--listen", "9001"));
  if (!place) return usage_error(place.error());
  auto settings = settings_of(line, "ws://127.0.0.1/");
  if (!settings) return usage_error(settings.error());
  auto most = line.number("--connections-served", 0);
  if (!most) return usage_error(most.error());
  watch_interrupts();
  const auto tls = ServedTls::of(line, place->first);
  if (!tls) return usage_error(tls.error());
  ScriptedServer server(*suite, std::move(cases), chosen_seed(*settings), settings->time_scale.value_or(1),
                        tls->host());
  const auto red = server.run(place->first, place->second, *most);
  if (!red) return usage_error(red.error());
  return *red ? code(Exit::red) : 0;
}

}  // namespace wsspec
