#include "protocol/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace wsspec::chunked_test {
namespace {

/// What is left behind the body; "?" when it has no end, "!" when it is none.
std::string rest_of(const std::string& text, std::size_t step, std::uint64_t* octets = nullptr) {
  ChunkedBody body;
  std::string left;
  for (std::size_t at = 0; at < text.size(); at += step) {
    BytesView piece = BytesView(text).substr(at, step);
    body.feed(piece);
    left += piece;
  }
  if (octets != nullptr) *octets = body.octets();
  return body.done() ? left : body.failed() ? "!" : "?";
}

TEST(ChunkedBody, EndsWhereTheLastTrailerLineDoesHoweverItIsCut) {
  struct Row {
    std::string text, rest;
    std::uint64_t octets;
  };
  const Row rows[] = {
      {"0\r\n\r\n", "", 0},
      {"0\r\n\r\nHTTP/1.1 101", "HTTP/1.1 101", 0},
      {"5\r\nhello\r\n0\r\n\r\nx", "x", 5},
      {"5;name=\"v\"\r\nhello\r\n00;last\r\n\r\nx", "x", 5},
      {"5 \r\nhello\r\n0\r\nExpires: never\r\nX-Sum: 5\r\n\r\nx", "x", 5},
      {"A\r\n0\r\n\r\n0\r\n\r\n\r\n0\r\n\r\nx", "x", 10},  // The data look like the end.
      {"5\nhello\n0\n\nx", "x", 5},
      {"5\r\nhel", "?", 3},
      {"5\r\nhello\r\n0\r\nX: y\r\n", "?", 5},
  };
  for (const auto& row : rows) {
    for (std::size_t step = 1; step <= row.text.size(); ++step) {
      std::uint64_t octets = 0;
      ASSERT_EQ(rest_of(row.text, step, &octets), row.rest) << row.text << " by " << step;
      ASSERT_EQ(octets, row.octets) << row.text << " by " << step;
    }
  }
}

TEST(ChunkedBody, WhatIsNoneFailsInBoundedMemoryAndTime) {
  for (const std::string text : {"\r\n", "x\r\n", "-1\r\n", ";a\r\n", "5x\r\n", "5\r\nhelloX", "0x5\r\n",
                                 "fffffffffffffffff\r\n", "HTTP/1.1 101 Switching Protocols\r\n"})
    EXPECT_EQ(rest_of(text, 3), "!") << text;
  EXPECT_EQ(rest_of("5;" + std::string(1 << 20, 'a'), 4096), "!");
  EXPECT_EQ(rest_of("0\r\n" + std::string(1 << 20, 'a'), 4096), "!");
}

}  // namespace
}  // namespace wsspec::chunked_test
