// Companies: what they send breaks no rule but the villain's, all begin a round together, octets of others
// are seen, and a finding is a case that asks for what is right.
#include "fuzzer/company.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "fuzzer/loop.h"
#include "peer/liberties.h"
#include "run/selftest.h"
#include "script/check.h"

namespace wsspec::company_test {
namespace {

using namespace std::chrono_literals;

std::vector<CompanyCause> play(const CompanyPlan& plan, const PeerOptions& peer) {
  const Profile profile = peer_profile();
  auto arena = memory_arena(tested_peer(peer)).value();
  const auto company = FuzzCompany::make(plan, profile, {});
  arena->play_many(
      1, [&] { return company->take_sessions(); },
      [&](FuzzSession& one, const FuzzArena::Outcome& outcome) { company->ended(one, outcome.connected); },
      [] {});
  EXPECT_TRUE(company->over());
  return company->causes();
}

// Two who send fragments in one instant; the server with this defect joins them in one buffer.
CompanyPlan two_with_fragments() {
  CompanyPlan plan;
  plan.seed = 3;
  plan.members = {{{}, "<of a, 1>", 0, false}, {{}, "<of b, 2>", 0, false}};
  for (const FrameKind kind : {FrameKind::text, FrameKind::cont}) {
    auto& round = plan.rounds.emplace_back(2);
    for (std::size_t i = 0; i < 2; ++i)
      round[i].steps = {
          fuzz_data(kind, plain_payload(plan.members[i].mark, true), false, kind == FrameKind::cont)};
  }
  return plan;
}

PeerOptions with_defect(std::string name) {
  PeerOptions out;
  out.defects = {std::move(name)};
  return out;
}

TEST(FuzzCompany, SeesOctetsThatOnlyAnotherHasSent) {
  EXPECT_TRUE(play(two_with_fragments(), {}).empty());
  const auto causes = play(two_with_fragments(), with_defect("company.fragments-shared"));
  ASSERT_FALSE(causes.empty());
  EXPECT_TRUE(causes.front().foreign());
  EXPECT_EQ(causes.front().cause.requirement, "rfc6455-6.2-1");
  EXPECT_EQ(causes.front().cause.severity, Severity::fail);
}

TEST(FuzzCompany, ARoundBeginsWhenAllHaveDigestedTheOneBefore) {
  const Profile profile = peer_profile();
  const auto company = FuzzCompany::make(two_with_fragments(), profile, {});
  auto sessions = company->take_sessions();
  bool woken = false;
  sessions[0]->on_wake([&] { woken = true; });
  const auto answer = [&](FuzzSession& session) {
    Bytes request;
    for (Action action = session.next(1ms); action.kind == Action::Kind::send; action = session.next(1ms))
      request += action.bytes;
    HeadParser head;
    BytesView rest = request;
    EXPECT_TRUE(head.feed(rest));
    Bytes reply =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_for(head.head().joined("Sec-WebSocket-Key").value_or("")) + "\r\n\r\n";
    session.received(reply, 1ms);
  };
  answer(*sessions[0]);
  EXPECT_EQ(sessions[0]->next(1ms).kind, Action::Kind::wait) << "the other has not come yet";
  EXPECT_FALSE(woken);
  answer(*sessions[1]);
  EXPECT_EQ(sessions[1]->next(1ms).kind, Action::Kind::send);
  EXPECT_TRUE(woken) << "in the same instant";
  EXPECT_EQ(sessions[0]->next(1ms).kind, Action::Kind::send);
  for (auto& session : sessions) company->ended(*session, true);
}

TEST(FuzzCompany, AVillainsOwnFateIsAMatterOfOtherInputs) {
  CompanyPlan plan = two_with_fragments();
  plan.rounds.resize(1);
  plan.members[0].villain = true;
  plan.rounds[0][0].steps = {step_of(SendBytes{plain_payload(Bytes("\x83\x80\0\0\0\0", 6), false), {}})};
  plan.rounds[0][1].steps = {fuzz_frame(FrameKind::text, plan.members[1].mark)};
  EXPECT_TRUE(play(plan, with_defect("fault.ignored")).empty());
  const auto causes = play(plan, with_defect("company.fault-drops-all"));
  ASSERT_FALSE(causes.empty());
  EXPECT_EQ(causes.front().member, 1u);
}

TEST(CompanyPlan, EachIsMarkedAndAConformingPeerServesIt) {
  const Profile profile = peer_profile();
  std::set<std::size_t> sizes;
  bool stalls = false, joins = false, villains = false, cuts = false;
  for (std::uint64_t number = 0; number < 150; ++number) {
    const CompanyPlan plan = plan_company({5, number, 8}, profile);
    sizes.insert(plan.members.size());
    for (const auto& member : plan.members) {
      EXPECT_EQ(member.mark.size(), 10u);
      joins = joins || member.joins > 0, villains = villains || member.villain;
    }
    for (const auto& round : plan.rounds) {
      ASSERT_EQ(round.size(), plan.members.size());
      for (const FuzzInput& input : round) {
        stalls = stalls || input.leaves_unread;
        const auto* frame = input.steps.empty() ? nullptr : std::get_if<SendFrame>(&input.steps[0].statement);
        cuts = cuts || (frame != nullptr && frame->layout.gap);
      }
    }
    for (const CompanyCause& one : play(plan, {})) ADD_FAILURE() << number << ": " << one.cause.text;
  }
  EXPECT_GE(sizes.size(), 5u) << "two mostly, and more";
  EXPECT_TRUE(stalls && joins && villains && cuts);
}

TEST(CompanyPlan, IsWrittenAsACaseThatReads) {
  const Profile profile = peer_profile();
  for (std::uint64_t number = 0; number < 60; ++number) {
    const CompanyPlan plan = plan_company({9, number, 8}, profile);
    CompanyCause cause;
    cause.cause = {"foreign-octets", Severity::fail, "rfc6455-6.2-1", "company", "", "seen"};
    const std::string text = write_reproducer(plan, cause, {}, true);
    const Source source{"company.wire", text};
    const Loaded loaded = load({&source, 1});
    EXPECT_TRUE(loaded.errors.empty()) << render(loaded.errors.front()) << text;
  }
}

// --- In a campaign ---

class Kept final : public FuzzKeeper {
 public:
  void keep(const FuzzFinding& finding) override { kept[finding.signature] = finding; }
  void drop(const std::string& signature) override { kept.erase(signature); }
  std::map<std::string, FuzzFinding> kept;
};

FuzzCampaign hunt(const PeerOptions& peer, std::uint64_t inputs, FuzzKeeper& keeper) {
  auto arena = memory_arena(tested_peer(peer)).value();
  FuzzOptions options;
  options.profile = peer_profile();
  options.most_inputs = inputs;
  options.most_findings = 1;
  return FuzzLoop(options, *arena, keeper).run();
}

TEST(FuzzLoopCompany, FindsWhatConnectionsShareAndWritesEachOnItsOwnLine) {
  for (const char* name : {"company.receive-buffer-shared", "company.kind-shared", "company.pong-shared",
                           "company.reset-drops-all", "company.compressor-shared"}) {
    Kept keeper;
    const FuzzCampaign campaign = hunt(with_defect(name), 12'000, keeper);
    ASSERT_FALSE(campaign.findings.empty()) << name;
    const FuzzFinding& finding = campaign.findings.front();
    EXPECT_EQ(finding.verdict, Verdict::fail) << finding.message;
    EXPECT_NE(finding.reproducer.find("\n  b: "), std::string::npos) << finding.reproducer;
    EXPECT_EQ(keeper.kept.size(), campaign.findings.size());
  }
}

TEST(FuzzLoopCompany, FindingsOfOneKindAreCasesThatLoadTogether) {
  const Profile profile = peer_profile();
  const CompanyPlan plan = plan_company({9, 1, 2}, profile);
  std::vector<Source> sources;
  for (const char* requirement : {"rfc6455-5.5.2-2", "rfc6455-5.5.3-1"}) {
    CompanyCause cause;
    cause.cause = {"missing-pong", Severity::fail, requirement, "company", "", "seen"};
    sources.push_back({requirement, write_reproducer(plan, cause, {}, true)});
  }
  const Loaded loaded = load(sources);
  EXPECT_TRUE(loaded.errors.empty()) << render(loaded.errors.front());
  for (const Case& one : loaded.cases) EXPECT_EQ(kind_of_reproducer(one.id), "missing-pong");
  EXPECT_EQ(kind_of_reproducer("fuzz.missing-pong"), "missing-pong") << "of an earlier version";
  EXPECT_EQ(kind_of_reproducer("company.echo"), "");
}

TEST(FuzzLoopCompany, AJournalSaysHowItsCompanyIsPlannedAgain) {
  const CompanyNumber which{18446744073709551615u, 12, 8};
  ReproducerNotes notes;
  notes.company = words_of(which);
  CompanyCause cause;
  cause.cause = {"missing-pong", Severity::fail, "rfc6455-5.5.2-2", "company", "", "seen"};
  const CompanyPlan plan = plan_company(which, peer_profile());
  EXPECT_EQ(company_of_journal(write_reproducer(plan, cause, notes, true)), which);
  EXPECT_EQ(company_of_journal(write_reproducer(plan, cause, {}, true)), std::nullopt);
  EXPECT_EQ(company_of_journal("# company:   seed 1, number 2, up to 99\n"), std::nullopt);
}

/// As if the campaign had been killed when it had seen the first of a company.
class KeepsTheFirst final : public FuzzKeeper {
 public:
  void keep(const FuzzFinding& finding) override {
    if (!journal && company_of_journal(finding.reproducer)) journal = finding.reproducer;
  }
  std::optional<std::string> journal;
};

TEST(FuzzLoopCompany, AJournalThatWasNotLookedIntoIsPlayedAgainFirst) {
  KeepsTheFirst first;
  hunt(with_defect("company.kind-shared"), 12'000, first);
  ASSERT_TRUE(first.journal);
  auto arena = memory_arena(tested_peer(with_defect("company.kind-shared"))).value();
  Kept keeper;
  FuzzOptions options;
  options.profile = peer_profile();
  options.most_inputs = 1;
  options.unsettled_companies = {*company_of_journal(*first.journal)};
  const FuzzCampaign campaign = FuzzLoop(options, *arena, keeper).run();
  ASSERT_EQ(campaign.findings.size(), 1u);
  EXPECT_TRUE(campaign.findings[0].message.starts_with("on ")) << campaign.findings[0].message;
  EXPECT_EQ(campaign.findings[0].message.find("connections:"), std::string::npos);
}

TEST(FuzzLoopCompany, AFaultOfOneConnectionIsNotBlamedOnItsCompany) {
  Kept keeper;
  const FuzzCampaign campaign = hunt(with_defect("message.50th-lost"), 20'000, keeper);
  for (const FuzzFinding& finding : campaign.findings)
    EXPECT_EQ(finding.reproducer.find("\n  b: "), std::string::npos) << finding.reproducer;
}

TEST(FuzzLoopCompany, CountsThemAndMakesNoneWhereConnectionsHearEachOther) {
  Kept keeper;
  auto arena = memory_arena(tested_peer({})).value();
  for (const bool company : {true, false}) {
    FuzzOptions options;
    options.profile = peer_profile();
    if (!company) options.profile.features.erase("company");
    options.most_inputs = 2000;
    const FuzzCampaign campaign = FuzzLoop(options, *arena, keeper).run();
    const std::map<std::string, std::uint64_t> counts(campaign.habits.begin(), campaign.habits.end());
    EXPECT_EQ(counts.at("company") > 0, company);
  }
}

}  // namespace
}  // namespace wsspec::company_test
