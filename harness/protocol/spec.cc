#include "protocol/spec.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsspec {
namespace {

constexpr Spec rfc(std::string_view name, std::string_view title, std::string_view page) {
  return {name, title, page, "#section-"};
}

constexpr Spec kSpecs[] = {
    // What the user declares of the target; the ledger names the setting. No page of ours is the source of
    // it.
    {"declared", "declared fact", "", ""},
    // HAProxy's text, for any proxy. It has no anchors.
    {"proxy-protocol", "PROXY protocol", "https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt", "#"},
    rfc("rfc6455", "RFC 6455", "https://www.rfc-editor.org/rfc/rfc6455"),  // The WebSocket protocol.
    rfc("rfc7301", "RFC 7301", "https://www.rfc-editor.org/rfc/rfc7301"),  // ALPN.
    rfc("rfc7692", "RFC 7692", "https://www.rfc-editor.org/rfc/rfc7692"),  // permessage-deflate.
    rfc("rfc8441", "RFC 8441", "https://www.rfc-editor.org/rfc/rfc8441"),  // WebSocket over HTTP/2.
    rfc("rfc8446", "RFC 8446", "https://www.rfc-editor.org/rfc/rfc8446"),  // TLS 1.3.
    rfc("rfc9110", "RFC 9110", "https://www.rfc-editor.org/rfc/rfc9110"),  // HTTP.
    rfc("rfc9112", "RFC 9112", "https://www.rfc-editor.org/rfc/rfc9112"),  // HTTP/1.1.
    rfc("rfc9113", "RFC 9113", "https://www.rfc-editor.org/rfc/rfc9113"),  // HTTP/2.
    rfc("rfc9220", "RFC 9220", "https://www.rfc-editor.org/rfc/rfc9220"),  // WebSocket over HTTP/3.
    // These number their sections for the eye only: the ledger names the anchor.
    {"stomp-1.2", "STOMP 1.2", "https://stomp.github.io/stomp-specification-1.2.html", "#"},
    {"whatwg", "WebSockets Standard", "https://websockets.spec.whatwg.org/", "#"},
};

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

std::span<const Spec> specs() {
  return kSpecs;
}

const Spec* find_spec(std::string_view name) {
  const auto* found = std::ranges::find(kSpecs, name, &Spec::name);
  return found == std::end(kSpecs) ? nullptr : found;
}

std::string spec_title(std::string_view spec) {
  const Spec* known = find_spec(spec);
  return std::string(known ? known->title : spec);
}

std::string clause_text(std::string_view spec, std::string_view section) {
  const Spec* known = find_spec(spec);
  const char* between = known && known->page.empty() ? " " : " section ";
  return spec_title(spec) + (section.empty() ? "" : between + std::string(section));
}

std::string section_link(std::string_view spec, std::string_view section) {
  const Spec* known = find_spec(spec);
  if (!known || known->page.empty()) return {};
  if (section.empty()) return std::string(known->page);
  // An RFC counts its appendices by letters.
  const bool appendix = known->name.starts_with("rfc") && section[0] >= 'A' && section[0] <= 'Z';
  return fmt::format("{}{}{}", known->page, appendix ? "#appendix-" : known->mark, section);
}

std::string current_id(std::string_view id) {
  const std::size_t dash = std::min(id.find('-'), id.size());
  const std::string begin = "rfc" + std::string(id.substr(0, dash));
  const bool earlier = find_spec(begin) && is_number(id.substr(std::min(dash + 1, id.size()), 1));
  return (earlier ? "rfc" : "") + std::string(id);
}

std::optional<RequirementId> parse_requirement_id(std::string_view id) {
  for (const Spec& spec : kSpecs) {
    if (!id.starts_with(spec.name) || !id.substr(spec.name.size()).starts_with('-')) continue;
    const std::string_view rest = id.substr(spec.name.size() + 1);
    const std::size_t dash = rest.rfind('-');
    if (dash == rest.npos || dash == 0 || !is_number(rest.substr(dash + 1))) return std::nullopt;
    return RequirementId{&spec, rest.substr(0, dash), rest.substr(dash + 1)};
  }
  return std::nullopt;
}

}  // namespace wsspec
