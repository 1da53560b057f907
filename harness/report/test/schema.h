// A validator of the small part of JSON Schema that reports/*.schema.json use. Test-only code.
//
// Knows: $ref to #/$defs, type (also a list), enum, const, required, properties, additionalProperties (false
// or a schema), items, minimum, maximum, minLength, pattern. Any other keyword is itself a fault, so that no
// rule is ignored.
#pragma once

#include <string>

#include "report/json_model.h"

namespace wsspec::sample {

/// "" or one line per fault, each with its place. `schema_file` is relative to reports/.
std::string schema_faults(const std::string& schema_file, const Json& document);

}  // namespace wsspec::sample
