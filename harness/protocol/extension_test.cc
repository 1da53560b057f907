#include "protocol/extension.h"

#include <gtest/gtest.h>

#include <random>
#include <regex>

namespace wsspec::extension_test {
namespace {

// The grammar of 9.1 as one regular expression: an independent recogniser.
bool is_extension_list(const std::string& text) {
  static const std::string token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  static const std::string quoted = "\"(?:" + token + "|\\\\" + "[!#$%&'*+.^_`|~0-9A-Za-z-])+\"";
  static const std::string blank = "[ \\t]*";
  static const std::string param =
      blank + ";" + blank + token + blank + "(?:=" + blank + "(?:" + token + "|" + quoted + "))?" + blank;
  static const std::string extension = blank + token + blank + "(?:" + param + ")*";
  static const std::string element = "(?:" + extension + "|" + blank + ")";
  static const std::regex list(element + "(?:," + element + ")*");
  static const std::regex named("[^, \\t]");  // Empty elements count for nothing (RFC 2616 2.1).
  return std::regex_match(text, list) && std::regex_search(text, named);
}

ExtensionOffer offer(const std::string& text) {
  const auto offers = parse_extensions(text);
  EXPECT_TRUE(offers && offers->size() == 1) << text;
  return offers->front();
}

TEST(Extension, ParsesOffers) {
  const auto offers = parse_extensions("foo;a;b=1 ; c=\"x\\y\", bar\t, foo ; a = 2");
  ASSERT_TRUE(offers);
  ASSERT_EQ(offers->size(), 3u);
  const ExtensionOffer expected{"foo", {{"a", {}, false}, {"b", "1", false}, {"c", "xy", true}}};
  EXPECT_EQ((*offers)[0], expected);
  EXPECT_EQ((*offers)[1], (ExtensionOffer{"bar", {}}));
  EXPECT_EQ((*offers)[2], (ExtensionOffer{"foo", {{"a", "2", false}}}));
  EXPECT_EQ(print_extensions(*offers), "foo; a; b=1; c=\"xy\", bar, foo; a=2");
}

TEST(Extension, SkipsEmptyElements) {
  for (const char* text : {"a,", ",a", ", a, ,", "\t,,a"}) {
    const auto offers = parse_extensions(text);
    ASSERT_TRUE(offers) << text;
    EXPECT_EQ(*offers, (std::vector<ExtensionOffer>{{"a", {}}})) << text;
  }
}

TEST(Extension, RefusesBrokenGrammar) {
  struct Row {
    const char *text, *id;
  };
  const Row rows[] = {
      {"", "rfc6455-9.1-1"},         {",", "rfc6455-9.1-1"},           {" , ,", "rfc6455-9.1-1"},
      {",;", "rfc6455-9.1-1"},       {";", "rfc6455-9.1-1"},           {"a;", "rfc6455-9.1-1"},
      {"a;;b", "rfc6455-9.1-1"},     {"a;b=", "rfc6455-9.1-1"},        {"a;=b", "rfc6455-9.1-1"},
      {"a;b=c=d", "rfc6455-9.1-1"},  {"a b", "rfc6455-9.1-1"},         {"a;b c", "rfc6455-9.1-1"},
      {"a;b=\"c", "rfc6455-9.1-1"},  {"a;b=\"c\\", "rfc6455-9.1-1"},   {"a;b=\"c\"d", "rfc6455-9.1-1"},
      {"a;b=\"\"", "rfc6455-9.1-2"}, {"a;b=\"c d\"", "rfc6455-9.1-2"}, {"a;b=\" 10\"", "rfc6455-9.1-2"},
      {"\"a\"", "rfc6455-9.1-1"},    {"a=b", "rfc6455-9.1-1"},
  };
  for (const Row& row : rows) {
    const auto offers = parse_extensions(row.text);
    ASSERT_FALSE(offers) << row.text;
    EXPECT_EQ(offers.error().where, row.id) << row.text;
  }
}

TEST(Extension, AgreesWithTheGrammarOnRandomTextAndPrintsItBack) {
  std::mt19937 random(10);
  static constexpr std::string_view kPieces[] = {"a",  "bc", ";", "; ", "=",  ",", ", ",
                                                 "\"", "\\", " ", "\t", "10", "("};
  for (int round = 0; round < 30000; ++round) {
    std::string text = random() % 4 == 0 ? "" : "a;b";
    for (unsigned n = random() % 9; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    const auto offers = parse_extensions(text);
    ASSERT_EQ(offers.has_value(), is_extension_list(text)) << text;
    if (offers) {
      ASSERT_EQ(parse_extensions(print_extensions(*offers)).value(), *offers) << text;
    }
  }
}

TEST(Extension, ReadsOffersOfDeflate) {
  const auto all =
      read_deflate_offer(offer("permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                               "server_max_window_bits=\"10\"; client_max_window_bits=8"));
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->server_no_context_takeover && all->client_no_context_takeover &&
              all->client_max_window_bits);
  EXPECT_EQ(all->server_max_window_bits, 10);
  EXPECT_EQ(all->client_max_window_bits_hint, 8);
  const auto bare = read_deflate_offer(offer("permessage-deflate; client_max_window_bits"));
  ASSERT_TRUE(bare);
  EXPECT_TRUE(bare->client_max_window_bits);
  EXPECT_FALSE(bare->client_max_window_bits_hint);
}

TEST(Extension, DeclinesWrongOffersOfDeflate) {
  struct Row {
    const char *parameters, *id;
  };
  const Row rows[] = {
      {"x", "rfc7692-7-1"},
      {"Server_No_Context_Takeover", "rfc7692-7-1"},
      {"server_no_context_takeover=1", "rfc7692-7-2"},
      {"client_no_context_takeover=\"x\"", "rfc7692-7-2"},
      {"server_no_context_takeover; server_no_context_takeover", "rfc7692-7-3"},
      {"client_max_window_bits; client_max_window_bits=9", "rfc7692-7-3"},
      {"server_max_window_bits", "rfc7692-7-2"},
  };
  for (const Row& row : rows) {
    const auto read = read_deflate_offer(offer(std::string("permessage-deflate; ") + row.parameters));
    ASSERT_FALSE(read) << row.parameters;
    EXPECT_EQ(read.error().where, row.id) << row.parameters;
  }
  for (const char* value : {"0", "7", "16", "010", "08", "+9", "9.0", "abc", "1", "100", "-8"}) {
    for (const char* name : {"server_max_window_bits=", "client_max_window_bits="}) {
      EXPECT_FALSE(read_deflate_offer(offer(std::string("permessage-deflate;") + name + value)))
          << name << value;
    }
  }
}

TEST(Extension, ReadsReplies) {
  struct Row {
    const char *offers, *reply;
    DeflateSettings settings;
  };
  const Row rows[] = {
      {"permessage-deflate", "permessage-deflate", {}},
      {"permessage-deflate", "permessage-deflate; server_no_context_takeover", {true, false, 15, 15}},
      {"permessage-deflate", "permessage-deflate; client_no_context_takeover", {false, true, 15, 15}},
      {"permessage-deflate", "permessage-deflate; server_max_window_bits=9", {false, false, 9, 15}},
      {"permessage-deflate; server_max_window_bits=15", "permessage-deflate", {}},
      {"permessage-deflate; client_max_window_bits=9",
       "permessage-deflate; client_max_window_bits=12",
       {false, false, 15, 12}},
      {"permessage-deflate; server_max_window_bits=8, permessage-deflate", "permessage-deflate", {}},
      {"x, permessage-deflate; bad, permessage-deflate; client_max_window_bits",
       "permessage-deflate; client_max_window_bits=8",
       {false, false, 15, 8}},
  };
  for (const Row& row : rows) {
    const auto settings = read_deflate_reply(offer(row.reply), *parse_extensions(row.offers));
    ASSERT_TRUE(settings) << row.offers << " / " << row.reply << ": " << settings.error().what;
    EXPECT_EQ(*settings, row.settings) << row.offers << " / " << row.reply;
  }
}

TEST(Extension, TellsAWindowAboveTheHint) {
  const auto exceeds = [](std::string_view reply, std::string_view offers) {
    return exceeds_hint(parse_extensions(reply)->front(), *parse_extensions(offers));
  };
  EXPECT_TRUE(exceeds("permessage-deflate; client_max_window_bits=12",
                      "permessage-deflate; client_max_window_bits=9"));
  EXPECT_TRUE(exceeds("permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
                      "permessage-deflate; client_max_window_bits=9; server_max_window_bits=9"));
  EXPECT_FALSE(exceeds("permessage-deflate; client_max_window_bits=9",
                       "permessage-deflate; client_max_window_bits=10"));
  EXPECT_FALSE(
      exceeds("permessage-deflate; client_max_window_bits=15",
              "permessage-deflate; client_max_window_bits=9, permessage-deflate; client_max_window_bits"));
  EXPECT_FALSE(exceeds("permessage-deflate", "permessage-deflate; client_max_window_bits=9"));
}

TEST(Extension, NamesTheRuleThatAReplyBreaks) {
  struct Row {
    const char *offers, *reply, *id;
  };
  const Row rows[] = {
      {"permessage-deflate", "permessage-deflate; x", "rfc7692-7-5"},
      {"permessage-deflate", "permessage-deflate; server_no_context_takeover=1", "rfc7692-7-6"},
      {"permessage-deflate", "permessage-deflate; server_max_window_bits", "rfc7692-7-6"},
      {"permessage-deflate", "permessage-deflate; server_max_window_bits=08", "rfc7692-7-6"},
      {"permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits",
       "rfc7692-7-6"},
      {"permessage-deflate", "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
       "rfc7692-7-7"},
      {"permessage-deflate", "permessage-deflate; client_max_window_bits=9", "rfc7692-7.1.2.2-6"},
      {"permessage-deflate; server_no_context_takeover", "permessage-deflate", "rfc7692-7.1.1.1-3"},
      {"permessage-deflate; server_max_window_bits=9", "permessage-deflate", "rfc7692-7.1.2.1-4"},
      {"permessage-deflate; server_max_window_bits=9", "permessage-deflate; server_max_window_bits=10",
       "rfc7692-7.1.2.1-4"},
      {"permessage-deflate; server_max_window_bits=7", "permessage-deflate", "rfc7692-7-2"},
      {"x", "permessage-deflate", "rfc6455-4.2.2-15"},
  };
  for (const Row& row : rows) {
    const auto settings = read_deflate_reply(offer(row.reply), *parse_extensions(row.offers));
    ASSERT_FALSE(settings) << row.offers << " / " << row.reply;
    EXPECT_EQ(settings.error().where, row.id) << row.offers << " / " << row.reply;
  }
}

}  // namespace
}  // namespace wsspec::extension_test
