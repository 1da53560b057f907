#include "script/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "script/cast.h"
#include "script/check_case.h"
#include "script/connect_terms.h"
#include "script/dialect.h"
#include "script/expand.h"
#include "script/functions.h"
#include "script/hop_case.h"
#include "script/parse.h"
#include "script/substitute.h"
#include "script/walk.h"

namespace wsspec {
namespace {

constexpr std::array kFeatures = {
    Feature{"echo", "sends data messages back; inferred from an expected data message"},
    Feature{"deflate", "agrees to permessage-deflate; inferred from deflate(...)"},
    Feature{"subprotocol", "declares a subprotocol it supports"},
    Feature{"origins", "declares an allowed origin and refuses others"},
    Feature{"message-limit", "declares the largest message it takes"},
    Feature{"handshake-timeout", "declares how long it waits for the opening handshake"},
    Feature{"ping-interval", "declares how often it sends a ping"},
    Feature{"ping-timeout", "declares how long it waits for a pong"},
    Feature{"idle-limit", "declares after how much silence it ends a connection"},
    Feature{"idle-max", "is a hop, of which silent tunnels are watched for so long"},
    Feature{"routing", "declares a path that it does not serve"},
    Feature{"greeting", "sends something on its own after the handshake"},
    Feature{"tls", "is reached over TLS; inferred from what a case says about TLS"},
    Feature{"company",
            "serves several connections at once, each for itself; inferred where a case names connections"},
    Feature{"http1", "is reached by HTTP/1.1; inferred from octets that a case writes ahead of the upgrade"},
    Feature{"authority", "trusts an authority of ours; inferred from 'cert=' on the line 'connect'"},
    Feature{
        "url",
        "is told a URL for each case; inferred from 'host=', 'path=', 'url=', 'field=' and 'proxy=' on the "
        "line 'connect'"},
    Feature{"proxy", "is told of a proxy, which we are; inferred from 'proxy=' on the line 'connect'"},
    Feature{"loopback", "runs on this machine"},
    Feature{"reconnect", "declares that it connects again when its connection ends"},
    Feature{"closes-first", "is told in some cases to close first, and declares that it then does"},
    Feature{
        "apart",
        "has a port of its own in each case, so that all who come there belong to it; inferred from again, "
        "none and shut"},
    Feature{"reload", "has a command that reloads it gracefully; inferred from 'operator reload'"},
    Feature{"stop", "has a command that stops it gracefully; inferred from 'operator stop'"},
    Feature{"stomp", "is a broker that speaks STOMP; inferred from stomp, error, beat and login"},
    Feature{"stomp-login", "declares a login for STOMP, and refuses others"},
    Feature{"queue",
            "declares destinations of STOMP whose messages go to one consumer each; inferred from $queue"},
    Feature{"topic",
            "declares destinations of STOMP whose messages go to all who subscribed; inferred from $topic"},
    Feature{"fanout", "declares to whom it delivers what a member of a room says"},
    Feature{"fanout-others", "declares that a member does not hear itself"},
    Feature{"fanout-all", "declares that a member hears itself, too"},
    Feature{"rooms", "declares a dialect with more rooms than one; inferred where a case names a room"},
    Feature{"ordered", "declares no other order than that of each sender, or one for all"},
    Feature{"order-total", "declares that all members hear all in one order"},
    Feature{"slow-buffered", "declares that a slow member gets all in the end"},
    Feature{"slow-dropped", "declares that a slow member misses some"},
    Feature{"slow-closed", "declares that a slow member is sent away"},
};

using Holds = Predefined::Holds;

constexpr std::array kPredefined = {
    Predefined{"subprotocol", "subprotocol"},
    Predefined{"origin", "origins"},
    Predefined{"limit", "message-limit", Holds::number},
    Predefined{"handshake-timeout", "handshake-timeout", Holds::time},
    Predefined{"ping-interval", "ping-interval", Holds::time},
    Predefined{"ping-timeout", "ping-timeout", Holds::time},
    Predefined{"idle-limit", "idle-limit", Holds::time},
    Predefined{"idle-max", "idle-max", Holds::time},
    Predefined{"missing-path", "routing"},
    Predefined{"history", "fanout", Holds::number},
    Predefined{"queue", "", Holds::payload, "STOMP: a fresh name in each play"},
    Predefined{"topic", "", Holds::payload, "STOMP: a fresh name in each play"},
    Predefined{"beat", "", Holds::time, "STOMP: how often the broker sends something, since `login`"},
    Predefined{"own-beat", "", Holds::time, "STOMP: how often we have to"},
    Predefined{"key", ""},
    Predefined{"asked-host", ""},
    Predefined{"asked-protocol", ""},
    Predefined{"protocol-field", ""},
    Predefined{"elsewhere", ""},
    Predefined{"token", "", Holds::payload, "cases about a hop"},
    Predefined{"waited", "", Holds::payload, "an expectation"},
    Predefined{"waits", "", Holds::payload, "expectations"},
    Predefined{"status", "", Holds::payload, "cases about a hop"},
    Predefined{"added", "", Holds::payload, "cases about a hop"},
    Predefined{"ending", "", Holds::payload, "cases about a hop"},
    Predefined{"lived", "", Holds::payload, "cases about a hop"},
    Predefined{"coming", "", Holds::payload, "cases about a hop"},
    Predefined{"going", "", Holds::payload, "cases about a hop"},
    Predefined{"taken", "", Holds::payload, "an expectation"},
};

std::vector<std::string_view> feature_names() {
  std::vector<std::string_view> out;
  out.reserve(std::size(kFeatures));
  for (const auto& feature : kFeatures) out.push_back(feature.name);
  return out;
}

void need(Case& one, std::string_view feature) {
  if (std::find(one.needs.begin(), one.needs.end(), feature) == one.needs.end())
    one.needs.emplace_back(feature);
}

}  // namespace

std::span<const Feature> features() {
  return kFeatures;
}
std::span<const Predefined> predefined() {
  return kPredefined;
}

void CaseCheck::report(const Place& place, std::string message, std::string hint, std::string word) {
  Diagnostic d;
  d.place = place;
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.word = std::move(word);
  add_once(errors_, std::move(d));
}

void CaseCheck::identity(const CheckContext& context) {
  if (context.ids) {
    const auto [known, added] = context.ids->try_emplace(case_.id, case_.place);
    if (!added) {
      report(case_.place, fmt::format("a second case '{}'", case_.id),
             "the first is at " + render(known->second));
    }
  }
  if (context.requirements) {
    for (const auto& id : case_.covers) {
      if (context.requirements->contains(id)) continue;
      std::vector<std::string_view> all(context.requirements->begin(), context.requirements->end());
      report(case_.place, fmt::format("unknown requirement '{}'", id), did_you_mean(id, all), id);
    }
  }
  const auto known = feature_names();
  for (const auto& feature : case_.needs) {
    if (std::find(known.begin(), known.end(), feature) != known.end()) continue;
    report(case_.place, fmt::format("unknown feature '{}'", feature), did_you_mean(feature, known), feature);
  }
  std::set<std::string> lets;
  for (const auto& let : case_.lets) {
    if (!lets.insert(let.name).second && let.place.line > case_.place.line) {
      report(let.place, fmt::format("a second 'let {}'", let.name), {}, let.name);
    }
  }
}

/// A server refuses by an answer, a client by ending TCP. A case that does not say who it is about tests
/// servers.
void CaseCheck::infer_target_of_refusal() {
  for_each_step(case_.steps, [&](const Step& step) {
    const auto* refused = std::get_if<ExpectRefused>(&step.statement);
    if (!refused) return;
    if (!case_.target) case_.target = Target::server;
    if (*case_.target == Target::client && !(refused->statuses.empty() && refused->conditions.empty()))
      report(step.place, "a client refuses without an answer", "write '< refused' alone", "refused");
  });
}

bool invites(const Statement& statement) {
  const auto* connect = std::get_if<Connect>(&statement);
  return connect != nullptr && is_for_clients(*connect);
}

/// Both roles in one case are ours where the peer stands between them.
bool CaseCheck::infer_hop() {
  if (names_hop(case_.steps) && !case_.target) case_.target = Target::hop;
  if (case_.target != Target::hop) return false;
  for_each_step(case_.steps, [&](const Step& step) {
    const auto& s = step.statement;
    const bool near = std::holds_alternative<SendRequest>(s) || std::holds_alternative<ExpectUpgrade>(s) ||
                      std::holds_alternative<ExpectRefused>(s) || makes_connection(step);
    const bool far = std::holds_alternative<SendUpgrade>(s) || std::holds_alternative<SendResponse>(s) ||
                     std::holds_alternative<ExpectRequest>(s);
    if ((near && step.on.name == kFar) || (far && step.on.name == kNear))
      report(step.place, fmt::format("this is done at the {} end", near ? kNear : kFar),
             "near is the client, far the server", step.on.name);
  });
  return true;
}

/// The role that the handshake statements demand of the peer.
void CaseCheck::infer_target() {
  if (infer_hop()) return;
  std::optional<Target> inferred;
  Place where;
  for_each_step(case_.steps, [&](const Step& step) {
    const auto& s = step.statement;
    // Either role may refuse: one that says which it is says it elsewhere.
    const bool server = std::holds_alternative<SendRequest>(s) || std::holds_alternative<ExpectUpgrade>(s);
    const bool client = std::holds_alternative<ExpectRequest>(s) || std::holds_alternative<SendUpgrade>(s) ||
                        std::holds_alternative<SendResponse>(s) || invites(s) || is_about_coming(step);
    if (!server && !client) return;
    const auto role = server ? Target::server : Target::client;
    if (inferred && *inferred != role) {
      report(step.place, "this statement tests a " + std::string(server ? "server" : "client") +
                             ", an earlier one the other role");
    } else if (case_.target && *case_.target != role) {
      report(step.place, fmt::format("this statement tests a {}, the case has 'target {}'",
                                     server ? "server" : "client", server ? "client" : "server"));
    }
    inferred = role;
  });
  if (!case_.target) case_.target = inferred;
  infer_target_of_refusal();
}

namespace {

bool is_data(const ExpectFrame& f) {
  return f.fields.kind == FrameKind::text || f.fields.kind == FrameKind::binary ||
         f.fields.kind == FrameKind::cont ||
         (f.fields.kind == FrameKind::frame && f.fields.op && f.fields.op->name.empty() &&
          f.fields.op->value < 3);
}

/// True when a target without echo would miss something. What a branch graded weak or info waits for is not
/// missed.
bool expects_echo(const std::vector<Step>& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    if (const auto* frame = std::get_if<ExpectFrame>(&step.statement)) return is_data(*frame);
    if (const auto* repeat = std::get_if<Repeat>(&step.statement)) return expects_echo(repeat->steps);
    const auto* either = std::get_if<Either>(&step.statement);
    return either &&
           std::any_of(either->branches.begin(), either->branches.end(), [](const Either::Branch& branch) {
             return branch.grade == Grade::pass && expects_echo(branch.steps);
           });
  });
}

bool compresses(const Payload& payload);

bool compresses(const Part& part) {
  if (part.kind != Part::Kind::call) return false;
  if (part.name.starts_with("deflate") || part.name == "bomb") return true;
  return std::any_of(part.arguments.begin(), part.arguments.end(), [](const Argument& argument) {
    const auto* inner = std::get_if<Payload>(&argument.value);
    return inner && compresses(*inner);
  });
}

bool compresses(const Payload& payload) {
  return std::any_of(payload.parts.begin(), payload.parts.end(),
                     [](const Part& part) { return compresses(part); });
}

}  // namespace

namespace {

// Heads written line by line, octets ahead of the frames and cuts within a head mean something in HTTP/1.1
// only; elsewhere a head is a list of fields.
bool writes_http1(const Case& one) {
  bool upgraded = false, found = false;
  for_each_step(one.steps, [&](const Step& step) {
    const Statement& s = step.statement;
    upgraded |= std::holds_alternative<Open>(s) || std::holds_alternative<ExpectUpgrade>(s) ||
                std::holds_alternative<SendUpgrade>(s);
    found |= std::holds_alternative<SendHead>(s) || std::holds_alternative<ExpectBytes>(s);
    found |= std::holds_alternative<SendBytes>(s) && !upgraded;
    if (const auto* request = std::get_if<SendRequest>(&s)) found |= request->layout.chop.has_value();
    if (const auto* reply = std::get_if<SendUpgrade>(&s)) found |= reply->layout.chop.has_value();
    if (const auto* refusal = std::get_if<SendResponse>(&s)) found |= refusal->layout.chop.has_value();
  });
  return found;
}

}  // namespace

/// Whether the case is about fan-out.
bool CaseCheck::infer_fanout() {
  bool names_room = false;
  for_each_step(case_.steps, [&](const Step& step) {
    const auto* join = std::get_if<Join>(&step.statement);
    names_room |= join && join->room;
  });
  const bool named = std::any_of(case_.needs.begin(), case_.needs.end(),
                                 [](const std::string& feature) { return feature.starts_with("fanout"); });
  if (!named && !speaks(case_)) return false;
  need(case_, "fanout");
  if (names_room) need(case_, "rooms");
  return true;
}

namespace {

/// Several connections in one case, rooms, a server's terms of TLS: a client under test has none of them.
bool only_servers_have(const Case& one) {
  constexpr std::string_view kOfServers[] = {"company", "fanout",   "fanout-others", "fanout-all",
                                             "rooms",   "origins",  "routing",       "handshake-timeout",
                                             "tls",     "greeting", "stomp"};
  return Cast(one.steps).size() > 1 || std::ranges::any_of(one.needs, [&](const std::string& need) {
           return std::ranges::find(kOfServers, need) != std::end(kOfServers);
         });
}

}  // namespace

/// What is left neutral is played against either role.
void CaseCheck::infer_server() {
  if (!case_.target && only_servers_have(case_)) case_.target = Target::server;
}

namespace {

bool speaks_stomp(const Statement& s) {
  return std::holds_alternative<SendStomp>(s) || std::holds_alternative<ExpectStomp>(s) ||
         std::holds_alternative<ExpectError>(s) || std::holds_alternative<ExpectBeat>(s) ||
         std::holds_alternative<Login>(s);
}

}  // namespace

/// A destination of a name that nobody else has is there only where it is declared how they are called.
void CaseCheck::infer_stomp() {
  for_each_step(case_.steps, [&](const Step& step) {
    if (speaks_stomp(step.statement)) need(case_, "stomp");
  });
  const auto names = names_in(case_);
  for (const char* kind : {"queue", "topic"})
    if (names.contains(kind)) need(case_, kind);
}

void CaseCheck::infer_needs() {
  infer_stomp();
  // What comes by fan-out is no echo, and its connections are not each for itself.
  const bool fans_out = infer_fanout();
  if (!fans_out && case_.target != Target::hop && expects_echo(case_.steps)) need(case_, "echo");
  bool deflate = std::any_of(case_.lets.begin(), case_.lets.end(),
                             [](const Let& let) { return compresses(let.payload); });
  for_each_step(case_.steps, [&](const Step& step) {
    if (is_about_coming(step)) need(case_, "apart");
    if (const auto* operation = std::get_if<Operate>(&step.statement))
      need(case_, operation->stop ? "stop" : "reload");
    if (const auto* frame = std::get_if<SendFrame>(&step.statement); frame && frame->payload) {
      deflate = deflate || compresses(*frame->payload);
    }
    if (const auto* said = std::get_if<Say>(&step.statement); said && compresses(said->payload))
      report(step.place, "what is said is compressed or not by the connection, not by the case",
             "send it: '> text rsv=4 deflate(...)'", "deflate");
    const auto* frame = std::get_if<ExpectFrame>(&step.statement);
    const auto* heard = std::get_if<Hear>(&step.statement);
    const auto* series = series_of(step.statement);
    const bool expected = (frame && frame->payload && compresses(*frame->payload)) ||
                          (heard && heard->payload && compresses(*heard->payload)) ||
                          (series && compresses(series->payload));
    if (expected) {
      report(step.place, "how the peer compresses is its own choice",
             "expect the message; it is inflated before it is compared", "deflate");
    }
  });
  if (deflate && case_.target != Target::hop) need(case_, "deflate");
  if (names_tls(case_)) need(case_, "tls");
  if (names_certificate(case_)) need(case_, "authority");
  if (const auto invitation = invitation_of(case_)) {
    need(case_, "url");
    if (invitation->proxy) need(case_, "proxy");
  }
  if (writes_http1(case_)) need(case_, "http1");
  const bool broker = std::ranges::find(case_.needs, "stomp") != case_.needs.end();
  if (cast_.size() > 1 && !fans_out && !broker && case_.target != Target::hop) need(case_, "company");
}

std::vector<Diagnostic> check(std::vector<Case>& cases, const CheckContext& context) {
  std::vector<Diagnostic> errors;
  for (auto& one : cases) {
    CaseCheck checker(one, errors);
    checker.identity(context);
    checker.names();
    checker.infer_target();
    checker.infer_needs();
    checker.infer_server();
    checker.statements();
    checker.connections();
    checker.order();
    if (errors.size() > kMaxDiagnostics) break;
  }
  return errors;
}

Loaded load(std::span<const Source> sources, const std::set<std::string, std::less<>>* requirements) {
  Loaded out;
  std::map<std::string, Place, std::less<>> ids;
  const auto take = [&out](std::vector<Diagnostic> errors, const Source& source) {
    attach_source(errors, source.name, source.text);
    std::move(errors.begin(), errors.end(), std::back_inserter(out.errors));
  };
  for (const auto& source : sources) {
    auto parsed = parse(source.text, source.name);
    if (!parsed.errors.empty()) {  // what could not be read would only look wrong in other ways
      take(std::move(parsed.errors), source);
      continue;
    }
    auto expanded = expand(parsed.file);
    if (expanded.errors.empty())
      take(check(expanded.cases, {requirements, &ids}), source);
    else
      take(std::move(expanded.errors), source);
    std::move(expanded.cases.begin(), expanded.cases.end(), std::back_inserter(out.cases));
  }
  return out;
}

}  // namespace wsspec
