#include "net/tls_host.h"

#include "net/authority.h"
#include "net/tls_endpoint.h"

namespace wsspec {

Result<TlsHost> TlsHost::found(std::vector<std::string> names) {
  auto authority = Authority::found(std::move(names));
  if (!authority) return std::unexpected(authority.error());
  TlsHost host;
  host.authority_ = (*authority)->pem();
  for (auto at = 0; at <= static_cast<int>(Certificate::missing_chain); ++at) {
    const auto kind = static_cast<Certificate>(at);
    auto context = TlsContext::certified(**authority, kind);
    if (!context) return std::unexpected(context.error());
    TlsEndpoint::prepare(context->context.get());
    host.contexts_[kind] = std::make_shared<const TlsContext>(std::move(*context));
  }
  return host;
}

Result<TlsHost> TlsHost::make(const TlsOptions& options) {
  auto context = TlsContext::make(TlsContext::Side::server, options, {});
  if (!context) return std::unexpected(context.error());
  TlsEndpoint::prepare(context->context.get());
  TlsHost host;
  host.contexts_[Certificate::good] = std::make_shared<const TlsContext>(std::move(*context));
  return host;
}

std::unique_ptr<Endpoint> TlsHost::wrap(TlsTerms terms, std::shared_ptr<Endpoint> inner, TlsTell tell) const {
  const auto found = contexts_.find(terms.certificate);
  const auto& context = found == contexts_.end() ? contexts_.at(Certificate::good) : found->second;
  return std::make_unique<TlsEndpoint>(context, std::move(terms), std::move(inner), std::move(tell));
}

}  // namespace wsspec
