// The written grammar (docs/notation.md) against the parser, in both directions: what the grammar derives the
// parser takes, and what is printed, shipped or shown as an example the grammar derives.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "protocol/mix.h"
#include "script/lex.h"
#include "script/manual.h"
#include "script/parse.h"
#include "script/print.h"
#include "script/random_tree.h"
#include "script/words.h"

namespace wsspec::grammar_test {
namespace {

std::string read(const std::filesystem::path& path) {
  std::stringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}
const std::filesystem::path kSource = WSSPEC_SOURCE_DIR;

/// A piece of the grammar. `text`: of a literal its word, of a rule or a token its name.
struct Node {
  enum class Kind { literal, token, rule, sequence, choice, repeat, optional } kind = Kind::sequence;
  std::string text;
  std::vector<const Node*> parts;
};

/// EBNF as it stands on the page: { } any number, [ ] at most one, ( ) and |, (* comments *), `name = ... ;`.
class Grammar {
 public:
  explicit Grammar(const std::string& text) {
    split(text);
    while (at_ < symbols_.size()) {
      const auto name = symbols_[at_++];
      EXPECT_EQ(symbols_.at(at_), "=") << name;
      ++at_;
      EXPECT_TRUE(rules_.emplace(name, choice()).second) << name << " stands twice";
      EXPECT_EQ(symbols_.at(at_), ";") << name;
      ++at_;
    }
  }
  const Node* rule(const std::string& name) const {
    const auto found = rules_.find(name);
    EXPECT_NE(found, rules_.end()) << name << " is not defined";
    return found == rules_.end() ? nullptr : found->second;
  }
  const std::set<std::string>& literals() const { return literals_; }

 private:
  void split(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      if (text.compare(at, 2, "(*") == 0) {
        at = text.find("*)", at) + 2;
      } else if (text[at] == '"') {
        const auto end = text.find('"', at + 1);
        symbols_.push_back(text.substr(at, end - at));  // The opening quote tells it apart.
        at = end + 1;
      } else if (std::isalnum(static_cast<unsigned char>(text[at])) != 0) {
        const auto begin = at;
        while (std::isalnum(static_cast<unsigned char>(text[at])) != 0) ++at;
        symbols_.push_back(text.substr(begin, at - begin));
      } else if (std::isspace(static_cast<unsigned char>(text[at])) != 0) {
        ++at;
      } else {
        symbols_.emplace_back(1, text[at++]);
      }
    }
  }
  const Node* make(Node::Kind kind, std::string text, std::vector<const Node*> parts = {}) {
    nodes_.push_back(std::make_unique<Node>(Node{kind, std::move(text), std::move(parts)}));
    return nodes_.back().get();
  }
  const Node* choice() {
    std::vector<const Node*> ways = {sequence()};
    while (symbols_.at(at_) == "|") ++at_, ways.push_back(sequence());
    return ways.size() == 1 ? ways[0] : make(Node::Kind::choice, "", std::move(ways));
  }
  const Node* sequence() {
    std::vector<const Node*> parts;
    while (std::string("|)]};").find(symbols_.at(at_)) == std::string::npos) parts.push_back(item());
    return make(Node::Kind::sequence, "", std::move(parts));
  }
  const Node* item() {
    const auto symbol = symbols_.at(at_++);
    if (symbol == "(" || symbol == "[" || symbol == "{") {
      const auto* inner = choice();
      ++at_;
      if (symbol == "(") return inner;
      return make(symbol == "[" ? Node::Kind::optional : Node::Kind::repeat, "", {inner});
    }
    if (symbol[0] == '"') {
      literals_.insert(symbol.substr(1));
      return make(Node::Kind::literal, symbol.substr(1));
    }
    return make(
        std::isupper(static_cast<unsigned char>(symbol[0])) != 0 ? Node::Kind::token : Node::Kind::rule,
        symbol);
  }

  std::vector<std::string> symbols_;
  std::size_t at_ = 0;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::map<std::string, const Node*> rules_;
  std::set<std::string> literals_;
};

const Grammar& grammar() {
  static const Grammar the(code_blocks(read(kSource / "docs/notation.md"), "ebnf").at(0));
  return the;
}

// From the grammar to the parser.

/// Sentences of the grammar, each a function of its seed.
class Sentences {
 public:
  explicit Sentences(std::uint64_t seed) : random_(seed) {}

  std::string file() {
    derive(*grammar().rule("file"), 0);
    std::string out;
    bool about = false;  // One sentence is enough for a case.
    for (const auto& line : lines_) {
      const auto first = line.empty() ? "" : line[0];
      if (first == "about" && std::exchange(about, true)) continue;
      if (first == "case") about = false;
      out += without_repeats(line) + "\n";
    }
    return out;
  }

 private:
  /// `split=`, `chop=`, `gap=` and each field stand once in a statement.
  static std::string without_repeats(std::vector<std::string> line) {
    std::set<std::string> seen;
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool option = i + 2 < line.size() && line[i + 1] == "=";
      const bool once = option && std::set<std::string>{"offer", "protocol", "origin", "path",   "node",
                                                        "tls",   "alpn",     "sni",    "record", "end"}
                                          .count(line[i]) == 0;
      if (once && line[0] != "let" && !seen.insert(line[i]).second) {
        i += 2;
        continue;
      }
      out += line[i] + (line[i].ends_with('(') ? "" : " ");
    }
    return out;
  }

  void derive(const Node& node, int depth) {
    switch (node.kind) {
      case Node::Kind::literal: return emit(node.text);
      case Node::Kind::token: return emit(token(node.text));
      case Node::Kind::sequence:
        for (const auto* part : node.parts) derive(*part, depth);
        return;
      case Node::Kind::choice: return derive(*node.parts[pick(node, depth)], depth);
      case Node::Kind::optional:
        if (random_.below(2) == 0) derive(*node.parts[0], depth);
        return;
      case Node::Kind::repeat: return again(node, depth);
      case Node::Kind::rule: break;
    }
    if (node.text == "columns") columns_ = static_cast<int>(random_.below(3)) + 1;
    if (node.text == "row") return row(depth);
    in_columns_ = node.text == "columns";
    derive(*grammar().rule(node.text), depth + 1);
    in_columns_ = false;
  }
  void again(const Node& node, int depth) {
    const auto most = in_columns_ ? columns_ - 1 : static_cast<int>(random_.below(depth > 12 ? 2 : 3));
    for (int i = 0; i < most; ++i) derive(*node.parts[0], depth);
  }
  /// A row has as many values as there are columns.
  void row(int depth) {
    const auto& ways = *grammar().rule("row")->parts[0];
    const auto way = columns_ == 1 ? random_.below(2) : random_.below(2) * 2;
    in_columns_ = true;
    if (way == 2) --columns_;
    for (const auto* part : ways.parts[way]->parts) {
      if (part->kind != Node::Kind::rule || part->text == "plain") {
        derive(*part, depth);
        continue;
      }
      const auto& cells = *grammar().rule(part->text);
      for (const auto* cell : cells.parts) {
        if (cell->kind == Node::Kind::repeat) {
          for (int i = 0; i + 1 < columns_; ++i) in_columns_ = false, derive(*cell->parts[0], depth);
        } else {
          derive(*cell, depth);
        }
      }
    }
    if (way == 2) ++columns_;
    in_columns_ = false;
    emit("\n");
  }
  /// Deep down the first way, which comes to an end in every rule.
  std::size_t pick(const Node& node, int depth) {
    return depth > 12 ? 0 : random_.below(static_cast<std::uint32_t>(node.parts.size()));
  }

  std::string one_of(std::initializer_list<const char*> samples) {
    return samples.begin()[random_.below(static_cast<std::uint32_t>(samples.size()))];
  }
  std::string token(const std::string& name) {
    if (name == "EOL") return "\n";
    if (name == "NUMBER") return one_of({"0", "1", "125", "0x8000", "64K", "1M", "18446744073709551615"});
    if (name == "DURATION") return one_of({"5ms", "1s", "1.5s", "250us", "7ns"});
    if (name == "FACTOR") return one_of({"2", "0.9", "1.125"});
    if (name == "MOMENT") return one_of({"@0ms", "@12.4ms", "@3s"});
    if (name == "STRING")
      return one_of({"\"\"", "\"a\"", "\"\\n\\r\\t\\\"\\\\\\x00\\u{1F600}\"", "\"$n # x\""});
    if (name == "HEXSTRING") return one_of({"x\"\"", "x\"f4 90\"", "x\"FFff\""});
    if (name == "VAR") return one_of({"$n", "$long-name", "$under_score", "$2"});
    if (name == "WORD") return one_of({"red", "permessage-deflate", "a.b/c[d]_*", "1.5"});
    if (name == "NAME") return one_of({"n", "long-name", "125", "5ms", "x_y"});
    if (name == "CONNECTION") return one_of({"b", "c[3]", "c[$i]", "long-name[0]"});
    if (name == "LABEL") return one_of({"label", "no-host", "1", "5s"});
    if (name == "HEADER") return one_of({"Host", "Sec-WebSocket-Key", "\"X Odd\"", "$n", "1"});
    if (name == "HEX8") return one_of({"9c01aa40", "00000000", "FFFFFFFF"});
    if (name == "FUNCTION") return one_of({"fill", "deflate-window", "slice"});
    if (name == "ID") return one_of({"a", "frame.size[text,1M]", "x/y_z*"});
    if (name == "REF")
      return one_of({"rfc6455-5.1-1", "autobahn/1.1.1", "https://a.example/#b", "\"two words\""});
    ADD_FAILURE() << "no token " << name;
    return "";
  }
  void emit(const std::string& text) {
    if (text == "\n") return lines_.emplace_back(), void();
    auto& line = lines_.back();
    const bool call = text == "(" && !line.empty() && is_function(line.back());
    if (call)
      line.back() += "(";
    else
      line.push_back(text);
  }
  static bool is_function(const std::string& word) {
    return word == "fill" || word == "deflate-window" || word == "slice";
  }

  SplitMix random_;
  std::vector<std::vector<std::string>> lines_ = {{}};
  int columns_ = 1;
  bool in_columns_ = false;
};

TEST(Grammar, WhatItDerivesTheParserTakes) {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    const auto text = Sentences(seed).file();
    const auto parsed = parse(text, "derived");
    ASSERT_TRUE(parsed.errors.empty()) << "seed " << seed << "\n" << render(parsed.errors[0]) << text;
  }
}

// From the parser to the grammar.

/// Whether the grammar derives a file.
class Recognizer {
 public:
  explicit Recognizer(const std::string& text) : text_(text) {
    Lexer lexer(text_, std::make_shared<const std::string>("text"), errors_);
    Line line;
    while (lexer.next(line)) std::ranges::move(line.tokens, std::back_inserter(tokens_));
  }
  /// The number of the first line that no derivation gets past; 0 when there is none.
  int stuck_at() {
    const auto& all = ends({grammar().rule("file"), 0});
    if (errors_.empty() && all.contains(tokens_.size())) return 0;
    return tokens_.empty() ? 1 : tokens_[std::min(furthest_, tokens_.size() - 1)].line;
  }

 private:
  using At = std::pair<const Node*, std::size_t>;

  /// Where the tokens that `node` derives may end when they begin at `at`.
  const std::set<std::size_t>& ends(At at) {
    if (const auto known = known_.find(at); known != known_.end()) return known->second;
    std::set<std::size_t> out;
    const auto& [node, begin] = at;
    switch (node->kind) {
      case Node::Kind::literal:
      case Node::Kind::token:
        if (fits(*node, begin)) out.insert(begin + 1);
        break;
      case Node::Kind::rule: out = ends({grammar().rule(node->text), begin}); break;
      case Node::Kind::choice:
        for (const auto* way : node->parts) out.merge(std::set(ends({way, begin})));
        break;
      case Node::Kind::optional:
        out = ends({node->parts[0], begin});
        out.insert(begin);
        break;
      case Node::Kind::repeat: {
        std::vector<std::size_t> open = {begin};
        while (!open.empty()) {
          const auto next = open.back();
          open.pop_back();
          if (!out.insert(next).second) continue;
          for (const auto end : ends({node->parts[0], next})) open.push_back(end);
        }
        break;
      }
      case Node::Kind::sequence: {
        out = {begin};
        for (const auto* part : node->parts) {
          std::set<std::size_t> next;
          for (const auto start : out) next.merge(std::set(ends({part, start})));
          out = std::move(next);
        }
        break;
      }
    }
    if (!out.empty()) furthest_ = std::max(furthest_, *out.rbegin());
    return known_[at] = std::move(out);
  }
  bool fits(const Node& node, std::size_t at) const {
    if (at >= tokens_.size()) return false;
    const auto& t = tokens_[at];
    using K = Token::Kind;
    const bool plain = t.kind == K::word || t.kind == K::number || t.kind == K::duration;
    const auto only = [&](std::string_view more) {
      return plain && std::ranges::all_of(t.text, [&](char c) {
               return std::isalnum(static_cast<unsigned char>(c)) != 0 || more.find(c) != more.npos;
             });
    };
    if (node.kind == Node::Kind::literal) return (plain || t.kind == K::mark) && t.text == node.text;
    const auto& name = node.text;
    if (name == "EOL") return t.kind == K::end;
    if (name == "NUMBER") return t.kind == K::number;
    if (name == "DURATION") return t.kind == K::duration;
    if (name == "FACTOR") return plain && t.text.find_first_not_of("0123456789.") == t.text.npos;
    if (name == "MOMENT") return t.kind == K::at;
    if (name == "STRING") return t.kind == K::string;
    if (name == "HEXSTRING") return t.kind == K::hex;
    if (name == "VAR") return t.kind == K::variable;
    if (name == "WORD") return t.kind == K::word;
    if (name == "NAME") return only("-_");
    if (name == "CONNECTION") return t.kind == Token::Kind::word;
    if (name == "LABEL") return plain;
    if (name == "HEADER") return plain || t.kind == K::string || t.kind == K::variable;
    if (name == "HEX8") return only("") && t.text.size() == 8;
    if (name == "FUNCTION")
      return t.kind == K::word && at + 1 < tokens_.size() && tokens_[at + 1].is_mark('(') &&
             tokens_[at + 1].glued;
    if (name == "ID") return only(".-/[]_*,");
    if (name == "REF") return plain || t.kind == K::string;
    ADD_FAILURE() << "no token " << name;
    return false;
  }

  const std::string text_;
  std::vector<Diagnostic> errors_;
  std::vector<Token> tokens_;
  std::map<At, std::set<std::size_t>> known_;
  std::size_t furthest_ = 0;
};

TEST(Grammar, DerivesWhatIsPrinted) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const auto text = print(RandomTree(seed).file());
    const auto line = Recognizer(text).stuck_at();
    ASSERT_EQ(line, 0) << "seed " << seed << "\n" << text;
  }
}

TEST(Grammar, DerivesEveryCaseFile) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kSource / "cases")) {
    if (entry.path().extension() != ".wire") continue;
    ++files;
    EXPECT_EQ(Recognizer(read(entry.path())).stuck_at(), 0) << entry.path();
  }
  EXPECT_GT(files, 10);
}

TEST(Grammar, DoesNotDeriveWhatTheParserRefuses) {
  for (const char* step : {"> text fin 0", "> text \"a\" fin=0", "< text chop=1", "> eof 1000", "quiet 200",
                           "finish \"bye\"", "open speed=1", "< fail in 1s", "quiet $a*", "< refused in 1s",
                           "either\n< eof", "burst\n< eof\nend", "> text fill (3)", "> text mask=9c01aa4"}) {
    const auto text = std::string("wire 1\ncase a\n") + step + "\n";
    EXPECT_FALSE(parse(text, "wrong").errors.empty()) << step;
    EXPECT_NE(Recognizer(text).stuck_at(), 0) << step;
  }
}

TEST(Grammar, KnowsEveryWordAndThePageUsesIt) {
  std::set<std::string> used;
  for (const auto& block : code_blocks(read(kSource / "docs/notation.md"), "wire")) {
    std::vector<Diagnostic> errors;
    Lexer lexer(block, std::make_shared<const std::string>("page"), errors);
    for (Line line; lexer.next(line);)
      for (const auto& token : line.tokens) used.emplace(token.text);
  }
  for (const auto& word : words()) {
    if (word.kind == Word::Kind::function) continue;
    EXPECT_TRUE(grammar().literals().contains(std::string(word.text))) << word.text;
  }
  for (const auto& literal : grammar().literals())
    EXPECT_TRUE(used.contains(literal) || literal == "wire") << literal << " is in no example of the page";
}

}  // namespace
}  // namespace wsspec::grammar_test
