#include "run/fuzzing_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <list>
#include <memory>

#include "net/driver.h"
#include "play/player.h"
#include "protocol/http.h"
#include "run/own_case.h"
#include "run/seat.h"
#include "run/utc.h"
#include "script/hash.h"
#include "script/print.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostAgents = 64, kLongestAgent = 200;

/// The value of a query: "%41", and "+" for a blank.
std::string unescaped(std::string value) {
  std::ranges::replace(value, '+', ' ');
  return percent_decoded(value);
}

/// What a client asks for: "/runCase?case=3&agent=a/b".
struct Wanted {
  std::string path;
  std::map<std::string, std::string> query;
  std::string get(const std::string& name) const {
    const auto found = query.find(name);
    return found == query.end() ? "" : found->second;
  }
};

Wanted wanted_by(std::string_view start_line) {
  Wanted wanted;
  const auto begin = start_line.find(' ') + 1;
  auto target = start_line.substr(begin, start_line.rfind(' ') - begin);
  const auto mark = target.find('?');
  wanted.path = target.substr(0, mark);
  for (auto rest = mark == target.npos ? std::string_view{} : target.substr(mark + 1); !rest.empty();) {
    const auto pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const auto equals = pair.find('=');
    wanted.query[std::string(pair.substr(0, equals))] =
        equals == pair.npos ? "" : unescaped(std::string(pair.substr(equals + 1)));
  }
  return wanted;
}

class FuzzingServer {
 public:
  FuzzingServer(const Suite& suite, const FuzzingServerOptions& options)
      : suite_(suite), options_(options), cases_(cases_by_number(suite, Target::client)) {}

  Result<std::vector<RunResult>> run();

 private:
  struct Agent {
    std::map<std::string, CaseResult> results;  ///< By number.
    std::map<std::string, std::size_t> asked;   ///< How often each number was.
    std::map<std::string, int> playing;
    std::string started, user_agent;
  };
  /// A connection and what plays it.
  struct Call {
    std::shared_ptr<Seat> seat;
    std::optional<Case> own;  ///< Of a control connection.
    std::unique_ptr<Player> player;
    std::string agent, number;                ///< Of a case; else empty.
    std::string awaits_agent, awaits_number;  ///< Its reply waits for that case.
    bool stops = false;                       ///< We end when it is over.
    Instant began{};
  };

  Driver::Guest welcome();
  void ask(Call& call);
  void answer(Call& call, const std::string& text);
  void play(Call& call, const std::string& number, const std::string& agent);
  void seat_player(Call& call, const Case& one);
  void take_end(Call& call, const Ending& ending);
  void tell_status(Call& call);
  std::string number_of(const Wanted& wanted) const;
  std::vector<RunResult> results() const;
  RunResult result_of(const std::string& name, const Agent& agent) const;
  bool is_over() const;

  const Suite& suite_;
  const FuzzingServerOptions& options_;
  const std::map<std::string, std::vector<const Case*>> cases_;
  std::map<std::string, Agent> agents_;
  std::list<Call> calls_;
  Instant heard_{};  ///< When we began, or a connection last came or ended.
  bool stopping_ = false;
  Driver driver_;  ///< Last: its end calls back into us.
};

Driver::Guest FuzzingServer::welcome() {
  auto& call = calls_.emplace_back();
  call.seat = std::make_shared<Seat>([this, &call](Seat&) { ask(call); });
  heard_ = driver_.now();
  return guest_of(
      call.seat, [this, &call](const Ending& ending) { take_end(call, ending); }, options_.tls.get());
}

std::string FuzzingServer::number_of(const Wanted& wanted) const {
  if (const auto tuple = wanted.get("casetuple"); !tuple.empty())
    return std::ranges::find(options_.numbers, tuple) == options_.numbers.end() ? "" : tuple;
  const auto text = wanted.get("case");
  std::size_t place = 0;
  std::from_chars(text.data(), text.data() + text.size(), place);
  return place < 1 || place > options_.numbers.size() ? "" : options_.numbers[place - 1];
}

void FuzzingServer::ask(Call& call) {
  if (!call.awaits_number.empty() || call.player) return;
  HeadParser head;
  BytesView held = call.seat->held();
  if (!head.feed(held)) {
    if (head.too_large()) call.seat->leave();
    return;
  }
  const auto wanted = wanted_by(head.head().start);
  const auto number = number_of(wanted);
  const auto agent = wanted.get("agent").substr(0, kLongestAgent);
  if (wanted.path == "/getCaseCount") return answer(call, std::to_string(options_.numbers.size()));
  if (wanted.path == "/updateReports") {
    if (options_.report) options_.report(results());
    const bool done = wanted.get("shutdownOnComplete") == "true";
    call.stops = done || (options_.expected_agent && *options_.expected_agent == agent);
    return answer(call, "");
  }
  if (wanted.path == "/stopServer" && options_.stops_on_request) {
    call.stops = true;
    return answer(call, "");
  }
  if (number.empty()) return call.seat->leave();
  if (wanted.path == "/getCaseInfo") {
    std::string about = cases_.at(number).front()->about;
    std::erase_if(about, [](char c) { return c == '"' || c == '\\'; });
    return answer(call, fmt::format(R"({{"id": "{}", "description": "{}"}})", number, about));
  }
  if (wanted.path == "/getCaseStatus") {
    call.awaits_agent = agent;
    call.awaits_number = number;
    return tell_status(call);
  }
  const bool crowded = agents_.size() >= kMostAgents && !agents_.contains(agent);
  if (wanted.path != "/runCase" || crowded) return call.seat->leave();
  auto& one = agents_[agent];
  if (one.started.empty()) one.started = utc_now();
  one.user_agent = head.head().joined("User-Agent").value_or("");
  play(call, number, agent);
}

/// Answered when the case has ended; at once when it was never asked for.
void FuzzingServer::tell_status(Call& call) {
  const auto agent = agents_.find(call.awaits_agent);
  if (agent != agents_.end() && agent->second.playing[call.awaits_number] > 0) return;
  std::string behavior = "UNIMPLEMENTED";
  if (agent != agents_.end())
    if (const auto found = agent->second.results.find(call.awaits_number);
        found != agent->second.results.end())
      behavior = found->second.verdict == Verdict::pass      ? "OK"
                 : found->second.verdict == Verdict::weak    ? "NON-STRICT"
                 : found->second.verdict == Verdict::info    ? "INFORMATIONAL"
                 : found->second.verdict == Verdict::skipped ? "UNIMPLEMENTED"
                                                             : "FAILED";
  answer(call, fmt::format(R"({{"behavior": "{}"}})", behavior));
}

void FuzzingServer::seat_player(Call& call, const Case& one) {
  PlayOptions play;
  play.seed = options_.seed ^ fnv1a64(one.id);
  play.ledger = &suite_.ledger;
  call.player = std::make_unique<Player>(one, options_.profile, play);
  call.began = driver_.now();
  call.seat->play(call.player->end());
  driver_.prod(call.seat->id);
}

void FuzzingServer::answer(Call& call, const std::string& text) {
  const auto said = text.empty() ? "" : "  > text " + print_payload(text) + "\n";
  call.own = own_case("  open\n" + said + "  finish\n");
  seat_player(call, *call.own);
}

void FuzzingServer::play(Call& call, const std::string& number, const std::string& agent) {
  auto& one = agents_[agent];
  const auto& cases = cases_.at(number);
  const auto& script = *cases[one.asked[number]++ % cases.size()];
  ++one.playing[number];
  call.agent = agent;
  call.number = number;
  seat_player(call, script);
}

void FuzzingServer::take_end(Call& call, const Ending& ending) {
  heard_ = driver_.now();
  if (call.player && !call.number.empty()) {
    if (!call.player->done()) call.player->abandon("the connection was given up", ending.duration);
    auto result = call.player->take_result();
    result.autobahn = {call.number};
    result.started = call.began;
    result.duration = driver_.now() - call.began;
    auto& agent = agents_[call.agent];
    --agent.playing[call.number];
    if (options_.judged) options_.judged(call.agent, result);
    // Where several cases stand for a number the worst counts, whichever came last.
    const auto known = agent.results.find(call.number);
    const bool worse = known == agent.results.end() || cases_.at(call.number).size() == 1 ||
                       (is_red(result, {}) && !is_red(known->second, {}));
    if (worse) agent.results.insert_or_assign(call.number, std::move(result));
    for (Call& other : calls_)
      if (other.awaits_number == call.number && other.awaits_agent == call.agent && !other.player)
        tell_status(other);
  }
  stopping_ |= call.stops;
  std::erase_if(calls_, [&](const Call& one) { return &one == &call; });
  if (stopping_) driver_.stop();
}

RunResult FuzzingServer::result_of(const std::string& name, const Agent& agent) const {
  RunResult run;
  run.tool_version = options_.tool_version;
  run.caseset_version = suite_.version;
  run.target_name = name.empty() ? "unnamed client" : name;
  run.tested = "client";
  run.transport = "client that asks";
  run.seed = options_.seed;
  run.arguments = options_.arguments;
  run.started = agent.started;
  run.fingerprint.emplace();
  run.fingerprint->server_field = agent.user_agent;
  for (const std::string& number : options_.numbers) {
    if (const auto found = agent.results.find(number); found != agent.results.end()) {
      run.results.push_back(found->second);
    } else {
      const auto& one = *cases_.at(number).front();
      Player player(one, options_.profile, {});
      player.abandon("no client has asked for it", {});
      run.results.push_back(player.take_result());
      run.results.back().autobahn = {number};
      run.results.back().verdict = Verdict::not_run;
    }
    for (const auto& id : run.results.back().covers)
      if (const auto found = suite_.ledger.find(id); found != suite_.ledger.end())
        run.requirements.insert(*found);
  }
  run.interrupted = options_.interrupted != nullptr && options_.interrupted->load();
  run.duration = driver_.now();
  hide_secrets(run, options_.profile.secrets);
  return run;
}

std::vector<RunResult> FuzzingServer::results() const {
  std::vector<RunResult> all;
  for (const auto& [name, agent] : agents_) all.push_back(result_of(name, agent));
  return all;
}

bool FuzzingServer::is_over() const {
  if (stopping_ || (options_.interrupted != nullptr && options_.interrupted->load())) return true;
  return options_.until_idle && calls_.empty() && driver_.now() - heard_ > *options_.until_idle;
}

Result<std::vector<RunResult>> FuzzingServer::run() {
  ListenOptions listen;
  listen.address.host = options_.host;
  listen.address.port = options_.port;
  const auto port = driver_.listen(listen, [this] { return welcome(); });
  if (!port) return std::unexpected(port.error());
  listen.address.port = *port;
  listen.address.tls = options_.tls != nullptr;
  if (options_.listening) options_.listening(listen.address.url());
  heard_ = driver_.now();
  while (!is_over()) driver_.run(driver_.now() + 100ms);
  return results();
}

}  // namespace

Result<std::vector<RunResult>> serve_on_request(const Suite& suite, const FuzzingServerOptions& options) {
  return FuzzingServer(suite, options).run();
}

}  // namespace wsspec
