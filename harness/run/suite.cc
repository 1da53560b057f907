#include "run/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "protocol/spec.h"
#include "script/check.h"
#include "script/diagnostics.h"
#include "script/parse.h"

namespace wsspec {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Result<std::string> read_text(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return fail_with(path.string(), "cannot be read: " + error.message());
  if (size > kMaxFileSize)
    return fail_with(path.string(), fmt::format("larger than {} octets", kMaxFileSize));
  std::ifstream in(path, std::ios::binary);
  std::string text(size, '\0');
  if (!in.read(text.data(), static_cast<std::streamsize>(size)))
    return fail_with(path.string(), "cannot be read");
  return text;
}

bool holds_cases(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return false;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".wire") return true;
  return false;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// The case folders that belong to the program: installed beside it, or above it in the source tree.
std::vector<fs::path> own_folders() {
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  std::vector<fs::path> found = {program.parent_path().parent_path() / "share" / "wsspec" / "cases"};
  auto above = program.parent_path();
  for (int depth = 0; depth < 6 && above.has_relative_path(); ++depth) {
    if (fs::exists(above / "cases" / "requirements.json", error)) found.push_back(above / "cases");
    above = above.parent_path();
  }
  return found;
}

/// Empty when there is none.
std::string own_cases() {
  for (const auto& folder : own_folders())
    if (holds_cases(folder)) return folder.string();
  return {};
}

std::string text_of(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// A ledger of an earlier version has the number of an RFC instead.
std::string spec_of(const Json& entry) {
  const auto rfc = entry.find("rfc");
  if (rfc != entry.end() && rfc->is_number_integer()) return fmt::format("rfc{}", rfc->get<std::int64_t>());
  return text_of(entry, "spec");
}

std::unexpected<Error> unknown_spec(const Requirement& one, const std::string& where) {
  std::vector<std::string_view> names;
  for (const Spec& spec : specs()) names.push_back(spec.name);
  auto hint = did_you_mean(one.spec, names);
  if (hint.empty()) hint = fmt::format("known: {}", fmt::join(names, ", "));
  return fail_with(where, fmt::format("the entry '{}' names the unknown spec '{}'", one.id, one.spec),
                   std::move(hint));
}

/// "requirements.json:12": where the entry names its id.
std::string place_of(const Json& entry, std::string_view json, const std::string& name) {
  if (!entry.is_object() || text_of(entry, "id").empty()) return name;
  const auto id = Json(text_of(entry, "id")).dump(-1, ' ', false, Json::error_handler_t::replace);
  const auto before = [&](std::size_t end, std::string_view what) {
    while (end > 0 && std::string_view(" \t\r\n").find(json[end - 1]) != json.npos) --end;
    return json.substr(0, end).ends_with(what) ? end - what.size() : json.npos;
  };
  for (auto at = json.find(id); at != json.npos; at = json.find(id, at + 1)) {
    const auto colon = before(at, ":");
    if (colon != json.npos && before(colon, "\"id\"") != json.npos)
      return fmt::format("{}:{}", name, 1 + std::ranges::count(json.substr(0, at), '\n'));
  }
  return name;
}

Result<Requirement> read_requirement(const Json& entry, const std::string& where) {
  if (!entry.is_object()) return fail_with(where, "an entry is no object");
  Requirement one;
  one.id = current_id(text_of(entry, "id"));
  one.section = text_of(entry, "section");
  const auto level = text_of(entry, "level");
  one.spec = spec_of(entry);
  if (one.id.empty() || one.section.empty() || one.spec.empty())
    return fail_with(where, fmt::format("the entry '{}' lacks an id, a spec or a section", one.id));
  if (!find_spec(one.spec)) return unknown_spec(one, where);
  if (level.starts_with("MUST"))
    one.level = Level::must;
  else if (level.starts_with("SHOULD"))
    one.level = Level::should;
  else if (level == "MAY")
    one.level = Level::may;
  else
    return fail_with(where,
                     fmt::format("the level '{}' of '{}' is none of MUST, SHOULD, MAY", level, one.id));
  one.negative = level.ends_with("NOT");
  one.role = text_of(entry, "role");
  one.text = text_of(entry, "text");
  one.testable = text_of(entry, "testable");
  one.how = text_of(entry, "how");
  one.not_covered = text_of(entry, "not_covered");
  return one;
}

std::expected<Suite, SuiteFailure> load_sources(const std::vector<Source>& sources, Suite suite) {
  std::set<std::string, std::less<>> ids;
  for (const auto& [id, requirement] : suite.ledger) ids.insert(id);
  auto loaded = load(sources, ids.empty() ? nullptr : &ids);
  if (!loaded.errors.empty())
    return std::unexpected(
        SuiteFailure{{suite.directory, "the case files have errors", ""}, std::move(loaded.errors)});
  suite.cases = std::move(loaded.cases);
  return suite;
}

Result<void> read_ledger(const fs::path& folder, Suite& suite) {
  const auto path = folder / "requirements.json";
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  auto text = read_text(path);
  if (!text) return std::unexpected(text.error());
  auto ledger = parse_ledger(*text, path.string());
  if (!ledger) return std::unexpected(ledger.error());
  suite.ledger = std::move(*ledger);
  return {};
}

std::string first_line(const fs::path& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

Result<std::string> find_cases(const std::string& given) {
  if (!given.empty()) {
    if (!holds_cases(given) && !is_file(given))
      return fail_with(given, "no folder with *.wire files, and no such file",
                       "--cases DIR or FILE, or WSSPEC_CASES");
    return given;
  }
  if (const char* variable = std::getenv("WSSPEC_CASES"); variable != nullptr && *variable != '\0') {
    if (!holds_cases(variable) && !is_file(variable))
      return fail_with(variable, "no folder with *.wire files", "it comes from WSSPEC_CASES");
    return std::string(variable);
  }
  if (auto own = own_cases(); !own.empty()) return own;
  return fail_with("--cases", "the case files were not found", "--cases DIR, or WSSPEC_CASES");
}

Result<std::map<std::string, Requirement>> parse_ledger(std::string_view json, const std::string& name) {
  const auto parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return fail_with(name, "not JSON");
  if (!parsed.is_array()) return fail_with(name, "not a list of requirements");
  std::map<std::string, Requirement> ledger;
  for (const auto& entry : parsed) {
    auto one = read_requirement(entry, name);
    if (!one) {
      one.error().where = place_of(entry, json, name);
      return std::unexpected(one.error());
    }
    const auto id = one->id;
    if (!ledger.emplace(id, std::move(*one)).second)
      return fail_with(name, fmt::format("the id '{}' occurs twice", id));
  }
  return ledger;
}

namespace {

/// A file by itself has no ledger: the requirements that it names are those of our own cases.
std::expected<Suite, SuiteFailure> load_one_file(const fs::path& path) {
  Suite suite;
  suite.directory = path.has_parent_path() ? path.parent_path().string() : ".";
  suite.version = "unversioned";
  if (const auto own = own_cases(); !own.empty())
    if (auto read = read_ledger(own, suite); !read) return std::unexpected(SuiteFailure{read.error(), {}});
  auto text = read_text(path);
  if (!text) return std::unexpected(SuiteFailure{text.error(), {}});
  return load_sources({{path.filename().string(), std::move(*text)}}, std::move(suite));
}

}  // namespace

std::expected<Suite, SuiteFailure> load_suite(const std::string& directory) {
  if (is_file(directory)) return load_one_file(directory);
  Suite suite;
  suite.directory = directory;
  suite.version = first_line(fs::path(directory) / "VERSION");
  if (suite.version.empty()) suite.version = "unversioned";
  if (auto read = read_ledger(directory, suite); !read)
    return std::unexpected(SuiteFailure{read.error(), {}});
  std::vector<fs::path> paths;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".wire" && it->is_regular_file()) paths.push_back(it->path());
  if (error) return std::unexpected(SuiteFailure{{directory, "cannot be read: " + error.message(), ""}, {}});
  std::ranges::sort(paths);
  std::vector<Source> sources;
  for (const auto& path : paths) {
    auto text = read_text(path);
    if (!text) return std::unexpected(SuiteFailure{text.error(), {}});
    sources.push_back({path.lexically_relative(directory).string(), std::move(*text)});
  }
  return load_sources(sources, std::move(suite));
}

std::expected<Suite, SuiteFailure> load_files(const std::vector<std::string>& files,
                                              const std::string& directory) {
  Suite suite;
  suite.directory = directory;
  suite.version = directory.empty() ? "" : first_line(fs::path(directory) / "VERSION");
  if (!directory.empty()) {
    if (auto read = read_ledger(directory, suite); !read)
      return std::unexpected(SuiteFailure{read.error(), {}});
  }
  std::vector<Source> sources;
  for (const auto& file : files) {
    auto text = read_text(file);
    if (!text) return std::unexpected(SuiteFailure{text.error(), {}});
    sources.push_back({file, std::move(*text)});
  }
  return load_sources(sources, std::move(suite));
}

bool has_tag(const Case& one, std::string_view tag) {
  return std::ranges::find(one.tags, tag) != one.tags.end();
}

bool is_for(const Case& one, Target tested) {
  return one.target ? *one.target == tested : tested != Target::hop;
}

Result<std::pair<int, int>> parse_shard(std::string_view text) {
  const auto slash = text.find('/');
  int index = 0, count = 0;
  const auto read = [](std::string_view digits, int& out) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc() && end == digits.data() + digits.size() && !digits.empty();
  };
  if (slash == text.npos || !read(text.substr(0, slash), index) || !read(text.substr(slash + 1), count) ||
      index < 1 || count < index || count > 10'000)
    return fail_with("--shard", fmt::format("'{}' is no shard", text), "--shard 1/4 is the first of four");
  return std::pair(index, count);
}

}  // namespace wsspec
