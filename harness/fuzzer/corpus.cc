#include "fuzzer/corpus.h"

#include <algorithm>
#include <bit>

namespace wsspec {
namespace {

constexpr std::size_t kMostItems = 4096, kMostItemsByEdge = 16384;
constexpr std::uint64_t kLag = 256;
// So many draws at most: among thousands of edges few are neglected.
constexpr std::uint32_t kMostDraws = 64;

}  // namespace

std::uint8_t edge_magnitude(std::uint8_t times) {
  if (times < 4) return static_cast<std::uint8_t>(times - 1);
  if (times < 32) return static_cast<std::uint8_t>(std::bit_width(times));
  return times < 128 ? 6 : 7;
}

std::uint64_t FuzzCorpus::horizon(std::uint64_t session) const {
  if (order_ == Order::in_turn) return session;
  return session < 2 * kLag ? 0 : session / 2 - kLag;
}

void FuzzCorpus::seed(std::vector<Step> steps) {
  items_.push_back({0, std::move(steps), false, 1});
  seeds_ = items_.size();
}

bool FuzzCorpus::knows(const Candidate& candidate) const {
  const auto known = [this](std::uint64_t feature) { return seen_.contains(feature); };
  const auto betters_none = [&](ReachedEdge reached) { return !betters(candidate, reached); };
  return std::ranges::all_of(candidate.features, known) &&
         std::ranges::all_of(candidate.reached, betters_none);
}

void FuzzCorpus::bring(std::uint64_t session, std::vector<Candidate> candidates, const Learned& learned) {
  waiting_[session] = std::move(candidates);
  while (!waiting_.empty() && waiting_.begin()->first == next_) {
    for (Candidate& candidate : waiting_.begin()->second) commit(std::move(candidate), learned);
    waiting_.erase(waiting_.begin());
    ++next_;
  }
}

bool FuzzCorpus::is_cheaper(const Candidate& candidate, std::uint32_t owner) const {
  return owner == kNobody || candidate.cost < items_[owner].cost;
}

bool FuzzCorpus::betters(const Candidate& candidate, ReachedEdge reached) const {
  if (reached.edge >= edges_.size()) return true;
  const Edge& edge = edges_[reached.edge];
  return (edge.magnitudes >> reached.magnitude & 1) == 0 || is_cheaper(candidate, edge.owner) ||
         (candidate.legal && is_cheaper(candidate, edge.legal_owner));
}

void FuzzCorpus::note_edges(const Candidate& candidate) {
  for (const ReachedEdge reached : candidate.reached) {
    if (reached.edge >= edges_.size()) edges_.resize(std::size_t{reached.edge} + 1);
    Edge& edge = edges_[reached.edge];
    magnitudes_seen_ += (edge.magnitudes >> reached.magnitude & 1) == 0;
    edge.magnitudes |= static_cast<std::uint8_t>(1 << reached.magnitude);
    edge.spent += candidate.cost;
  }
}

void FuzzCorpus::own_edges(const Candidate& candidate, std::uint32_t item) {
  const auto take = [&](std::uint32_t& owner, std::vector<std::uint32_t>& owned, std::uint32_t edge) {
    if (!is_cheaper(candidate, owner)) return;
    if (owner == kNobody) owned.push_back(edge);
    owner = item;
  };
  for (const ReachedEdge reached : candidate.reached) {
    take(edges_[reached.edge].owner, owned_, reached.edge);
    if (candidate.legal) take(edges_[reached.edge].legal_owner, owned_legal_, reached.edge);
  }
}

void FuzzCorpus::commit(Candidate&& candidate, const Learned& learned) {
  const std::size_t before = seen_.size();
  const bool by_edge = std::ranges::any_of(candidate.reached,
                                           [&](ReachedEdge reached) { return betters(candidate, reached); });
  seen_.insert(candidate.features.begin(), candidate.features.end());
  note_edges(candidate);
  if ((seen_.size() == before && !by_edge) || candidate.steps.empty()) return;
  if (items_.size() >= (by_edge ? kMostItemsByEdge : kMostItems)) return;
  const auto index = static_cast<std::uint32_t>(items_.size());
  own_edges(candidate, index);
  if (candidate.legal) legal_.push_back(index);
  items_.push_back({next_, std::move(candidate.steps), candidate.legal, candidate.cost});
  learned(items_.back());
}

// Where the least was spent is where the target's code may go on: behind a rare branch, and not where each
// input takes a thousand writes. What is chosen is charged for it, whether its children reach the same code
// again or not, so that none keeps all to itself.
const FuzzCorpus::Item* FuzzCorpus::owner_of_neglected_edge(InputMaker& maker, bool legal) {
  const std::vector<std::uint32_t>& among = legal ? owned_legal_ : owned_;
  if (among.empty()) return nullptr;
  Edge* least = nullptr;
  for (std::uint32_t n = 1 + maker.below(kMostDraws); n > 0; --n) {
    Edge& drawn = edges_[among[maker.below(static_cast<std::uint32_t>(among.size()))]];
    if (least == nullptr || drawn.spent < least->spent) least = &drawn;
  }
  const Item& owner = items_[legal ? least->legal_owner : least->owner];
  least->spent += owner.cost;
  return &owner;
}

const FuzzCorpus::Item* FuzzCorpus::parent(InputMaker& maker, std::uint64_t session, bool legal) {
  if (order_ == Order::in_turn && !maker.one_in(4))
    if (const Item* owner = owner_of_neglected_edge(maker, legal)) return owner;
  const auto visible = [&](const Item& item) { return item.session < horizon(session); };
  const auto all = static_cast<std::size_t>(
      std::partition_point(items_.begin() + static_cast<std::ptrdiff_t>(seeds_), items_.end(), visible) -
      items_.begin());
  if (!legal) return all == 0 ? nullptr : &items_[maker.below(static_cast<std::uint32_t>(all))];
  const auto end = std::ranges::lower_bound(legal_, all);
  const auto count = static_cast<std::uint32_t>(end - legal_.begin());
  return count == 0 ? nullptr : &items_[legal_[maker.below(count)]];
}

}  // namespace wsspec
