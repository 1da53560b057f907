// The table of settings: one row per key, with its meaning and how its text is read. For config.cc and
// settings.cc.
#pragma once

#include <span>
#include <string_view>

#include "config/config.h"

namespace wsspec {

struct SettingRow {
  SettingInfo info;
  Result<void> (*set)(Settings& settings, std::string_view value) = nullptr;
};

std::span<const SettingRow> setting_rows();
/// `key` with `-` or `_`; null when unknown.
const SettingRow* find_setting(std::string_view key);
/// "did you mean 'jobs'?"
std::string setting_hint(std::string_view key);

}  // namespace wsspec
