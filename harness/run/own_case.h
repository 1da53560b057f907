// Cases of our own: what is played to meet a client, or to tell it something, without a file of cases.
#pragma once

#include <string>

#include "script/check.h"

namespace wsspec {

/// `steps`: the lines of a case about `target` (client, hop), which must be right.
inline Case own_case(const std::string& steps, const std::string& target = "client") {
  const Source source{"built in", "wire 1\ncase serve.own\n  target " + target + "\n" + steps};
  return load({&source, 1}).cases.at(0);
}

}  // namespace wsspec
