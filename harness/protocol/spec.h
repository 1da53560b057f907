// The published texts that requirements come from, by name: the one place that knows their titles and where
// a section of them is to be read.
//
// A requirement is named SPEC-SECTION-NUMBER, as "rfc6455-5.2-3" or "stomp-1.2-Heart-beating-2"; a section is
// named SPEC/SECTION, as "rfc6455/5.2". Names of specs and of sections may hold '-' themselves: the table
// says where the name ends. Invariant: no name is another one with a '-' and more behind it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wsspec {

struct Spec {
  std::string_view name;   ///< "rfc6455", "stomp-1.2".
  std::string_view title;  ///< For people: "RFC 6455", "STOMP 1.2".
  std::string_view page;   ///< Where it is to be read; empty: the target's user says it.
  std::string_view mark;   ///< What stands between the page and the section in a link to it: "#section-".
};

/// In the order of their names.
std::span<const Spec> specs();
/// Null when there is none of that name.
const Spec* find_spec(std::string_view name);

/// "RFC 6455"; the name itself when it is not known here, as in a report of a later version.
std::string spec_title(std::string_view spec);
/// "RFC 6455 section 5.5.1"; the title alone when `section` is empty.
std::string clause_text(std::string_view spec, std::string_view section);
/// "https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1"; empty when there is no such page.
std::string section_link(std::string_view spec, std::string_view section);

/// Ids once began with the bare number of an RFC: "6455-5.2-3" is "rfc6455-5.2-3" now. What people have
/// written stays valid, so whatever reads an id from outside asks this; other texts come back as they are.
std::string current_id(std::string_view id);

/// The parts of the id of a requirement.
struct RequirementId {
  const Spec* spec;
  std::string_view section, number;
};
/// None when `id` does not begin with a known spec or has no section or number.
std::optional<RequirementId> parse_requirement_id(std::string_view id);

}  // namespace wsspec
