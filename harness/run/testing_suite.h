// A small case set from text, for the tests of run/.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "run/suite.h"
#include "script/check.h"

namespace wsspec::testkit {

inline Suite suite_of(const std::string& text) {
  Suite suite;
  const std::vector<Source> sources = {{"test.wire", "wire 1\n" + text}};
  auto loaded = load(sources);
  for (const auto& diagnostic : loaded.errors) ADD_FAILURE() << render(diagnostic);
  suite.cases = std::move(loaded.cases);
  suite.version = "test";
  return suite;
}

/// `count` cases that are answered in an instant by any echo server: good[0], good[1] ...
inline std::string good_cases(int count) {
  std::string text = "case good\n  each n in";
  for (int i = 0; i < count; ++i) text += " " + std::to_string(i);
  return text + "\n  open\n  > text \"hello\"\n  < text \"hello\"\n  finish\n";
}

inline Selected all_of(const Suite& suite, Target tested = Target::server) {
  return select(suite, {.tested = tested, .bulk = true}).value();
}

}  // namespace wsspec::testkit
