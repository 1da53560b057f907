// The manual and the editor grammars against the table of words: nothing missing, every example sound.
#include "script/manual.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "script/check.h"
#include "script/parse.h"
#include "script/words.h"

namespace wsspec::manual_test {
namespace {

std::string read(const std::string& path) {
  std::stringstream out;
  out << std::ifstream(WSSPEC_SOURCE_DIR "/" + path).rdbuf();
  return out.str();
}

std::string errors_of(const std::string& text) {
  const Source source{"example", text};
  std::string out;
  for (const auto& error : load({&source, 1}).errors) out += render(error);
  return out;
}

TEST(Manual, TablesAreUpToDate) {
  const auto manual = read("cases/README.md");
  ASSERT_FALSE(manual.empty());
  EXPECT_EQ(manual, fill_tables(manual)) << "replace the tables of cases/README.md by those above";
  for (const auto& word : words()) {
    EXPECT_NE(manual.find("| `" + std::string(word.text) + "` |"), std::string::npos) << word.text;
  }
}

/// A whole file around a code block of a page: a file, cases, or steps.
std::string around(const std::string& block) {
  if (block.starts_with("wire 1")) return block;
  const bool cases = ("\n" + block).find("\ncase ") != std::string::npos;
  return cases ? "wire 1\n" + block : "wire 1\ncase a\nopen\n" + block + "finish\n";
}

std::vector<std::string> pages() {
  std::vector<std::string> out = {"cases/README.md", "README.md", "CONTRIBUTING.md"};
  for (const auto& entry : std::filesystem::directory_iterator(WSSPEC_SOURCE_DIR "/docs"))
    if (entry.path().extension() == ".md") out.push_back("docs/" + entry.path().filename().string());
  return out;
}

TEST(Manual, EveryCodeBlockOfEveryPageIsSound) {
  std::size_t seen = 0;
  for (const auto& page : pages()) {
    const auto blocks = code_blocks(read(page), "wire");
    seen += blocks.size();
    for (const auto& block : blocks) EXPECT_EQ(errors_of(around(block)), "") << page << "\n" << block;
  }
  EXPECT_GT(seen, 15U);
}

/// A whole file around the example of a word.
std::string around(const Word& word) {
  using K = Word::Kind;
  const std::string example(word.example), head = "wire 1\ncase a\n";
  const auto steps = [&](const std::string& text) { return head + "needs deflate\n" + text + "\n"; };
  if (word.text == "wire") return example + "\ncase a\nopen\nfinish\n";
  if (word.text == "let") return "wire 1\n" + example + "\ncase a\nopen\nfinish\n";
  if (word.text == "case") return "wire 1\n" + example + "\nopen\nfinish\n";
  if (example == "target hop") return head + example + "\nnear: open\nnear: < gone\n";
  if (word.text == "operator") return head + "near: open\n" + example + "\nnear: < gone\n";
  if (example.starts_with("far:")) return head + "near: open\n" + example + "\n";
  if (word.kind == K::meta || example.starts_with("target")) return head + example + "\nopen\nfinish\n";
  if (word.kind == K::function) return steps("open\n> binary " + example + "\nfinish");
  if (example.starts_with("either")) return steps("open\n" + example + "\n< gone\nend");
  if (example.starts_with("or")) return steps("open\neither\n< eof\n" + example + "\n< reset\nend");
  if (example.starts_with("repeat") || example.starts_with("burst"))
    return steps("open\n" + example + "\n> ping\nend\nfinish");
  if (example == "end") return steps("open\nrepeat 2\n> ping\nend\nfinish");
  const bool handshake =
      example.starts_with("> request") || example.starts_with("> head") || example.starts_with("< request");
  if (example.starts_with("< upgrade") || example.starts_with("< refused"))
    return steps("> request\n" + example);
  if (example.starts_with("> upgrade") || example.starts_with("> response"))
    return steps("< request\n" + example);
  if (handshake) return steps(example + (example.starts_with("<") ? "" : "\n< refused"));
  if (example == "> reset") return steps("open\n" + example);
  if (example.starts_with("open") || example.starts_with("connect")) return steps(example + "\n< gone");
  return steps("open\n" + example + "\n< gone");
}

TEST(Words, EveryExampleIsSoundAndUsesItsWord) {
  for (const auto& word : words()) {
    EXPECT_EQ(errors_of(around(word)), "") << word.text << "\n" << around(word);
    const std::regex use("(^|[^A-Za-z0-9-])" + std::string(word.text) + "($|[^A-Za-z0-9-])");
    EXPECT_TRUE(std::regex_search(std::string(word.example), use) ||
                (word.text == "pass" && word.example == "either pass"))
        << word.text;
    EXPECT_FALSE(word.meaning.empty()) << word.text;
    EXPECT_FALSE(word.meaning.ends_with('.')) << word.text;
  }
}

TEST(Words, NoneIsGivenTwiceInItsKind) {
  for (const auto& word : words()) {
    const auto same = std::count_if(words().begin(), words().end(), [&](const Word& other) {
      return other.kind == word.kind && other.text == word.text;
    });
    EXPECT_EQ(same, 1) << word.text;
  }
}

/// True when a grammar's text holds `word` as an alternative of a list of words.
bool holds(const std::string& grammar, std::string_view word) {
  return std::regex_search(grammar,
                           std::regex("(^|[^A-Za-z0-9-])" + std::string(word) + "($|[^A-Za-z0-9-])"));
}

TEST(Editors, EveryWordIsHighlighted) {
  for (const auto* file : {"cases/editors/wire.tmLanguage.json", "cases/editors/wire.vim"}) {
    const auto grammar = read(file);
    ASSERT_FALSE(grammar.empty()) << file;
    for (const auto& word : words()) EXPECT_TRUE(holds(grammar, word.text)) << file << " lacks " << word.text;
  }
}

}  // namespace
}  // namespace wsspec::manual_test
