#include "peer/ws_url.h"

#include <algorithm>

#include "peer/edits.h"

namespace wsspec {
namespace {

/// What may stand in a host that is no literal address in brackets: reg-name of RFC 3986 3.2.2.
bool is_of_name(char one) {
  constexpr std::string_view kMarks = "-._~%!$&'()*+,;=";
  const bool letter = (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z') || (one >= '0' && one <= '9');
  return letter || kMarks.find(one) != kMarks.npos;
}

bool read_port(std::string_view port, WsUrl& url) {
  constexpr unsigned long kMost = 65535;
  const auto digits = port.substr(0, port.find_first_not_of("0123456789"));
  if (digits.size() < port.size()) url.faults |= bit(UrlFault::port_letters);
  if (digits.size() > 9 || (!digits.empty() && std::stoul(std::string(digits)) > kMost))
    url.faults |= bit(UrlFault::port_too_large);
  if (!digits.empty()) url.host += ":" + std::string(digits);
  return !digits.empty();
}

/// Whether a port is named.
bool read_authority(std::string_view authority, WsUrl& url) {
  const bool literal = authority.starts_with('[');
  const auto colon = authority.find(':', literal ? std::min(authority.find(']'), authority.size()) : 0);
  const auto host = authority.substr(0, colon);
  if (host.empty()) url.faults |= bit(UrlFault::no_host);
  if (!literal && !std::ranges::all_of(host, is_of_name)) url.faults |= bit(UrlFault::blank_in_host);
  url.host = host;
  return colon != authority.npos && read_port(authority.substr(colon + 1), url);
}

}  // namespace

WsUrl read_ws_url(std::string_view text) {
  WsUrl url;
  const auto fragment = std::min(text.find('#'), text.size());
  url.fragment = text.substr(fragment);
  if (!url.fragment.empty()) url.faults |= bit(UrlFault::fragment);
  text = text.substr(0, fragment);
  constexpr std::string_view kBehindScheme = "://";
  const auto colon = std::min(text.find(kBehindScheme), text.size());
  const auto scheme = edits::lower(std::string(text.substr(0, colon)));
  if (scheme != "ws" && scheme != "wss") url.faults |= bit(UrlFault::scheme);
  text.remove_prefix(std::min(colon + kBehindScheme.size(), text.size()));
  const auto path = std::min(text.find_first_of("/?"), text.size());
  const auto port = read_authority(text.substr(0, path), url);
  url.destination = url.host + (port ? "" : scheme == "wss" ? ":443" : ":80");
  url.target = text.substr(path);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace wsspec
