#include "run/probe.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/probe_session.h"
#include "script/print.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSizes[] = {1U << 20, 16U << 20};

Ending play(const Dialer& dialer, ProbeSession& session, Duration limit) {
  Driver driver;
  Ending result;
  const auto id = driver.dial(dialer, session, [&](const Ending& ending) { result = ending; });
  driver.run(limit);
  if (driver.open_connections() > 0) {
    driver.hang_up(id);
    driver.run(driver.now() + 1s);
  }
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
      said = {Reach::absent, fmt::format("no socket: {}", ending.detail), "raise the limit of open files"};
      said.local = true;
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

Duration whole_limit(const Profile& profile, Duration patience) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(patience.count()) * profile.time_scale)) * 3 +
         10s;
}

struct Visit {
  Liveness liveness;
  ProbeSession session;
};

/// One connection with the given plan.
Visit visit(const Dialer& dialer, const Profile& profile, ProbeSession::Plan plan) {
  const auto limit = whole_limit(profile, plan.patience);
  Visit one{{}, ProbeSession(profile, std::move(plan))};
  const auto ending = play(dialer, one.session, limit);
  one.liveness = ending.failure == Failure::none ? describe(one.session, dialer.address())
                                                 : describe_failure(ending, dialer.address());
  return one;
}

void find_limit(const Dialer& dialer, const Profile& profile, const ProbeOptions& options,
                TargetFingerprint& fingerprint) {
  const auto serves = [&](std::uint64_t size) {
    ProbeSession::Plan plan;
    plan.patience = options.patience;
    plan.binary = true;
    plan.payload = Bytes(size, 'w');
    return visit(dialer, profile, std::move(plan)).session.echoed;
  };
  std::uint64_t good = 64;
  std::uint64_t bad = 0;
  for (const auto size : kSizes) {
    if (!serves(size)) {
      bad = size;
      break;
    }
    good = size;
  }
  if (bad == 0) return;
  fingerprint.limits_messages = true;
  // By powers of two: nobody needs it more exactly, and each step costs the target a connection.
  for (auto size = bad / 2; size > good; size /= 2) {
    if (serves(size)) {
      good = size;
      break;
    }
  }
  fingerprint.message_limit = good;
}

}  // namespace

Liveness check_liveness(const Dialer& dialer, const Profile& profile, Duration patience) {
  ProbeSession::Plan plan;
  plan.message = false;
  plan.patience = patience;
  return visit(dialer, profile, std::move(plan)).liveness;
}

Probed probe(const Dialer& dialer, const Profile& profile, const ProbeOptions& options) {
  ProbeSession::Plan plan;
  plan.patience = options.patience;
  auto first = visit(dialer, profile, plan);
  Probed probed{first.liveness, {}};
  auto& fingerprint = probed.fingerprint;
  fingerprint.server_field = first.session.head.joined("Server").value_or("");
  if (first.liveness.reach != Reach::serves) return probed;
  fingerprint.echoes = first.session.echoed;
  fingerprint.greets = first.session.greeted;
  if (!first.session.ponged) fingerprint.remarks.push_back("does not answer a ping");
  if (!first.session.fault.empty())
    fingerprint.remarks.push_back("breaks the framing: " + first.session.fault);

  plan.open.offer = "permessage-deflate; client_max_window_bits";
  const auto offered = visit(dialer, profile, plan);
  fingerprint.extensions = offered.session.extensions;
  if (offered.liveness.reach == Reach::declines)
    fingerprint.remarks.push_back("refuses a handshake that offers permessage-deflate");

  plan.open.offer.clear();
  plan.open.origin = "http://origin.wsspec.invalid";
  plan.message = false;
  const auto foreign = visit(dialer, profile, plan);
  fingerprint.checks_origin = foreign.liveness.reach == Reach::declines;
  if (fingerprint.echoes && options.sizes) find_limit(dialer, profile, options, fingerprint);
  return probed;
}

void apply(const TargetFingerprint& fingerprint, const Address& address, Profile& profile) {
  const auto set = [&](const char* feature, bool on) {
    on ? (void)profile.features.insert(feature) : (void)profile.features.erase(feature);
  };
  set("echo", fingerprint.echoes);
  set("deflate", fingerprint.extensions.find("permessage-deflate") != std::string::npos);
  set("greeting", fingerprint.greets);
  set("tls", address.tls);
  profile.greets = profile.greets || fingerprint.greets;
}

}  // namespace wsspec
