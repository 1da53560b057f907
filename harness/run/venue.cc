#include "run/venue.h"

#include "script/tls_terms.h"
#include "target/company.h"

namespace wsspec {

Result<std::unique_ptr<Venue>> Dialing::make(Driver& driver, const Address& address,
                                             const DialOptions& options) {
  auto dialer = Dialer::prepare(address, options);
  if (!dialer) return std::unexpected(dialer.error());
  std::unique_ptr<Dialing> out(new Dialing(driver, std::move(*dialer)));
  if (auto tls = TlsClient::make(out->dialer_)) {
    out->tls_ = std::move(*tls);
    out->bare_dialer_ = out->dialer_.without_tls();
  }
  return out;
}

Driver::Id Dialing::begin(const Case& one, Player& player, Driver::Finished finished) {
  auto terms = tls_ ? tls_terms_of(one) : std::nullopt;
  if (!terms) return driver_.dial(dialer_, player.end(), std::move(finished));
  if (terms->plain) return driver_.dial(*bare_dialer_, player.end(), std::move(finished));
  const auto tell = [&player](const TlsFacts& facts, Instant at) { player.secured(facts, at); };
  const std::shared_ptr<Endpoint> secured = tls_->wrap(std::move(*terms), player.end(), tell);
  return driver_.dial(*bare_dialer_, *secured,
                      [secured, finished = std::move(finished)](const Ending& ending) { finished(ending); });
}

Probed Dialing::meet(const Profile& profile, const ProbeOptions& how) {
  return probe(dialer_, profile, how);
}

Liveness Dialing::proof_of_life(const Profile& profile, Duration patience,
                                const std::atomic<bool>* interrupted) {
  return check_liveness(dialer_, profile, patience, interrupted);
}

bool Dialing::holds_one_at_a_time(const Profile& profile) {
  return serves_one_at_a_time(dialer_, profile);
}

}  // namespace wsspec
