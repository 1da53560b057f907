#include "run/bare_ends.h"

#include <gtest/gtest.h>

namespace wsspec::bare_ends_test {
namespace {

CaseResult answered(const std::string& id, std::vector<std::string> received) {
  CaseResult result;
  result.id = id;
  result.topic = id.substr(0, id.find('.'));
  result.verdict = Verdict::pass;
  result.sent_illegal = true;
  const auto add = [&](Event::Kind kind, std::string line) {
    Event event;
    event.kind = kind;
    event.line = std::move(line);
    result.transcript.events.push_back(event);
  };
  add(Event::Kind::sent, "open");
  add(Event::Kind::received, "# HTTP/1.1 101 Switching Protocols");
  add(Event::Kind::sent, "> frame op=3 \"?\"");
  for (auto& line : received) add(Event::Kind::received, std::move(line));
  return result;
}

std::vector<CaseResult> closes(int count, const std::string& topic = "opcode") {
  std::vector<CaseResult> all;
  for (int i = 0; i < count; ++i)
    all.push_back(answered(topic + ".bad[" + std::to_string(i) + "]", {"< close 1002", "< eof"}));
  return all;
}

int weak(const std::vector<CaseResult>& results) {
  int count = 0;
  for (const auto& result : results) count += result.verdict == Verdict::weak;
  return count;
}

TEST(BareEnds, OneAmongManyClosesIsWeakAndNoMore) {
  for (const std::string end : {"< eof", "< reset"}) {
    auto all = closes(5);
    all.push_back(answered("opcode.odd", {end}));
    tell_bare_ends_apart(all);
    EXPECT_EQ(weak(all), 1);
    EXPECT_EQ(all.back().verdict, Verdict::weak);
    EXPECT_EQ(all.back().clause, "RFC 6455 section 7.1.7");
    EXPECT_NE(all.back().reason.find("5 other faults"), std::string::npos) << all.back().reason;
  }
}

TEST(BareEnds, ATargetThatChoseToEndSoIsLeftAlone) {
  std::vector<CaseResult> always;
  for (int i = 0; i < 9; ++i) always.push_back(answered("opcode.bad[" + std::to_string(i) + "]", {"< eof"}));
  tell_bare_ends_apart(always);
  EXPECT_EQ(weak(always), 0);

  auto one_kind = closes(40);  // Another topic, and one case with all its instances.
  for (const std::string id : {"length.huge[a]", "length.huge[b]", "opcode.masked[a]", "opcode.masked[b]"})
    one_kind.push_back(answered(id, {"< eof"}));
  tell_bare_ends_apart(one_kind);
  EXPECT_EQ(weak(one_kind), 0);

  auto often = closes(7);
  for (const std::string id : {"opcode.a", "opcode.b"}) often.push_back(answered(id, {"< eof"}));
  tell_bare_ends_apart(often);
  EXPECT_EQ(weak(often), 0);
}

TEST(BareEnds, OnlyAnswersToAFaultBehindTheUpgradeCount) {
  auto all = closes(40);
  all.push_back(answered("opcode.legal", {"< eof"}));
  all.back().sent_illegal = false;
  all.push_back(answered("opcode.red", {"< eof"}));
  all.back().verdict = Verdict::fail;
  all.push_back(answered("opcode.handshake", {"< eof"}));
  all.back().transcript.events.erase(all.back().transcript.events.begin() + 1);
  for (const std::string ours : {"> eof", "> reset", "> close 1000", "finish"}) {
    all.push_back(answered("opcode.ours", {}));
    auto& events = all.back().transcript.events;
    events.push_back(events.front());
    events.back().line = ours;
    events.push_back(events[1]);
    events.back().line = "< eof";
  }
  tell_bare_ends_apart(all);
  EXPECT_EQ(weak(all), 0);
}

}  // namespace
}  // namespace wsspec::bare_ends_test
