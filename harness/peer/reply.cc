#include "peer/reply.h"

#include <fmt/format.h>

#include <algorithm>

#include "peer/edits.h"
#include "protocol/handshake.h"

namespace wsspec {
namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 426: return "Upgrade Required";
    case 431: return "Request Header Fields Too Large";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
  }
}

// What a plain HTTP client or one of another draft breaks; such a client is told what to upgrade to.
constexpr std::string_view kNotUpgrading[] = {"rfc6455-4.2.1-6", "rfc6455-4.2.1-7", "rfc6455-4.2.1-8",
                                              "rfc6455-4.2.1-9", "rfc6455-4.3-2",   "rfc6455-11.3.5-2"};

int status_for(const std::vector<Violation>& violations) {
  const auto has = [&](std::string_view id) {
    return std::ranges::find(violations, id, &Violation::requirement) != violations.end();
  };
  if (has("rfc6455-4.2.1-2")) return 405;
  if (has("rfc6455-4.2.1-3")) return 505;
  const bool other = std::ranges::any_of(violations, [](const Violation& v) {
    return std::ranges::find(kNotUpgrading, v.requirement) == std::end(kNotUpgrading);
  });
  const bool upgrade_or_version =
      has("rfc6455-4.2.1-6") || !(has("rfc6455-4.2.1-7") || has("rfc6455-4.2.1-8"));
  return !other && upgrade_or_version ? 426 : 400;
}

Answer refusal_for(const std::vector<Violation>& violations, const Head& request) {
  const int status = status_for(violations);
  // 4.4: whatever else is wrong, the versions we speak are told, so that a client can try again.
  std::vector<Field> fields{{"Sec-WebSocket-Version", "13"}};
  if (status == 405) fields.push_back({"Allow", "GET"});
  if (status == 426) fields.push_back({"Upgrade", "websocket"});
  std::string what = violations.front().what;
  Answer answer = refusal(status, std::move(fields), std::move(what));
  if (request.start.starts_with("HEAD ")) answer.body.clear();
  return answer;
}

bool welcomes(const Head& request, const Service& service, const Conduct& conduct) {
  if (service.origins.empty()) return true;
  // A client without Origin is no browser, which the policy is about (4.2.1 item 7).
  const auto origin = request.joined("Origin");
  if (!origin) return true;
  if (conduct.welcomes_origin != nullptr) return conduct.welcomes_origin(*origin, service.origins);
  return std::ranges::find(service.origins, *origin) != service.origins.end();
}

bool serves(const Head& request, const Service& service) {
  if (service.paths.empty()) return true;
  const auto line = parse_request_line(request.start);
  return line && std::ranges::find(service.paths, path_of(line->target)) != service.paths.end();
}

void grant_extensions(Answer& answer, const Head& request, const Service& service, const Conduct& conduct) {
  std::vector<ExtensionOffer> offers, granted;
  if (const auto text = request.joined("Sec-WebSocket-Extensions")) {
    if (auto parsed = parse_extensions(*text)) offers = std::move(*parsed);
  }
  const std::vector<ExtensionOffer> as_sent = offers;
  if (conduct.misoffers != nullptr) conduct.misoffers(offers);
  if (const auto grant = service.deflate ? grant_deflate(offers) : std::nullopt) {
    granted.push_back(grant->extension);
    answer.deflate = grant->settings;
  }
  if (conduct.misgrants != nullptr) conduct.misgrants(granted, answer.deflate, as_sent);
  if (!granted.empty()) answer.fields.push_back({"Sec-WebSocket-Extensions", print_extensions(granted)});
}

Answer accept(const Head& request, const Service& service, const Conduct& conduct) {
  Answer answer;
  answer.accepted = true;
  const std::string* key = request.find("Sec-WebSocket-Key");
  answer.fields = {{"Upgrade", "websocket"},
                   {"Connection", "Upgrade"},
                   {"Sec-WebSocket-Accept", accept_for(key == nullptr ? "" : *key)}};
  const auto pick = conduct.picks_subprotocol != nullptr ? conduct.picks_subprotocol : pick_subprotocol;
  if (const auto name = pick(request, service.subprotocols)) {
    answer.fields.push_back({"Sec-WebSocket-Protocol", *name});
  }
  grant_extensions(answer, request, service, conduct);
  // RFC 9110 7.8: the interim answer comes before the switch.
  if (request.has_token("Expect", "100-continue")) answer.before = render_head("HTTP/1.1 100 Continue", {});
  return answer;
}

// RFC 9110 5.6.1: a recipient passes over empty elements of a list, as long as it has any others.
void drop_empty_protocols(Head& request) {
  std::string names;
  for (const std::string& name : split_list(request.joined("Sec-WebSocket-Protocol").value_or(""))) {
    names += (names.empty() ? "" : ", ") + name;
  }
  if (!names.empty()) edits::set(request.fields, "Sec-WebSocket-Protocol", names);
}

// RFC 9112 3.2: a Host that is no authority (RFC 3986 3.2.2, 3.2.3) is answered with 400.
bool is_host(std::string_view value) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()*+,;=:[]";
  return value.find_first_not_of(kAlphabet) == value.npos;
}

Answer judge(const Head& request, const Service& service, const Conduct& conduct) {
  if (!parse_request_line(request.start)) return refuse_malformed();
  std::vector<Violation> violations = check_request(request);
  const std::string* host = request.find("Host");
  if (host != nullptr && !is_host(*host)) violations.push_back({"", "Host is no authority"});
  if (!violations.empty()) return refusal_for(violations, request);
  if (!conduct.serves_every_path && !serves(request, service))
    return refusal(404, {}, "nothing is served here");
  if (!welcomes(request, service, conduct)) return refusal(403, {}, "the origin is not welcome");
  return accept(request, service, conduct);
}

}  // namespace

std::string_view path_of(std::string_view target) {
  if (const std::size_t scheme = target.find("://"); !target.starts_with('/') && scheme != target.npos) {
    const std::size_t path = target.find_first_of("/?", scheme + 3);
    if (path == target.npos || target[path] == '?') return "/";
    target.remove_prefix(path);
  }
  return target.substr(0, target.find('?'));
}

std::optional<std::string> pick_subprotocol(const Head& request, const std::vector<std::string>& supported) {
  for (std::string& name : split_list(request.joined("Sec-WebSocket-Protocol").value_or(""))) {
    if (std::ranges::find(supported, name) != supported.end()) return std::move(name);
  }
  return std::nullopt;
}

std::optional<Grant> grant_deflate(const std::vector<ExtensionOffer>& offers) {
  for (const ExtensionOffer& offer : offers) {
    const auto asked = read_deflate_offer(offer);
    if (!asked) continue;  // RFC 7692 7: what cannot be met is declined; a later offer may fit.
    Grant grant{{"permessage-deflate", {}}, {}};
    auto& words = grant.extension.parameters;
    if (asked->server_no_context_takeover) {
      words.push_back({"server_no_context_takeover", std::nullopt, false});
      grant.settings.server_no_context_takeover = true;
    }
    if (asked->client_no_context_takeover) {
      words.push_back({"client_no_context_takeover", std::nullopt, false});
      grant.settings.client_no_context_takeover = true;
    }
    if (asked->server_max_window_bits) {
      words.push_back({"server_max_window_bits", fmt::format("{}", *asked->server_max_window_bits), false});
      grant.settings.server_max_window_bits = *asked->server_max_window_bits;
    }
    if (asked->client_max_window_bits_hint) {
      words.push_back(
          {"client_max_window_bits", fmt::format("{}", *asked->client_max_window_bits_hint), false});
      grant.settings.client_max_window_bits = *asked->client_max_window_bits_hint;
    }
    return grant;
  }
  return std::nullopt;
}

Answer refusal(int status, std::vector<Field> fields, std::string what) {
  Answer answer;
  answer.status = status;
  answer.reason = reason_phrase(status);
  answer.body = std::move(what) + "\n";
  answer.fields = {{"Content-Type", "text/plain"}, {"Content-Length", fmt::format("{}", answer.body.size())}};
  const bool upgrade = std::ranges::any_of(fields, [](const Field& f) { return f.name == "Upgrade"; });
  answer.fields.push_back({"Connection", upgrade ? "Upgrade, close" : "close"});
  answer.fields.insert(answer.fields.end(), fields.begin(), fields.end());
  return answer;
}

Answer refuse_malformed() {
  return refusal(400, {{"Sec-WebSocket-Version", "13"}}, "the request line is malformed");
}

bool may_become_request(BytesView begun) {
  begun.remove_prefix(std::min(begun.find_first_not_of("\r\n"), begun.size()));
  const std::size_t end = begun.find('\n');
  BytesView line = begun.substr(0, end);
  if (end == BytesView::npos) {
    const BytesView word = line.substr(0, line.find(' '));
    return word.empty() || is_token(word);
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  return parse_request_line(line).has_value();
}

Answer answer_request(Head request, BytesView raw, const Service& service, const Conduct& conduct) {
  if (conduct.misreads != nullptr) conduct.misreads(request, raw);
  drop_empty_protocols(request);
  Answer answer = judge(request, service, conduct);
  if (conduct.misanswers != nullptr) conduct.misanswers(answer, request);
  return answer;
}

Bytes render_answer(const Answer& answer) {
  const std::string start = fmt::format("{} {} {}", answer.version, answer.status, answer.reason);
  return answer.before + render_head(start, answer.fields) + answer.body;
}

}  // namespace wsspec
