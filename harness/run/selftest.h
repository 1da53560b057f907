// Self-test: does the case set find what it should, and only that? Plays it in memory against the reference
// peer.
//
// The conforming peer gets no red verdict; each planted defect is caught by some case; each legal liberty
// changes no verdict; and which case catches nothing is told, because such a case may be a test that cannot
// fail. Cases that move much are shown a defect only when no lighter one has caught it; each still gets the
// chance of one kill.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "play/profile.h"
#include "play/result.h"
#include "run/suite.h"

namespace wsspec {

struct PeerOptions;  // peer/peer.h

struct SelfTestOptions {
  Target tested = Target::server;  ///< The role of the reference peer.
  /// Stop at a defect's first kill instead of telling all its killers, and show liberties no case that moves
  /// much.
  bool quick = false;
  int threads = 2;
  std::uint64_t seed = 1;
  std::vector<std::string> only;  ///< Names of defects and liberties; empty: all.
  std::size_t segment = 0;        ///< Octets per delivery in memory; 0 = whole writes.
};

/// What a defect or liberty changed with regard to the conforming peer.
struct VerdictChange {
  std::string id;  ///< Of the case.
  Verdict before = Verdict::pass, after = Verdict::pass;
  std::string reason;
  bool reported =
      false;  ///< Liberty: the case is there to tell of it (`Liberty::reported_by`), or was not to be played.
};

struct SelfTestEntry {
  std::string name, about;
  std::vector<VerdictChange> changes;
  /// Defect: some case came to fail or weak. Liberty: a verdict changed that is none of its business.
  bool caught = false;
  bool only_unclear = false;  ///< Not caught, though some verdict changed (inconclusive, info, skipped).
  Duration duration{};
};

struct SelfTestResult {
  RunResult conforming;
  std::vector<SelfTestEntry> defects, liberties;
  std::vector<std::string>
      never_kill;  ///< Cases that caught no defect (skipped and info-only ones left out).
  std::map<std::string, std::string> killers;  ///< Case to the first defect that it was seen to catch.
  Duration duration{};
  /// No red verdict on the conforming peer, all defects caught, no liberty changed a verdict.
  bool good() const;
};

SelfTestResult self_test(const Suite& suite, const Selected& selected, const SelfTestOptions& options = {});

struct MemoryRunOptions {
  Target tested = Target::server;
  std::vector<std::string> defects, liberties;
  std::uint64_t seed = 1;
  std::size_t segment = 0;
  bool keep_transcript = true;
  Profile profile;
};
/// The case set against the built-in peer in memory: what `wsspec run` without a URL does.
Result<RunResult> run_in_memory(const Suite& suite, const Selected& selected,
                                const MemoryRunOptions& options);

/// Applies what a liberty wants declared (Liberty::declare) or the probe would find out.
void declare(std::string_view what, Profile& profile);

/// The declared facts that the built-in peer lives up to.
Profile peer_profile(Target tested = Target::server);
/// `options` with the policies that make these facts true: limit, welcome origins, served paths.
PeerOptions tested_peer(PeerOptions options);

}  // namespace wsspec
