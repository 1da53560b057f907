#include "config/config.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace wsspec::config_test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kFile = R"(jobs = 4
time-scale = 2.5
header = ["X-All: 1", "X-Common: a"]
default_target = "local"

[target.local]
url = "ws://127.0.0.1:9001/chat"
header = "X-Common: b"
subprotocols = ["chat", "superchat"]
message_limit = "16M"
handshake_timeout = "10s"
ping_interval = "30s"
ping_timeout = "5s"
idle_limit = "1500ms"
echo = false

[target.remote]
url = "wss://echo.example/"
insecure = true

[profile.ci]
jobs = 2
budget = "90s"
fail_on = "weak"
exclude = ["tag:slow"]
)";

TEST(Config, LaysProfileOverTargetOverDefaults) {
  const auto config = parse_config(kFile, "wsspec.toml").value();
  const auto plain = settings_for(config, "", "").value();
  EXPECT_EQ(plain.url, "ws://127.0.0.1:9001/chat");
  EXPECT_EQ(plain.jobs, 4);
  EXPECT_EQ(plain.time_scale, 2.5);
  EXPECT_EQ(plain.message_limit, 16U << 20);
  EXPECT_EQ(plain.handshake_timeout, 10s);
  EXPECT_EQ(plain.ping_interval, 30s);
  EXPECT_EQ(plain.ping_timeout, 5s);
  EXPECT_EQ(plain.idle_limit, 1500ms);
  EXPECT_EQ(plain.echo, false);
  EXPECT_EQ(plain.subprotocols, (std::vector<std::string>{"chat", "superchat"}));
  EXPECT_EQ(plain.header, (std::vector<Field>{{"X-All", "1"}, {"X-Common", "b"}}));
  const auto ci = settings_for(config, "remote", "ci").value();
  EXPECT_EQ(ci.url, "wss://echo.example/");
  EXPECT_EQ(ci.jobs, 2);
  EXPECT_EQ(ci.budget, 90s);
  EXPECT_EQ(ci.exclude, std::vector<std::string>{"tag:slow"});
  EXPECT_FALSE(ci.message_limit);
}

struct Bad {
  const char *text, *where, *what, *hint;
};
TEST(Config, EachMistakeHasItsPlaceAndHint) {
  const Bad rows[] = {
      {"jbos = 1", "f:1:1", "unknown key 'jbos'", "jobs"},
      {"\n[target.a]\n  urll = \"ws://h/\"", "f:3:3", "unknown key 'urll'", "url"},
      {"[targets.a]\nurl = \"ws://h/\"", "f:1:2", "unknown key 'targets'", "target"},
      {"nothing_like_it = 1", "f:1:1", "unknown key", "there are: default_target, target, profile, url"},
      {"jobs = \"many\"", "f:1", "no number", ""},
      {"jobs = 0", "f:1", "out of range", "1 to"},
      {"jobs = [1, 2]", "f:1", "takes one value", "jobs = 8"},
      {"bulk = {a = 1}", "f:1", "another kind of value", "bulk = false"},
      {"budget = \"soon\"", "f:1", "no length of time", "1.5s"},
      {"header = [\"no colon\"]", "f:1", "a name, a colon and a value", "Name: value"},
      {"header = [\"A: b\\r\\nC: d\"]", "f:1", "control character (0x0d) at position 5", ""},
      {"target = 1", "f:1", "table of tables", "[target.NAME]"},
      {"[target]\nurl = \"x\"", "f:2", "stands in no table", "[target.NAME]"},
      {"default_target = \"b\"\n[target.a]\nurl = \"ws://h/\"", "f", "'b' is not in the file", "a"},
      {"jobs = = 1", "f:1", "", "TOML"},
      {"echo = 3", "f:1", "neither yes nor no", ""},
      {"fanout = \"other\"", "f:1", "'other' is none of its values", "others"},
      {"order = \"causal\"", "f:1", "'causal' is none of its values", "one of sender, total, none"},
      {"history = -1", "f:1", "no number", "old messages"},
      {"dialect = \"stomp\"", "f:1", "there is no dialect 'stomp'", "plain"},
      {"[dialect]\nsya = \"{text}\"", "f:2:1: dialect", "'sya' is no word", "say"},
      {"[dialect]\nsay = 3", "f:2:1", "'say' is no text", "say = "},
      {"[target.a.dialect]\nsay = \"hello\"", "f:2:1", "no {text}", "{text}"},
      {"[stomp]\nspeed = \"1\"", "f:2:1: stomp", "'speed' is no word of stomp", "queue"},
      {"stomp = [\"kind=octets\"]", "f:1", "no kind of message", "text or binary"},
  };
  for (const auto& row : rows) {
    const auto config = parse_config(row.text, "f");
    ASSERT_FALSE(config) << row.text;
    const auto& error = config.error();
    EXPECT_TRUE(error.where.starts_with(row.where)) << row.text << ": " << error.where;
    EXPECT_NE(error.what.find(row.what), std::string::npos) << row.text << ": " << error.what;
    EXPECT_NE(error.hint.find(row.hint), std::string::npos) << row.text << ": " << error.hint;
  }
}

TEST(Config, UnknownTargetsAndProfilesHaveHints) {
  const auto config = parse_config(kFile, "wsspec.toml").value();
  const auto target = settings_for(config, "locla", "");
  ASSERT_FALSE(target);
  EXPECT_NE(target.error().hint.find("local"), std::string::npos);
  const auto profile = settings_for(config, "", "nightly");
  ASSERT_FALSE(profile);
  EXPECT_NE(profile.error().hint.find("ci"), std::string::npos);
}

// Whatever is said about a target in its own file, it is not said about another.
TEST(Config, AStrangersUrlGetsNoCredentialsAndNoCommands) {
  const auto config = parse_config(
                          "jobs = 4\nheader = [\"X-All: t0ken\"]\nstart = \"touch pwned\"\n"
                          "baseline = \"known\"\n[target.prod]\nurl = \"wss://prod.example/\"\n"
                          "header = [\"Authorization: Bearer x\"]\ncert = \"c.pem\"\n",
                          "wsspec.toml")
                          .value();
  for (const char* url : {"ws://127.0.0.1:9001", "ws://prod.example/", "wss://prod.example/other"}) {
    const auto taken = settings_from_file(config, "", "", url).value();
    EXPECT_TRUE(taken.settings.header.empty()) << url;
    EXPECT_FALSE(taken.settings.start || taken.settings.cert || taken.settings.baseline) << url;
    EXPECT_EQ(taken.settings.jobs, 4) << url;
    EXPECT_NE(taken.remark.find("baseline, header, start are not used"), std::string::npos) << taken.remark;
  }
  // The same address in other words, no address at all, and a target that is named.
  for (const auto& [url, target] : std::initializer_list<std::pair<const char*, const char*>>{
           {"WSS://Prod.example:443", ""}, {"", ""}, {"ws://127.0.0.1:9001", "prod"}}) {
    const auto taken = settings_from_file(config, target, "", url).value();
    EXPECT_EQ(taken.settings.header.size(), 2U) << url;
    EXPECT_TRUE(taken.settings.start && taken.settings.cert && taken.settings.baseline) << url;
    EXPECT_EQ(taken.remark, "settings of [target.prod] in wsspec.toml") << url;
  }
}

TEST(Config, AFileWithoutUrlsIsForAnyWhenItIsNamed) {
  auto config = parse_config("header = [\"X-All: t0ken\"]\n", "wsspec.toml").value();
  EXPECT_TRUE(settings_from_file(config, "", "", "ws://127.0.0.1:9001").value().settings.header.empty());
  config.named = true;
  EXPECT_EQ(settings_from_file(config, "", "", "ws://127.0.0.1:9001").value().settings.header.size(), 1U);
}

TEST(Config, PathsAreRelativeToTheFile) {
  const auto config = parse_config(
                          "ca = \"ca.pem\"\nhtml = \"out/x.html\"\njson = \"-\"\ncert = \"/etc/c.pem\"\n"
                          "preamble = \"login.wire\"\nstart_directory = \"build\"\n",
                          "some/where/wsspec.toml")
                          .value();
  EXPECT_EQ(config.defaults.ca, "some/where/ca.pem");
  EXPECT_EQ(config.defaults.html, "some/where/out/x.html");
  EXPECT_EQ(config.defaults.json, "-");
  EXPECT_EQ(config.defaults.cert, "/etc/c.pem");
  EXPECT_EQ(config.defaults.preamble, "some/where/login.wire");
  EXPECT_EQ(config.defaults.start_directory, "some/where/build");
  EXPECT_EQ(parse_config("preamble = \"> text \\\"x\\\"\"", "some/wsspec.toml").value().defaults.preamble,
            "> text \"x\"");
}

TEST(Config, TheSampleIsValidAndSaysItsUrl) {
  Settings settings;
  for (const char* url : {"ws://127.0.0.1:9001/x", "wss://h.example/x"}) {
    settings.url = url;
    const auto config = parse_config(sample_config(settings), "wsspec.toml");
    ASSERT_TRUE(config) << config.error().where << ": " << config.error().what;
    EXPECT_EQ(settings_for(*config, "", "").value().url, url);
    EXPECT_FALSE(settings_for(*config, "", "").value().echo);
    const auto ci = settings_for(*config, "", "ci");
    ASSERT_TRUE(ci);
    EXPECT_FALSE(ci->budget);  // It would make green out of what was not played.
    // What it shows commented out is valid too.
    auto all = sample_config(settings);
    for (const auto& info : setting_infos()) {
      const auto line = "# " + std::string(info.key) + " = ";
      if (const auto at = all.find(line); at != all.npos) all.erase(at, 2);
    }
    const auto uncommented = parse_config(all, "wsspec.toml");
    ASSERT_TRUE(uncommented) << uncommented.error().where << ": " << uncommented.error().what;
    const auto whole = settings_for(*uncommented, "", "").value();
    EXPECT_TRUE(whole.subprotocol && whole.preamble && whole.echo && whole.greets &&
                !whole.secret_header.empty());
    EXPECT_EQ(whole.ca && whole.insecure && whole.cert, std::string_view(url).starts_with("wss"));
  }
}

TEST(Config, TheSampleSaysWhatWasFound) {
  Settings settings;
  settings.url = "ws://h.example/";
  TargetFingerprint found;
  found.greets = true;
  auto taken = settings_for(parse_config(sample_config(settings, &found), "f").value(), "", "").value();
  EXPECT_EQ(taken.echo, false);
  EXPECT_EQ(taken.greets, true);
  EXPECT_EQ(taken.deflate, false);
  const auto text = sample_config(settings, nullptr, "said \"no\"\nurl = 1");
  EXPECT_NE(text.find("# Not found out: \"said \\\"no\\\""), std::string::npos) << text;
  EXPECT_TRUE(parse_config(text, "f"));
}

TEST(Config, EveryExampleOfTheTableIsValid) {
  for (const auto& info : setting_infos()) {
    const auto config = parse_config(std::string(info.key) + " = " + std::string(info.example), "f");
    ASSERT_TRUE(config) << info.key << ": " << config.error().what;
    const auto taken = settings_for(*config, "", "");
    ASSERT_TRUE(taken) << info.key;
    EXPECT_FALSE(*taken == Settings{}) << info.key << " is read, and lost in overlay()";
    EXPECT_FALSE(info.meaning.empty());
    EXPECT_FALSE(info.meaning.ends_with('.')) << info.key;
  }
}

// Whatever becomes a part of a request could otherwise begin a line of its own there.
TEST(Settings, NoControlCharacterGoesIntoARequest) {
  for (const char* key :
       {"url", "header", "subprotocol", "subprotocols", "origins", "missing_path", "server_name", "proxy"}) {
    for (const auto& bad : {std::string("\r\n"), std::string("\n"), std::string(1, '\0'), std::string("\x7f"),
                            std::string("\x1b")}) {
      Settings settings;
      const std::string value = std::string(key) == "header" ? "A: b" : "/x";
      EXPECT_FALSE(set_setting(settings, key, value + bad + "Injected: y")) << key;
    }
  }
  Settings settings;
  EXPECT_TRUE(set_setting(settings, "header", "A: b\tc"));
  EXPECT_TRUE(set_setting(settings, "origins", "https://m\xc3\xbcller.example"));
}

TEST(Settings, FromTheEnvironment) {
  ::setenv("WSSPEC_JOBS", "3", 1);
  ::setenv("WSSPEC_TIME_SCALE", "0.5", 1);
  const auto settings = settings_from_environment().value();
  EXPECT_EQ(settings.jobs, 3);
  EXPECT_EQ(settings.time_scale, 0.5);
  ::setenv("WSSPEC_JOBS", "lots", 1);
  const auto bad = settings_from_environment();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().where, "WSSPEC_JOBS");
  ::unsetenv("WSSPEC_JOBS");
  ::unsetenv("WSSPEC_TIME_SCALE");
}

TEST(Settings, BecomeRunOptions) {
  Settings settings;
  for (const auto& [key, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"url", "ws://127.0.0.1:9001/chat?x"},
           {"header", "Authorization: Bearer s3cret"},
           {"secret-header", "X-Tok"},
           {"header", "X-Tok: t0ken"},
           {"origins", "https://a.example, https://b.example"},
           {"preamble", "> text \"login\""},
           {"start", "server {port}"},
           {"echo", "no"},
           {"proxy", "http://u:p@127.0.0.1:3128"}}) {
    const auto done = set_setting(settings, key, value);
    ASSERT_TRUE(done) << key << ": " << done.error().what;
  }
  const auto options = run_options(settings).value();
  EXPECT_EQ(options.profile.host, "127.0.0.1:9001");
  EXPECT_EQ(options.profile.path, "/chat?x");
  EXPECT_EQ(options.profile.secrets.mask("s3cret, t0ken, login"), "***, ***, ***");
  EXPECT_EQ(options.profile.origins.size(), 2U);
  EXPECT_EQ(options.profile.preamble.size(), 1U);
  EXPECT_FALSE(options.profile.features.contains("echo"));
  ASSERT_TRUE(options.launch);
  EXPECT_EQ(options.launch->command, "server {port}");
  ASSERT_TRUE(options.dial.proxy);
  EXPECT_EQ(options.dial.proxy->user, "u");
}

TEST(Settings, FactsOfAHopAreExpected) {
  const auto config = parse_config(
      "[target.a]\nurl = \"ws://h/\"\nidle_max = \"90s\"\nexpect = [\"idle>=60s\", \"pings=client\"]\n", "f");
  ASSERT_TRUE(config) << config.error().what;
  const auto settings = settings_for(*config, "a", "").value();
  EXPECT_EQ(settings.expect, (std::vector<std::string>{"idle>=60s", "pings=client"}));
  EXPECT_EQ(run_options(settings)->profile.idle_max, 90s);
  const auto bad = parse_config("[target.a]\nexpect = [\"idel>=60s\"]\n", "f");
  ASSERT_FALSE(bad);
  EXPECT_TRUE(bad.error().where.starts_with("f:2")) << bad.error().where;
  EXPECT_NE(bad.error().hint.find("idle"), std::string::npos) << bad.error().hint;
}

TEST(Settings, RoomsAreDeclared) {
  const auto config = parse_config(
      "[target.a]\nurl = \"ws://h/\"\nfanout = \"all\"\nhistory = 5\norder = \"total\"\nslow = \"closed\"\n"
      "[target.a.dialect]\njoin = \"J {room}\"\nescape = \"json\"\n"
      "[target.b]\nurl = \"ws://h/\"\nfanout = \"others\"\ndialect = \"plain\"\n",
      "f");
  ASSERT_TRUE(config) << config.error().what;
  const auto options = run_options(settings_for(*config, "a", "").value()).value();
  ASSERT_TRUE(options.profile.rooms);
  const Rooms& rooms = *options.profile.rooms;
  EXPECT_EQ(rooms.fanout, Fanout::all);
  EXPECT_EQ(rooms.history, 5U);
  EXPECT_EQ(rooms.order, Order::total);
  EXPECT_EQ(rooms.slow, SlowMember::closed);
  EXPECT_EQ(rooms.dialect.join, "J {room}");
  EXPECT_TRUE(rooms.dialect.json);
  EXPECT_GT(options.jobs, 1);
  // Who is connected hears all: two cases at once would hear each other.
  EXPECT_EQ(run_options(settings_for(*config, "b", "").value()).value().jobs, 1);
}

TEST(Settings, ABrokerIsDeclared) {
  const auto config = parse_config(
      "[target.a]\nurl = \"ws://h/\"\n[target.a.stomp]\nlogin = \"guest\"\npasscode = \"s3cret\"\n"
      "queue = \"/queue/\"\nkind = \"binary\"\nheart-beat = \"0,0\"\n[target.b]\nurl = \"ws://h/\"\n",
      "f");
  ASSERT_TRUE(config) << config.error().what;
  const auto profile = run_options(settings_for(*config, "a", "").value()).value().profile;
  ASSERT_TRUE(profile.stomp);
  EXPECT_EQ(profile.stomp->queue, "/queue/");
  EXPECT_EQ(profile.stomp->topic, std::nullopt);
  EXPECT_TRUE(profile.stomp->binary);
  EXPECT_EQ(profile.secrets.mask("it said s3cret"), "it said ***");
  EXPECT_FALSE(run_options(settings_for(*config, "b", "").value()).value().profile.stomp);
}

TEST(Settings, ContradictionsAreErrors) {
  const auto fails = [](std::initializer_list<std::pair<const char*, const char*>> rows) {
    Settings settings;
    for (const auto& [key, value] : rows)
      if (!set_setting(settings, key, value)) return true;
    return !run_options(settings).has_value();
  };
  EXPECT_TRUE(fails({}));
  EXPECT_TRUE(fails({{"url", "http://h/"}}));
  EXPECT_TRUE(fails({{"url", "ws://far.example/"}, {"start", "x"}}));
  EXPECT_TRUE(fails({{"url", "wss://h/"}, {"tls-version", "1.1"}}));
  EXPECT_TRUE(fails({{"url", "wss://h/"}, {"key", "k.pem"}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"missing-path", "x"}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"preamble", "> txet \"x\""}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"origins", "a,,b"}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"delivery", "at-most-once"}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"fanout", "all"}, {"dialect", "joined=ok"}}));
  EXPECT_FALSE(fails({{"url", "ws://h/"}, {"fanout", "all"}, {"delivery", "at-most-once"}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"nodes", "ws://a/"}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"act", "kill-2=x"}}));
  EXPECT_TRUE(fails({{"url", "ws://h/"}, {"act", "kill 2=x"}}));
  EXPECT_FALSE(fails({{"url", "ws://h/"}, {"act", "kill-2=x"}, {"act", "start-2=y"}}));
  EXPECT_FALSE(fails({{"url", "ws://h/"}}));
}

TEST(Duration, Text) {
  EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
  EXPECT_EQ(parse_duration("200ms").value(), 200ms);
  EXPECT_EQ(parse_duration("2m").value(), 120s);
  EXPECT_EQ(parse_duration("3").value(), 3s);
  for (const auto* bad : {"", "s", "-1s", "0s", "1x", "1 s", "1e99h"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

}  // namespace
}  // namespace wsspec::config_test
