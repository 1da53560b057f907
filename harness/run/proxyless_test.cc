#include "run/proxyless.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wsspec::proxyless_test {
namespace {

CaseResult seen(const char* id, Verdict verdict, const char* request) {
  CaseResult out;
  out.id = id;
  out.verdict = verdict;
  out.reason = "left open";
  out.script = "case t\n  connect proxy=\"\"\n";
  Event event;
  event.kind = Event::Kind::received;
  event.decoded = request;
  out.transcript.events.push_back(event);
  return out;
}

constexpr const char *kPage = "GET / HTTP/1.1\r\n", *kTunnel = "CONNECT a:80 HTTP/1.1\r\n";

TEST(Proxyless, IsToldOnce) {
  std::vector<CaseResult> results = {seen("a", Verdict::info, kPage), seen("b", Verdict::info, kPage),
                                     seen("c", Verdict::fail, kPage), seen("d", Verdict::info, kPage)};
  results[3].script = "case t\n  connect\n";
  tell_proxyless_once(results);
  EXPECT_EQ(results[0].verdict, Verdict::info);
  EXPECT_EQ(results[1].verdict, Verdict::skipped);
  EXPECT_THAT(results[1].reason, testing::HasSubstr("minds no proxy, as a says"));
  EXPECT_EQ(results[2].verdict, Verdict::fail) << "what is judged stays";
  EXPECT_EQ(results[3].verdict, Verdict::info) << "it is about no proxy";
}

TEST(Proxyless, OneThatAsksForATunnelMindsIt) {
  std::vector<CaseResult> results = {seen("a", Verdict::info, kPage), seen("b", Verdict::info, kTunnel)};
  tell_proxyless_once(results);
  EXPECT_EQ(results[0].verdict, Verdict::info);
  EXPECT_EQ(results[1].verdict, Verdict::info);
  EXPECT_EQ(results[0].reason, "left open");
}

}  // namespace
}  // namespace wsspec::proxyless_test
