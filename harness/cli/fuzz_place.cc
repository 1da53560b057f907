#include "cli/fuzz_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <thread>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/interrupt.h"
#include "cli/serving.h"
#include "peer/defects.h"
#include "peer/liberties.h"
#include "run/selftest.h"
#include "target/probe.h"

namespace wsspec {
namespace {

/// Shared memory for the counters of the target to be launched, which is told of it.
Result<std::unique_ptr<CoverageMap>> share_counters(std::optional<Launch>& launch) {
  if (!launch)
    return fail_with("--coverage", "only a target that is started can share its counters", "give --start");
  auto map = CoverageMap::make();
  if (map) launch->environment.push_back((*map)->environment());
  return map;
}

// Of --serve, and of a URL without it.
Result<void> refuse_mixtures(const CommandLine& line, std::size_t url_at) {
  static constexpr std::string_view kOfServing[] = {"--exec",    "--listen",     "--connect-within",
                                                    "--grace",   "--patience",   "--tls",
                                                    "--ca-file", "--certificate"},
                                    kOthers[] = {"--memory", "--defect",   "--liberty",
                                                 "--role",   "--coverage", "--rate"};
  if (!line.has("--serve")) {
    for (const auto option : kOfServing)
      if (line.has(option)) return fail_with(std::string(option), "is about clients", "give --serve as well");
    return {};
  }
  if (line.arguments.size() > url_at)
    return fail_with(line.arguments[url_at], "with --serve the client comes to us", "leave out the URL");
  for (const OptionSpec& option : line.verb->options) {
    const bool told = line.has(option.name) && option.name != "--start" && option.name != "--key";
    if (told && is_of_a_server(option.setting))
      return fail_with(option.name, "is about servers", "leave it out with --serve");
  }
  return refuse_beside(line, kOthers, "--serve", "it is for servers, or for a built-in peer");
}

Result<FuzzWanted> wanted_of_clients(const CommandLine& line) {
  FuzzWanted wanted;
  auto settings = settings_of(line, "ws://127.0.0.1/");
  if (!settings) return std::unexpected(settings.error());
  auto serving = serving_of(line, "inputs", kFuzzPatience);
  if (!serving) return std::unexpected(serving.error());
  if (serving->exec.empty() && serving->start.empty() && serving->port == 0)
    return fail_with("--serve", "nobody is told where to connect", "give --exec, --start or --listen PORT");
  auto tls = ServedTls::of(line, serving->host);
  if (!tls) return std::unexpected(tls.error());
  tls->serve(*serving);
  wanted.settings = std::move(*settings);
  wanted.settings.key.reset();  // That of our certificate as a server.
  wanted.tested = Target::client;
  wanted.serving = std::move(*serving);
  wanted.tls = std::make_shared<const ServedTls>(std::move(*tls));
  wanted.way = way_of(line);
  return wanted;
}

Result<FuzzWanted> wanted_of_built_in(const CommandLine& line, FuzzWanted wanted) {
  const auto role = role_of(line);
  if (!role) return std::unexpected(role.error());
  wanted.tested = *role;
  if (*role == Target::server) return wanted;
  if (!wanted.memory)
    return fail_with("--role", "the built-in client is fuzzed in memory only", "give --memory");
  const auto known = [](const auto& rows, const std::string& name) {
    return std::ranges::any_of(rows, [&](const auto* row) { return row->name == name; });
  };
  for (const std::string& name : wanted.defects)
    if (find_defect(name) && !known(defects_of(Role::client), name))
      return fail_with("--defect", name + " is none that a client can have");
  for (const std::string& name : wanted.liberties)
    if (find_liberty(name) && !known(liberties_of(Role::client), name))
      return fail_with("--liberty", name + " is none that a client can take");
  return wanted;
}

// Each of a client's processes wants a processor of its own when it starts.
int processes_at_once() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 8);
}

// Of a client only this counts: how it comes, and what is declared of it.
Result<FuzzPlace> place_of_clients(FuzzWanted wanted) {
  FuzzPlace place;
  Settings& settings = wanted.settings;
  settings.url = "ws://127.0.0.1/";
  place.seed = settings.seed.value_or(1);
  auto options = run_options(settings);
  if (!options) return std::unexpected(options.error());
  const Serving& serving = *wanted.serving;
  place.jobs = settings.jobs.value_or(serving.exec.empty() ? 1 : processes_at_once());
  place.profile = options->profile;
  place.profile.tested = Target::client;
  place.profile.features.erase("company");
  place.name = wanted.name.empty() ? name_of_client(wanted.way) : wanted.name;
  auto arena = hosted_arena(serving, place.profile.time_scale);
  if (!arena) return std::unexpected(arena.error());
  place.hosted = arena->get();
  place.way = std::move(wanted.way);
  place.tls = std::move(wanted.tls);
  place.arena = std::move(*arena);
  place.run = std::move(*options);
  return place;
}

// What it is like, by the probe of its kind.
Probed meet_by(FuzzPlace& place, const ProbeOptions& how) {
  if (place.hosted != nullptr) return place.hosted->meet(place.profile, how);
  if (place.run.probe) return probe(*place.dialer, place.profile, how);
  return {check_liveness(*place.dialer, place.profile, how.patience, how.interrupted), {}};
}

}  // namespace

Result<FuzzWanted> fuzz_wanted(const CommandLine& line, std::size_t url_at) {
  if (auto good = refuse_mixtures(line, url_at); !good) return std::unexpected(good.error());
  if (line.has("--serve")) return wanted_of_clients(line);
  auto settings = settings_of(line, line.arguments.size() > url_at ? line.arguments[url_at] : "");
  if (!settings) return std::unexpected(settings.error());
  FuzzWanted wanted;
  wanted.settings = std::move(*settings);
  wanted.memory = line.has("--memory");
  wanted.coverage = line.has("--coverage");
  wanted.defects = line.all("--defect");
  wanted.liberties = line.all("--liberty");
  wanted.name = line.get("--target");
  const bool planted = wanted.memory || !wanted.defects.empty() || !wanted.liberties.empty();
  if (wanted.settings.url && (planted || line.has("--role")))
    return fail_with("", "--memory, --role, --defect and --liberty are about a built-in peer",
                     "leave out the URL");
  if (wanted.coverage && !wanted.settings.url)
    return fail_with("--coverage", "the built-in server shares no counters", "give a URL and --start");
  return wanted_of_built_in(line, std::move(wanted));
}

Result<FuzzPlace> fuzz_place(FuzzWanted wanted) {
  if (wanted.serving) return place_of_clients(std::move(wanted));
  FuzzPlace place;
  Settings& settings = wanted.settings;
  const bool own = !settings.url;
  PeerOptions peer;
  peer.defects = wanted.defects;
  peer.liberties = wanted.liberties;
  place.seed = settings.seed.value_or(1);
  if (own && wanted.memory) {
    const bool client = wanted.tested == Target::client;
    if (client) peer.role = Role::client;
    auto arena = memory_arena(tested_peer(std::move(peer)));
    if (!arena) return std::unexpected(arena.error());
    place.arena = std::move(*arena);
    place.profile = peer_profile(wanted.tested);
    place.name = client ? "built-in reference client, in memory" : "built-in reference server, in memory";
  } else {
    if (own) {
      auto started = BuiltIn::start(std::move(peer));
      if (!started) return std::unexpected(started.error());
      place.built_in = std::move(*started);
      settings.url = place.built_in->address().url();
    }
    auto options = run_options(settings);
    if (!options) return std::unexpected(options.error());
    if (options->launch) options->launch->interrupted = &interrupted();
    auto dialer = Dialer::prepare(options->address, options->dial);
    if (!dialer) return std::unexpected(dialer.error());
    if (wanted.coverage) {
      auto coverage = share_counters(options->launch);
      if (!coverage) return std::unexpected(coverage.error());
      place.coverage = std::move(*coverage);
    }
    auto arena = network_arena(*dialer, options->launch, options->rate);
    if (!arena) return std::unexpected(arena.error());
    if (place.coverage && !place.coverage->await_counters(std::chrono::seconds(3)))
      return fail_with("--coverage", "the target shares no counters",
                       "build it with -fsanitize-coverage=inline-8bit-counters and fuzz/greybox/runtime.c");
    place.arena = std::move(*arena);
    place.profile = options->profile;
    place.profile.host = options->address.host_field();
    place.profile.path = options->address.resource;
    place.jobs = options->jobs;
    place.url = options->address.url();
    place.name = own ? "built-in reference server" : wanted.name.empty() ? place.url : wanted.name;
    place.dialer = std::move(*dialer);
    place.run = std::move(*options);
    place.run.profile = place.profile;
  }
  for (const std::string& name : wanted.liberties)
    if (const auto liberty = find_liberty(name)) declare((*liberty)->declare, place.profile);
  return place;
}

Result<void> meet_target(FuzzPlace& place, Duration most) {
  if (!place.dialer && place.hosted == nullptr) return {};
  ProbeOptions how;
  how.sizes = false;  // Costs connections, and no input is near any limit that is common.
  how.empty = false;  // What is found out by it may be a finding of the campaign.
  how.interrupted = &interrupted();
  how.limit = most;
  const Probed probed = meet_by(place, how);
  const Liveness& said = probed.liveness;
  if (interrupted()) return fail_with(place.name, "interrupted while it was asked what it is like");
  if (said.reach != Reach::serves && said.reach != Reach::wrong)
    return fail_with(place.name, said.message, said.hint);
  if (!place.run.probe || said.reach != Reach::serves) return {};
  const auto found = apply(probed.fingerprint, place.run.declared, place.run.address, place.profile);
  if (found.hears_others || found.one_at_a_time) place.jobs = 1;
  // Late words of the connection before are heard, too, so that no message is evidence of anything.
  if (found.hears_others && !place.run.declared.echo) place.profile.features.erase("echo");
  if (found.hears_others) place.profile.greets = true;
  place.found = in_words(found);
  return {};
}

std::map<std::string, Requirement> fuzz_ledger(const std::string& cases) {
  const auto folder = find_cases(cases);
  if (!folder) return {};
  const std::string file = (std::filesystem::path(*folder) / "requirements.json").string();
  const auto text = read_file(file);
  if (!text) return {};
  return parse_ledger(*text, file).value_or(std::map<std::string, Requirement>{});
}

// Every *.wire file of a folder, or one file.
Result<std::vector<FuzzTranscript>> read_fuzz_corpus(const std::string& path, Target tested, bool lenient) {
  std::vector<std::string> files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path, error))
      if (entry.path().extension() == ".wire") files.push_back(entry.path().string());
    std::ranges::sort(files);
  } else {
    files = {path};
  }
  if (files.empty()) return fail_with(path, "holds no *.wire file");
  // One by one: reproducers of equal causes and learned inputs share their ids.
  std::vector<FuzzTranscript> out;
  for (const std::string& file : files) {
    auto suite = load_files({file});
    if (!suite && lenient) continue;
    if (!suite) {
      complain_suite(suite.error());
      return fail_with(file, "cannot be used");
    }
    auto transcripts = transcripts_of(suite->cases, tested);
    std::ranges::move(transcripts, std::back_inserter(out));
  }
  return out;
}

}  // namespace wsspec
