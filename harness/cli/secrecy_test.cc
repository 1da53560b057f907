#include "cli/secrecy.h"

#include <gtest/gtest.h>

namespace wsspec::secrecy_test {
namespace {

using Words = std::vector<std::string>;

TEST(Secrecy, NamesTheVariableInPlaceOfTheValue) {
  EXPECT_EQ(shown_words({"run", "ws://h/", "--header", "Authorization: Bearer abcd", "--json", "r.json"}),
            (Words{"run", "ws://h/", "--header", "$WSSPEC_HEADER", "--json", "r.json"}));
  EXPECT_EQ(shown_words({"run", "ws://h/?token=abcd", "--header=X-A: 12345678", "--header", "X-B: 12345678"}),
            (Words{"run", "$WSSPEC_URL", "--header", "$WSSPEC_HEADER", "--header", "$WSSPEC_HEADER_2"}));
  EXPECT_EQ(shown_words({"run", "--proxy", "http://u:pass1@h:1", "--start-env", "DB_PW=abcdefgh"}),
            (Words{"run", "--proxy", "$WSSPEC_PROXY", "--start-env", "$WSSPEC_START_ENV"}));
  EXPECT_EQ(shown_words({"serve", "--exec", "client --token=abcd1234 {url}"}),
            (Words{"serve", "--exec", "$WSSPEC_EXEC"}));
}

TEST(Secrecy, LeavesHarmlessValuesAsTheyAre) {
  const Words words = {"run",     "ws://127.0.0.1:9001/chat", "--header", "Origin: https://app.example",
                       "--start", "node server.js {port}",    "--proxy",  "http://127.0.0.1:3128"};
  EXPECT_EQ(shown_words(words), words);
}

TEST(Secrecy, LearnsFromWordsThatAreNoValidCommand) {
  std::string words[] = {"wsspec", "run", "--header", "Authorization Bearer Forg0tten", "ws://me:Pa55word@h"};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), words[4].data()};
  learn_secrets(5, argv);
  EXPECT_EQ(known_secrets().mask("Forg0tten Pa55word"), "*** ***");
}

}  // namespace
}  // namespace wsspec::secrecy_test
