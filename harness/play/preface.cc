// What a hop says ahead of a connection about who its client is (the PROXY protocol).
#include <fmt/format.h>

#include <algorithm>

#include "play/stage.h"

namespace wsspec {
namespace {

std::string in_words(const ConnectionName& name) {
  return fmt::format("{} port {} to {} port {}", name.source, name.source_port, name.destination,
                     name.destination_port);
}

bool is_loopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

}  // namespace

/// Wrong ports are never right. Other addresses are, where something between us and the hop translates them,
/// which nothing on this machine does.
void Player::State::judge_name(const ProxyHeader& header, const ConnectionName& client, Prefaced& out) {
  if (!header.names || client.source.empty() || header.name == client) return;
  const auto without = [](const std::string& address) {
    return address.starts_with("::ffff:") ? address.substr(7) : address;
  };
  ConnectionName named = header.name;
  named.source = without(named.source), named.destination = without(named.destination);
  if (named == client) return;
  const std::string words =
      fmt::format("it names {}; the client's connection is {}", in_words(header.name), in_words(client));
  // The place where the client came is not the client, whatever is in between.
  const bool itself = named.source == client.destination && named.source_port == client.destination_port;
  const bool translated =
      !itself && named.source != client.source && !(is_loopback(named.source) && is_loopback(client.source));
  if (translated)
    out.remarks.push_back(words);
  else
    out.faults.push_back({words, kProxyName});
}

void Player::State::take_preface(Line& far, const Preface& preface, const ConnectionName& client) {
  Prefaced& out = far.prefaced;
  out.headers = preface.headers.size();
  if (out.headers == 0) return;
  const ProxyHeader& first = preface.headers.front();
  out.version = first.version;
  out.remarks.push_back("PROXY header: " + first.words);
  out.faults = first.faults;
  if (out.headers > 1)
    out.faults.push_back({fmt::format("{} headers stand one behind the other", out.headers), kProxyOnce});
  judge_name(first, client, out);
}

/// In the cases that are about it; what others see is the same.
void Player::State::judge_prefaces(Instant now) {
  const auto is_about = [](const std::string& id) { return id.starts_with("proxy-protocol-"); };
  if (fixed || std::ranges::none_of(script.covers, is_about)) return;
  const ProxyVersion wanted = profile.proxy_protocol;
  std::size_t came = 0;
  for (const auto& one : lines) {
    if (one->talk.ours == Role::client || !one->begun) continue;
    speak(*one);
    const Prefaced& said = one->prefaced;
    for (const std::string& remark : said.remarks) note(remark, now);
    for (const auto& fault : said.faults)
      return decide(Verdict::fail, "its PROXY header: " + fault.what, fault.requirement, -1, now);
    came += said.headers;
    const int version = wanted == ProxyVersion::v1 ? 1 : wanted == ProxyVersion::v2 ? 2 : said.version;
    if (version != said.version)
      return decide(
          Verdict::fail,
          said.headers == 0
              ? fmt::format("no PROXY header came, and one of version {} is expected", version)
              : fmt::format("its PROXY header has version {} in place of {}", said.version, version),
          kProxyOnce, -1, now);
  }
  if (came > 0 && wanted == ProxyVersion::none)
    lower(Grade::info, "a PROXY header came, and none is expected");
  if (came == 0 && wanted != ProxyVersion::none)
    decide(Verdict::skipped, "the hop sends no PROXY header, and none is expected (--proxy-protocol)", "", -1,
           now);
  if (came == 0 && wanted == ProxyVersion::none)
    decide(Verdict::pass, "no PROXY header came, and none is expected", "", -1, now);
}

}  // namespace wsspec
