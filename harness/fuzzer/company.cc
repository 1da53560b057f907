#include "fuzzer/company.h"

#include <algorithm>
#include <utility>

#include "protocol/mix.h"

namespace wsspec {

std::shared_ptr<FuzzCompany> FuzzCompany::make(CompanyPlan plan, const Profile& profile,
                                               const FuzzSessionOptions& options) {
  std::shared_ptr<FuzzCompany> out(new FuzzCompany(std::move(plan), profile));
  const std::size_t count = out->plan_.members.size();
  out->playing_.resize(count), out->said_.resize(count), out->arrived_.resize(count);
  out->left_ = count;
  for (std::size_t i = 0; i < count; ++i) {
    if (const std::size_t joins = out->plan_.members[i].joins; joins > 0) out->arrived_[i] = joins + 1;
    out->made_.push_back(out->session_for(i, options));
    out->playing_[i] = out->made_.back().get();
  }
  return out;
}

std::unique_ptr<FuzzSession> FuzzCompany::session_for(std::size_t member, const FuzzSessionOptions& options) {
  FuzzSessionOptions own = options;
  const auto seed_of = [&](std::size_t who) { return mix(plan_.seed + who) | 1; };
  own.seed = seed_of(member);
  own.number = plan_.seed;
  own.most_inputs = plan_.rounds.size();
  own.joins = plan_.members[member].joins;
  for (std::size_t i = 0; i < plan_.members.size(); ++i) {
    if (i == member) continue;
    own.strange.push_back(plan_.members[i].mark);
    own.strange.push_back(barrier_mark(seed_of(i)));
  }
  own.may_begin = [this, member](std::size_t round) { return may_begin(member, round); };
  // The source keeps the company for as long as there is a session of it.
  return std::make_unique<FuzzSession>(profile_, plan_.members[member].opening, own,
                                       [self = shared_from_this(), member](const FuzzContext& context) {
                                         return self->input(member, context.index);
                                       });
}

FuzzArena::Group FuzzCompany::take_sessions() {
  return std::exchange(made_, {});
}

// The last one who arrives goes on at once and wakes the others.
bool FuzzCompany::may_begin(std::size_t member, std::size_t round) {
  arrived_[member] = std::max(arrived_[member], round + 1);
  if (round < begun_) return true;
  for (std::size_t i = 0; i < arrived_.size(); ++i) {
    const bool there = playing_[i] != nullptr && !playing_[i]->done();
    if (there && arrived_[i] <= round) return false;
  }
  begun_ = round + 1;
  for (std::size_t i = 0; i < playing_.size(); ++i)
    if (i != member && playing_[i] != nullptr) playing_[i]->wake();
  return true;
}

std::optional<FuzzInput> FuzzCompany::input(std::size_t member, std::size_t index) {
  const std::size_t joins = plan_.members[member].joins, round = index + (joins > 0 ? joins + 1 : 0);
  if (round >= plan_.rounds.size()) return std::nullopt;
  return plan_.rounds[round][member];
}

bool FuzzCompany::ended(const FuzzSession& session, bool counts) {
  const auto found = std::ranges::find(playing_, &session);
  if (found == playing_.end()) return false;
  const auto member = static_cast<std::size_t>(found - playing_.begin());
  said_[member] = session.causes();
  void_ = void_ || !counts;
  *found = nullptr;
  --left_;
  return true;
}

std::vector<CompanyCause> FuzzCompany::causes() const {
  std::vector<CompanyCause> out;
  if (void_) return out;
  for (std::size_t i = 0; i < said_.size(); ++i) {
    for (const FuzzCause& cause : said_[i]) {
      const CompanyCause one{cause, i};
      if (cause.severity == Severity::fail && (one.foreign() || !plan_.members[i].villain))
        out.push_back(one);
    }
  }
  std::ranges::stable_sort(out, {}, [](const CompanyCause& one) { return one.foreign() ? 0 : 1; });
  return out;
}

}  // namespace wsspec
