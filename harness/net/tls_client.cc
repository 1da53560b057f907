#include "net/tls_client.h"

#include "net/dialer_details.h"
#include "net/tls_endpoint.h"

namespace wsspec {

Result<TlsClient> TlsClient::from(Result<TlsContext> context) {
  if (!context) return std::unexpected(context.error());
  TlsClient client;
  client.context_ = std::make_shared<const TlsContext>(std::move(*context));
  return client;
}

Result<TlsClient> TlsClient::make(const Dialer& dialer) {
  const auto& tls = dialer.details().tls;
  if (!tls) return fail_with(dialer.address().url(), "not a target over TLS");
  return from(*tls);
}

Result<TlsClient> TlsClient::credulous() {
  TlsOptions options;
  options.insecure = true;
  return from(TlsContext::make(TlsContext::Side::client, options, "localhost"));
}

Result<TlsClient> TlsClient::trusting(const std::string& authority, const std::string& host) {
  return from(TlsContext::trusting(authority, host));
}

std::unique_ptr<Endpoint> TlsClient::wrap(TlsTerms terms, Endpoint& inner, TlsTell tell) const {
  return std::make_unique<TlsEndpoint>(context_, std::move(terms), borrowed(inner), std::move(tell));
}

std::unique_ptr<Endpoint> TlsClient::wrap(const TlsClientConduct& conduct, Endpoint& inner) const {
  return std::make_unique<TlsEndpoint>(context_, conduct, borrowed(inner));
}

}  // namespace wsspec
