#include "script/glob.h"

#include <gtest/gtest.h>

#include <string>

#include "script/hash.h"

namespace wsspec::glob_test {
namespace {

TEST(Glob, StarsAndQuestionMarksOnly) {
  EXPECT_TRUE(matches_glob("frame.size[text,125]", "frame.size[text,125]"));
  EXPECT_TRUE(matches_glob("frame.size[*]", "frame.size[text,125]"));
  EXPECT_TRUE(matches_glob("*", ""));
  EXPECT_TRUE(matches_glob("a*b*c", "axxbyybc"));
  EXPECT_TRUE(matches_glob("a?c[1]", "abc[1]"));
  EXPECT_FALSE(matches_glob("a?c", "ac"));
  EXPECT_FALSE(matches_glob("?", ""));
  EXPECT_FALSE(matches_glob("[ab]", "a"));
  EXPECT_FALSE(matches_glob("a*b", "abc"));
  EXPECT_FALSE(matches_glob(std::string(30, '*') + "b", std::string(5000, 'a')));
}

TEST(Hash, Fnv1aIsThePublishedOne) {
  EXPECT_EQ(fnv1a64(""), 0xcbf29ce484222325ULL);
  EXPECT_EQ(fnv1a64("a"), 0xaf63dc4c8601ec8cULL);
  EXPECT_EQ(fnv1a64("foobar"), 0x85944171f73967e8ULL);
  EXPECT_EQ(fnv1a64("bar", fnv1a64("foo")), fnv1a64("foobar"));
}

}  // namespace
}  // namespace wsspec::glob_test
