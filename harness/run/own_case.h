// Cases of our own: what is played to meet a client, or to tell it something, without a file of cases.
#pragma once

#include <string>

#include "script/check.h"

namespace wsspec {

/// `steps`: the lines of a case about clients, which must be right.
inline Case own_case(const std::string& steps) {
  const Source source{"built in", "wire 1\ncase serve.own\n  target client\n" + steps};
  return load({&source, 1}).cases.at(0);
}

}  // namespace wsspec
