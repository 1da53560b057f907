#include "run/suite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace wsspec::suite_test {
namespace {

Case make(std::string id, std::vector<std::string> covers = {}, std::vector<std::string> see = {},
          std::vector<std::string> tags = {}) {
  Case one;
  one.id = std::move(id);
  one.covers = std::move(covers);
  one.see = std::move(see);
  one.tags = std::move(tags);
  return one;
}

Suite sample() {
  Suite suite;
  suite.ledger = parse_ledger(R"([
    {"id": "rfc6455-5.2-3", "spec": "rfc6455", "section": "5.2", "level": "MUST", "text": "t"},
    {"id": "rfc6455-5.5.1-7", "spec": "rfc6455", "section": "5.5.1", "level": "SHOULD", "text": "t"},
    {"id": "rfc6455-5.5-1", "spec": "rfc6455", "section": "5.5", "level": "MUST NOT", "text": "t"},
    {"id": "rfc6455-2-1", "spec": "rfc6455", "section": "2", "level": "MAY", "text": "t", "not_covered": "not observable"},
    {"id": "stomp-1.2-Heart-beating-2", "spec": "stomp-1.2", "section": "Heart-beating", "level": "MAY"}
  ])",
                              "ledger")
                     .value();
  suite.cases = {make("frame.rsv[text,1]", {"rfc6455-5.2-3"}, {"autobahn/3.1"}),
                 make("frame.rsv[text,2]", {"rfc6455-5.2-3"}, {"autobahn/3.2"}),
                 make("frame.opcode", {"rfc6455-5.2-3"}, {"autobahn/4.1.1", "rfc6455/5.2"}, {"slow"}),
                 make("close.code[1000]", {"rfc6455-5.5.1-7"}, {"autobahn/7.7.1"}),
                 make("close.body", {"rfc6455-5.5-1", "stomp-1.2-Heart-beating-2"}),
                 make("deflate.mass[16]", {}, {"autobahn/12.1.1"}, {"bulk"}),
                 make("reply.accept")};
  suite.cases.back().target = Target::client;
  return suite;
}

std::string ids_of(const Suite& suite, Selection selection) {
  const auto selected = select(suite, selection);
  if (!selected) return "error: " + selected.error().what + "; " + selected.error().hint;
  std::string out;
  for (const auto* one : selected->cases) out += (out.empty() ? "" : " ") + one->id;
  return out;
}

TEST(Select, LongCasesWantToBeNamed) {
  auto suite = sample();
  suite.cases[2].tags = {"slow", "long"};
  const auto too_long = [&](std::vector<std::string> include) {
    return select(suite, {.include = std::move(include)})->too_long.size();
  };
  EXPECT_EQ(too_long({}), 1U);
  EXPECT_EQ(too_long({"rfc6455/5.2"}), 1U);
  EXPECT_EQ(too_long({"*"}), 1U);
  for (const char* naming : {"frame", "frame.opcode", "frame.*", "tag:long"})
    EXPECT_EQ(too_long({naming}), 0U);
}

TEST(Select, WhatIsWantedAsWellIsTakenAndNamed) {
  auto suite = sample();
  suite.cases[2].tags = {"slow", "long"};
  const auto also = select(suite, {.include = {"frame.rsv"}, .also = {suite.cases[2].id}}).value();
  EXPECT_TRUE(std::ranges::count(also.cases, &suite.cases[2]) == 1);
  EXPECT_TRUE(also.too_long.empty());
  EXPECT_EQ(also.cases.size(), select(suite, {.include = {"frame.rsv"}})->cases.size() + 1);
  const auto all = select(suite, {.also = {suite.cases[2].id}}).value();
  EXPECT_EQ(all.cases.size(), select(suite, {})->cases.size());
  EXPECT_TRUE(all.too_long.empty());
  const auto excluded = select(suite, {.exclude = {suite.cases[2].id}, .also = {suite.cases[2].id}}).value();
  EXPECT_EQ(std::ranges::count(excluded.cases, &suite.cases[2]), 0);
}

TEST(Select, EachKindOfPattern) {
  const auto suite = sample();
  const std::string rsv = "frame.rsv[text,1] frame.rsv[text,2]";
  const std::pair<const char*, std::string> rows[] = {
      {"frame.rsv[text,1]", "frame.rsv[text,1]"},
      {"frame.rsv", rsv},
      {"frame", rsv + " frame.opcode"},
      {"frame.*", rsv + " frame.opcode"},
      {"*[1000]", "close.code[1000]"},
      {"frame.rsv[text,?]", rsv},
      {"tag:slow", "frame.opcode"},
      {"level:must", rsv + " frame.opcode close.body"},
      {"level:SHOULD", "close.code[1000]"},
      {"rfc6455-5.5.1-7", "close.code[1000]"},
      {"rfc6455/5.5.1", "close.code[1000]"},
      {"rfc6455/5.5", "close.code[1000] close.body"},
      {"rfc6455", rsv + " frame.opcode close.code[1000] close.body"},
      {"rfc6455/*", rsv + " frame.opcode close.code[1000] close.body"},
      {"stomp-1.2/Heart-beating", "close.body"},
      {"stomp-1.2", "close.body"},
      {"stomp-1.2-Heart-beating-2", "close.body"},
      {"autobahn/3.1", "frame.rsv[text,1]"},
      {"autobahn/3.*", rsv},
      {"autobahn/3", rsv},
      {"4.1.1", "frame.opcode"},
      {"3.*", rsv},
  };
  for (const auto& [pattern, expected] : rows)
    EXPECT_EQ(ids_of(suite, {.include = {pattern}}), expected) << pattern;
}

TEST(Select, ReadsIdsInTheirEarlierForm) {
  const auto suite = sample();
  for (const std::string id : {"rfc6455-5.5.1-7", "rfc6455-5.2-3"})
    EXPECT_EQ(ids_of(suite, {.include = {id.substr(3)}}), ids_of(suite, {.include = {id}})) << id;
}

TEST(Select, ExcludesAndKeepsTheOrder) {
  const auto suite = sample();
  EXPECT_EQ(ids_of(suite, {.include = {"close", "frame"}, .exclude = {"tag:slow", "3.1"}}),
            "frame.rsv[text,2] close.code[1000] close.body");
}

TEST(Select, AnUnknownPatternIsAnErrorWithTheNearestKnown) {
  const auto suite = sample();
  const std::pair<const char*, const char*> rows[] = {
      {"frame.rvs", "frame.rsv"},         {"tag:solw", "tag:slow"},
      {"rfc6455-5.2-4", "rfc6455-5.2-3"}, {"autobahn/99.1", "autobahn/3.1"},
      {"level:maybe", "level:must"},      {"rfc7692/7", "are of rfc6455"},
      {"rfc6455-2-1", "not observable"},  {"zzzzzzzzzz.*", "wsspec list"},
      {"rfc6454/5.2", "rfc6455"},         {"rfc6455/9.9", "wsspec list"},
      {"html/5", "rfc6455, stomp-1.2"},   {"stomp-1.2-Heart-beating-1", "stomp-1.2-Heart-beating-2"},
  };
  for (const auto& [pattern, hint] : rows) {
    const auto said = ids_of(suite, {.include = {pattern}});
    EXPECT_TRUE(said.starts_with("error: ")) << pattern << " gave " << said;
    EXPECT_NE(said.find(hint), std::string::npos) << pattern << " gave " << said;
    EXPECT_TRUE(ids_of(suite, {.exclude = {pattern}}).starts_with("error: ")) << pattern;
  }
}

TEST(Select, BulkOnlyWhenAskedOrNamedInFull) {
  const auto suite = sample();
  EXPECT_EQ(ids_of(suite, {.include = {"deflate"}}), "");
  EXPECT_EQ(select(suite, {.include = {"deflate"}})->bulk_left_out, 1U);
  EXPECT_EQ(ids_of(suite, {.include = {"deflate"}, .bulk = true}), "deflate.mass[16]");
  EXPECT_EQ(ids_of(suite, {.include = {"deflate.mass[16]"}}), "deflate.mass[16]");
}

TEST(Select, CasesForClientsAreNeverTaken) {
  EXPECT_EQ(ids_of(sample(), {.include = {"reply.accept"}}), "");
}

TEST(Select, ShardsPartAllCasesAndAddingOneMovesNoOther) {
  auto suite = sample();
  std::multiset<std::string> seen;
  std::map<std::string, int> where;
  for (int shard = 1; shard <= 3; ++shard) {
    const auto selected = select(suite, {.bulk = true, .shard = shard, .shards = 3});
    for (const auto* one : selected->cases) {
      seen.insert(one->id);
      where[one->id] = shard;
    }
  }
  EXPECT_EQ(seen.size(), 6U);
  EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 6U);
  suite.cases.insert(suite.cases.begin(), make("another"));
  for (int shard = 1; shard <= 3; ++shard) {
    const auto selected = select(suite, {.bulk = true, .shard = shard, .shards = 3});
    for (const auto* one : selected->cases)
      if (one->id != "another") {
        EXPECT_EQ(where[one->id], shard) << one->id;
      }
  }
}

TEST(Shard, Text) {
  EXPECT_EQ(parse_shard("2/4").value(), std::pair(2, 4));
  for (const auto* bad : {"", "1", "0/4", "5/4", "a/b", "1/4x", "-1/4", "1/"})
    EXPECT_FALSE(parse_shard(bad)) << bad;
}

TEST(Ledger, AnUnknownSpecIsNamedWithPlaceAndHint) {
  const auto ledger = parse_ledger(
      "[\n {\"id\": \"a\", \"spec\": \"rfc6455\", \"section\": \"1\", \"level\": \"MAY\"},\n"
      " {\"text\": \"b\", \"id\":\n\"b\", \"spec\": \"rfc6454\", \"section\": \"1\", \"level\": \"MAY\"}]",
      "f.json");
  ASSERT_FALSE(ledger);
  EXPECT_EQ(ledger.error().where, "f.json:4");
  EXPECT_EQ(ledger.error().what, "the entry 'b' names the unknown spec 'rfc6454'");
  EXPECT_EQ(ledger.error().hint, "did you mean 'rfc6455'?");
  const auto other = parse_ledger(R"([{"id": "x", "spec": "mqtt", "section": "1", "level": "MAY"}])", "f");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().hint.find("stomp-1.2"), std::string::npos) << other.error().hint;
}

// As ledgers were written before specs had names.
TEST(Ledger, TheNumberOfAnRfcIsRead) {
  const std::string id = "rfc7692-7-1";
  const auto ledger = parse_ledger(
      R"([{"id": ")" + id.substr(3) + R"(", "rfc": 7692, "section": "7", "level": "MAY"}])", "f");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->at(id).spec, "rfc7692");
  EXPECT_FALSE(parse_ledger(R"([{"id": "x", "rfc": 1, "section": "1", "level": "MAY"}])", "f"));
}

TEST(Ledger, FaultsAreNamed) {
  EXPECT_FALSE(parse_ledger("{", "f"));
  EXPECT_FALSE(parse_ledger("{}", "f"));
  EXPECT_FALSE(parse_ledger("[1]", "f"));
  EXPECT_FALSE(parse_ledger(R"([{"id": "x", "spec": "rfc6455", "section": "1", "level": "OUGHT"}])", "f"));
  EXPECT_FALSE(parse_ledger(R"([{"id": "x", "section": "1", "level": "MAY"}])", "f"));
  const auto twice = parse_ledger(
      R"([{"id":"x","spec":"whatwg","section":"1","level":"MAY"},
          {"id":"x","spec":"whatwg","section":"1","level":"MAY"}])",
      "f");
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().what.find("twice"), std::string::npos);
}

TEST(Suite, TheShippedCaseSetLoads) {
  const auto suite = load_suite(WSSPEC_SOURCE_DIR "/cases");
  if (!suite) {
    for (const auto& diagnostic : suite.error().diagnostics) ADD_FAILURE() << render(diagnostic);
    FAIL() << suite.error().error.where << ": " << suite.error().error.what;
  }
  EXPECT_GT(suite->cases.size(), 300U);
  EXPECT_GT(suite->ledger.size(), 300U);
  const auto smoke = select(*suite, {.include = {"tag:smoke"}});
  ASSERT_TRUE(smoke);
  EXPECT_FALSE(smoke->cases.empty());
}

TEST(Suite, AFileIsASetOfItsOwnWithTheLedgerOfOurs) {
  const auto suite = load_suite(WSSPEC_SOURCE_DIR "/cases/mask.wire");
  ASSERT_TRUE(suite);
  EXPECT_GT(suite->cases.size(), 5U);
  EXPECT_GT(suite->ledger.size(), 300U);
  EXPECT_EQ(suite->directory, WSSPEC_SOURCE_DIR "/cases");
  EXPECT_EQ(suite->cases.front().place.file ? *suite->cases.front().place.file : "", "mask.wire");
}

TEST(Suite, FoldersAreLookedForInOrder) {
  EXPECT_EQ(find_cases(WSSPEC_SOURCE_DIR "/cases").value(), WSSPEC_SOURCE_DIR "/cases");
  EXPECT_EQ(find_cases(WSSPEC_SOURCE_DIR "/cases/close.wire").value(), WSSPEC_SOURCE_DIR "/cases/close.wire");
  EXPECT_FALSE(find_cases("/nonexistent"));
  EXPECT_EQ(find_cases("").value(), WSSPEC_SOURCE_DIR "/cases");  // Above the program, in the source tree.
  ::setenv("WSSPEC_CASES", "/nonexistent", 1);
  const auto from_environment = find_cases("");
  ASSERT_FALSE(from_environment);
  EXPECT_NE(from_environment.error().hint.find("WSSPEC_CASES"), std::string::npos);
  ::unsetenv("WSSPEC_CASES");
}

}  // namespace
}  // namespace wsspec::suite_test
