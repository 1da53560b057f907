#include "script/connect_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "script/diagnostics.h"
#include "script/functions.h"
#include "script/walk.h"

namespace wsspec {
namespace {

constexpr std::array<std::string_view, 5> kVersions = {"1.0", "1.1", "1.2", "1.3", "none"};

constexpr std::array<std::string_view, 12> kCertificates = {
    "good",       "chained",      "expired",     "early",   "unknown", "self-signed",
    "other-name", "subject-name", "for-clients", "by-leaf", "forged",  "missing-chain"};
constexpr std::array<std::string_view, 2> kHosts = {"127.0.0.1", "localhost"};

bool is_invitation(std::string_view option) {
  return option == "host" || option == "path" || option == "url" || option == "field" || option == "proxy";
}

void put(std::string& text, std::string_view place, const std::string& value) {
  if (const auto at = text.find(place); at != text.npos) text.replace(at, place.size(), value);
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    out.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

Result<void> set_version(TlsTerms& terms, const Bytes& value) {
  if (std::ranges::find(kVersions, value) == kVersions.end())
    return fail_with("tls", fmt::format("'{}' is no version of TLS", value), "1.0, 1.1, 1.2, 1.3 or none");
  terms.plain = value == "none";
  terms.version = terms.plain ? "" : value;
  return {};
}

Result<void> set_alpn(TlsTerms& terms, const Bytes& value) {
  terms.alpn = names_in(value);
  const auto bad = [](const std::string& one) { return one.empty() || one.size() > 255; };
  if (std::ranges::none_of(terms.alpn, bad)) return {};
  return fail_with("alpn", "a protocol's name has 1 to 255 octets", "names with commas between them");
}

Result<void> set_record(TlsTerms& terms, const Bytes& value) {
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), terms.record);
  if (error == std::errc{} && end == value.data() + value.size() && terms.record >= 1 &&
      terms.record <= 16384)
    return {};
  return fail_with("record", fmt::format("'{}' is no size of a record", value), "1 to 16384 octets");
}

Result<void> set_certificate(TlsTerms& terms, const Bytes& value) {
  const auto found = std::ranges::find(kCertificates, value);
  if (found == kCertificates.end())
    return fail_with("cert", fmt::format("unknown certificate '{}'", value),
                     did_you_mean(value, {kCertificates.begin(), kCertificates.end()}));
  terms.certificate = static_cast<Certificate>(found - kCertificates.begin());
  return {};
}

Result<void> set_option(TlsTerms& terms, const std::string& name, const Bytes& value) {
  if (name == "tls") return set_version(terms, value);
  if (name == "alpn") return set_alpn(terms, value);
  if (name == "record") return set_record(terms, value);
  if (name == "cert") return set_certificate(terms, value);
  if (name == "sni") return terms.server_name = value, Result<void>();
  if (value != "bare" && value != "notify")  // name == "end"
    return fail_with("end", fmt::format("unknown end '{}'", value), "notify or bare");
  terms.notifies = value == "notify";
  return {};
}

/// What cannot be handed to a command, or stand in a line of header fields.
bool is_unwritable(char one) {
  return octet(one) < 0x20 || octet(one) == 0x7f ||
         std::string_view("\"\\<>").find(one) != std::string_view::npos;
}

Result<void> invite_with(std::string& into, const std::string& name, const Bytes& value) {
  if (value.empty() || std::ranges::any_of(value, is_unwritable))
    return fail_with(name, "it is empty, or has quotes or control characters", "plain text");
  if (name == "field" && value.find(": ") == value.npos)
    return fail_with(name, fmt::format("'{}' is no header field", value), "write it as \"Name: value\"");
  into = value;
  return {};
}

Result<void> invite_by_proxy(Invitation& invitation, const Bytes& value) {
  const bool bad = std::ranges::any_of(value, [](char one) {
    return one == ' ' || one == '/' || one == '@' || one == '%' || is_unwritable(one);
  });
  if (bad || (!value.empty() && value.find(':') == value.npos))
    return fail_with("proxy", fmt::format("'{}' is no user with a password", value),
                     "user:password, or nothing");
  invitation.proxy = value;
  return {};
}

Result<void> invite(Invitation& invitation, const std::string& name, const Bytes& value) {
  if (name == "url") return invite_with(invitation.url, name, value);
  if (name == "field") return invite_with(invitation.field, name, value);
  if (name == "proxy") return invite_by_proxy(invitation, value);
  if (name == "host") {
    if (std::ranges::find(kHosts, value) == kHosts.end())
      return fail_with("host", fmt::format("'{}' is no name of ours", value), "127.0.0.1 or localhost");
    invitation.host = value;
    return {};
  }
  const auto is_bad = [](char one) { return one == ' ' || is_unwritable(one); };
  if (!value.starts_with('/') && !value.starts_with('?') && !value.empty())
    return fail_with("path", fmt::format("'{}' does not begin a path", value), "a '/' or '?' first");
  if (std::ranges::any_of(value, is_bad))
    return fail_with("path", "a URL holds no blanks, quotes or control characters", "write them as %20");
  invitation.path = value;
  return {};
}

/// Role by role: what a client says in its ClientHello is not for a server to choose.
Result<void> check_side(const std::string& name, const Bytes& value, bool serving) {
  const bool of_servers = is_invitation(name) || name == "cert";
  const bool of_clients = name == "sni" || (name == "tls" && value == "none");
  if ((serving && of_clients) || (!serving && of_servers))
    return fail_with(name, fmt::format("'{}=' is for cases about {}", name, serving ? "servers" : "clients"),
                     serving ? "leave it out" : "say 'target client'");
  return {};
}

const Connect* terms_in(const Case& one) {
  return one.steps.empty() ? nullptr : std::get_if<Connect>(&one.steps.front().statement);
}

}  // namespace

Result<ConnectTerms> read_connect_terms(const Connect& connect, Target target) {
  ConnectTerms terms;
  const bool serving = target == Target::client;
  for (const auto& option : connect.options) {
    Environment nothing;
    auto value = evaluate(option.value, nothing);
    if (!value) return fail_with(option.name, value.error().what, "only constants stand here");
    auto set = check_side(option.name, *value, serving);
    if (set)
      set = is_invitation(option.name) ? invite(terms.invitation, option.name, *value)
                                       : set_option(terms.tls, option.name, *value);
    if (!set) return std::unexpected(set.error());
  }
  if (connect.layout.chop) terms.tls.hello_chop = static_cast<std::size_t>(connect.layout.chop->value);
  terms.tls.hello_gap = connect.layout.gap.value_or(Duration{});
  if (terms.tls.plain && (connect.options.size() > 1 || terms.tls.hello_chop > 0))
    return fail_with("tls", "without TLS the other options say nothing", "leave them out");
  return terms;
}

bool names_tls(const Case& one) {
  bool found = false;
  for_each_step(one.steps, [&](const Step& step) {
    const auto* connect = std::get_if<Connect>(&step.statement);
    const auto* eof = std::get_if<ExpectEof>(&step.statement);
    const auto is_of_tls = [](const Open::Option& option) { return !is_invitation(option.name); };
    found = found ||
            (connect && (std::ranges::any_of(connect->options, is_of_tls) || connect->layout.chop)) ||
            (eof && !eof->conditions.empty()) || std::holds_alternative<ExpectSecured>(step.statement);
  });
  return found;
}

std::optional<TlsTerms> tls_terms_of(const Case& one) {
  if (!names_tls(one)) return std::nullopt;
  const auto* connect = terms_in(one);
  if (!connect) return TlsTerms{};
  return read_connect_terms(*connect, one.target.value_or(Target::server)).value_or(ConnectTerms{}).tls;
}

std::string Invitation::url_of(const std::string& host_of_ours, std::uint16_t port) const {
  constexpr int kPorts = 65536;
  std::string text = url;
  put(text, "{host}", host_of_ours);
  put(text, "{port}", std::to_string(port));
  put(text, "{port+65536}", std::to_string(port + kPorts));
  return text;
}

std::string action_of(const Case& one) {
  return std::ranges::find(one.needs, "closes-first") != one.needs.end() ? "close" : "echo";
}

std::optional<Invitation> invitation_of(const Case& one) {
  const auto* connect = terms_in(one);
  const auto invites = [](const Open::Option& option) { return is_invitation(option.name); };
  if (!connect || std::ranges::none_of(connect->options, invites)) return std::nullopt;
  return read_connect_terms(*connect, Target::client).value_or(ConnectTerms{}).invitation;
}

bool is_for_clients(const Connect& connect) {
  return std::ranges::any_of(connect.options, [](const Open::Option& option) {
    return is_invitation(option.name) || option.name == "cert";
  });
}

bool names_certificate(const Case& one) {
  const auto* connect = terms_in(one);
  return connect &&
         std::ranges::find(connect->options, "cert", &Open::Option::name) != connect->options.end();
}

}  // namespace wsspec
