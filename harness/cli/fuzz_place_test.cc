// What is fuzzed by which words, and which words do not go together.
#include "cli/fuzz_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace wsspec::fuzz_place_test {
namespace {

using testing::HasSubstr;

Result<FuzzWanted> wanted_by(std::vector<const char*> words) {
  words.insert(words.begin(), {"wsspec", "fuzz"});
  auto line = parse_command_line(static_cast<int>(words.size()), const_cast<char**>(words.data()));
  if (!line) return fail_with("", "is no command line");
  return fuzz_wanted(*line, 0);
}

std::string refusal_of(std::vector<const char*> words) {
  const auto wanted = wanted_by(std::move(words));
  return wanted ? "" : wanted.error().where + ": " + wanted.error().what + "; " + wanted.error().hint;
}

TEST(FuzzPlace, AClientComesByACommandByItselfOrInMemory) {
  const auto exec = wanted_by({"--serve", "--exec", "client {url}"});
  ASSERT_TRUE(exec);
  EXPECT_EQ(exec->tested, Target::client);
  EXPECT_EQ(exec->serving->exec, "client {url}");
  const auto start = wanted_by({"--serve", "--start", "loop {url}", "--patience", "2s"});
  ASSERT_TRUE(start);
  EXPECT_EQ(start->serving->start, "loop {url}");
  EXPECT_EQ(start->serving->patience, std::chrono::seconds(2));
  EXPECT_EQ(start->way, (std::vector<std::string>{"--serve", "--start", "loop {url}", "--patience", "2s"}));
  EXPECT_FALSE(start->serving->tls);
  const auto listen = wanted_by({"--serve", "--listen", "9001"});
  EXPECT_EQ(listen->serving->port, 9001);
  EXPECT_LT(listen->serving->patience, std::chrono::seconds(30)) << "a hang is found sooner than by `serve`";
  const auto memory = wanted_by({"--memory", "--role", "client", "--defect", "reply.any-accept"});
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->tested, Target::client);
  EXPECT_FALSE(memory->serving);
}

TEST(FuzzPlace, AClientMayComeOverTls) {
  const auto wanted = wanted_by({"--serve", "--exec", "client {ca} {url}", "--tls"});
  ASSERT_TRUE(wanted);
  EXPECT_TRUE(wanted->serving->tls);
  EXPECT_TRUE(std::filesystem::exists(wanted->serving->authority_file));
  EXPECT_EQ(wanted->way, (std::vector<std::string>{"--serve", "--tls", "--exec", "client {ca} {url}"}));
}

TEST(FuzzPlace, SaysWhatDoesNotGoTogether) {
  EXPECT_THAT(refusal_of({"--serve"}), HasSubstr("nobody is told where to connect"));
  EXPECT_THAT(refusal_of({"--exec", "client {url}"}), HasSubstr("give --serve"));
  EXPECT_THAT(refusal_of({"--tls"}), HasSubstr("give --serve"));
  EXPECT_THAT(refusal_of({"--serve", "--exec", "client", "--key", "k.pem"}), HasSubstr("no certificate"));
  EXPECT_THAT(refusal_of({"--serve", "--exec", "client", "--start", "loop"}), HasSubstr("choose"));
  EXPECT_THAT(refusal_of({"ws://127.0.0.1:1", "--serve", "--exec", "client"}),
              HasSubstr("leave out the URL"));
  EXPECT_THAT(refusal_of({"--serve", "--exec", "client", "--coverage"}), HasSubstr("--coverage"));
  EXPECT_THAT(refusal_of({"--serve", "--exec", "client", "--memory"}), HasSubstr("--memory"));
  EXPECT_THAT(refusal_of({"--serve", "--exec", "client", "--header", "A: b"}), HasSubstr("about servers"));
  EXPECT_THAT(refusal_of({"--role", "client"}), HasSubstr("give --memory"));
  EXPECT_THAT(refusal_of({"--memory", "--role", "client", "--defect", "handshake.accepts-post"}),
              HasSubstr("none that a client can have"));
  EXPECT_THAT(refusal_of({"--memory", "--role", "client", "--liberty", "refuses-with-400"}),
              HasSubstr("none that a client can take"));
}

}  // namespace
}  // namespace wsspec::fuzz_place_test
