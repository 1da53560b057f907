#include "run/open_errors.h"

#include <gtest/gtest.h>

#include "play/stomp_frames.h"

namespace wsspec::open_errors_test {
namespace {

CaseResult failed(const char* id, const char* requirement) {
  CaseResult out;
  out.id = id;
  out.verdict = Verdict::fail;
  out.reason = "why";
  out.requirement = requirement;
  return out;
}

TEST(OpenErrors, AreToldOnce) {
  std::vector<CaseResult> all = {failed("stomp.send.no-destination", kErrorEnds),
                                 failed("stomp.error.closes", kErrorEnds),
                                 failed("stomp.sub.no-destination", "")};
  tell_open_errors_once(all);
  EXPECT_EQ(all[0].verdict, Verdict::weak);
  EXPECT_EQ(all[0].reason, "why (follows from stomp.error.closes)");
  EXPECT_EQ(all[1].verdict, Verdict::fail);
  EXPECT_EQ(all[2].verdict, Verdict::fail) << "it failed for another reason";
}

TEST(OpenErrors, OfOneKindStayFailures) {
  std::vector<CaseResult> all = {failed("stomp.send.no-destination", kErrorEnds)};
  all.emplace_back().id = "stomp.error.closes";
  all.back().verdict = Verdict::pass;
  tell_open_errors_once(all);
  EXPECT_EQ(all[0].verdict, Verdict::fail);
}

}  // namespace
}  // namespace wsspec::open_errors_test
