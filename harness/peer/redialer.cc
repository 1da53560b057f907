#include "peer/redialer.h"

#include <algorithm>
#include <cmath>

#include "protocol/mix.h"

namespace wsspec {

double Redialer::draw() {
  return static_cast<double>(mix(seed_ ^ mix(++drawn_)) >> 11) * 0x1p-53;
}

Duration Redialer::delay() {
  if (attempts_ == 1) return how_.first_least + scaled(how_.first_most - how_.first_least, draw());
  const double grown = std::pow(how_.factor, std::min(attempts_ - 2, 40U));
  const Duration whole = std::min(how_.cap, scaled(how_.base, std::min(grown, 1e9)));
  if (how_.full_jitter) return scaled(whole, draw());
  return scaled(whole, 1 + how_.jitter * (2 * draw() - 1));
}

void Redialer::ended(const Departure& departure, Instant now) {
  redirects_ = departure.redirected ? redirects_ + 1 : 0;
  if (departure.redirected && redirects_ <= how_.redirects) {
    next_ = now;
    return;
  }
  const bool lasted = departure.opened && (how_.opened_is_steady || departure.lasted >= how_.steady);
  attempts_ = lasted ? 1 : attempts_ + 1;
  next_ = kNever;
  if (how_.never || (how_.most != 0 && attempts_ > how_.most)) return;
  Duration wait = delay();
  if (how_.minds_retry_after) wait = std::max(wait, departure.retry_after.value_or(Duration::zero()));
  next_ = now + wait;
}

}  // namespace wsspec
