#include "run/config.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace wsspec {
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
      {"jobs = \"many\"", "f:1", "no number", ""},
      {"jobs = 0", "f:1", "out of range", "1 to"},
      {"jobs = [1, 2]", "f:1", "takes one value", "jobs = 8"},
      {"bulk = {a = 1}", "f:1", "another kind of value", "bulk = false"},
      {"budget = \"soon\"", "f:1", "no length of time", "1.5s"},
      {"header = [\"no colon\"]", "f:1", "a name, a colon and a value", "Name: value"},
      {"header = [\"A: b\\r\\nC: d\"]", "f:1", "no line end", ""},
      {"target = 1", "f:1", "table of tables", "[target.NAME]"},
      {"[target]\nurl = \"x\"", "f:2", "stands in no table", "[target.NAME]"},
      {"default_target = \"b\"\n[target.a]\nurl = \"ws://h/\"", "f", "'b' is not in the file", "a"},
      {"jobs = = 1", "f:1", "", "TOML"},
      {"echo = 3", "f:1", "neither yes nor no", ""},
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

TEST(Config, TheSampleIsValidAndSaysItsUrl) {
  const auto config = parse_config(sample_config("ws://127.0.0.1:9001/x"), "wsspec.toml");
  ASSERT_TRUE(config) << config.error().where << ": " << config.error().what;
  EXPECT_EQ(settings_for(*config, "", "").value().url, "ws://127.0.0.1:9001/x");
  EXPECT_TRUE(settings_for(*config, "", "ci"));
  // What it shows commented out is valid too.
  auto all = sample_config("ws://127.0.0.1:9001/x");
  for (const auto& info : setting_infos()) {
    const auto line = "# " + std::string(info.key) + " = ";
    if (const auto at = all.find(line); at != all.npos) all.erase(at, 2);
  }
  const auto uncommented = parse_config(all, "wsspec.toml");
  EXPECT_TRUE(uncommented) << uncommented.error().where << ": " << uncommented.error().what;
}

TEST(Config, EveryExampleOfTheTableIsValid) {
  for (const auto& info : setting_infos()) {
    const auto config = parse_config(std::string(info.key) + " = " + std::string(info.example), "f");
    EXPECT_TRUE(config) << info.key << ": " << config.error().what;
    EXPECT_FALSE(info.meaning.empty());
    EXPECT_FALSE(info.meaning.ends_with('.')) << info.key;
  }
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
}  // namespace wsspec
