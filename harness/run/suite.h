// Suite: the case set as loaded from its folder, and which of its cases a run plays.
//
// Everything is parsed, expanded and checked before anybody opens a connection; one error anywhere means no
// run. Invariants: `cases` is in the order of the sorted file names; ids are unique; select() keeps that
// order.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "play/result.h"
#include "protocol/error.h"
#include "script/ast.h"
#include "script/diagnostics.h"

namespace wsspec {

struct Suite {
  std::string directory;
  std::string version;  ///< Of the case set: first line of `VERSION` there.
  std::vector<Case> cases;
  std::map<std::string, Requirement> ledger;
};

/// Why a suite cannot be used; `diagnostics` are about the files, `error` about the folder.
struct SuiteFailure {
  Error error;
  std::vector<Diagnostic> diagnostics;
};

/// The folder of the case set, or one file: `given` (--cases) if not empty, $WSSPEC_CASES, share/wsspec/cases
/// next to the program, the source tree the program was built in.
Result<std::string> find_cases(const std::string& given);

/// Of a folder, or of a single file: then with our own ledger.
std::expected<Suite, SuiteFailure> load_suite(const std::string& directory);
/// Files given by name (`wsspec replay FILE`), with the ledger of `directory` when there is one.
std::expected<Suite, SuiteFailure> load_files(const std::vector<std::string>& files,
                                              const std::string& directory = {});

/// requirements.json, from its text.
Result<std::map<std::string, Requirement>> parse_ledger(std::string_view json, const std::string& name);

struct Selection {
  /// Each names cases by: an id or a glob over ids (`frame.*`, `*[0-9]` as in fnmatch, brackets are literal),
  /// a family id without its brackets, a topic (`frame`), `tag:slow`, `level:must`, a ledger id
  /// `rfc6455-5.5.1-7`, a clause `rfc6455/5.5.1` (with what is below it), an Autobahn number
  /// `autobahn/6.4.3`, `autobahn/6.*` or `6.4.3`.
  std::vector<std::string> include{}, exclude{};
  std::vector<std::string> also{};  ///< Likewise: taken beside those of `include`, and named by it.
  Target tested = Target::server;   ///< Cases about the other role are never selected.
  bool bulk = false;  ///< Also those tagged `bulk`; a bulk case named by its full id is always taken.
  int shard = 0,
      shards = 0;  ///< From 1; 0 = no sharding. By FNV-1a of the id, so adding cases moves no other.
};

struct Selected {
  std::vector<const Case*> cases;
  std::size_t bulk_left_out = 0;  ///< Matched but tagged `bulk`.
  /// Tagged `long`, and matched by a pattern only that names neither the case, its topic, nor the tag: not to
  /// be played over the network.
  std::set<const Case*> too_long{};
  std::string words;  ///< "frame.*, not tag:slow, shard 1/2"; empty: everything.
};

/// An unknown pattern is an error with the nearest known one as hint. An empty result is no error here: the
/// caller says "nothing selected" and exits with 4.
Result<Selected> select(const Suite& suite, const Selection& selection);

/// The cases that stand for each of Autobahn's numbers (`see autobahn/N`) and are played against such a
/// target.
std::map<std::string, std::vector<const Case*>> cases_by_number(const Suite& suite, Target tested);

/// "1/4"
Result<std::pair<int, int>> parse_shard(std::string_view text);

bool has_tag(const Case& one, std::string_view tag);
/// The case can be played against a target of this kind: a neutral one against servers and clients.
bool is_for(const Case& one, Target tested);

}  // namespace wsspec
