#include "target/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "script/print.h"
#include "target/company.h"
#include "target/probe_session.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSizes[] = {1U << 20, 16U << 20};

/// How long a probe may go on, and who may stop it.
class Patience {
 public:
  Patience(const ProbeOptions& options, double scale)
      : options_(options),
        end_(std::chrono::steady_clock::now() +
             Duration(static_cast<std::int64_t>(static_cast<double>(options.limit.count()) * scale))) {}

  bool over() const {
    return (options_.interrupted != nullptr && options_.interrupted->load()) ||
           std::chrono::steady_clock::now() >= end_;
  }
  /// Runs the driver until `done`, `limit` has passed or the patience is over.
  template <typename Done>
  void run(Driver& driver, Duration limit, const Done& done) const {
    const auto until = driver.now() + limit;
    while (!done() && driver.now() < until && !over() && driver.open_connections() > 0)
      driver.run(std::min(until, driver.now() + 50ms));
  }

 private:
  const ProbeOptions& options_;
  std::chrono::steady_clock::time_point end_;
};

void end(Driver& driver, Driver::Id id) {
  if (driver.open_connections() == 0) return;
  driver.hang_up(id);
  driver.run(driver.now() + 200ms);
}

Ending play(const Dialer& dialer, ProbeSession& session, Duration limit, const Patience& patience) {
  Ending result;
  Driver driver;
  const auto id = driver.dial(dialer, session, [&](const Ending& ending) { result = ending; });
  patience.run(driver, limit, [] { return false; });
  end(driver, id);
  return result;
}

std::string shown(BytesView bytes, std::size_t limit = 60) {
  return print_payload(bytes.substr(0, limit));
}

/// A TLS record: an alert (21) or a handshake (22) of version 3.x.
bool looks_like_tls(BytesView bytes) {
  return bytes.size() >= 2 && (octet(bytes[0]) == 21 || octet(bytes[0]) == 22) && octet(bytes[1]) == 3;
}

Liveness describe_failure(const Ending& ending, const Address& address) {
  Liveness said;
  const auto where = address.endpoint();
  switch (ending.failure) {
    case Failure::timeout:
      said = {Reach::timeout, fmt::format("{}: {}", where, ending.detail),
              "is a firewall in between? --connect-timeout gives it longer"};
      break;
    case Failure::tls:
      said = {Reach::tls, fmt::format("{}: no TLS: {}", where, ending.detail),
              ending.detail.find("certificate") != std::string::npos
                  ? "--ca FILE names who signed it, --insecure skips the check"
                  : "does the target speak TLS? otherwise use ws://"};
      break;
    case Failure::proxy:
      said = {Reach::absent, fmt::format("{}: {}", where, ending.detail),
              "check --proxy and its credentials"};
      break;
    case Failure::local:
      said = {Reach::absent, fmt::format("no socket: {}", ending.detail),
              "raise the limit of open files (ulimit -n)"};
      said.ours = true;
      break;
    default:
      said = {Reach::absent, fmt::format("{}: {}", where, ending.detail),
              "is the target running, and is the port right?"};
  }
  return said;
}

std::string hint_for_status(int status) {
  switch (status) {
    case 404: return "is the path right? ws://host:port/PATH";
    case 401:
    case 403:
      return "does it want an origin or credentials? --header 'Origin: ...', --header 'Authorization: ...'";
    case 400:
    case 426: return "does it want a subprotocol (--subprotocol NAME) or another path?";
    default: return status / 100 == 3 ? "use the address it points to" : "is this the WebSocket endpoint?";
  }
}

Liveness describe(const ProbeSession& session, const Address& address) {
  const auto where = address.endpoint();
  Liveness said;
  said.reach = session.reach;
  said.status = session.status;
  said.answered_ping = session.ponged;
  switch (session.reach) {
    case Reach::serves: said.message = fmt::format("{} serves", where); break;
    case Reach::silent:
      said.message = fmt::format("{} takes connections but does not answer the opening handshake", where);
      said.hint = address.tls ? "is this the right port?" : "does it expect TLS (wss://), or is it stuck?";
      break;
    case Reach::hangs_up:
      said.message = fmt::format("{} takes connections and ends them without an answer", where);
      said.hint = "is this a WebSocket endpoint? does it expect TLS (wss://)?";
      break;
    case Reach::not_http:
      said.message = looks_like_tls(session.first_octets) ? fmt::format("{} speaks TLS", where)
                                                          : fmt::format("{} does not speak HTTP; it said {}",
                                                                        where, shown(session.first_octets));
      said.hint = looks_like_tls(session.first_octets) ? "use wss://" : "is this the right port?";
      break;
    case Reach::endless:
      said.message = fmt::format("{} sends a response head without end", where);
      said.hint = "no client could go on from here";
      break;
    case Reach::declines:
      said.message =
          fmt::format("{} refuses a correct opening handshake: {}", where, shown(session.head.start));
      said.hint = hint_for_status(session.status);
      break;
    case Reach::wrong:
      said.message = fmt::format("{} answers the opening handshake wrongly: {}", where, session.fault);
      said.hint = "no conforming client can use it";
      break;
    default: break;
  }
  return said;
}

/// Of one connection: the handshake and what follows, each as long as `patience`.
Duration whole_limit(const Profile& profile, const ProbeSession::Plan& plan) {
  const double scaled = static_cast<double>(plan.patience.count()) * profile.time_scale;
  const auto moving = Duration(static_cast<std::int64_t>(plan.payload.size()) * 500);  // 2 MB/s at the least
  return Duration(static_cast<std::int64_t>(scaled * 1.5)) + moving + 1s;
}

struct OneLook {
  Liveness liveness;
  ProbeSession session;
};

/// One connection with the given plan.
OneLook visit(const Dialer& dialer, const Profile& profile, ProbeSession::Plan plan,
              const Patience& patience) {
  const auto limit = whole_limit(profile, plan);
  OneLook one{{}, ProbeSession(profile, std::move(plan))};
  const auto ending = play(dialer, one.session, limit, patience);
  one.liveness = ending.failure == Failure::none ? describe(one.session, dialer.address())
                                                 : describe_failure(ending, dialer.address());
  return one;
}

/// What the capabilities of one target are found out with.
class Explorer {
 public:
  Explorer(const Dialer& dialer, const Profile& profile, const ProbeOptions& options)
      : dialer_(dialer), profile_(profile), options_(options), patience_(options, profile.time_scale) {}

  Probed explore();

 private:
  OneLook visit(ProbeSession::Plan plan) {
    return wsspec::visit(dialer_, profile_, std::move(plan), patience_);
  }
  ProbeSession::Plan plan() const {
    ProbeSession::Plan plan;
    plan.patience = options_.patience;
    plan.message = !profile_.stomp;  // A broker takes frames, and may die of anything else.
    return plan;
  }
  void look_at_messages(const OneLook& first);
  bool echoes(const Bytes& payload, bool binary);
  void look_at_extensions();
  void look_at_origin();
  void look_at_neighbours();
  void look_for_limit();

  const Dialer& dialer_;
  const Profile& profile_;
  const ProbeOptions& options_;
  const Patience patience_;
  TargetFingerprint found_;
};

/// Twice where it would rule out cases: an echo may be lost.
bool Explorer::echoes(const Bytes& payload, bool binary) {
  if (patience_.over()) return found_.echoes_text;  // Nobody knows; most treat their kinds alike.
  for (int attempt = 0; attempt < 2 && !patience_.over(); ++attempt) {
    auto next = plan();
    next.payload = payload;
    next.binary = binary;
    const auto seen = visit(std::move(next)).session;
    found_.own_words = found_.own_words || seen.answered;
    if (seen.echoed) return true;
  }
  return false;
}

void Explorer::look_at_messages(const OneLook& first) {
  const auto& seen = first.session;
  found_.greets = seen.greeted;
  found_.quirks = seen.quirks;
  found_.own_words = seen.answered;
  if (!seen.ponged) found_.remarks.push_back("does not answer a ping");
  if (!seen.fault.empty()) found_.remarks.push_back("breaks the framing: " + seen.fault);
  if (seen.preamble_unread)
    found_.remarks.push_back(
        "says something behind the preamble that the preamble does not wait for (add '< text'); it is "
        "skipped");
  if (seen.closed_on_message)
    found_.remarks.push_back(
        seen.close_code ? fmt::format("closes with {} for a message that it does not know", *seen.close_code)
                        : "ends the connection for a message that it does not know");
  if (profile_.stomp) return;
  found_.echoes_text = seen.echoed || echoes(plan().payload, false);
  found_.echoes_binary = echoes("wsspec \x01\x80\xff", true);
  found_.echoes_empty = options_.empty ? echoes("", false) : found_.echoes_text;
  found_.echoes = found_.echoes_text || found_.echoes_binary;
}

void Explorer::look_at_extensions() {
  for (int attempt = 0; attempt < 2 && !patience_.over(); ++attempt) {
    auto next = plan();
    next.message = false;
    next.open.offer = "permessage-deflate; client_max_window_bits";
    const auto offered = visit(std::move(next));
    found_.extensions = offered.session.extensions;
    if (offered.liveness.reach == Reach::serves) return;
    if (attempt > 0 && offered.liveness.reach == Reach::declines)
      found_.remarks.push_back("refuses a handshake that offers permessage-deflate");
  }
}

void Explorer::look_at_origin() {
  auto next = plan();
  next.message = false;
  next.open.origin = "http://origin.wsspec.invalid";
  found_.checks_origin = visit(std::move(next)).liveness.reach == Reach::declines;
}

/// One connection listens while another one speaks.
void Explorer::look_at_neighbours() {
  auto quiet = plan();
  quiet.listen = 3s;
  auto loud = plan();
  loud.payload = "wsspec speaks to its neighbours";
  ProbeSession listener(profile_, std::move(quiet)), speaker(profile_, std::move(loud));
  bool over = false;
  Driver driver;  // Last: it calls back into what is above as long as it lives.
  const auto first = driver.dial(dialer_, listener, [](const Ending&) {});
  patience_.run(driver, 3s, [&] { return listener.listening() || listener.over(); });
  if (listener.listening()) {
    const auto second = driver.dial(dialer_, speaker, [&](const Ending&) { over = true; });
    patience_.run(driver, 2s, [&] { return over; });
    patience_.run(driver, 300ms, [&] { return listener.heard || listener.over(); });
    if (!over) driver.hang_up(second);
    found_.hears_others = listener.heard;
  }
  end(driver, first);
}

/// By powers of two: nobody needs it more exactly, and each step costs the target a connection.
void Explorer::look_for_limit() {
  constexpr Duration kInAll = 6s;  // A target that swallows what is too large makes each step a wait.
  const auto end = std::chrono::steady_clock::now() + kInAll;
  bool in_pieces = false;
  const auto serves = [&](std::uint64_t size) {
    auto next = plan();
    next.patience = std::min<Duration>(options_.patience, 2s);
    next.binary = found_.echoes_binary;
    next.payload = Bytes(size, 'w');
    const auto seen = visit(std::move(next)).session;
    in_pieces = in_pieces || seen.in_pieces;
    return seen.echoed;
  };
  std::uint64_t good = 64, bad = 0;
  for (const auto size : kSizes) {
    if (patience_.over()) return;
    if (!serves(size)) {
      bad = size;
      break;
    }
    good = size;
  }
  if (bad == 0) return;
  if (in_pieces) {  // Fair to nobody: which sizes come back whole depends on how the octets arrive.
    found_.echoes = false;
    found_.remarks.push_back("answers a large message in pieces, which is no echo");
    return;
  }
  found_.limits_messages = true;
  for (auto size = bad / 2; size > good && std::chrono::steady_clock::now() < end && !patience_.over();
       size /= 2) {
    if (serves(size)) {
      good = size;
      break;
    }
  }
  found_.message_limit = good;
}

Probed Explorer::explore() {
  const auto first = visit(plan());
  Probed probed{first.liveness, {}};
  found_.server_field = first.session.head.joined("Server").value_or("");
  if (first.liveness.reach == Reach::serves && !first.session.preamble_fault.empty()) {
    probed.liveness.reach = Reach::preamble;
    probed.liveness.message = "the preamble does not go through: " + first.session.preamble_fault;
    probed.liveness.hint = "does it wait with '< text' for just what the target says?";
  }
  if (probed.liveness.reach == Reach::serves) {
    look_at_messages(first);
    look_at_extensions();
    look_at_origin();
    found_.one_at_a_time = !patience_.over() && serves_one_at_a_time(dialer_, profile_);
    if (options_.neighbours && !found_.one_at_a_time) look_at_neighbours();
    if (found_.echoes && options_.sizes) look_for_limit();
    if (patience_.over())
      found_.remarks.push_back("answers too slowly to be asked everything (--time-scale gives it more time)");
  }
  probed.fingerprint = std::move(found_);
  return probed;
}

}  // namespace

Liveness check_liveness(const Dialer& dialer, const Profile& profile, Duration patience,
                        const std::atomic<bool>* interrupted) {
  ProbeOptions options;
  options.interrupted = interrupted;
  ProbeSession::Plan plan;
  plan.message = false;
  plan.patience = patience;
  return visit(dialer, profile, std::move(plan), Patience(options, profile.time_scale)).liveness;
}

Probed probe(const Dialer& dialer, const Profile& profile, const ProbeOptions& options) {
  return Explorer(dialer, profile, options).explore();
}

std::string in_words(const TargetFingerprint& found) {
  std::string kinds;
  for (const auto& [kind, on] : {std::pair("text", found.echoes_text), {"binary", found.echoes_binary}})
    if (on) kinds += (kinds.empty() ? "" : " and ") + std::string(kind);
  std::string text = kinds.empty() || !found.echoes ? "does not echo" : "echoes " + kinds;
  if (found.echoes && !found.echoes_empty) text += ", but no empty messages";
  const auto add = [&](bool on, std::string_view words) {
    if (on) text += ", " + std::string(words);
  };
  add(found.greets, "speaks first");
  add(found.own_words, "answers in words of its own");
  add(found.extensions.find("permessage-deflate") != std::string::npos, "speaks permessage-deflate");
  add(found.hears_others, "lets connections hear each other, so one is made at a time");
  add(found.one_at_a_time, "serves one connection at a time, so no more are made");
  if (found.message_limit && found.limits_messages)
    text += fmt::format(", takes no more than about {} octets a message", *found.message_limit);
  for (const auto& [what, requirement] : found.quirks) text += fmt::format(", is wrong each time ({})", what);
  for (const auto& remark : found.remarks) text += ", " + remark;
  return text;
}

void apply(const Declared& declared, Profile& profile) {
  if (!declared.deflate) return;
  *declared.deflate ? (void)profile.features.insert("deflate") : (void)profile.features.erase("deflate");
}

TargetFingerprint apply(TargetFingerprint found, const Declared& declared, const Address& address,
                        Profile& profile) {
  if (declared.echo)
    found.echoes = found.echoes_text = found.echoes_binary = found.echoes_empty = *declared.echo;
  const auto set = [&](const char* feature, bool on) {
    on ? (void)profile.features.insert(feature) : (void)profile.features.erase(feature);
  };
  set("echo", found.echoes);
  set("no-text-echo", found.echoes && !found.echoes_text);
  set("no-binary-echo", found.echoes && !found.echoes_binary);
  set("no-empty-echo", found.echoes && !found.echoes_empty);
  set("deflate", found.extensions.find("permessage-deflate") != std::string::npos);
  set("greeting", found.greets);
  if (profile.tested == Target::server) set("tls", address.tls);
  if (found.hears_others || found.one_at_a_time) set("company", false);
  profile.greets = profile.greets || found.greets;
  profile.quirks = found.quirks;
  apply(declared, profile);
  return found;
}

}  // namespace wsspec
