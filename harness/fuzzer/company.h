// Company: several connections to one target, which send by rounds, all in the same instant.
//
//   auto company = FuzzCompany::make(plan, profile, options);
//   arena.play_many(1, [&] { return company->take_sessions(); }, finished, tick);
//   finished: company->ended(session, outcome.connected);
//   company->causes()            // when over()
//
// What it is not: an arena, nor a judge: each connection has its own, and a rule is broken on one connection
// or not at all. What only a connection of others has sent is found by marks, which every payload holds.
// Invariants: a round begins when all that are there have digested the one before; the plan decides what is
// sent, not the target.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzzer/arena.h"
#include "fuzzer/reproducer.h"
#include "fuzzer/session.h"

namespace wsspec {

/// Which company: with the profile it says all of the plan.
struct CompanyNumber {
  std::uint64_t seed = 1, number = 0;  ///< The `number`-th of the campaign with that seed.
  std::size_t most = 2;                ///< Connections at most, at least two.
  bool operator==(const CompanyNumber&) const = default;
};

/// What all of them send: a pure value.
struct CompanyPlan {
  struct Member {
    FuzzOpening opening;
    Bytes mark;             ///< In each of its payloads, and in nobody else's.
    std::size_t joins = 0;  ///< The round in which its request goes out.
    bool villain = false;   ///< It breaks a rule: what it gets itself is a matter of other inputs.
  };
  std::vector<Member> members;
  std::vector<std::vector<FuzzInput>> rounds;  ///< For each round, and in it for each member.
  std::uint64_t seed = 1;
  CompanyNumber planned_as;  ///< What it was before it was made smaller.

  /// "a", "b", ...
  static std::string name_of(std::size_t member) { return std::string(1, static_cast<char>('a' + member)); }
};

/// Of the cases that ask for what is right, as those with several connections do, instead of saying what
/// came.
inline constexpr const char* kCompanyTag = "company";

/// The same plan each time.
CompanyPlan plan_company(const CompanyNumber& which, const Profile& profile);

/// As a journal that was not looked into yet names its company; nothing in one of another kind.
std::string words_of(const CompanyNumber& which);
std::optional<CompanyNumber> company_of_journal(std::string_view reproducer);

/// What is wrong, and with whom.
struct CompanyCause {
  FuzzCause cause;
  std::size_t member = 0;
  bool foreign() const { return cause.kind == breach_name(BreachKind::foreign_octets); }
};

class FuzzCompany final : public std::enable_shared_from_this<FuzzCompany> {
 public:
  static std::shared_ptr<FuzzCompany> make(CompanyPlan plan, const Profile& profile,
                                           const FuzzSessionOptions& options);

  /// The sessions, once; they keep the company.
  FuzzArena::Group take_sessions();
  /// One of its sessions is over; false: it is of somebody else. `counts`: it was connected and not cut off.
  bool ended(const FuzzSession& session, bool counts);
  bool over() const { return left_ == 0; }
  /// Of those who kept the rules; octets of others first. Empty when one of them could not be played.
  std::vector<CompanyCause> causes() const;
  const CompanyPlan& plan() const { return plan_; }

 private:
  FuzzCompany(CompanyPlan plan, const Profile& profile) : plan_(std::move(plan)), profile_(profile) {}
  std::unique_ptr<FuzzSession> session_for(std::size_t member, const FuzzSessionOptions& options);
  bool may_begin(std::size_t member, std::size_t round);
  std::optional<FuzzInput> input(std::size_t member, std::size_t index);

  CompanyPlan plan_;
  const Profile& profile_;
  FuzzArena::Group made_;
  std::vector<FuzzSession*> playing_;  ///< Null: over.
  std::vector<std::size_t> arrived_;   ///< How many rounds each has done or is ready for.
  std::vector<std::vector<FuzzCause>> said_;
  std::size_t begun_ = 0, left_ = 0;
  bool void_ = false;
};

/// A case with a connection for each member, which asks for what is right: it fails while the fault is there.
std::string write_reproducer(const CompanyPlan& plan, const CompanyCause& cause, const ReproducerNotes& notes,
                             bool echoes);

}  // namespace wsspec
