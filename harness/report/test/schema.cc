#include "report/test/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <regex>

namespace wsspec::sample {
namespace {

bool is_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "integer") return value.is_number_integer();
  return type == "number" && value.is_number();
}

struct Validator {
  const Json& root;
  std::string faults;

  void fault(const std::string& path, const std::string& what) {
    faults += fmt::format("{}: {}\n", path, what);
  }

  void check(const Json& rules, const Json& value, const std::string& path) {
    for (const auto& [keyword, rule] : rules.items()) {
      if (keyword == "$ref")
        check(root["$defs"][rule.get<std::string>().substr(8)], value, path);
      else if (!scalar(keyword, rule, value, path) && !composite(keyword, rule, rules, value, path))
        fault(path, "the schema uses an unknown keyword: " + keyword);
    }
  }

  bool scalar(const std::string& keyword, const Json& rule, const Json& value, const std::string& path) {
    bool good = true;
    if (keyword == "type")
      good = rule.is_array() ? std::ranges::any_of(rule, [&](const Json& t) { return is_type(value, t); })
                             : is_type(value, rule);
    else if (keyword == "enum")
      good = std::ranges::find(rule, value) != rule.end();
    else if (keyword == "const")
      good = value == rule;
    else if (keyword == "minimum")
      good = !value.is_number() || value.get<double>() >= rule.get<double>();
    else if (keyword == "maximum")
      good = !value.is_number() || value.get<double>() <= rule.get<double>();
    else if (keyword == "minLength")
      good = !value.is_string() || value.get<std::string>().size() >= rule.get<std::size_t>();
    else if (keyword == "pattern")
      good = !value.is_string() ||
             std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
    else
      return keyword.starts_with("$") || keyword == "title" || keyword == "description";
    if (!good) fault(path, fmt::format("{} is not {}", value.dump().substr(0, 80), rule.dump()));
    return true;
  }

  bool composite(const std::string& keyword, const Json& rule, const Json& rules, const Json& value,
                 const std::string& path) {
    if (keyword == "required") {
      for (const Json& name : rule)
        if (value.is_object() && !value.contains(name.get<std::string>()))
          fault(path, name.dump() + " is missing");
    } else if (keyword == "properties") {
      for (const auto& [name, inner] : rule.items())
        if (value.is_object() && value.contains(name)) check(inner, value[name], path + "." + name);
    } else if (keyword == "additionalProperties") {
      if (!value.is_object()) return true;
      for (const auto& [name, inner] : value.items()) {
        if (rules.contains("properties") && rules["properties"].contains(name)) continue;
        if (rule.is_object())
          check(rule, inner, path + "." + name);
        else if (!rule.get<bool>())
          fault(path, "unexpected member " + name);
      }
    } else if (keyword == "items") {
      if (!value.is_array()) return true;
      for (std::size_t i = 0; i < value.size(); ++i) check(rule, value[i], fmt::format("{}[{}]", path, i));
    } else {
      return false;
    }
    return true;
  }
};

}  // namespace

std::string schema_faults(const std::string& schema_file, const Json& document) {
  std::ifstream file(std::string(WSSPEC_SOURCE_DIR) + "/reports/" + schema_file);
  const Json schema = Json::parse(file, nullptr, false);
  if (schema.is_discarded()) return schema_file + " is not valid JSON";
  Validator validator{schema, {}};
  validator.check(schema, document, "$");
  return validator.faults;
}

}  // namespace wsspec::sample
