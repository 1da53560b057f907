#include <algorithm>

#include "cli/command_line.h"
#include "cli/verbs.h"
#include "play/expected_fact.h"

namespace wsspec {

bool is_of_an_application(std::string_view setting) {
  static constexpr std::string_view kOfAnApplication[] = {
      "subprotocol",   "preamble",     "subprotocols", "origins",      "message_limit", "handshake_timeout",
      "ping_interval", "ping_timeout", "idle_limit",   "missing_path", "echo",          "greets",
      "deflate",       "fanout",       "history",      "delivery",     "order",         "slow",
      "dialect",       "nodes",        "balancer",     "act",          "stomp",         "probe"};
  return std::ranges::find(kOfAnApplication, setting) != std::end(kOfAnApplication);
}

/// Of a target between a client and a server alone.
bool is_of_a_hop(std::string_view setting) {
  return setting == "idle_max" || setting == "expect";
}

bool is_of_a_server(std::string_view setting) {
  static constexpr std::string_view kOfAServer[] = {"start",
                                                    "start_directory",
                                                    "start_env",
                                                    "ready",
                                                    "ready_timeout",
                                                    "proxy",
                                                    "insecure",
                                                    "ca",
                                                    "cert",
                                                    "key",
                                                    "server_name",
                                                    "header",
                                                    "subprotocol",
                                                    "origins",
                                                    "origin",
                                                    "missing_path",
                                                    "fanout",
                                                    "history",
                                                    "slow",
                                                    "delivery",
                                                    "order",
                                                    "dialect",
                                                    "nodes",
                                                    "balancer",
                                                    "act",
                                                    "stomp",
                                                    "preamble",
                                                    "rate",
                                                    "connections",
                                                    "budget_cpu",
                                                    "budget_memory",
                                                    "budget_descriptors",
                                                    "budget_threads",
                                                    "connect_timeout",
                                                    "handshake_timeout",
                                                    "tls_version",
                                                    "secret_header"};
  return std::ranges::find(kOfAServer, setting) != std::end(kOfAServer);
}

namespace {

const std::vector<OptionSpec> kSelection = {
    {"--filter", "PATTERN",
     "Play only cases that match: an id, a glob (frame.*), a topic, tag:WORD, level:must, a requirement "
     "(rfc6455-5.5.1-7), a clause (rfc6455/5.5.1) or an Autobahn number (autobahn/6.4.3)",
     'f', true, "include"},
    {"--exclude", "PATTERN", "Leave out cases that match, in the same words", 'x', true, "exclude"},
    {"--cases", "DIR|FILE",
     "The case set, or one file of cases; default: $WSSPEC_CASES, the installed one, the source tree's", 0,
     false, "cases"},
};

const std::vector<OptionSpec> kReports = {
    {"--json", "FILE", "Write the JSON report (reports/report.schema.json)", 0, false, "json"},
    {"--html", "FILE", "Write the HTML report, one self-contained page", 0, false, "html"},
    {"--junit", "FILE", "Write JUnit XML as Surefire, GitLab and Jenkins read it", 0, false, "junit"},
    {"--sarif", "FILE", "Write SARIF 2.1.0 with the security findings", 0, false, "sarif"},
    {"--markdown", "FILE", "Write a summary in Markdown"},
    {"--tap", "FILE", "Write TAP 13"},
    {"--jsonl", "FILE", "Write JSON Lines, one line a case"},
    {"--autobahn-report", "DIR", "Write index.json and the case files in the shape of Autobahn|Testsuite"},
};

// What is red, for the verbs that judge finished reports; a run has it among its settings.
const std::vector<OptionSpec> kGate = {
    {"--fail-on", "WORD", "weak, info (which includes weak) or inconclusive: verdicts that are red too", 0,
     true},
    {"--allow-flaky", "", "A verdict that changed when repeated is not red"},
};

const std::vector<OptionSpec> kTalk = {
    {"--verbose", "", "Print a line for every case", 'v'},
    {"--quiet", "", "Print nothing but the last line", 'q'},
};

// What is played and what becomes of it, alike for the verbs whose target is no server.
const std::vector<OptionSpec> kPlaying = {
    {"--config", "FILE", "Read profiles from this file; default: wsspec.toml if there is one", 'c'},
    {"--profile", "NAME", "The profile of the configuration file"},
    {"--shard", "I/N", "Play the I-th of N parts, cut by a stable hash of the ids"},
    {"--rerun-failed", "REPORT", "Play only the cases that were red in this JSON report"},
    {"--update-baseline", "",
     "Write what was seen to the file of --baseline; for people, never in CI (docs/baseline.md)"},
    {"--exit-zero", "",
     "Exit with 0 instead of 1 for red verdicts, for scripts that judge the reports themselves; every "
     "other status stays"},
    {"--dry-run", "", "Print what would be played and send nothing"},
};

std::vector<OptionSpec> join(std::initializer_list<std::vector<OptionSpec>> lists) {
  std::vector<OptionSpec> all;
  for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
  return all;
}

constexpr std::string_view kOfAClient[] = {"reconnects", "closes_first", "client_time_scale"};

// Every key of wsspec.toml is a flag too; those named above already are left out.
std::vector<OptionSpec> setting_options(const std::vector<OptionSpec>& named,
                                        Target tested = Target::server) {
  std::vector<OptionSpec> options;
  for (const SettingInfo& info : setting_infos()) {
    const auto same = [&](const OptionSpec& option) { return option.setting == info.key; };
    if (info.key == "url" || std::ranges::any_of(named, same)) continue;
    const bool of_client = std::ranges::find(kOfAClient, info.key) != std::end(kOfAClient);
    if (of_client && tested != Target::client) continue;
    if (is_of_a_hop(info.key) && tested != Target::hop) continue;
    OptionSpec option;
    option.name = "--" + std::string(info.key);
    std::ranges::replace(option.name, '_', '-');
    const bool list =
        info.type.find("list") != std::string_view::npos || info.type.find('[') != std::string_view::npos;
    if (!info.type.starts_with("bool")) option.value = std::string(info.type);
    option.meaning = std::string(info.meaning);
    option.many = list;
    option.setting = std::string(info.key);
    options.push_back(std::move(option));
  }
  return options;
}

// Settings that choose, judge and report the cases of a run; a verb that has no cases to choose has no such
// option.
std::vector<OptionSpec> target_options(const std::vector<OptionSpec>& named) {
  static constexpr std::string_view kOfARun[] = {"budget",
                                                 "budget_cpu",
                                                 "budget_memory",
                                                 "budget_descriptors",
                                                 "budget_threads",
                                                 "repeat",
                                                 "rate",
                                                 "bulk",
                                                 "allow_destructive",
                                                 "allow_flaky",
                                                 "allow_not_run",
                                                 "include",
                                                 "exclude",
                                                 "fail_on",
                                                 "baseline",
                                                 "json",
                                                 "html",
                                                 "junit",
                                                 "sarif"};
  auto options = setting_options(named);
  std::erase_if(options, [](const OptionSpec& option) {
    return std::ranges::find(kOfARun, option.setting) != std::end(kOfARun);
  });
  return options;
}

// A target by its name in the configuration file.
const std::vector<OptionSpec> kTarget = {
    {"--config", "FILE",
     "Read targets and profiles from this file; default: wsspec.toml if there is one. A URL takes the "
     "settings of "
     "the target that has it",
     'c'},
    {"--target", "NAME", "The target of the configuration file"},
    {"--profile", "NAME", "The profile of the configuration file"},
    {"--start", "COMMAND",
     "Start the target with this command and watch it; {port} is the URL's, {url} where a client is to "
     "connect "
     "again and again",
     0, false, "start"}};
const OptionSpec kRate = {
    "--rate", "N", "New connections a second at most; default: 10 off loopback, else any", 0, false, "rate"};

const OptionSpec kConnectWithin = {"--connect-within", "DURATION",
                                   "With --exec: how long a command has until it connects; default 10s"};

/// How a client comes to us; with --start of the target.
const std::vector<OptionSpec> kServing = {
    {"--serve", "",
     "The target is a client that comes to us, by --exec, by --start, or by itself to where we --listen"},
    {"--exec", "COMMAND",
     "With --serve: start this for each connection; {url} is where it is to connect (also in WSSPEC_URL)"},
    {"--listen", "[HOST:]PORT", "With --serve: where we listen; default 127.0.0.1 and any free port"},
    kConnectWithin,
    {"--grace", "DURATION",
     "With --exec: how long a command may go on behind its connection before it is ended; default 2s"},
    {"--patience", "DURATION",
     "Without --exec: how long a client may stay away before it counts as hung; default 10s"},
    {"--tls", "",
     "With --serve: over TLS, with a certificate of an authority that is made for the run; {ca} in the "
     "command is the file of whom to trust (also in WSSPEC_CA, SSL_CERT_FILE, NODE_EXTRA_CA_CERTS and "
     "others)"},
    {"--ca-file", "FILE", "With --tls: write the authority's certificate there, and leave it there"},
    {"--certificate", "FILE", "With --serve: over TLS with this PEM chain"},
    {"--key", "FILE", "The private key of --certificate, or of --cert", 0, false, "key"}};

/// The built-in peer in place of a target.
const std::vector<OptionSpec> kBuiltIn = {
    {"--role", "server|client", "With --memory: which reference peer it is; default server"},
    {"--memory", "", "Without a URL or --serve: play in memory, with a made-up clock"},
    {"--defect", "NAME", "Without a URL or --serve: plant this defect in the built-in peer", 0, true},
    {"--liberty", "NAME", "Without a URL or --serve: let the built-in peer take this legal liberty", 0,
     true}};

VerbSpec run_spec() {
  VerbSpec verb{"run", "[URL...]", 0,  64,      "Play the cases against a server and judge it",
                "",    {},         {}, run_verb};
  verb.description =
      "Without a URL the built-in reference server is started on a free port and tested. The exit code is 0 "
      "when everything "
      "is as expected, 1 for red verdicts, 4 when nothing was selected, 5 when the target cannot be reached "
      "or died, 6 when "
      "the baseline is stale, 130 when interrupted. Silence, slowness and deaths "
      "of the target may take 30 seconds (times --time-scale) more than the cases need; what is left out for "
      "that is red as not_run. What --start starts ends with wsspec, however that ends.";
  verb.examples = {
      {"wsspec run ws://127.0.0.1:9001", "test a server that echoes"},
      {"wsspec run ws://127.0.0.1:9001 --html report.html --json report.json", "and keep the reports"},
      {"wsspec run --filter 'close.*' --filter autobahn/6.4.3", "some cases, against the built-in server"},
      {"wsspec run ws://127.0.0.1:9001 --start 'node server.js'", "start the server, watch it, end it"},
      {"wsspec run ws://127.0.0.1:9001 --baseline wsspec.baseline", "in CI, with known failures"},
      {"wsspec run ws://127.0.0.1:9001 --baseline wsspec.baseline --update-baseline",
       "write them down, for the first time or anew"}};
  std::vector<OptionSpec> own = {
      {"--config", "FILE",
       "Read targets and profiles from this file; default: wsspec.toml if there is one. A URL takes the "
       "settings of "
       "the target that has it",
       'c'},
      {"--target", "NAME", "The target of the configuration file"},
      {"--profile", "NAME", "The profile of the configuration file"},
      {"--start", "COMMAND", "Start the target with this command and watch it; {port} is the URL's", 0, false,
       "start"},
      {"--shard", "I/N", "Play the I-th of N parts, cut by a stable hash of the ids"},
      {"--rerun-failed", "REPORT", "Play only the cases that were red in this JSON report"},
      {"--update-baseline", "",
       "Write what was seen to the file of --baseline; for people, never in CI (docs/baseline.md)"},
      {"--autobahn-spec", "FILE",
       "Take servers, agents and cases from a fuzzingclient.json; the exit status is red when index.json "
       "holds FAILED, WRONG CODE, UNCLEAN or FAILED BY CLIENT"},
      {"--exit-zero", "",
       "Exit with 0 instead of 1 for red verdicts, for scripts that judge the reports themselves; every "
       "other status stays"},
      {"--dry-run", "", "Print what would be played and send nothing"},
      {"--memory", "", "Without a URL: play in memory, with a made-up clock"},
      {"--defect", "NAME", "Without a URL: plant this defect in the built-in server", 0, true},
      {"--liberty", "NAME", "Without a URL: let the built-in server take this legal liberty", 0, true},
  };
  verb.options = join({kSelection, own, kReports, kTalk});
  const auto settings = setting_options(verb.options);
  verb.options.insert(verb.options.end(), settings.begin(), settings.end());
  return verb;
}

VerbSpec serve_spec() {
  VerbSpec verb{"serve",
                "[FILE...]",
                0,
                64,
                "Play the cases as a server, against a client, and judge the client",
                "",
                {},
                {},
                serve_verb};
  verb.description =
      "A client that echoes what it receives is all that is needed. With --exec a command is started for "
      "each "
      "case, on a port of its own; without it one client connects, and again after each case. The exit codes "
      "are "
      "those of run; nothing is green that no client has asked for.";
  verb.examples = {
      {"wsspec serve --exec 'node client.js {url}'", "start the client for each case"},
      {"wsspec serve --listen 9001", "a client that connects to ws://127.0.0.1:9001 again and again"},
      {"wsspec serve odd.wire --listen 9001",
       "a server that does what these cases say, for whoever writes a client"},
      {"wsspec serve --tls --exec 'node client.js {url}'", "over TLS, and how it takes wrong certificates"},
      {"wsspec serve --page --start 'chromium --headless {url}'", "a browser"},
      {"wsspec serve --exec './client {url}' --filter 'reply.*' --html report.html",
       "some cases, and a report"},
      {"wsspec serve --exec './client {url}' --reconnects --filter 'reconnect.*' --jobs 8",
       "when it connects again, and whether the next connection is clean"}};
  std::vector<OptionSpec> own = {
      {"--exec", "COMMAND",
       "Start this for each case; {url} is where it is to connect (also in WSSPEC_URL). Exit status 127: it "
       "cannot do this case"},
      {"--start", "COMMAND",
       "Start this once, or --jobs times; {url} is where it is to connect again and again, or with --page "
       "what it is to show"},
      {"--page", "",
       "The client is a browser: serve a page that connects and echoes, as often as there are cases"},
      {"--listen", "[HOST:]PORT", "Where we listen; default 127.0.0.1 and any free port"},
      {"--connections-served", "N", "With FILE: end after so many connections; default: at Ctrl-C"},
      {"--tls", "",
       "Serve wss, with certificates of an authority that is made for the run; {ca} in the command is the "
       "file of whom to trust (also in WSSPEC_CA, SSL_CERT_FILE, NODE_EXTRA_CA_CERTS and others)"},
      {"--ca-file", "FILE", "With --tls: write the authority's certificate there, and leave it there"},
      {"--certificate", "FILE", "Serve wss with this PEM chain; cases about certificates are skipped"},
      {"--key", "FILE", "Its private key"},
      {"--insecure", "", "With --tls: the client takes any certificate, so that it is not asked about them"},
      {"--agent", "NAME", "What the client is called in reports"},
      {"--autobahn", "",
       "Be Autobahn|Testsuite's fuzzing server: clients ask for cases by path (/getCaseCount, /runCase, "
       "/updateReports)"},
      {"--autobahn-spec", "FILE", "The same, with the url, cases and outdir of a fuzzingserver.json"},
      {"--expect-agent", "NAME", "With --autobahn: end when this client has asked for its reports"},
      {"--until-idle", "DURATION", "With --autobahn: end when nobody has come for so long"},
      {"--allow-remote-stop", "", "With --autobahn: /stopServer ends us"},
      kConnectWithin,
      {"--grace", "DURATION",
       "With --exec: how long a command may go on behind its case before it is ended; default 2s"},
      {"--patience", "DURATION", "Without --exec: how long a client may stay away; default 30s"},
  };
  verb.options = join({kSelection, own, kPlaying, kReports, kTalk});
  auto settings = setting_options(verb.options, Target::client);
  std::erase_if(settings, [](const OptionSpec& option) { return is_of_a_server(option.setting); });
  verb.options.insert(verb.options.end(), settings.begin(), settings.end());
  return verb;
}

VerbSpec path_spec() {
  VerbSpec verb{
      "path",
      "[URL]",
      0,
      1,
      "Judge a hop (proxy, load balancer, TLS end) from both of its ends, or before a server of yours",
      "",
      {},
      {},
      path_verb};
  verb.description =
      "URL is the front of the hop; --behind is where it finds its server, which is us. Each case is played "
      "from our "
      "client through the hop to our server, and what comes out is compared with what went in: a verdict "
      "names "
      "the end at which it was seen, so that upwards is the client's way to the server. First the same cases "
      "are "
      "played without the hop; if that is not as it should be, the exit code is 3. The others are those of "
      "run. With --server the server behind the hop is yours, and the cases are those of run: played against "
      "it directly, then through the hop, which is red for what the server does right by itself. What a hop "
      "does that is no fault is told as facts; --expect makes one a check. ";
  verb.description += expectation_manual();
  verb.examples = {
      {"wsspec path ws://127.0.0.1:8080/ --behind 9700", "a hop that passes / on to 127.0.0.1:9700"},
      {"wsspec path ws://127.0.0.1:8080/ --behind 9700 --start 'nginx -c $PWD/nginx.conf'",
       "start it first, and end it behind the run"},
      {"wsspec path ws://127.0.0.1:8080/ --server ws://127.0.0.1:9001/ --html report.html",
       "what the hop makes worse of your server"},
      {"wsspec path --print-config nginx ws://127.0.0.1:8080/ --behind 9700 > nginx.conf",
       "our configuration of nginx for these two ports"},
      {"wsspec path wss://127.0.0.1:8443/ --behind 9700 --insecure --html report.html", "one that ends TLS"},
      {"wsspec path ws://127.0.0.1:8080/ --behind 9700 --filter 'hop-smuggling.*'", "one topic"},
      {"wsspec path ws://127.0.0.1:8080/ --behind 9700 --expect 'idle>=60s' --expect 'head>=16KiB'",
       "facts that must hold"}};
  const std::vector<OptionSpec> own = {
      {"--behind", "[HOST:]PORT", "Where the hop connects to its server: we listen there"},
      {"--server", "URL",
       "In place of --behind: the server behind the hop is yours, and without the hop it is here"},
      {"--print-config", "NAME",
       "Print a configuration with which the hop of that name (nginx, haproxy, apache, ...) passes on from "
       "the "
       "port of URL to that of --behind; default 25000 and 25100"},
      {"--hop", "NAME", "What the hop is called in reports"},
      {"--role", "ROLE",
       "gateway (chosen by the server's operator; the default), proxy (by the client: more of RFC 9110 is a "
       "MUST) or tcp "
       "(no reader of HTTP: heads must come octet by octet)"},
      {"--proxy-protocol", "VERSION",
       "Which PROXY header it is to send us ahead of each connection: v1, v2, none, or any, which tells; "
       "default any"},
      {"--reload", "COMMAND",
       "Reloads it gracefully: what that does to tunnels is played last; {pid} is what --start has started"},
      {"--stop", "COMMAND", "Stops it gracefully: likewise, and behind all else"},
  };
  verb.options = join({kSelection, own, kPlaying, kReports, kTalk});
  const auto settings = setting_options(verb.options, Target::hop);
  verb.options.insert(verb.options.end(), settings.begin(), settings.end());
  return verb;
}

VerbSpec list_spec() {
  VerbSpec verb{"list", "[PATTERN...]", 0, 256, "List cases, requirements or Autobahn numbers", "", {},
                {},     list_verb};
  verb.description = "One id a line with level and clause; the words of --filter select.";
  verb.examples = {
      {"wsspec list 'close.*'", "the cases of a topic"},
      {"wsspec list --coverage", "requirement, level, its cases; what is uncovered and why"},
      {"wsspec list --json > cases.json", "everything, for programs"},
      {"wsspec list --autobahn", "the 517 numbers of Autobahn|Testsuite and our cases for them"}};
  verb.options = {kSelection[1],
                  kSelection[2],
                  {"--role", "server|client|hop", "The cases against these; default server"},
                  {"--json", "", "Print JSON"},
                  {"--coverage", "", "Print requirement, level and cases, and what has none"},
                  {"--autobahn", "", "Print Autobahn's numbers and the cases that replace them"},
                  {"--bulk", "", "Also the cases of --bulk runs"}};
  return verb;
}

VerbSpec explain_spec() {
  VerbSpec verb{
      "explain", "CASE...", 1,  64,          "Say what a case demands, step by step, and by which clause",
      "",        {},        {}, explain_verb};
  verb.examples = {{"wsspec explain close.code.valid[1000]", "one case"},
                   {"wsspec explain autobahn/6.4.3", "by its old number"}};
  verb.options = {kSelection[2]};
  return verb;
}

VerbSpec check_spec() {
  VerbSpec verb{"check", "FILE...", 1,  4096,      "Check case files: syntax, names, requirements",
                "",      {},        {}, check_verb};
  verb.examples = {{"wsspec check cases/*.wire", "before a commit"}};
  verb.options = {kSelection[2]};
  return verb;
}

VerbSpec replay_spec() {
  VerbSpec verb{"replay",
                "FILE [URL]",
                1,
                2,
                "Play a log, a reproducer or any case file against a server or client",
                "",
                {},
                {},
                replay_verb};
  verb.description =
      "A failing log is a case: it passes while the fault is there. Says reproduced, changed or gone for "
      "each case. A finding of `wsspec fuzz` is replayed within 30s. The exit code is 0 when all are "
      "reproduced, 1 when one is not, 2 for wrong words or files, 5 when the target cannot be reached or "
      "refuses a correct opening handshake, 130 when interrupted.";
  verb.examples = {
      {"wsspec replay failing.wire ws://127.0.0.1:9001", "is it fixed yet?"},
      {"wsspec replay failing.wire --serve --exec 'node client.js {url}'", "the same of a client"}};
  std::vector<OptionSpec> own = {{"--paced", "", "Keep the times of the log"},
                                 {"--transcript", "", "Print what crossed the wire"},
                                 kSelection[2],
                                 kRate};
  own = join({kTarget, kServing, own});
  verb.options = join({own, target_options(own)});
  return verb;
}

VerbSpec peer_spec() {
  VerbSpec verb{"peer", "", 0,  0,        "Serve the reference echo server, on demand with a planted defect",
                "",     {}, {}, peer_verb};
  verb.examples = {
      {"wsspec peer --listen 9001", "a conforming echo server"},
      {"wsspec peer --listen 9001 --defect mask.accepts-unmasked-text", "one that accepts unmasked text"},
      {"wsspec peer --listen 8080 --hop ws://127.0.0.1:9700 --defect up.strips-origin",
       "a reverse proxy that loses Origin"},
      {"wsspec peer --list", "all defects and liberties"}};
  verb.options = {
      {"--listen", "PORT", "Port on 127.0.0.1; default 9001"},
      {"--defect", "NAME", "Plant this defect", 0, true},
      {"--liberty", "NAME", "Take this legal liberty", 0, true},
      {"--room", "others|all",
       "After the message '/join NAME' deliver what a client says to the others in that room, or to "
       "all, until '/leave'"},
      {"--stomp", "", "Be a broker of STOMP 1.0 to 1.2, and echo nothing"},
      {"--login", "NAME:PASSCODE", "With --stomp: who may connect; default: anybody"},
      {"--plain", "", "With --room: all who are connected are in the one room"},
      {"--ca", "FILE", "With --connect wss://...: trust the authorities of this PEM file"},
      {"--ping-interval", "DURATION", "Ping so often"},
      {"--ping-timeout", "DURATION", "Leave when a ping is not answered by then"},
      {"--idle-limit", "DURATION", "Leave when no frame has come for so long"},
      {"--certificate", "FILE", "Serve wss with this PEM chain"},
      {"--key", "FILE", "Its private key"},
      {"--unix", "PATH", "Listen on a Unix socket instead"},
      {"--connect", "URL",
       "Be a client of this server instead: connect, echo until the end, and connect again, until nobody "
       "listens any more; with \"close\" in WSSPEC_ACTION it closes in place of sending back a message"},
      {"--once", "", "With --connect: one connection only"},
      {"--hop", "URL",
       "Be a hop before this server instead: a reverse proxy, on demand with a defect or liberty of a hop"},
      {"--list", "", "Print the names of defects and liberties"},
      {"--json", "", "With --list: as JSON"}};
  return verb;
}

VerbSpec self_test_spec() {
  VerbSpec verb{
      "self-test",   "", 0, 0, "Prove the case set: plant each defect, take each liberty", "", {}, {},
      self_test_verb};
  verb.description =
      "Plays the cases in memory against the reference server as it is, with each planted defect and with "
      "each legal liberty. Exits with 1 when a defect survives, a liberty changes a verdict or a case "
      "catches nothing. With --filter a defect may survive, with --defect or --liberty a case may catch "
      "nothing.";
  verb.examples = {{"wsspec self-test", "the whole matrix"},
                   {"wsspec self-test --defect control.ping-unanswered --verbose", "who catches it?"},
                   {"wsspec self-test --filter 'close.code.*' --verbose", "what do these cases catch?"}};
  verb.options = join({{kSelection[0], kSelection[1], kSelection[2]},
                       {{"--role", "server|client|hop", "Which reference peer is tested; default server"},
                        {"--defect", "NAME", "Only this one", 0, true},
                        {"--liberty", "NAME", "Only this one", 0, true},
                        {"--quick", "", "Stop at the first case that catches a defect"},
                        {"--bulk", "", "Also the bulk cases"},
                        {"--segment", "N", "Deliver at most N octets at once"},
                        {"--json", "FILE", "Write the matrix as JSON"}},
                       kTalk});
  return verb;
}

VerbSpec diff_spec() {
  VerbSpec verb{"diff", "OLD NEW", 2,  2,        "Compare two JSON reports: fixed, broken, new, gone",
                "",     {},        {}, diff_verb};
  verb.description = "Exits with 1 only when something broke, and with 5 when the newer run lost its target.";
  verb.examples = {{"wsspec diff main.json branch.json --markdown comment.md", "for a pull request"}};
  verb.options = {{"--markdown", "FILE", "Write the comparison in Markdown"}};
  return verb;
}

VerbSpec merge_spec() {
  VerbSpec verb{"merge", "REPORT...", 1, 1024, "Join the reports of shards into one", "", {}, {}, merge_verb};
  verb.description = "A missing shard, two reports of one shard or different targets are errors.";
  verb.examples = {{"wsspec merge 1.json 2.json --json whole.json --html whole.html", "two shards"}};
  verb.options = join({kReports, kGate});
  return verb;
}

VerbSpec report_spec() {
  VerbSpec verb{"report", "REPORT", 1, 1, "Make other formats from a JSON report", "", {}, {}, report_verb};
  verb.examples = {
      {"wsspec report report.json --html report.html --junit junit.xml", "without playing again"}};
  verb.options = join({kReports, kGate});
  return verb;
}

VerbSpec matrix_spec() {
  VerbSpec verb{"matrix", "[URL...]", 0,  256,        "Run many targets and show them side by side",
                "",       {},         {}, matrix_verb};
  verb.description =
      "The page shows the share that passes by target and topic, and why a target died; a number opens its "
      "cases. One line a target is printed. The exit code is the worst of the runs.";
  verb.examples = {
      {"wsspec matrix --config wsspec.toml --html matrix.html", "all targets of a configuration file"},
      {"wsspec matrix --from a.json --from b.json --html matrix.html", "from reports"}};
  verb.options = join({kSelection,
                       {{"--config", "FILE", "Targets and profiles", 'c'},
                        {"--from", "REPORT", "A JSON report instead of a run", 0, true},
                        {"--html", "FILE", "Write the page"},
                        {"--json", "FILE", "Write the runs as JSON"},
                        {"--markdown", "FILE", "Write the table of differences"}},
                       kTalk});
  return verb;
}

VerbSpec fuzz_spec() {
  VerbSpec verb{
      "fuzz", "[URL]", 0,  1,        "Fuzz a server or a client with the protocol itself as the oracle",
      "",     {},      {}, fuzz_verb};
  verb.description =
      "Sends generated and mutated sessions and holds every answer against what the RFCs allow. A finding "
      "names the clause "
      "and comes with a minimised reproducer, which `wsspec replay` plays; it is in the findings folder "
      "before anything else "
      "happens. With --serve the target is a client that comes to us and echoes (docs/testing-clients.md). "
      "Without a URL or --serve the built-in reference server is fuzzed. As `wsspec run` does, it finds out "
      "first whether the "
      "target echoes; of one that does not only what the protocol owes is judged. In part of the inputs "
      "several "
      "connections to a server are open beside each other, at most --jobs: what one of them gets that only "
      "another has sent is "
      "a finding. The last but one line counts what was tried on purpose. Inputs are begun until "
      "--time is over; what was "
      "found is replayed and minimised in at most a quarter more (3s to 15s). The exit code is 0 when "
      "nothing "
      "is wrong, 1 when a rule is "
      "broken, 2 for wrong words, files or a findings folder that another process works on, 3 when a report "
      "or a finding cannot be written, 4 when not one input was digested, 5 when the target cannot be "
      "reached "
      "or died, 130 when interrupted.";
  verb.examples = {
      {"wsspec fuzz ws://127.0.0.1:9001 --time 60s", "a minute against a server that echoes"},
      {"wsspec fuzz ws://127.0.0.1:9001 --start './server {port}'", "start it, restart it when it crashes"},
      {"wsspec fuzz --memory --inputs 20000 --defect control.ping-unanswered",
       "the built-in server with a planted defect"},
      {"wsspec fuzz --serve --exec 'node client.js {url}'", "a client, started for each connection"},
      {"wsspec fuzz --serve --start './loop {url}' --time 60s", "a client that connects again and again"},
      {"wsspec fuzz --serve --tls --exec './client --cacert {ca} {url}'", "over TLS"},
      {"wsspec fuzz --memory --role client", "the built-in client"}};
  std::vector<OptionSpec> own = {
      {"--time", "DURATION", "How long inputs are begun; default 60s, with --inputs 1h"},
      {"--inputs", "N", "Stop after so many inputs"},
      kRate,
      {"--max-findings", "N", "Stop at so many new violations; default: go on"},
      {"--corpus", "PATH", "Case files or reproducers to breed from, beside the grammar", 0, true},
      {"--coverage", "",
       "Keep what reaches new code of the target, which --start starts and fuzz/greybox/runtime.c is linked "
       "into"},
      {"--findings", "DIR", "Where reproducers and index.json go; default: findings"},
      {"--resume", "", "What the folder already holds is known, as long as it still shows"},
      {"--weak", "", "Also report where only a SHOULD is not followed"},
      kSelection[2],
      {"--json", "FILE", "Write the campaign as JSON"},
      {"--html", "FILE", "Write the campaign as one self-contained page"},
      {"--sarif", "FILE", "Write the violations as SARIF 2.1.0"},
      kTalk[1],
  };
  own = join({kTarget, kServing, own, kBuiltIn});
  verb.options = join({own, target_options(own)});
  return verb;
}

VerbSpec minimize_spec() {
  VerbSpec verb{"minimize",
                "FILE [URL]",
                1,
                2,
                "Make a case smaller while the target still breaks the same rule",
                "",
                {},
                {},
                minimize_verb};
  verb.description =
      "Only what the case sends counts; what is wrong with the answers is found out anew. When the time is "
      "over "
      "it writes what it has. The exit code is 0 when a smaller case was written, 1 when nothing is wrong "
      "with "
      "the answers, 2 for wrong words or files, 5 when the target cannot be reached or refuses a correct "
      "opening "
      "handshake, 130 when interrupted.";
  verb.examples = {{"wsspec minimize big.wire ws://127.0.0.1:9001 -o small.wire", "before a bug report"},
                   {"wsspec minimize big.wire --serve --exec './client {url}' -o small.wire", "of a client"}};
  std::vector<OptionSpec> own = {{"--output", "FILE", "Where to; default: standard output", 'o'},
                                 {"--time", "DURATION", "How long it tries; default 60s"},
                                 kSelection[2],
                                 kRate};
  own = join({kTarget, kServing, own, kBuiltIn});
  verb.options = join({own, target_options(own)});
  return verb;
}

VerbSpec campaign_spec() {
  VerbSpec verb{"campaign", "ACTION DIR [URL]", 2, 3, "Fuzz in shards that any batch system can run", "", {},
                {},         campaign_verb};
  verb.description =
      "init writes what is to be fuzzed into a folder; shard plays one part of it, goes on where it was "
      "interrupted and does nothing when it is complete; merge puts findings and inputs of all shards "
      "together; report makes reports. With --start the shards count up from the URL's port, so that they "
      "may share a machine. What else a target needs (headers, a preamble, --rate) comes from its WSSPEC_ "
      "variables. The exit code of shard is 0 also with findings, 2 when another process works on it, 4 when "
      "not one input was digested, 5 when the target cannot be reached or died, 130 when interrupted; that "
      "of "
      "report is 1 with a violation.";
  verb.examples = {
      {"wsspec campaign init big ws://127.0.0.1:9001 --start './server {port}' --shards 8 --time 1h",
       "eight shards of an hour"},
      {"wsspec campaign init big --serve --exec './client {url}' --grace 5s --shards 8 --time 1h",
       "the same of a client"},
      {"parallel wsspec campaign shard big --index ::: $(seq 0 7)", "play them on this machine"},
      {"wsspec campaign merge big && wsspec campaign report big --html big.html", "what came out"}};
  verb.options = {
      {"--shards", "N", "init: how many parts; default 1"},
      {"--time", "DURATION", "init: how long each shard runs; default 10m"},
      {"--inputs", "N", "init: stop each shard after so many inputs instead"},
      {"--seed", "N", "init: seed of all; each shard draws its own from it"},
      {"--start", "COMMAND",
       "init: start the target with this command and watch it; {port} is the URL's, {url} where a client is "
       "to connect again and again"},
      {"--serve", "", "init: the target is a client that comes to us, by --exec, --start, or by itself"},
      {"--exec", "COMMAND",
       "init, with --serve: start this for each connection; {url} is where it is to connect"},
      {"--listen", "[HOST:]PORT",
       "init, with --serve: where the first shard listens; the others count up from it"},
      {"--connect-within", "DURATION", "init, with --exec: how long a command has until it connects"},
      {"--grace", "DURATION", "init, with --exec: how long a command may go on behind its connection"},
      {"--patience", "DURATION", "init, with --serve, without --exec: how long a client may stay away"},
      {"--tls", "", "init, with --serve: over TLS; each shard makes an authority of its own ({ca})"},
      {"--certificate", "FILE", "init, with --serve: over TLS with this PEM chain"},
      {"--key", "FILE", "init, with --serve: its private key"},
      {"--weak", "", "init: also report where only a SHOULD is not followed"},
      {"--memory", "", "init, without a URL or --serve: play in memory, with a made-up clock"},
      {"--role", "server|client", "init, with --memory: which reference peer is fuzzed; default server"},
      {"--defect", "NAME", "init, without a URL or --serve: plant this defect in the built-in peer", 0, true},
      {"--liberty", "NAME", "init, without a URL or --serve: let the built-in peer take this liberty", 0,
       true},
      {"--index", "I", "shard: which one, from 0; default: what Slurm, Kubernetes or GNU parallel say"},
      {"--json", "FILE", "report: write the campaign as JSON"},
      {"--html", "FILE", "report: write the campaign as one self-contained page"},
      {"--sarif", "FILE", "report: write the violations as SARIF 2.1.0"},
      kSelection[2]};
  return verb;
}

VerbSpec init_spec() {
  VerbSpec verb{"init", "[URL]", 0, 1, "Write a commented wsspec.toml", "", {}, {}, init_verb};
  verb.description =
      "Looks at the target first and writes down what it found: whether it echoes, greets and compresses. "
      "When nobody answers, it says so and writes the file all the same.";
  verb.examples = {
      {"wsspec init ws://127.0.0.1:9001", "into this folder"},
      {"wsspec init wss://chat.example/ws --ca ca.pem --subprotocol chat", "of another machine"}};
  verb.options = {{"--output", "FILE", "Where to; default wsspec.toml, - for standard output", 'o'},
                  {"--force", "", "Overwrite a file that is there"}};
  static constexpr std::string_view kOfReaching[] = {
      "header", "subprotocol", "proxy", "insecure", "ca", "cert", "key", "server_name", "connect_timeout"};
  auto settings = setting_options(verb.options);
  std::erase_if(settings, [](const OptionSpec& option) {
    return std::ranges::find(kOfReaching, option.setting) == std::end(kOfReaching);
  });
  verb.options.insert(verb.options.end(), settings.begin(), settings.end());
  return verb;
}

}  // namespace

const std::vector<VerbSpec>& verbs() {
  static const std::vector<VerbSpec> all = {
      run_spec(),
      serve_spec(),
      path_spec(),
      list_spec(),
      explain_spec(),
      check_spec(),
      replay_spec(),
      peer_spec(),
      self_test_spec(),
      diff_spec(),
      merge_spec(),
      report_spec(),
      matrix_spec(),
      fuzz_spec(),
      minimize_spec(),
      campaign_spec(),
      init_spec(),
      {"manual",
       "",
       0,
       0,
       "Print the manual page",
       "",
       {{"wsspec manual | man -l -", "read it"}},
       {},
       manual_verb},
      {"completion",
       "SHELL",
       1,
       1,
       "Print the completions for bash, zsh or fish",
       "",
       {{"wsspec completion bash > /etc/bash_completion.d/wsspec", "install them"}},
       {},
       completion_verb},
  };
  return all;
}

}  // namespace wsspec
