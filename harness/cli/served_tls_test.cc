// How clients are served over TLS, and which words do not go together.
#include "cli/served_tls.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace wsspec::served_tls_test {
namespace {

Result<ServedTls> served_by(std::vector<const char*> words) {
  words.insert(words.begin(), {"wsspec", "serve"});
  auto line = parse_command_line(static_cast<int>(words.size()), const_cast<char**>(words.data()));
  if (!line) return fail_with("", "is no command line");
  return ServedTls::of(*line, "127.0.0.1");
}

std::string refused_word(std::vector<const char*> words) {
  const auto served = served_by(std::move(words));
  return served ? "" : served.error().where;
}

TEST(ServedTls, TheFileOfTheAuthorityGoesWithIt) {
  Serving serving;
  {
    const auto served = served_by({"--tls"});
    ASSERT_TRUE(served);
    served->serve(serving);
    EXPECT_TRUE(serving.tls);
    EXPECT_TRUE(std::filesystem::exists(serving.authority_file));
  }
  EXPECT_FALSE(std::filesystem::exists(serving.authority_file));
}

TEST(ServedTls, RefusesWordsThatWouldDoNothing) {
  EXPECT_EQ(refused_word({"--key", "k.pem"}), "--key");
  EXPECT_EQ(refused_word({"--ca-file", "ca.pem"}), "--ca-file");
  EXPECT_EQ(refused_word({"--insecure"}), "--insecure");
  EXPECT_EQ(refused_word({"--certificate", "c.pem", "--ca-file", "ca.pem"}), "--ca-file");
  EXPECT_EQ(refused_word({"--certificate", "c.pem", "--insecure"}), "--insecure");
}

}  // namespace
}  // namespace wsspec::served_tls_test
