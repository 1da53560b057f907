#include "fuzz/heads.h"

#include <gtest/gtest.h>

namespace wsspec {
namespace {

// An entry that no head needs any more has to go; one that hides another difference is too wide.
TEST(Heads, EachListedDifferenceShowsInItsExample) {
  for (const auto& one : head_differences()) {
    const auto found = compare_heads(one.example, one.kind);
    EXPECT_NE(found.disagreement, "") << one.name;
    EXPECT_EQ(found.listed, &one) << one.name << ": " << found.disagreement;
  }
}

TEST(Heads, WhatBothMustAcceptReadsAlike) {
  for (const BytesView head :
       {"GET / HTTP/1.1\r\n\r\n", "GET /a?b=c HTTP/1.0\r\nHost: a\r\nEmpty:\r\nTwo: a\tb \t\r\n\r\nrest",
        "M!#$%&'*+-.^_`|~ * HTTP/1.1\r\nSec-WebSocket-Key:x\r\nsec-websocket-key: y\r\n\r\n"}) {
    Head parsed;
    EXPECT_TRUE(read_head_ours(head, HeadKind::request, parsed).accepted) << head;
    EXPECT_EQ(compare_heads(head, HeadKind::request).disagreement, "") << head;
  }
  for (const BytesView head :
       {"HTTP/1.1 101 \r\n\r\n", "HTTP/1.1 999 \xe4\t reason\r\nA: \x80\r\n\r\nrest"}) {
    Head parsed;
    EXPECT_TRUE(read_head_ours(head, HeadKind::reply, parsed).accepted) << head;
    EXPECT_EQ(compare_heads(head, HeadKind::reply).disagreement, "") << head;
  }
}

TEST(Heads, WhatBothMustRefuseIsRefused) {
  for (const BytesView head :
       {"GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n: b\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", "GET / HTTP/1.1\r\n A: b\r\n\r\n", "GET  HTTP/1.1\r\n\r\n",
        "GET /\ta HTTP/1.1\r\n\r\n", "GET / http/1.1\r\n\r\n", "G@T / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nA: \x7f\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n"}) {
    Head parsed;
    EXPECT_FALSE(read_head_ours(head, HeadKind::request, parsed).accepted) << head;
    EXPECT_FALSE(read_head_beast(head, HeadKind::request).accepted) << head;
  }
}

}  // namespace
}  // namespace wsspec
