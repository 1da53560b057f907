// FuzzCorpus: the inputs that showed something new, and which of them is bred from next.
//
//   FuzzCorpus corpus(0, FuzzCorpus::Order::many_at_once);
//   corpus.bring(session, candidates, learned);      // when it ended
//   const FuzzCorpus::Item* parent = corpus.parent(maker, session, true);
//
// What it is not: a folder; FuzzKeeper::learned hears of each new one. Invariants: sessions count in the
// order of their numbers, whenever they end, and each sees only what the sessions before its horizon()
// brought; so the choice of parents does not depend on how many are played at once. Memory is bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_set>
#include <vector>

#include "fuzzer/generate.h"
#include "script/ast.h"

namespace wsspec {

/// A place in the target's code that an input reached, and about how often.
struct ReachedEdge {
  std::uint32_t edge = 0;
  std::uint8_t magnitude = 0;
};
/// 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128-255 times as 0 to 7: how often matters by magnitude only.
std::uint8_t edge_magnitude(std::uint8_t times);

class FuzzCorpus {
 public:
  /// An input when its session has ended.
  struct Candidate {
    std::vector<Step> steps;
    bool legal = false;
    std::vector<std::uint64_t> features;  ///< Seen on the wire (session.h), any numbers.
    std::vector<ReachedEdge> reached;     ///< Code of the target (FuzzFeedback).
    std::uint64_t cost = 1;  ///< Of playing it, in frames, writes and pages of octets; at least 1.
  };
  struct Item {
    std::uint64_t session = 0;  ///< That brought it.
    std::vector<Step> steps;
    bool legal = false;
    std::uint64_t cost = 1;
  };
  using Learned = std::function<void(const Item&)>;
  enum class Order {
    many_at_once,  ///< The more have been played, the more may go on beside one that waits for its deadline.
    in_turn        ///< Each session sees what all before it brought.
  };

  FuzzCorpus(std::uint64_t first_session, Order order) : order_(order), next_(first_session) {}

  /// One from a file: every session sees it. Before the first bring().
  void seed(std::vector<Step> steps);
  /// False: sessions before it are still open that have to bring theirs first.
  bool may_begin(std::uint64_t session) const { return next_ >= horizon(session); }
  /// Whether nothing in it is new so far, so that its steps need not be copied. What it reached of the target
  /// counts nevertheless.
  bool knows(const Candidate& candidate) const;
  /// What a session showed, which must be said of each; `learned` hears of those that are kept.
  void bring(std::uint64_t session, std::vector<Candidate> candidates, const Learned& learned);
  /// One to breed from, as a session of this number may see it; null: there is none.
  const Item* parent(InputMaker& maker, std::uint64_t session, bool legal);

  std::size_t size() const { return items_.size(); }
  std::size_t features() const { return seen_.size() + magnitudes_seen_; }

 private:
  static constexpr std::uint32_t kNobody = ~0u;
  struct Edge {
    std::uint8_t magnitudes = 0;          ///< Seen, as bits.
    std::uint64_t spent = 0;              ///< On inputs that reached it or were to reach it.
    std::uint32_t owner = kNobody;        ///< Who reaches it at the least cost,
    std::uint32_t legal_owner = kNobody;  ///< and who does so within the rules.
  };

  std::uint64_t horizon(std::uint64_t session) const;
  void commit(Candidate&& candidate, const Learned& learned);
  bool betters(const Candidate& candidate, ReachedEdge reached) const;
  bool is_cheaper(const Candidate& candidate, std::uint32_t owner) const;
  void note_edges(const Candidate& candidate);
  void own_edges(const Candidate& candidate, std::uint32_t item);
  const Item* owner_of_neglected_edge(InputMaker& maker, bool legal);

  Order order_;
  std::uint64_t next_;                                       ///< All sessions below it have brought theirs.
  std::map<std::uint64_t, std::vector<Candidate>> waiting_;  ///< For the sessions before them.
  std::vector<Item> items_;                                  ///< Seeds, then in the order of their sessions.
  std::vector<std::size_t> legal_;
  std::size_t seeds_ = 0;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<Edge> edges_;
  std::vector<std::uint32_t> owned_, owned_legal_;  ///< Edges that have an owner.
  std::size_t magnitudes_seen_ = 0;
};

}  // namespace wsspec
