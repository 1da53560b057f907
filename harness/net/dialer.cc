#include "net/dialer.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "net/dialer_details.h"
#include "protocol/handshake.h"
#include "protocol/http.h"

namespace wsspec {
namespace {

Bytes connect_request_for(const Address& address, const Proxy& proxy) {
  // RFC 9110 9.3.6 wants the port even when it is the scheme's own.
  const auto authority = address.endpoint();
  std::vector<Field> fields = {{"Host", authority}};
  if (!proxy.user.empty())
    fields.push_back({"Proxy-Authorization", "Basic " + base64_encode(proxy.user + ":" + proxy.password)});
  return render_head(fmt::format("CONNECT {} HTTP/1.1", authority), fields);
}

}  // namespace

Result<Dialer> Dialer::prepare(const Address& address, const DialOptions& options) {
  return prepare(address, options, resolve);
}

Result<Dialer> Dialer::prepare(const Address& address, const DialOptions& options, const Resolver& resolver) {
  auto details = std::make_shared<Details>();
  details->address = address;
  details->options = options;
  if (options.proxy && address.is_unix())
    return fail_with(address.url(), "a Unix socket cannot be reached through a proxy", "leave out the proxy");
  auto resolved = options.proxy ? resolver(options.proxy->host, options.proxy->port, {})
                                : resolver(address.host, address.port, address.unix_path);
  if (!resolved) return std::unexpected(resolved.error());
  details->addresses = std::move(*resolved);
  if (options.proxy) details->connect_request = connect_request_for(address, *options.proxy);
  if (address.tls) {
    auto context = TlsContext::make(TlsContext::Side::client, options.tls, address.host);
    if (!context) return std::unexpected(context.error());
    details->tls = std::move(*context);
  }
  Dialer dialer;
  dialer.details_ = std::move(details);
  return dialer;
}

Dialer Dialer::without_tls() const {
  auto bare = std::make_shared<Details>();
  bare->address = details_->address;
  bare->options = details_->options;
  bare->addresses = details_->addresses;
  bare->connect_request = details_->connect_request;
  bare->good = details_->good.load();
  Dialer dialer;
  dialer.details_ = std::move(bare);
  return dialer;
}

const Address& Dialer::address() const {
  return details_->address;
}
const DialOptions& Dialer::options() const {
  return details_->options;
}

namespace {
bool is_loopback(const SocketAddress& address) {
  sockaddr_in6 six{};
  if (address.family != AF_INET6) return address.is_ipv4_loopback();
  std::memcpy(&six, address.bytes, sizeof six);
  const auto* octets = six.sin6_addr.s6_addr;
  return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr) || (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) && octets[12] == 127);
}
}  // namespace

bool is_on_this_machine(const Address& address) {
  if (address.is_unix() || !address.is_loopback()) return address.is_unix();
  const auto resolved = resolve(address.host, address.port, {});
  return resolved && std::ranges::all_of(*resolved, is_loopback);
}

}  // namespace wsspec
