// The findings folder: one reproducer for each finding and index.json, both complete after each change.
//
// Written beside, synced and renamed, so that neither Ctrl-C nor kill -9 loses a finding. One process at a
// time writes into it (folder_lock.h). `FOLDER/index.json`:
// {"schema_version", "findings": [{"signature", "cause", "verdict", "clause", "requirement", "message",
// "stable", "gone", "hits", "file", "log"}]}
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/folder_lock.h"
#include "protocol/error.h"
#include "report/finding.h"

namespace wsspec {

class FindingStore {
 public:
  /// Locks the folder and reads what is there already; an index that cannot be read is an error, a reproducer
  /// that is missing only a remark.
  static Result<FindingStore> open(const std::string& folder);
  /// To look at, while another process may write.
  static Result<FindingStore> read(const std::string& folder);
  const std::vector<FuzzFinding>& findings() const { return findings_; }
  /// Adds it, or replaces the one with the same signature; `finding.file` is set.
  Result<void> keep(FuzzFinding& finding);
  Result<void> drop(const std::string& signature);
  /// It did not show any more: kept, and marked so.
  Result<void> mark_gone(const std::string& signature);
  const std::string& folder() const { return folder_; }
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  explicit FindingStore(std::string folder) : folder_(std::move(folder)) {}
  Result<void> write_index() const;
  std::string folder_;
  std::optional<FolderLock> lock_;
  std::vector<std::string> remarks_;
  std::vector<FuzzFinding> findings_;
};

}  // namespace wsspec
