#include "cli/finding_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "cli/secrecy.h"
#include "protocol/spec.h"
#include "script/hash.h"

namespace wsspec {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// "accepts-illegal-rfc6455-5.1-3-1f0e9a2b.wire": readable, and unique by the signature.
std::string file_name(const FuzzFinding& finding) {
  std::string name = finding.cause + (finding.requirement.empty() ? "" : "-" + finding.requirement);
  for (char& c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!plain) c = '_';
  }
  return fmt::format("{}-{:08x}.wire", name, fnv1a64(finding.signature) & 0xffffffffu);
}

// A name that nobody can know beforehand, so that no link waits there.
std::string beside_of(const std::string& path) {
  std::uint64_t drawn[2] = {};
  if (::getrandom(drawn, sizeof drawn, 0) != sizeof drawn) drawn[0] = static_cast<std::uint64_t>(::getpid());
  return fmt::format("{}.part{:016x}{:016x}", path, drawn[0], drawn[1]);
}

// On disk, not only in the kernel's buffers, before anything is said to be kept.
Result<void> write_synced(const std::string& path, const std::string& unmasked) {
  const std::string content = known_secrets().mask(unmasked);
  const std::string beside = beside_of(path);
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (file < 0) return fail_with(path, std::string("cannot be written: ") + std::strerror(errno));
  const bool done = write_all(file, content) && ::fsync(file) == 0;
  int why = errno;
  ::close(file);
  if (done && ::rename(beside.c_str(), path.c_str()) == 0) return {};
  if (done) why = errno;
  ::unlink(beside.c_str());
  return fail_with(path, std::string("cannot be written: ") + std::strerror(why));
}

json to_json(const FuzzFinding& f) {
  return {{"signature", f.signature},
          {"cause", f.cause},
          {"verdict", verdict_name(f.verdict)},
          {"clause", f.clause},
          {"requirement", f.requirement},
          {"message", f.message},
          {"stable", f.stable},
          {"gone", f.gone},
          {"hits", f.hits},
          {"file", f.file},
          {"log", f.log}};
}

// A folder that was begun with ids of requirements in their earlier form goes on with those of today: the
// same fault is no second finding.
void name_as_today(FuzzFinding& f) {
  const std::string id = current_id(f.requirement), before = f.cause + "/" + f.requirement + "/";
  if (f.signature.starts_with(before)) f.signature.replace(f.cause.size() + 1, f.requirement.size(), id);
  f.requirement = id;
}

Result<FuzzFinding> from_json(const json& one, const std::string& folder) {
  FuzzFinding f;
  const auto text = [&](const char* key) {
    return one.contains(key) && one[key].is_string() ? one[key].get<std::string>() : "";
  };
  f.signature = text("signature"), f.cause = text("cause"), f.clause = text("clause");
  f.requirement = text("requirement"), f.message = text("message"), f.file = text("file"),
  f.log = text("log");
  name_as_today(f);
  f.verdict = verdict_from(text("verdict")).value_or(Verdict::info);
  f.stable = one.value("stable", json(false)) == json(true);
  f.gone = one.value("gone", json(false)) == json(true);
  if (one.contains("hits") && one["hits"].is_number_unsigned()) f.hits = one["hits"].get<std::uint64_t>();
  if (f.signature.empty() || f.file.empty() || f.file.find('/') != std::string::npos)
    return fail_with(folder + "/index.json", "is not an index of findings");
  return f;
}

}  // namespace

Result<FindingStore> FindingStore::open(const std::string& folder) {
  auto lock = FolderLock::take(folder);
  if (!lock) return std::unexpected(lock.error());
  auto store = read(folder);
  if (store) store->lock_.emplace(std::move(*lock));
  return store;
}

Result<FindingStore> FindingStore::read(const std::string& folder) {
  FindingStore store(folder);
  std::error_code error;
  const std::string index = (fs::path(folder) / "index.json").string();
  if (!fs::exists(index, error)) return store;
  auto text = read_file(index);
  if (!text) return std::unexpected(text.error());
  const json whole = json::parse(*text, nullptr, false);
  if (whole.is_discarded() || !whole.contains("findings") || !whole["findings"].is_array())
    return fail_with(index, "is not an index of findings");
  for (const json& one : whole["findings"]) {
    if (!one.is_object()) return fail_with(index, "is not an index of findings");
    auto finding = from_json(one, folder);
    if (!finding) return std::unexpected(finding.error());
    auto reproducer = read_file((fs::path(folder) / finding->file).string());
    if (!reproducer) {
      store.remarks_.push_back(fmt::format("{}/{} is gone, so that finding is dropped: {}", folder,
                                           finding->file, finding->signature));
      continue;
    }
    finding->reproducer = *reproducer;
    store.findings_.push_back(std::move(*finding));
  }
  return store;
}

Result<void> FindingStore::keep(FuzzFinding& finding) {
  std::error_code error;
  fs::create_directories(folder_, error);
  finding.file = file_name(finding);
  const auto same = std::ranges::find(findings_, finding.signature, &FuzzFinding::signature);
  const std::string before = same == findings_.end() ? finding.file : same->file;
  if (same != findings_.end())
    *same = finding;
  else
    findings_.push_back(finding);
  // The reproducer first: the index never names a file that is not there.
  if (auto done = write_synced((fs::path(folder_) / finding.file).string(), finding.reproducer); !done)
    return done;
  auto done = write_index();
  if (done && before != finding.file) fs::remove(fs::path(folder_) / before, error);
  return done;
}

Result<void> FindingStore::drop(const std::string& signature) {
  const auto gone = std::ranges::find(findings_, signature, &FuzzFinding::signature);
  if (gone == findings_.end()) return {};
  const fs::path file = fs::path(folder_) / gone->file;
  findings_.erase(gone);
  auto done = write_index();
  std::error_code ignored;
  fs::remove(file, ignored);
  return done;
}

Result<void> FindingStore::mark_gone(const std::string& signature) {
  const auto same = std::ranges::find(findings_, signature, &FuzzFinding::signature);
  if (same == findings_.end()) return {};
  same->gone = true;
  return write_index();
}

Result<void> FindingStore::write_index() const {
  json all = json::array();
  for (const FuzzFinding& finding : findings_) all.push_back(to_json(finding));
  const json whole = {{"schema_version", "1.0.0"}, {"findings", all}};
  return write_synced((fs::path(folder_) / "index.json").string(),
                      whole.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace wsspec
