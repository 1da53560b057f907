#include "script/random_tree.h"

#include <array>

#include "script/functions.h"
#include "script/lex.h"

namespace wsspec {

Bytes RandomTree::bytes(std::size_t most) {
  const auto size = below(static_cast<std::uint32_t>(most + 1));
  switch (below(4)) {
    case 0: return noise(size, random_.next());
    case 1: return utf8_text(size, random_.next());
    case 2: return Bytes(size, static_cast<char>(below(256)));
    default: return fill(size, random_.next());
  }
}

std::string RandomTree::word() {
  constexpr std::string_view kFirst = "abcxyzABC";
  constexpr std::string_view kRest = "abcxyz019.-/[]_*";
  std::string out(1, kFirst[below(kFirst.size())]);
  for (auto n = below(8); n > 0; --n) out += kRest[below(kRest.size())];
  return out;
}

std::string RandomTree::name() {
  constexpr std::string_view kRest = "abcxyz019-_";
  std::string out(1, kRest[below(6)]);
  for (auto n = below(5); n > 0; --n) out += kRest[below(kRest.size())];
  return out;
}

std::string RandomTree::text() {  // a comment: printable, no blanks at the ends
  constexpr std::string_view kAny = "abc \"\\#$<>()=é";
  std::string out = "c";
  for (auto n = below(12); n > 0; --n) out += kAny[below(static_cast<std::uint32_t>(kAny.size() - 2))];
  return out + "é";
}

Number RandomTree::number() {
  if (one_in(5)) return {0, name()};
  switch (below(4)) {
    case 0: return {below(20), {}};
    case 1: return {below(70000), {}};
    case 2: return {1ULL << below(64), {}};
    default: return {random_.next(), {}};
  }
}

std::optional<Number> RandomTree::maybe_number() {
  return one_in(6) ? std::optional(number()) : std::nullopt;
}

Duration RandomTree::duration() {
  constexpr std::array<std::int64_t, 4> kUnits = {1, 1'000, 1'000'000, 1'000'000'000};
  return Duration(static_cast<std::int64_t>(below(100000)) * kUnits[below(4)] +
                  (one_in(3) ? below(1000) : 0));
}

Time RandomTree::time() {
  Time out = duration();
  if (one_in(2)) return out;
  if (one_in(2)) out.fixed = {};
  out.fact = name();
  if (one_in(2)) out.permille = below(100'000);
  return out;
}

Part RandomTree::part() {
  Part out;
  switch (below(6)) {
    case 0: out.kind = Part::Kind::variable, out.name = name(); break;
    case 1: return call(0);
    case 2: out.kind = Part::Kind::hex, out.bytes = bytes(40); break;
    default: out.bytes = bytes(40);
  }
  if (out.kind != Part::Kind::variable && one_in(4)) out.times = number();
  return out;
}

Part RandomTree::call(int depth) {
  const auto all = functions();
  const auto& function = all[below(static_cast<std::uint32_t>(all.size()))];
  Part out;
  out.kind = Part::Kind::call;
  out.name = function.name;
  const auto count = static_cast<std::uint32_t>(function.least) +
                     below(static_cast<std::uint32_t>(function.most - function.least + 1));
  for (std::uint32_t i = 0; i < count; ++i) out.arguments.push_back(argument(function.shape[i], depth));
  return out;
}

Argument RandomTree::argument(char shape, int depth) {
  Argument out;
  if (shape == 'e' && one_in(2)) {
    out.open_end = true;
  } else if (shape == 'n' || shape == 'e') {
    out.value = number();
  } else if (depth < 3 && one_in(3)) {
    out.value = Payload{{call(depth + 1)}};
  } else {
    Part text;
    text.bytes = bytes(20);
    out.value = Payload{{text}};
  }
  return out;
}

Payload RandomTree::payload() {
  Payload out;
  do out.parts.push_back(part());
  while (one_in(3));
  return out;
}

std::string RandomTree::header() {
  switch (below(6)) {
    case 0: return '$' + name();
    case 1: return bytes(6);
    default: return word();
  }
}

Edit RandomTree::edit() {
  Edit out;
  out.kind = static_cast<Edit::Kind>(below(7));
  const bool named =
      out.kind == Edit::Kind::set || out.kind == Edit::Kind::add || out.kind == Edit::Kind::drop;
  if (named) out.header = header();
  if (out.kind == Edit::Kind::variable)
    out.header = name();
  else if (out.kind != Edit::Kind::drop)
    out.value = payload();
  out.raw = (out.kind == Edit::Kind::set || out.kind == Edit::Kind::add) && one_in(6);
  return out;
}

std::vector<Edit> RandomTree::edits() {
  std::vector<Edit> out;
  for (auto n = below(4); n > 0; --n) out.push_back(edit());
  return out;
}

Layout RandomTree::layout() {
  Layout out;
  out.split = maybe_number();
  out.chop = maybe_number();
  if (one_in(6)) out.gap = duration();
  return out;
}

FrameFields RandomTree::fields() {
  FrameFields out;
  out.kind = static_cast<FrameKind>(below(7));
  if (one_in(8)) out.kind = FrameKind::text, out.kind_name = name();
  for (auto* slot : {&out.fin, &out.rsv, &out.op, &out.len, &out.lenbits}) *slot = maybe_number();
  if (one_in(3)) {
    out.mask.emplace();
    out.mask->kind = static_cast<MaskField::Kind>(below(4));
    if (out.mask->kind == MaskField::Kind::key) out.mask->key = static_cast<std::uint32_t>(random_.next());
  }
  return out;
}

std::vector<Code> RandomTree::codes(std::size_t least) {
  std::vector<Code> out;
  for (auto n = least + below(3); n > 0; --n) {
    if (one_in(5))
      out.push_back({true, {}});
    else
      out.push_back({false, number()});
  }
  return out;
}

std::vector<Condition> RandomTree::conditions() {
  std::vector<Condition> out;
  for (auto n = below(3); n > 0; --n) {
    Condition one{one_in(2), header(), {}, false};
    if (one_in(4))
      one.has = one.kept = true;
    else if (one_in(2))
      one.value = payload();
    out.push_back(std::move(one));
  }
  return out;
}

namespace {

bool begins_with_variable(const std::optional<Payload>& payload) {
  return payload && payload->parts[0].kind == Part::Kind::variable;
}

}  // namespace

SendFrame RandomTree::send_frame() {
  SendFrame out;
  out.fields = fields();
  out.layout = layout();
  if (!one_in(4)) out.payload = payload();
  const bool close = out.fields.kind == FrameKind::close;
  if (close ? one_in(2) : one_in(20)) out.code = number();
  if (!close && out.code) out.code->name.clear();
  if (close && !out.code && begins_with_variable(out.payload))
    out.payload->parts[0] = Part{};  // would be the code
  return out;
}

ExpectFrame RandomTree::expect_frame() {
  ExpectFrame out;
  out.fields = fields();
  if (!one_in(3)) out.payload = payload();
  const bool close = out.fields.kind == FrameKind::close;
  if (close ? one_in(2) : one_in(20)) out.codes = codes(1);
  if (!close && out.codes.size() == 1) out.codes[0].number.name.clear();
  if (close && out.codes.empty() && begins_with_variable(out.payload)) out.payload->parts[0] = Part{};
  return out;
}

Statement RandomTree::sending() {
  switch (below(12)) {
    case 9: {
      SendStomp out{header(), edits(), {}, {}, one_in(4), maybe_number(), {}, layout()};
      if (one_in(2)) out.body = payload();
      if (one_in(4)) out.binary = one_in(2);
      if (one_in(4)) out.tail = payload();
      return out;
    }
    case 0: return SendBytes{payload(), layout()};
    case 1: {
      SendHead out;
      do out.lines.push_back(payload());
      while (one_in(2));
      out.layout = layout();
      return out;
    }
    case 2: return SendRequest{edits(), layout()};
    case 3: return SendUpgrade{edits(), layout()};
    case 4: return SendResponse{number(), edits(), layout()};
    case 5: return one_in(2) ? Statement(SendEof{}) : Statement(SendReset{});
    default: return send_frame();
  }
}

MessageSeries RandomTree::series() {
  MessageSeries out{one_in(3), payload(), number(), {}, {}, {}};
  for (auto* limit : {&out.lost, &out.repeated, &out.reordered})
    if (one_in(3)) *limit = one_in(2) ? Limit{true, {}} : Limit{false, number()};
  return out;
}

/// What members of a room do.
Statement RandomTree::member() {
  switch (below(5)) {
    case 0: return Join{one_in(2) ? std::optional(payload()) : std::nullopt};
    case 1: return Say{one_in(3), payload(), layout()};
    case 2: return Hear{one_in(3), one_in(3) ? std::nullopt : std::optional(payload())};
    case 3: return HearSeries{series()};
    default: return Leave{};
  }
}

Statement RandomTree::expecting() {
  switch (below(18)) {
    case 13: return ExpectBeat{};
    case 12: return ExpectError{one_in(2)};
    case 11: return ExpectStomp{header(), conditions(), one_in(2) ? std::optional(payload()) : std::nullopt};
    case 10: return ExpectKept{};
    case 9: return ExpectSeries{series()};
    case 8: return ExpectSecured{conditions()};
    case 0: return ExpectFail{codes(0)};
    case 1: return ExpectEof{conditions()};
    case 2: return ExpectReset{};
    case 3: return ExpectGone{};
    case 4: return ExpectBytes{payload()};
    case 5: return ExpectUpgrade{conditions()};
    case 6: return ExpectRefused{codes(0), conditions()};
    case 7: return ExpectRequest{conditions()};
    default: return expect_frame();
  }
}

Connect RandomTree::connect() {
  Connect out;
  for (const auto* option :
       {"tls", "alpn", "sni", "cert", "host", "path", "url", "field", "proxy", "record", "end"}) {
    if (one_in(4)) out.options.push_back({option, payload()});
  }
  if (one_in(3)) out.layout.chop = number();
  if (one_in(3)) out.layout.gap = duration();
  return out;
}

Statement RandomTree::acting() {
  switch (below(15)) {
    case 13: return Login{edits()};
    case 7:
    case 8: return member();
    case 9: return Again{};
    case 10: return Absence{duration()};
    case 11: return Shut{duration()};
    case 12: return Operate{one_in(2)};
    case 0: return connect();
    case 1: return Finish{maybe_number()};
    case 2: return Mute{};
    case 3: return Quiet{time()};
    case 4: return Pause{time()};
    case 5: return Stall{one_in(2) ? std::nullopt : std::optional(time())};
    case 6: return one_in(2) ? Statement(ReadOn{}) : one_in(2) ? Statement(Answering{}) : Note{payload()};
    default: break;
  }
  Open out;
  for (const auto* option : {"offer", "protocol", "origin", "path"}) {
    if (one_in(3)) out.options.push_back({option, payload()});
  }
  return out;
}

Statement RandomTree::block(int depth) {
  if (one_in(3)) {
    Burst out;
    out.layout = layout();
    do out.sends.push_back(send());
    while (one_in(2));
    return out;
  }
  if (one_in(2)) return Repeat{number(), one_in(2) ? name() : std::string(), steps(depth + 1)};
  Either out;
  do out.branches.push_back({static_cast<Grade>(below(3)), steps(depth + 1)});
  while (one_in(2));
  return out;
}

On RandomTree::on() {
  if (!one_in(4)) return {};
  On out{"c" + name(), {}};
  if (one_in(2)) out.index = one_in(2) ? Number{0, name()} : Number{below(64), {}};
  return out;
}

Step RandomTree::send() {
  Step out;
  out.statement = sending();
  out.on = on();
  if (one_in(8)) out.at = duration();
  if (one_in(6)) out.comment = text();
  return out;
}

Step RandomTree::step(int depth) {
  const auto kind = below(8);
  if (kind < 3) return send();
  Step out;
  if (kind < 5) {
    out.statement = expecting();
    out.on = on();
    if (one_in(4)) out.within = time(), out.strict = one_in(2);
  } else if (kind == 5 && depth < 3) {
    out.statement = block(depth);
  } else {
    out.statement = acting();
    out.on = on();
    if (std::holds_alternative<Again>(out.statement) && one_in(2)) out.within = duration();
  }
  if (one_in(8)) out.at = duration();
  if (one_in(6)) out.comment = text();
  return out;
}

std::vector<Step> RandomTree::steps(int depth) {
  std::vector<Step> out;
  do out.push_back(step(depth));
  while (!one_in(3));
  return out;
}

EachValue RandomTree::value(bool last) {
  switch (below(4)) {
    case 0: return Number{below(100000), {}};
    case 1: return word();
    case 2: return edits();
    default: break;
  }
  auto out = payload();
  // `($a $b)` is a list of edits, so such a payload is only written where it needs no parentheses.
  if (!last && out.parts.size() > 1 && out.parts[0].kind == Part::Kind::variable) out.parts.resize(1);
  return out;
}

Each RandomTree::each() {
  Each out;
  out.names.resize(1 + below(3));
  for (auto& one : out.names) one = name();
  const bool list = out.names.size() == 1 && one_in(2);
  do {
    Each::Row row;
    for (std::size_t i = 0; i < out.names.size(); ++i) row.values.push_back(value(i + 1 == out.names.size()));
    const bool bare = row.values[0].index() < 2;
    if (list && !bare) row.values[0] = word();
    if (!list && (!bare || one_in(2))) row.label = word();
    out.rows.push_back(std::move(row));
  } while (!one_in(4));
  return out;
}

Let RandomTree::let() {
  return {name(), payload(), {}};
}

std::vector<std::string> RandomTree::references() {
  std::vector<std::string> out;
  for (auto n = one_in(2) ? 0 : below(4); n > 0; --n) out.push_back(one_in(4) ? bytes(8) : word());
  return out;
}

Case RandomTree::one_case() {
  Case out;
  out.id = word();
  if (one_in(2)) out.about = bytes(30);
  out.covers = references();
  out.see = references();
  out.needs = references();
  out.tags = references();
  if (one_in(4)) out.target = one_in(3) ? Target::hop : one_in(2) ? Target::server : Target::client;
  if (one_in(4)) out.limit = duration();
  for (auto n = below(3); n > 0; --n) out.lets.push_back(let());
  for (auto n = below(3); n > 0; --n) out.each.push_back(each());
  out.steps = steps(0);
  return out;
}

File RandomTree::file() {
  File out;
  for (auto n = below(3); n > 0; --n) out.lets.push_back(let());
  for (auto n = below(4); n > 0; --n) out.cases.push_back(one_case());
  return out;
}

}  // namespace wsspec
