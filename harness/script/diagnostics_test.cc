#include "script/diagnostics.h"

#include <gtest/gtest.h>

#include <array>

namespace wsspec::diagnostics_test {
namespace {

Diagnostic at(int line, int column, std::string message) {
  Diagnostic d;
  d.place = {std::make_shared<const std::string>("f.wire"), line, column};
  d.message = std::move(message);
  return d;
}

TEST(DidYouMean, NearWordsOnly) {
  constexpr std::array<std::string_view, 4> kWords = {"fin", "rsv", "split", "message-limit"};
  EXPECT_EQ(did_you_mean("fim", kWords), "did you mean 'fin'?");
  EXPECT_EQ(did_you_mean("ifn", kWords), "did you mean 'fin'?");
  EXPECT_EQ(did_you_mean("slpit", kWords), "did you mean 'split'?");
  EXPECT_EQ(did_you_mean("mesage-limit", kWords), "did you mean 'message-limit'?");
  EXPECT_EQ(did_you_mean("mask", kWords), "");
  EXPECT_EQ(did_you_mean("f", kWords), "");
  EXPECT_EQ(did_you_mean("", kWords), "");
}

TEST(Render, PlacesThatNoFileHas) {
  Diagnostic d;
  d.message = "too large";
  EXPECT_EQ(render(d), "-: too large\n");
}

TEST(Render, LinesFromOutsideAreHarmless) {
  auto d = at(1, 3, "odd");
  d.source_line =
      "a\x1b[2J\xff\u202e"
      "b";
  EXPECT_EQ(render(d), "f.wire:1:3: odd\n  a?[2J??b\n    ^\n");
}

TEST(Render, LongLinesShowTheNeighbourhood) {
  auto d = at(1, 1001, "here");
  d.source_line = std::string(1000, 'a') + "BCD" + std::string(1000, 'e');
  d.width = 3;
  const auto text = render(d);
  EXPECT_LT(text.size(), 400U);
  const auto lines = text.substr(text.find('\n') + 1);
  const auto shown = lines.substr(0, lines.find('\n')), carets = lines.substr(lines.find('\n') + 1);
  EXPECT_EQ(shown.substr(carets.find('^'), 3), "BCD");
}

TEST(AttachSource, AimsAtTheWord) {
  const std::string text =
      "wire 1\ncase a\n  see b\n  covers x rfc6455-9\n  > text \\\n    rsv=9\ncase b\n  covers y\n";
  std::vector<Diagnostic> all = {at(2, 1, "m"), at(5, 3, "m"), at(2, 1, "m"), at(5, 3, "m")};
  all[0].word = "rfc6455-9";
  all[1].word = "rsv=";
  all[2].word = "y";     // of another case
  all[3].word = "none";  // nowhere
  attach_source(all, "f.wire", text);
  EXPECT_EQ(render(all[0]), "f.wire:4:12: m\n    covers x rfc6455-9\n             ^^^^^^^^^\n");
  EXPECT_EQ(render(all[1]), "f.wire:6:5: m\n      rsv=9\n      ^^^^\n");
  EXPECT_EQ(render(all[2]), "f.wire:2:1: m\n  case a\n  ^\n");
  EXPECT_EQ(render(all[3]), "f.wire:5:3: m\n    > text \\\n    ^\n");
}

}  // namespace
}  // namespace wsspec::diagnostics_test
