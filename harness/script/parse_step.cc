// Steps: `>` sends, `<` expectations, actions and blocks.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "script/parser.h"
#include "script/print.h"
#include "script/words.h"

namespace wsspec {
namespace {

using Kind = Token::Kind;

constexpr std::array<std::string_view, 10> kMetaWords = {"about",  "covers", "see", "needs", "tags",
                                                         "target", "limit",  "let", "each",  "wire"};

std::string candidates_hint(std::string_view word, std::initializer_list<Word::Kind> kinds) {
  std::vector<std::string_view> all;
  for (auto kind : kinds) {
    for (auto text : words_of(kind)) all.push_back(text);
  }
  return did_you_mean(word, all);
}

bool is_meta(std::string_view word) {
  return std::find(kMetaWords.begin(), kMetaWords.end(), word) != kMetaWords.end();
}

}  // namespace

std::vector<Step> Parser::steps_only() {
  advance();
  auto out = steps(0);
  while (more_) {  // `case`: not here
    fail(peek(), "only steps are expected here");
    end_line();
  }
  return out;
}

/// Steps until `case`, the end of the file, or inside a block `or` and `end`, which are left for the caller.
std::vector<Step> Parser::steps(int depth) {
  std::vector<Step> out;
  while (more_) {
    if (peek().is("case")) break;
    if (peek().is("end") || peek().is("or")) {
      if (depth > 0) break;
      fail(peek(), fmt::format("'{}' outside of a block", peek().text));
      end_line();
    } else if (peek().kind == Kind::word && is_meta(peek().text)) {
      fail(peek(), fmt::format("'{}' stands before the first step of a case", peek().text));
      end_line();
    } else {
      out.push_back(step(depth));
    }
  }
  return out;
}

Step Parser::step(int depth) {
  Step out;
  out.place = place(peek());
  out.comment = line_.comment;
  if (peek().kind == Kind::at) {
    out.at = take().duration;
    out.place = place(peek());
  }
  if (at_on()) out.on = on();
  out.statement = statement(out, depth);
  return out;
}

/// `NAME:`, `NAME[3]:` or `NAME[$i]:`.
bool Parser::at_on() const {
  return peek().kind == Kind::word && peek(1).is_mark(':');
}

On Parser::on() {
  const Token word = take();
  accept_mark(':');
  On out;
  const auto bracket = std::min(word.text.find('['), word.text.size());
  out.name = word.text.substr(0, bracket);
  auto inner = word.text.substr(bracket);
  const bool named = std::all_of(out.name.begin(), out.name.end(), is_name) && !out.name.empty() &&
                     (out.name[0] < '0' || out.name[0] > '9');
  if (inner.empty() && named) return out;
  if (inner.starts_with('[') && inner.ends_with(']') && named) {
    inner = inner.substr(1, inner.size() - 2);
    const bool variable =
        inner.size() > 1 && inner[0] == '$' && std::all_of(inner.begin() + 1, inner.end(), is_name);
    const auto number = read_number(inner);
    if (variable) out.index = Number{0, std::string(inner.substr(1))};
    if (number) out.index = Number{*number, {}};
    if (variable || number) return out;
  }
  fail(word, fmt::format("'{}' is no connection", word.text),
       "a name as in 'b:', or one of a group as in 'c[3]:'");
  return out;
}

Statement Parser::statement(Step& step, int depth) {
  const Token first = peek();
  if (depth >= kMaxNesting && (first.is("either") || first.is("repeat"))) {
    lexer_.report(first, fmt::format("blocks are nested more than {} deep", kMaxNesting));
    while (more_) advance();  // the matching ends cannot be told apart any more
    return Mute{};
  }
  const bool block = first.is("either") || first.is("repeat") || first.is("burst");
  if (block && !step.on.name.empty())
    lexer_.report(first, fmt::format("'{}' is about no connection of its own", first.text),
                  fmt::format("put '{}:' before each of its lines", step.on.name));
  if (first.is("either")) return either(depth);
  if (first.is("repeat")) return repeat(depth);
  if (first.is("burst")) return burst();
  Statement out;
  if (accept_mark('>')) {
    out = send();
  } else if (accept_mark('<')) {
    out = expect();
    deadline(step);
  } else {
    out = action();
    const bool waits = std::holds_alternative<Hear>(out) || std::holds_alternative<HearSeries>(out) ||
                       std::holds_alternative<Again>(out);
    if (waits) deadline(step);
  }
  end_line();
  return out;
}

bool Parser::at_frame() const {
  const Token& t = peek();
  if (t.kind == Kind::variable) return true;
  return t.kind == Kind::word && frame_kind_named(t.text);
}

Statement Parser::send() {
  if (at_frame()) return send_frame();
  const Token word = peek();
  if (accept("bytes")) {
    SendBytes out;
    out.payload = payload("'bytes'");
    layout(out.layout);
    return out;
  }
  if (accept("head")) return head();
  if (accept("eof")) return SendEof{};
  if (accept("reset")) return SendReset{};
  const auto edited = [this](auto out) {
    layout(out.layout);
    out.edits = edits();
    layout(out.layout);
    return Statement(std::move(out));
  };
  if (accept("request")) return edited(SendRequest{});
  if (accept("upgrade")) return edited(SendUpgrade{});
  if (accept("stomp")) return send_stomp(header());
  if (accept("beat")) return send_stomp("");
  if (accept("response")) {
    SendResponse out;
    out.status = number("the status");
    return edited(std::move(out));
  }
  fail_expected("what to send after '>'", candidates_hint(word.text, {Word::Kind::frame, Word::Kind::send}));
  return Mute{};
}

Statement Parser::expect() {
  if (at_frame()) return expect_frame();
  const Token word = peek();
  if (accept("series")) return ExpectSeries{series()};
  if (accept("fail")) {
    ExpectFail out;
    out.codes = codes();
    return out;
  }
  if (accept("eof")) return ExpectEof{conditions()};
  if (accept("reset")) return ExpectReset{};
  if (accept("gone")) return ExpectGone{};
  if (accept("bytes")) return ExpectBytes{payload("'bytes'")};
  if (accept("kept")) return ExpectKept{};
  if (accept("upgrade")) return ExpectUpgrade{conditions()};
  if (accept("secured")) return ExpectSecured{conditions()};
  if (accept("request")) return ExpectRequest{conditions()};
  if (accept("stomp")) return expect_stomp();
  if (accept("error")) return ExpectError{accept("must")};
  if (accept("beat")) return ExpectBeat{};
  if (accept("refused")) {
    ExpectRefused out;
    out.statuses = codes();
    out.conditions = conditions();
    return out;
  }
  fail_expected("what to expect after '<'",
                candidates_hint(word.text, {Word::Kind::frame, Word::Kind::expect}));
  return Mute{};
}

Statement Parser::action() {
  const Token word = peek();
  if (accept("open")) return open();
  if (accept("connect")) return connect();
  if (accept("mute")) return Mute{};
  if (accept("answer")) return Answering{};
  if (accept("quiet")) return Quiet{time()};
  if (accept("pause")) return Pause{time()};
  if (accept("stall")) return Stall{peek().kind == Kind::end ? std::nullopt : std::optional<Time>(time())};
  if (accept("read")) return ReadOn{};
  if (accept("note")) return Note{payload("the note")};
  if (accept("again")) return Again{};
  if (accept("shut")) return Shut{duration()};
  if (accept("operator")) return operation();
  if (accept("none")) {
    if (!accept("within")) fail_expected("'within'", "for how long: 'none within 5s'");
    return Absence{duration()};
  }
  if (accept("join")) return Join{at_part() ? std::optional<Payload>(payload("the room")) : std::nullopt};
  if (accept("say")) {
    Say out;
    out.binary = binary();
    out.payload = payload("'say'");
    layout(out.layout);
    return out;
  }
  if (accept("hear")) return hear();
  if (accept("leave")) return Leave{};
  if (accept("login")) return Login{edits()};
  if (accept("finish")) {
    Finish out;
    if (at_number()) out.code = number("the code");
    return out;
  }
  if (word.kind != Kind::word) {
    fail_expected("a step", "steps begin with '>', '<' or a word");
    return Mute{};
  }
  const bool direction =
      at_frame() || word.is("fail") || word.is("request") || word.is("bytes") || word.is("eof");
  fail(word, fmt::format("unknown step '{}'", word.text),
       direction ? std::string("put '>' (we send) or '<' (we expect) before it")
                 : candidates_hint(word.text, {Word::Kind::action, Word::Kind::member, Word::Kind::block,
                                               Word::Kind::meta, Word::Kind::file}));
  return Mute{};
}

Statement Parser::operation() {
  if (accept("reload")) return Operate{};
  if (accept("stop")) return Operate{true};
  fail_expected("'reload' or 'stop'", "which command is to run: 'operator reload'");
  return Mute{};
}

Duration Parser::duration() {
  if (peek().kind != Kind::duration) {
    fail_expected("a duration", peek().kind == Kind::number
                                    ? fmt::format("write '{}ms' or '{}s'", peek().text, peek().text)
                                    : "for example '200ms' or '1s'");
    return {};
  }
  return take().duration;
}

/// A duration, or `$ping-timeout*0.9+1s`.
Time Parser::time() {
  if (peek().kind != Kind::variable) return duration();
  Time out;
  out.fact = take().text;
  if (accept_mark('*')) out.permille = permille();
  if (accept_mark('+')) out.fixed = duration();
  return out;
}

/// `2`, `0.9`, `1.125`.
std::uint32_t Parser::permille() {
  constexpr std::uint32_t kWhole = 1000, kMost = 100;
  const Token factor = peek();
  const auto dot = std::min(factor.text.find('.'), factor.text.size());
  const auto whole = read_number(factor.text.substr(0, dot));
  std::string_view rest = factor.text.substr(std::min(dot + 1, factor.text.size()));
  const bool digits = dot == factor.text.size() || !rest.empty();
  if (!whole || kMost < *whole || !digits || 3 < rest.size() ||
      rest.find_first_not_of("0123456789") != rest.npos) {
    fail_expected("how many times", "for example '$ping-timeout*2' or '$ping-timeout*0.9'");
    return kWhole;
  }
  take();
  auto out = static_cast<std::uint32_t>(*whole) * kWhole;
  for (std::uint32_t unit = kWhole / 10; !rest.empty(); unit /= 10, rest.remove_prefix(1))
    out += static_cast<std::uint32_t>(rest.front() - '0') * unit;
  return out;
}

/// `within 1s`, `by 1s`.
void Parser::deadline(Step& step) {
  step.strict = peek().is("by");
  if (accept("within") || accept("by")) step.within = time();
}

// Blocks

Grade Parser::grade() {
  if (accept("weak")) return Grade::weak;
  if (accept("info")) return Grade::info;
  accept("pass");
  return Grade::pass;
}

void Parser::block_end(const Token& opener) {
  if (peek().is("end")) {
    take();
    end_line();
    return;
  }
  lexer_.report(opener, fmt::format("'{}' is not ended", opener.text), "put 'end' after its last step");
}

Statement Parser::either(int depth) {
  Either out;
  const Token opener = take();
  Either::Branch first;
  first.grade = grade();
  end_line();
  first.steps = steps(depth + 1);
  out.branches.push_back(std::move(first));
  while (more_ && peek().is("or")) {
    const Token word = take();
    Either::Branch branch;
    branch.grade = grade();
    end_line();
    branch.steps = steps(depth + 1);
    if (branch.steps.empty()) lexer_.report(word, "a branch without steps");
    out.branches.push_back(std::move(branch));
  }
  if (out.branches.front().steps.empty()) lexer_.report(opener, "a branch without steps");
  block_end(opener);
  return out;
}

Statement Parser::repeat(int depth) {
  Repeat out;
  const Token opener = take();
  out.times = number("how often");
  if (accept("as")) out.name = variable_name("the counter");
  end_line();
  out.steps = steps(depth + 1);
  if (more_ && peek().is("or")) {
    fail(peek(), "'or' belongs to 'either'");
    end_line();
  }
  if (out.steps.empty()) lexer_.report(opener, "a 'repeat' without steps");
  block_end(opener);
  return out;
}

Statement Parser::burst() {
  Burst out;
  const Token opener = take();
  layout(out.layout);
  end_line();
  while (more_ && !peek().is("end") && !peek().is("case") && !peek().is("or")) {
    const Token first = peek();
    const bool sends =
        first.is_mark('>') || first.is("say") || first.kind == Kind::at || at_on() || line_.bad;
    if (!sends) fail(first, "only '>' lines and 'say' stand in a 'burst'");
    out.sends.push_back(step(kMaxNesting));
  }
  if (out.sends.empty()) lexer_.report(opener, "a 'burst' without '>' lines");
  block_end(opener);
  return out;
}

// Frames

void Parser::frame_kind(FrameFields& fields) {
  const Token& t = take();
  if (t.kind == Kind::variable) {
    fields.kind_name = t.text;
    return;
  }
  if (const auto kind = frame_kind_named(t.text)) fields.kind = *kind;
}

/// `name=value` if that comes next; false otherwise.
bool Parser::field_or_layout(FrameFields* fields, Layout* layout) {
  if (failed_ || peek().kind != Kind::word || !peek(1).is_mark('=')) return false;
  const Token name = take();
  take();
  const auto once = [&](auto& slot, auto&& value) {
    if (slot)
      fail(name, fmt::format("a second '{}='", name.text));
    else
      slot = std::forward<decltype(value)>(value);
  };
  if (layout && name.is("split")) return once(layout->split, number("'split='")), true;
  if (layout && name.is("chop")) return once(layout->chop, number("'chop='")), true;
  if (layout && name.is("gap")) return once(layout->gap, duration()), true;
  if (fields && field(*fields, name)) return true;
  std::vector<std::string_view> known;
  if (fields) known = words_of(Word::Kind::field);
  if (layout) {
    for (auto word : words_of(Word::Kind::layout)) known.push_back(word);
  }
  fail(name, fmt::format("unknown {} '{}'", fields ? "frame field" : "option", name.text),
       did_you_mean(name.text, known));
  return true;
}

bool Parser::field(FrameFields& fields, const Token& name) {
  std::optional<Number>* slot = name.is("fin")       ? &fields.fin
                                : name.is("rsv")     ? &fields.rsv
                                : name.is("op")      ? &fields.op
                                : name.is("len")     ? &fields.len
                                : name.is("lenbits") ? &fields.lenbits
                                                     : nullptr;
  const bool masked = name.is("mask");
  if (!slot && !masked) return false;
  if (masked ? fields.mask.has_value() : slot->has_value()) {
    fail(name, fmt::format("a second '{}='", name.text));
  } else if (masked) {
    fields.mask = mask();
  } else {
    *slot = number(fmt::format("'{}='", name.text));
  }
  return true;
}

MaskField Parser::mask() {
  const Token t = peek();
  MaskField out;
  if (t.is("good"))
    out.kind = MaskField::Kind::good;
  else if (t.is("bad"))
    out.kind = MaskField::Kind::bad;
  else if (t.is("none"))
    out.kind = MaskField::Kind::none;
  else {
    const bool bare = t.kind == Kind::word || t.kind == Kind::number;
    const bool hex = bare && t.text.size() == 8 && std::all_of(t.text.begin(), t.text.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                     });
    if (!hex) {
      fail_expected("a mask", "'good', 'bad', 'none' or a key of eight hexadecimal digits");
      return out;
    }
    out.kind = MaskField::Kind::key;
    out.key = static_cast<std::uint32_t>(std::stoul(std::string(t.text), nullptr, 16));
  }
  take();
  return out;
}

void Parser::layout(Layout& layout) {
  while (field_or_layout(nullptr, &layout)) {
  }
}

SendFrame Parser::send_frame() {
  SendFrame out;
  const bool close = peek().is("close");
  frame_kind(out.fields);
  while (field_or_layout(&out.fields, &out.layout)) {
  }
  if (peek().kind == Kind::number || (close && peek().kind == Kind::variable)) out.code = number("the code");
  if (at_part()) out.payload = payload("the frame");
  while (!failed_ && peek().kind == Kind::word && peek(1).is_mark('=')) {
    const Token name = peek();
    FrameFields late;
    if (field_or_layout(&late, &out.layout) && !(late == FrameFields{})) {
      fail(name, fmt::format("'{}=' stands before the payload", name.text));
    }
  }
  return out;
}

ExpectFrame Parser::expect_frame() {
  ExpectFrame out;
  const bool close = peek().is("close");
  frame_kind(out.fields);
  while (field_or_layout(&out.fields, nullptr)) {
  }
  const bool variable_code = peek().kind == Kind::variable && (close || peek(1).is_mark('|'));
  if (peek().kind == Kind::number || peek().is("none") || variable_code) out.codes = codes();
  if (at_part()) out.payload = payload("the frame");
  return out;
}

/// The kind of a message, which is text unless it is said.
bool Parser::binary() {
  if (accept("binary")) return true;
  accept("text");
  return false;
}

std::optional<Limit> Parser::limit(std::string_view what) {
  Limit out;
  out.any = accept("any");
  if (!out.any) out.number = number(what);
  return out;
}

MessageSeries Parser::series() {
  MessageSeries out;
  out.binary = binary();
  out.payload = payload("the series");
  const auto known = words_of(Word::Kind::limit);
  std::set<std::string_view> seen;
  while (!failed_ && peek().kind == Kind::word && peek(1).is_mark('=')) {
    const Token name = take();
    take();
    const auto word = std::find(known.begin(), known.end(), name.text);
    if (word == known.end()) {
      fail(name, fmt::format("unknown limit '{}' of a series", name.text), did_you_mean(name.text, known));
    } else if (!seen.insert(*word).second) {
      fail(name, fmt::format("a second '{}='", name.text));
    } else if (name.is("count")) {
      out.count = number("'count='");
    } else {
      auto& slot = name.is("lost") ? out.lost : name.is("repeated") ? out.repeated : out.reordered;
      slot = limit(fmt::format("'{}='", name.text));
    }
  }
  if (!failed_ && !seen.contains("count"))
    fail_expected("'count='", "how many messages the series has: '< series \"a \" $n count=20'");
  return out;
}

Statement Parser::hear() {
  if (accept("series")) return HearSeries{series()};
  Hear out;
  out.binary = binary();
  if (at_part()) out.payload = payload("'hear'");
  return out;
}

/// Each string is one line of the head; parentheses join several parts to one line.
SendHead Parser::head() {
  SendHead out;
  while (!failed_) {
    Payload line;
    if (accept_mark('(')) {
      line = payload("a line of the head");
      if (!accept_mark(')')) fail_expected("')'");
    } else if (at_part()) {
      line.parts.push_back(part());
    } else {
      break;
    }
    out.lines.push_back(std::move(line));
  }
  if (out.lines.empty()) fail_expected("the lines of the head");
  layout(out.layout);
  return out;
}

std::vector<Code> Parser::codes() {
  std::vector<Code> out;
  const auto at_code = [this] { return at_number() || peek().is("none"); };
  if (!at_code()) return out;
  do {
    if (!at_code()) {
      fail_expected("a code");
      break;
    }
    Code code;
    if (accept("none"))
      code.none = true;
    else
      code.number = number("the code");
    out.push_back(std::move(code));
  } while (!failed_ && accept_mark('|'));
  return out;
}

std::vector<Condition> Parser::conditions() {
  std::vector<Condition> out;
  while (!failed_ && (peek().is("has") || peek().is("lacks") || peek().is("kept"))) {
    Condition one;
    const Token sort = take();
    one.kept = sort.is("kept");
    one.has = !sort.is("lacks");
    one.header = header();
    if (!failed_ && !one.kept && at_part()) one.value = payload("the header");
    out.push_back(std::move(one));
  }
  if (!failed_ && peek().kind == Kind::word && !peek().is("within") && !peek().is("by") &&
      !peek().is("body")) {
    fail(peek(), fmt::format("unknown condition '{}'", peek().text),
         candidates_hint(peek().text, {Word::Kind::condition}));
  }
  return out;
}

/// `as=`, `eol=`, `pieces=` and `tail=` of a STOMP frame if one of them comes next; false otherwise.
bool Parser::form(SendStomp& frame) {
  if (failed_ || peek().kind != Kind::word || !peek(1).is_mark('=')) return false;
  const auto known = words_of(Word::Kind::form);
  const Token name = peek();
  if (name.is("body") || std::find(known.begin(), known.end(), name.text) == known.end())
    return field_or_layout(nullptr, &frame.layout);
  take(), take();
  const bool again = name.is("as")       ? frame.binary.has_value()
                     : name.is("eol")    ? frame.crlf
                     : name.is("pieces") ? frame.pieces.has_value()
                                         : frame.tail.has_value();
  if (again) fail(name, fmt::format("a second '{}='", name.text));
  if (name.is("as")) {
    if (!peek().is("text") && !peek().is("binary")) fail_expected("'text' or 'binary'");
    frame.binary = binary();
  } else if (name.is("eol")) {
    frame.crlf = accept("crlf");
    if (!frame.crlf) fail_expected("'crlf'", "without 'eol=' lines end in LF");
  } else if (name.is("pieces")) {
    frame.pieces = number("'pieces='");
  } else {
    frame.tail = payload("'tail='");
  }
  return true;
}

SendStomp Parser::send_stomp(std::string command) {
  SendStomp out;
  out.command = std::move(command);
  out.edits = edits();
  if (accept("body")) out.body = payload("'body'");
  while (form(out)) {
  }
  return out;
}

ExpectStomp Parser::expect_stomp() {
  ExpectStomp out;
  out.command = header();
  out.conditions = conditions();
  if (!failed_ && accept("body")) out.body = payload("'body'");
  return out;
}

Open Parser::open() {
  Open out;
  const auto known = words_of(Word::Kind::option);
  while (!failed_ && peek().kind == Kind::word) {
    const Token name = take();
    if (std::find(known.begin(), known.end(), name.text) == known.end()) {
      fail(name, fmt::format("unknown option '{}' of 'open'", name.text), did_you_mean(name.text, known));
      break;
    }
    if (!accept_mark('=')) {
      fail_expected("'='");
      break;
    }
    Open::Option option;
    option.name = name.text;
    option.value = payload(fmt::format("'{}='", name.text));
    out.options.push_back(std::move(option));
  }
  return out;
}

/// Options of the transport, and how the ClientHello is cut.
Connect Parser::connect() {
  Connect out;
  const auto known = words_of(Word::Kind::transport);
  while (!failed_ && peek().kind == Kind::word) {
    if (peek().is("chop") || peek().is("gap")) {
      if (!field_or_layout(nullptr, &out.layout)) fail_expected("'='");
      continue;
    }
    const Token name = take();
    if (std::find(known.begin(), known.end(), name.text) == known.end()) {
      fail(name, fmt::format("unknown option '{}' of 'connect'", name.text), did_you_mean(name.text, known));
    } else if (!accept_mark('=')) {
      fail_expected("'='");
    } else {
      Payload value = payload(fmt::format("'{}='", name.text));
      out.options.push_back({std::string(name.text), std::move(value)});
    }
  }
  return out;
}

}  // namespace wsspec
