// Random trees in the form in which the parser makes them: material for property tests and for the fuzzer.
//
// What it is not: sensible cases. Fields contradict each other, names have no value, payloads are any octets.
// Invariant: for every seed, parse(print(file)) == file. Bounded: a tree has at most some hundred steps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/mix.h"
#include "script/ast.h"

namespace wsspec {

class RandomTree {
 public:
  explicit RandomTree(std::uint64_t seed) : random_(seed) {}

  File file();
  Case one_case();
  Step step(int depth = 0);
  On on();
  Step send();
  Payload payload();
  Bytes bytes(std::size_t most);

 private:
  std::uint32_t below(std::uint32_t bound) { return random_.below(bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }
  std::string word();
  std::string name();
  std::string text();
  Number number();
  std::optional<Number> maybe_number();
  Duration duration();
  Time time();
  Part part();
  Part call(int depth);
  Argument argument(char shape, int depth);
  std::string header();
  Edit edit();
  std::vector<Edit> edits();
  Layout layout();
  FrameFields fields();
  std::vector<Code> codes(std::size_t least);
  std::vector<Condition> conditions();
  MessageSeries series();
  Statement member();
  Statement sending();
  Statement expecting();
  Connect connect();
  Statement acting();
  Statement block(int depth);
  SendFrame send_frame();
  ExpectFrame expect_frame();
  std::vector<Step> steps(int depth);
  Each each();
  EachValue value(bool last);
  Let let();
  std::vector<std::string> references();

  SplitMix random_;
};

}  // namespace wsspec
