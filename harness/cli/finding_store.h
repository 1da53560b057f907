// The findings folder: one reproducer for each finding and index.json, both complete after each change.
//
// Written beside, synced and renamed, so that neither Ctrl-C nor kill -9 loses a finding.
// `FOLDER/index.json`:
// {"schema_version", "findings": [{"signature", "cause", "verdict", "clause", "requirement", "message",
// "stable", "hits", "file"}]}
#pragma once

#include <string>
#include <vector>

#include "protocol/error.h"
#include "report/finding.h"

namespace wsspec {

class FindingStore {
 public:
  /// Reads what is there already; an index that cannot be read is an error. The folder is made with the first
  /// finding.
  static Result<FindingStore> open(const std::string& folder);
  const std::vector<FuzzFinding>& findings() const { return findings_; }
  /// Adds it, or replaces the one with the same signature; `finding.file` is set.
  Result<void> keep(FuzzFinding& finding);
  Result<void> drop(const std::string& signature);
  const std::string& folder() const { return folder_; }

 private:
  explicit FindingStore(std::string folder) : folder_(std::move(folder)) {}
  Result<void> write_index() const;
  std::string folder_;
  std::vector<FuzzFinding> findings_;
};

}  // namespace wsspec
