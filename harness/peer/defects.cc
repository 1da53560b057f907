#include "peer/defects.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace wsspec {
namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::vector<Defect> join(std::initializer_list<std::span<const Defect>> tables) {
  std::vector<Defect> rows;
  for (const auto& table : tables) rows.insert(rows.end(), table.begin(), table.end());
  return rows;
}

std::span<const Defect> defects() {
  static const std::vector<Defect> all = join(
      {handshake_defects(), origin_defects(),    reply_defects(),   negotiation_defects(), frame_defects(),
       chunk_defects(),     text_defects(),      message_defects(), lifetime_defects(),    blocked_defects(),
       output_defects(),    close_defects(),     deflate_defects(), liveness_defects(),    server_defects(),
       company_defects(),   room_defects(),      cluster_defects(), stomp_defects(),       tls_defects(),
       client_defects(),    tls_client_defects()});
  return all;
}

namespace {

// Tables of which a client can have each row, but for those of masks, which it does not undo, and of replies,
// which it does not make.
std::vector<Defect> shared_defects() {
  return join({frame_defects(), chunk_defects(), text_defects(), message_defects(), lifetime_defects(),
               blocked_defects(), output_defects(), close_defects(), deflate_defects(), liveness_defects()});
}

/// Also who ends TCP: a client may leave that to the server (RFC 6455 7.1.1). And 1010 is a client's own
/// code, which it need not take from a server (7.4.1).
bool is_of_servers(const Defect& defect) {
  Conduct conduct;
  defect.apply(conduct);
  return defect.name.starts_with("close.tcp-stays") || defect.name == "close.refuses-1010" ||
         defect.topic() == "mask" || defect.name.find("key") != defect.name.npos ||
         conduct.misgrants != nullptr || conduct.misanswers != nullptr ||
         conduct.picks_subprotocol != nullptr;
}

}  // namespace

std::vector<const Defect*> defects_of(Role role) {
  static const std::vector<Defect> shared = shared_defects();
  std::vector<const Defect*> out;
  for (const Defect& defect : defects()) {
    const bool of_client =
        is_in<Defect>(client_defects(), defect) || is_in<Defect>(tls_client_defects(), defect);
    const bool shared_row = is_in<Defect>(shared, defect) && !is_of_servers(defect);
    const bool fits = role == Role::server ? !of_client : of_client || shared_row;
    if (fits) out.push_back(&defect);
  }
  return out;
}

std::string_view nearest_name(std::string_view wanted, const std::vector<std::string_view>& names) {
  const auto nearest =
      std::ranges::min_element(names, {}, [&](std::string_view n) { return edit_distance(wanted, n); });
  return nearest == names.end() ? std::string_view{} : *nearest;
}

namespace {

Result<const Defect*> find_among(std::span<const Defect> all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &Defect::name);
  if (found != all.end()) return &*found;
  std::vector<std::string_view> names;
  for (const Defect& d : all) names.push_back(d.name);
  return fail_with("--defect", fmt::format("unknown defect '{}'", name),
                   fmt::format("did you mean '{}'?", nearest_name(name, names)));
}

}  // namespace

Result<const Defect*> find_defect(std::string_view name) {
  return find_among(defects(), name);
}

Result<const Defect*> find_hop_defect(std::string_view name) {
  return find_among(hop_defects(), name);
}

}  // namespace wsspec
