#include <fmt/format.h>

#include <filesystem>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "report/text.h"
#include "target/probe.h"

namespace wsspec {

namespace {

/// A look at the target, short and polite; what it answers goes into the file.
Liveness look_at(const Settings& settings, TargetFingerprint& found) {
  auto options = run_options(settings);
  if (!options) return {Reach::absent, options.error().what, options.error().hint};
  auto dialer = Dialer::prepare(options->address, options->dial);
  if (!dialer) return {Reach::absent, dialer.error().what, dialer.error().hint};
  ProbeOptions how;
  how.patience = std::chrono::seconds(2);
  how.sizes = false;
  const auto probed = probe(*dialer, options->profile, how);
  found = probed.fingerprint;
  return probed.liveness;
}

}  // namespace

int init_verb(const CommandLine& line) {
  auto settings = settings_from_environment();
  if (!settings) return usage_error(settings.error());
  auto flags = line.settings();
  if (!flags) return usage_error(flags.error());
  settings->overlay(*flags);
  settings->url = line.arguments.empty() ? "ws://127.0.0.1:9001" : line.arguments.front();
  if (auto address = parse_address(*settings->url); !address) return usage_error(address.error());
  const std::string file = line.get("--output", "wsspec.toml");
  std::error_code ignored;
  if (file != "-" && std::filesystem::exists(file, ignored) && !line.has("--force")) {
    return usage_error({file, "is there already", "--force overwrites it"});
  }
  if (auto good = check_writable(file); !good) return usage_error(good.error());
  TargetFingerprint found;
  const auto liveness = look_at(*settings, found);
  const bool serves = liveness.reach == Reach::serves;
  if (auto done = write_file(file, sample_config(*settings, serves ? &found : nullptr, liveness.message));
      !done)
    return usage_error(done.error());
  if (!serves) {
    say("wsspec: {}; the file is written without what can be found out\n", one_line(liveness.message));
    if (!liveness.hint.empty()) say("hint: {}\n", one_line(liveness.hint));
  }
  if (file != "-") put("wrote {}\n", file);
  return 0;
}

}  // namespace wsspec
