#include "play/secrets.h"

#include <gtest/gtest.h>

#include "play/result.h"

namespace wsspec::secrets_test {
namespace {

Secrets field(std::string_view name, std::string_view value) {
  Secrets secrets;
  secrets.add_field(name, value);
  return secrets;
}

TEST(Secrets, EndsWhenTheSecretIsWhatItIsMaskedWith) {
  for (const auto* stars : {"*", "**", "***", "****", "*****"}) {
    const auto secrets = field("Authorization", stars);
    EXPECT_EQ(secrets.mask(std::string("Authorization: ") + stars), "Authorization: ***") << stars;
  }
}

TEST(Secrets, HidesATokenWithoutItsScheme) {
  const auto secrets = field("Authorization", "Bearer s3cr3t-token");
  EXPECT_EQ(secrets.mask("Authorization: Bearer s3cr3t-token\r\n"), "Authorization: ***\r\n");
  EXPECT_EQ(secrets.mask("no such token: s3cr3t-token!"), "no such token: ***!");
  EXPECT_EQ(secrets.mask("Bearer is the scheme"), "Bearer is the scheme");
}

TEST(Secrets, HidesThePasswordInBasicCredentials) {
  const auto secrets = field("Authorization", "Basic dXNlcjpodW50ZXIy");  // user:hunter2
  EXPECT_EQ(secrets.mask("user:hunter2 hunter2 dXNlcjpodW50ZXIy"), "*** *** ***");
}

TEST(Secrets, HidesEachCookie) {
  const auto secrets = field("Cookie", "sid=c00kie; theme=darkest1");
  EXPECT_EQ(secrets.mask("sid c00kie, theme darkest1"), "sid ***, theme ***");
}

TEST(Secrets, ShowsHarmlessFieldsAndHidesUnknownOnes) {
  EXPECT_TRUE(field("Origin", "https://app.example").empty());
  EXPECT_TRUE(field("user-agent", "wsspec 0.1 on a machine").empty());
  EXPECT_EQ(field("X-Team", "red-team-of-seven").mask("red-team-of-seven"), "***");
}

TEST(Secrets, HidesUserAndQueryOfAUrl) {
  Secrets secrets;
  secrets.add_url("wss://user:p%40ss@host.example/chat?room=5&token=abc%2Fdef&key=x");
  EXPECT_EQ(secrets.mask("GET /chat?room=5&token=abc%2Fdef&key=x"), "GET /chat?room=***&token=***&key=***");
  EXPECT_EQ(secrets.mask("abc/def p@ss"), "*** ***");
  EXPECT_EQ(shown_url("wss://user:p%40ss@host.example/chat?room=5&token=abc%2Fdef&flag"),
            "wss://***@host.example/chat?room=***&token=***&***");
  EXPECT_EQ(shown_url("ws://127.0.0.1:9001/chat"), "ws://127.0.0.1:9001/chat");
  EXPECT_EQ(shown_url("ws://h/hook/T0K3N4567890abcdef"), "ws://h/hook/***");
}

TEST(Secrets, HidesAProxysPasswordAlsoAsItIsSent) {
  Secrets secrets;
  secrets.add_proxy("http://user:hunter2@127.0.0.1:3128");
  EXPECT_EQ(secrets.mask("Proxy-Authorization: Basic dXNlcjpodW50ZXIy, hunter2"),
            "Proxy-Authorization: Basic ***, ***");
}

TEST(Secrets, HidesVariablesOfTheEnvironment) {
  Secrets secrets;
  secrets.add_variable("DB_PASSWORD=tiny");
  secrets.add_variable("PORT=9001");
  EXPECT_EQ(secrets.mask("tiny 9001"), "*** 9001");
}

TEST(Secrets, FindsThemInWhatAPreambleSays) {
  for (const auto* text : {"CONNECT\npasscode:guest77\n\n", R"({"op":"login","password":"guest77"})",
                           "login guest77", "AUTH guest77"}) {
    Secrets secrets;
    secrets.scan(text, true);
    EXPECT_EQ(secrets.mask("wrong: guest77"), "wrong: ***") << text;
  }
}

TEST(Secrets, TakesNoFileNameInACommandForOne) {
  Secrets secrets;
  secrets.scan("node token_server.js --port 9001 --token=t0ps3cret --api-key k3y5");
  EXPECT_EQ(secrets.mask("node token_server.js --port 9001 --token=t0ps3cret --api-key k3y5"),
            "node token_server.js --port 9001 --token=*** --api-key ***");
}

TEST(Secrets, TakesNoNameOfAPlantedDefectForOne) {
  const std::string command =
      "wsspec peer --defect handshake.accepts-http-1.0 --liberty=refuses-with-400-or-404";
  Secrets secrets;
  secrets.scan(command);
  EXPECT_EQ(secrets.mask(command), command);
  secrets.scan("peer handshake.accepts-http-1.0");
  EXPECT_EQ(secrets.mask("handshake.accepts-http-1.0"), "***") << "elsewhere it looks like a token";
}

TEST(Secrets, AreMaskedInEveryTextOfAResult) {
  const Secrets secrets = field("X-Api-Key", "MARKER1234");
  RunResult run;
  run.url = run.target_name = run.fatal = "MARKER1234";
  run.arguments = {"MARKER1234"};
  run.fingerprint.emplace().server_field = "MARKER1234";
  CaseResult result;
  result.reason = result.expected = result.actual = result.script = result.target_log = "MARKER1234";
  result.notes = {"MARKER1234"};
  Event event;
  event.line = event.comment = event.decoded = "MARKER1234";
  result.transcript.events = {event};
  result.transcript.lets = {"MARKER1234"};
  run.results = {result};
  hide_secrets(run, secrets);
  const auto& one = run.results[0];
  for (const auto& text :
       {run.url, run.target_name, run.fatal, run.arguments[0], run.fingerprint->server_field, one.reason,
        one.expected, one.actual, one.script, one.target_log, one.notes[0], one.transcript.lets[0],
        one.transcript.events[0].line, one.transcript.events[0].comment, one.transcript.events[0].decoded})
    EXPECT_EQ(text, "***");
}

}  // namespace
}  // namespace wsspec::secrets_test
