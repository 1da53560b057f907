#include "net/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace wsspec {
namespace {

constexpr std::string_view kShape =
    "write it as ws://host:port/path, wss://host/path or ws+unix:///file.sock:/path";

struct Scheme {
  std::string_view name;
  bool tls, unix_socket;
};
constexpr Scheme kSchemes[] = {
    {"ws", false, false}, {"wss", true, false}, {"ws+unix", false, true}, {"wss+unix", true, true}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// What may stand in a request line: visible ASCII; anything else has to be percent-encoded.
bool is_visible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 65535)
    return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

bool is_host_name(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

bool is_ipv6_text(std::string_view host) {
  return host.find(':') != host.npos && host.find_first_not_of("0123456789abcdefABCDEF:.%") == host.npos;
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`.
Result<void> read_authority(std::string_view text, const std::string& where, std::string& host,
                            std::optional<std::uint16_t>& port) {
  std::string_view name = text, number;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == text.npos)
      return fail_with(where, "the bracket of an IPv6 address is not closed", "[::1]:9001");
    name = text.substr(1, end - 1);
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':')
      return fail_with(where, "unexpected text behind the IPv6 address", "[::1]:9001");
    has_port = !rest.empty();
    if (has_port) number = rest.substr(1);
    if (!is_ipv6_text(name))
      return fail_with(where, "not an IPv6 address between the brackets", "[::1]:9001");
  } else {
    const auto colon = text.find(':');
    if (colon != text.npos && text.find(':', colon + 1) != text.npos)
      return fail_with(where, "an IPv6 address needs brackets", "[::1]:9001");
    name = text.substr(0, colon);
    has_port = colon != text.npos;
    if (has_port) number = text.substr(colon + 1);
    if (name.empty()) return fail_with(where, "the host is missing", std::string(kShape));
    if (!is_host_name(name))
      return fail_with(where, "the host has a character that no host name has",
                       "write an international name in its xn-- form");
  }
  host = lower(name);
  if (has_port) {
    port = read_port(number);
    if (!port) return fail_with(where, fmt::format("'{}' is no port", number), "a number from 1 to 65535");
  }
  return {};
}

Result<void> read_resource(std::string_view text, const std::string& where, Address& address) {
  if (text.find('#') != text.npos)
    return fail_with(where, "a WebSocket URL has no fragment (RFC 6455 section 3)",
                     "write a literal '#' as %23");
  if (!is_visible(text))
    return fail_with(where, "the path has a blank, a control character or one outside ASCII",
                     "percent-encode it");
  address.resource = text.starts_with('/') ? std::string(text) : "/" + std::string(text);
  return {};
}

/// `/path.sock` or `/path.sock:/resource`.
Result<Address> read_unix(std::string_view rest, const std::string& where, Address address) {
  if (!rest.starts_with('/'))
    return fail_with(where, "the socket's path has to be absolute", "ws+unix:///run/echo.sock:/path");
  const auto colon = rest.find(':');
  address.unix_path = std::string(rest.substr(0, colon));
  address.host = "localhost";
  if (address.unix_path.size() > 107)
    return fail_with(where, "the socket's path is longer than the 107 octets that the system allows",
                     "use a shorter path");
  if (colon != rest.npos) {
    if (auto read = read_resource(rest.substr(colon + 1), where, address); !read)
      return std::unexpected(read.error());
  }
  return address;
}

const Scheme* scheme_of(std::string_view text) {
  const auto name = lower(text);
  const auto* found = std::ranges::find(kSchemes, name, &Scheme::name);
  return found == std::end(kSchemes) ? nullptr : found;
}

std::string hint_for_scheme(std::string_view scheme, std::string_view rest) {
  const auto name = lower(scheme);
  if (name == "http" || name == "ws+http") return fmt::format("ws:{}", rest);
  if (name == "https") return fmt::format("wss:{}", rest);
  if (name == "unix") return fmt::format("ws+unix:{}", rest);
  return std::string(kShape);
}

Result<std::string> percent_decoded(std::string_view text, const std::string& where) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2)
      return fail_with(where, "a percent sign without two hexadecimal digits", "write a literal one as %25");
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

}  // namespace

Result<Address> parse_address(std::string_view url) {
  const std::string where = fmt::format("{}", url.substr(0, 200));
  const auto colon = url.find("://");
  if (colon == url.npos) {
    const bool looks_like_host = is_visible(url) && !url.empty();
    return fail_with(where, "not a WebSocket URL",
                     looks_like_host ? fmt::format("ws://{}", url) : std::string(kShape));
  }
  const auto* scheme = scheme_of(url.substr(0, colon));
  if (scheme == nullptr)
    return fail_with(where, fmt::format("'{}' is no scheme for WebSocket", url.substr(0, colon)),
                     hint_for_scheme(url.substr(0, colon), url.substr(colon + 1)));
  Address address;
  address.tls = scheme->tls;
  address.port = scheme->tls ? 443 : 80;
  const auto rest = url.substr(colon + 3);
  if (scheme->unix_socket) return read_unix(rest, where, address);

  const auto slash = rest.find_first_of("/?#");
  const auto authority = rest.substr(0, slash);
  if (authority.find('@') != authority.npos)
    return fail_with(where, "a WebSocket URL holds no user name and password",
                     "send them as a header: --header 'Authorization: Basic ...'");
  std::optional<std::uint16_t> port;
  if (auto read = read_authority(authority, where, address.host, port); !read)
    return std::unexpected(read.error());
  if (port) address.port = *port;
  if (slash != rest.npos) {
    if (auto read = read_resource(rest.substr(slash), where, address); !read)
      return std::unexpected(read.error());
  }
  return address;
}

Result<Proxy> parse_proxy(std::string_view url) {
  const auto scheme = url.find("://");
  auto rest = scheme == url.npos ? url : url.substr(scheme + 3);
  // Credentials stay out of the message.
  const auto shown = std::string(rest.substr(rest.rfind('@') == rest.npos ? 0 : rest.rfind('@') + 1));
  if (scheme != url.npos && lower(url.substr(0, scheme)) != "http")
    return fail_with(shown, "only HTTP proxies are known", "http://user:password@host:port");
  if (rest.ends_with('/')) rest.remove_suffix(1);
  Proxy proxy;
  if (const auto at = rest.rfind('@'); at != rest.npos) {
    const auto credentials = rest.substr(0, at);
    const auto colon = credentials.find(':');
    auto user = percent_decoded(credentials.substr(0, colon), shown);
    auto password = percent_decoded(colon == credentials.npos ? "" : credentials.substr(colon + 1), shown);
    if (!user) return std::unexpected(user.error());
    if (!password) return std::unexpected(password.error());
    proxy.user = *user;
    proxy.password = *password;
    rest = rest.substr(at + 1);
  }
  std::optional<std::uint16_t> port;
  if (auto read = read_authority(rest, shown, proxy.host, port); !read) return std::unexpected(read.error());
  if (!port) return fail_with(shown, "the proxy's port is missing", "http://host:3128");
  proxy.port = *port;
  return proxy;
}

bool Address::is_loopback() const {
  if (is_unix() || host == "localhost" || host.ends_with(".localhost") || host == "::1") return true;
  return host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos &&
         std::ranges::count(host, '.') == 3;
}

std::string Address::host_field() const {
  const auto name = host.find(':') != host.npos ? fmt::format("[{}]", host) : host;
  return is_unix() || port == (tls ? 443 : 80) ? name : fmt::format("{}:{}", name, port);
}

std::string Address::endpoint() const {
  if (is_unix()) return unix_path;
  return host.find(':') != host.npos ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string Address::url() const {
  const std::string_view scheme = tls ? "wss" : "ws";
  if (is_unix())
    return fmt::format("{}+unix://{}{}", scheme, unix_path, resource == "/" ? "" : ":" + resource);
  return fmt::format("{}://{}{}", scheme, host_field(), resource);
}

std::string Address::transport() const {
  return is_unix() ? (tls ? "unix+tls" : "unix") : (tls ? "tls" : "tcp");
}

}  // namespace wsspec
