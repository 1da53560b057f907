// Self-contained web pages: the templates of reports/viewer, embedded at build time, filled with data.
//
// What it is not: a template language. A template holds `{{title}}`, `{{policy}}`, `{{data}}` and
// `{{file:NAME}}`; what is filled in is never looked at again.
//
// Invariants: the page loads nothing; its policy allows exactly the embedded scripts and styles by hash;
// the data cannot leave their element, whatever strings they hold.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "report/json_model.h"

namespace wsspec {

struct PageFile {
  std::string_view text;
  std::string_view hash;  ///< "sha256-..." as in a Content-Security-Policy.
};

/// By file name. Generated (cmake/Embed.cmake).
const std::map<std::string_view, PageFile>& page_files();

/// The page made from the template `name`, for example "viewer.html".
std::string write_page(std::string_view name, std::string_view title, const Json& data);

/// JSON that may stand within a script element: `<`, `>`, `&` and the line separators are escaped.
std::string embedded_json(const Json& data);

}  // namespace wsspec
