// Manners towards targets that are not ours (runner.h).
#include "run/runner.h"

namespace wsspec {

void be_polite(RunOptions& options) {
  options.jobs = 2;
  options.connections = 4;
  options.rate = 10;
  options.repeat = 0;
  options.allow_destructive = false;
  options.stop_at_harm = true;
  options.dial.rotate_source = false;
}

RunOptions default_run_options(const Address& address, bool proxied) {
  RunOptions options;
  options.address = address;
  options.profile.host = address.host_field();
  options.profile.path = address.resource;
  options.profile.features = {"echo", "deflate", "http1", "company"};
  if (address.tls) options.profile.features.insert("tls");
  if (!proxied && is_on_this_machine(address))
    options.profile.features.insert("loopback");
  else
    be_polite(options);
  return options;
}

}  // namespace wsspec
